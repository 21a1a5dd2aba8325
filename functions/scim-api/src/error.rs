//! The only place where a failure gets an HTTP status.

use crate::answer::json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Error;
use domain::error::Causes;
use scim::error::{ErrorKind, error_document};
use serde_json::Value;

/// What a route answers instead of its result: a SCIM error document (RFC 7644 §3.12).
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    scim_type: Option<&'static str>,
    detail: String,
    retry_after: Option<u32>,
    location: Option<String>,
}

impl Failure {
    /// A failure that no `scimType` describes.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), retry_after: None, location: None }
    }

    /// The same, worth another try after so many seconds.
    pub(crate) fn retried_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same, with where to go instead.
    pub(crate) fn located(self, location: Option<String>) -> Self {
        Self { location, ..self }
    }

    /// A body that is no JSON, or not of the shape that is asked for.
    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        scim::error::Error::new(ErrorKind::InvalidSyntax, detail).into()
    }

    /// The error document.
    pub(crate) fn document(&self) -> Value {
        error_document(self.status.as_u16(), self.scim_type, &self.detail)
    }
}

impl From<scim::error::Error> for Failure {
    fn from(error: scim::error::Error) -> Self {
        let status = match error.kind {
            ErrorKind::Uniqueness => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { scim_type: Some(error.kind.scim_type()), ..Self::new(status, error.detail) }
    }
}

impl From<scim::bulk::Refusal> for Failure {
    fn from(refusal: scim::bulk::Refusal) -> Self {
        match refusal {
            scim::bulk::Refusal::Invalid(error) => error.into(),
            refusal @ scim::bulk::Refusal::TooManyOperations { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, refusal.to_string())
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::NotUnique { .. } => {
                scim::error::Error::new(ErrorKind::Uniqueness, error.to_string()).into()
            }
            Error::NotFound => Self::new(StatusCode::NOT_FOUND, "no such resource in this directory"),
            Error::VersionConflict | Error::PreconditionFailed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "the resource was changed meanwhile; read it again and repeat the request",
            ),
            Error::TooLarge(detail) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail),
            Error::Unavailable(source) => {
                tracing::error!(error = %Causes(source.as_ref()), "a store is unavailable");
                let detail = "the store is busy; repeat the request in a moment";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retried_after(1)
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
        let mut response = json(self.status, &self.document());
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"scim\""));
        }
        headers.extend(self.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds))));
        let location = self.location.and_then(|location| HeaderValue::try_from(location).ok());
        headers.extend(location.map(|location| (header::LOCATION, location)));
        response
    }
}

/// A path that names no endpoint.
pub(crate) async fn no_such_path() -> Failure {
    no_such_endpoint()
}

/// The same for a path that could be that of a declared type.
pub(crate) fn no_such_endpoint() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "no such endpoint; the SCIM base ends in /scim/v2")
}

/// A method that the endpoint does not have; the router adds `Allow`, which is all that OPTIONS asks for.
pub(crate) async fn no_such_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, format!("this endpoint has no {method}")).into_response()
}
