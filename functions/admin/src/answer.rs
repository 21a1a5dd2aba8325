//! How answers look, and the one line that is logged about each.

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::store::Part;
use serde::Serialize;
use utoipa::ToSchema;

/// A list, or a page of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// What is on it.
    items: Vec<T>,
    /// Where the next page begins; null at the end.
    next: Option<String>,
}

impl<T> List<T> {
    /// A list that is small enough to come in one piece.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A part of a list.
    pub(crate) fn of(part: Part<T>) -> Self {
        Self { items: part.items, next: part.next }
    }

    /// A page, and where the next one begins.
    pub(crate) fn page(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, document: &impl Serialize) -> Response {
    let (status, body) = match serde_json::to_vec(document) {
        Ok(body) => (status, body),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // An answer may hold a secret that is told once.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A table that is saved under this name (RFC 6266 §4.2), which is plain ASCII.
pub(crate) fn csv(name: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    // It holds people.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).ok();
    headers.extend(disposition.map(|disposition| (header::CONTENT_DISPOSITION, disposition)));
    response
}

/// What was created, with its path below the base (RFC 9110 §15.3.2).
pub(crate) fn created(path: &str, document: &impl Serialize) -> Response {
    let mut response = json(StatusCode::CREATED, document);
    let location = HeaderValue::try_from(format!("{}{path}", crate::BASE)).ok();
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    response
}

/// One line for each request: what was asked and what came of it, but neither names nor secrets.
pub(crate) async fn note(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let route = route.as_deref().unwrap_or("none");
    tracing::info!(%method, route, status = response.status().as_u16(), "request");
    response
}
