//! The only place where a failure gets an HTTP status.

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Error;
use domain::error::Causes;
use domain::tenant::InvalidSetting;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of problem details (RFC 9457 §3).
const PROBLEM_JSON: &str = "application/problem+json";

/// What a route answers instead of its result.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    field: Option<String>,
}

/// A problem as it is sent (RFC 9457 §3.1).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The words of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is the matter, and how to mend it.
    detail: String,
    /// The member of the body, or the parameter, that is meant, such as `policies.required[0]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl Problem {
    /// A problem in these words: what is the matter, and how to mend it.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), field: None }
    }

    /// Something that there is not.
    pub(crate) fn absent(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Whether it is that there is no such thing.
    pub(crate) fn is_absence(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// A member of the body that cannot be taken.
    pub(crate) fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail).at(field)
    }

    /// The same about a member of the body.
    pub(crate) fn at(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }
}

impl From<InvalidSetting> for Problem {
    fn from(setting: InvalidSetting) -> Self {
        Self::field(setting.field, setting.detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::new(StatusCode::BAD_REQUEST, refusal.detail),
            Error::NotUnique { .. } => Self::new(StatusCode::CONFLICT, error.to_string()),
            Error::NotFound => Self::absent("there is no such directory"),
            Error::VersionConflict | Error::PreconditionFailed => Self::new(
                StatusCode::CONFLICT,
                "the directory was changed meanwhile; look at it and repeat the request",
            ),
            Error::TooLarge(detail) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail),
            Error::Unavailable(source) => {
                tracing::error!(error = %Causes(source.as_ref()), "a store is unavailable");
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = ProblemDocument {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.detail,
            field: self.field,
        };
        let body = serde_json::to_string(&document).unwrap_or_default();
        let mut response = (self.status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"admin\""));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// A path that names no endpoint.
pub(crate) async fn no_such_path() -> Problem {
    Problem::absent("there is no such path; /api/v1/openapi.json describes those that there are")
}

/// A method that the endpoint does not have; the router adds `Allow`.
pub(crate) async fn no_such_method(method: Method) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("this path has no {method}"))
}
