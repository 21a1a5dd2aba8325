//! What is answered where no function answers: a problem document (RFC 9457).

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// A problem that its status describes; `detail` says what to do about it.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    let document = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": detail,
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], document.to_string()).into_response()
}

/// A path that no function knows.
pub(super) async fn no_such_path() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "nothing is served at this path; the SCIM base is /scim/v2, the admin API is /api/v1",
    )
}

/// A method that the path does not have; the router adds `Allow`.
pub(super) async fn no_such_method(method: Method) -> Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, &format!("this path has no {method}"))
}
