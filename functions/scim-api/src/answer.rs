//! How answers look, and the one line that is logged about each.

use crate::address::Base;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::directory::Resource;
use domain::store::Kind;
use scim::Document;
use scim::projection::Projection;
use serde::Serialize;
use serde_json::Value;

/// The media type of SCIM (RFC 7644 §8.1).
pub(crate) const SCIM_JSON: &str = "application/scim+json";

/// A JSON answer.
pub(crate) fn json(status: StatusCode, document: &impl Serialize) -> Response {
    let (status, body) = match serde_json::to_vec(document) {
        Ok(body) => (status, body),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON));
    response
}

/// A resource with its entity tag and, on creation, its address.
pub(crate) fn resource(
    status: StatusCode,
    base: &Base,
    kind: Kind,
    resource: Resource,
    projection: &Projection,
) -> Response {
    let etag = resource.record.etag();
    let location = base.resource(kind, &resource.record.id.to_string());
    let mut response = json(status, &shown(base, kind, resource, projection));
    let headers = response.headers_mut();
    headers.extend(HeaderValue::try_from(etag).ok().map(|etag| (header::ETAG, etag)));
    headers.extend(HeaderValue::try_from(location).ok().map(|location| (header::LOCATION, location)));
    response
}

/// The document of a resource with its addresses, cut to what was asked for.
pub(crate) fn shown(base: &Base, kind: Kind, resource: Resource, projection: &Projection) -> Document {
    let mut document = resource.document;
    if let Some(meta) = document.get_mut("meta").and_then(Value::as_object_mut) {
        meta.insert("location".to_owned(), base.resource(kind, &resource.record.id.to_string()).into());
    }
    for member in document.get_mut("members").and_then(Value::as_array_mut).into_iter().flatten() {
        refer(base, member);
    }
    projection.apply(&mut document);
    document
}

/// Adds `$ref` to a member (RFC 7643 §2.4).
fn refer(base: &Base, member: &mut Value) {
    let kind = match member.get("type").and_then(Value::as_str) {
        Some("Group") => Kind::Group,
        _ => Kind::User,
    };
    let reference = member.get("value").and_then(Value::as_str).map(|id| base.resource(kind, id));
    if let (Some(member), Some(reference)) = (member.as_object_mut(), reference) {
        member.insert("$ref".to_owned(), reference.into());
    }
}

/// One line for each request: what was asked and what came of it, but nobody's data.
pub(crate) async fn note(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let route = route.as_deref().unwrap_or("none");
    tracing::info!(%method, route, status = response.status().as_u16(), "request");
    response
}
