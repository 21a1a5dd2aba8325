//! The only place where a failure gets an HTTP status.

use crate::answer::json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Error;
use scim::error::{ErrorKind, error_document};

/// What a route answers instead of its result: a SCIM error document (RFC 7644 §3.12).
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    scim_type: Option<&'static str>,
    detail: String,
}

impl Failure {
    /// A failure that no `scimType` describes.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// A body that is no JSON, or not of the shape that is asked for.
    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        let scim_type = Some(ErrorKind::InvalidSyntax.scim_type());
        Self { status: StatusCode::BAD_REQUEST, scim_type, detail: detail.into() }
    }
}

impl From<scim::error::Error> for Failure {
    fn from(error: scim::error::Error) -> Self {
        let status = match error.kind {
            ErrorKind::Uniqueness => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, scim_type: Some(error.kind.scim_type()), detail: error.detail }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::NotUnique { .. } => {
                let scim_type = Some(ErrorKind::Uniqueness.scim_type());
                Self { status: StatusCode::CONFLICT, scim_type, detail: error.to_string() }
            }
            Error::NotFound => Self::new(StatusCode::NOT_FOUND, "no such resource in this directory"),
            Error::VersionConflict | Error::PreconditionFailed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "the resource was changed meanwhile; read it again and repeat the request",
            ),
            Error::TooLarge(detail) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail),
            Error::Unavailable(source) => {
                tracing::error!(error = %source, "a store is unavailable");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the store is busy; repeat the request in a moment",
                )
            }
            Error::Fault(text) => {
                tracing::error!(fault = %text, "internal fault");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "an internal fault; the operator finds it in the log",
                )
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let document = error_document(self.status.as_u16(), self.scim_type, &self.detail);
        let mut response = json(self.status, &document);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"scim\""));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// A path that names no endpoint.
pub(crate) async fn no_such_path() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "no such endpoint; the SCIM base ends in /scim/v2")
}

/// A method that the endpoint does not have; the router adds `Allow`, which is all that OPTIONS asks for.
pub(crate) async fn no_such_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, format!("this endpoint has no {method}")).into_response()
}
