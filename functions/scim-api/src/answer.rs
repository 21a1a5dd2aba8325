//! How answers look, and the one line that is logged about each.

use crate::error::Failure;
use axum::body::{Body, HttpBody as _};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::directory::{Directory, Resource, Shown};
use domain::store::Kind;
use scim::error::{Error as Refusal, ErrorKind};
use scim::projection::Projection;
use serde::Serialize;

/// The media type of SCIM (RFC 7644 §8.1).
pub(crate) const SCIM_JSON: &str = "application/scim+json";

/// A JSON answer.
pub(crate) fn json(status: StatusCode, document: &impl Serialize) -> Response {
    match serde_json::to_vec(document) {
        Ok(body) => text(status, body),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    }
}

/// An answer that is JSON already.
pub(crate) fn text(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON));
    response
}

/// Which attributes an answer contains.
#[derive(Debug, Clone)]
pub(crate) enum View {
    /// All that are returned by default, which is just what is stored.
    Whole,
    /// What is left by `attributes` and `excludedAttributes` (RFC 7644 §3.9), and by the schema.
    Cut(Projection),
}

impl View {
    /// What the two parameters ask for, of resources of this kind.
    pub(crate) fn new(
        directory: &Directory,
        kind: Kind,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Self, Failure> {
        let resource_type = directory.resource_type(kind)?;
        let blank = |parameter: Option<&str>| parameter.is_none_or(|names| names.trim().is_empty());
        if blank(attributes) && blank(excluded) && resource_type.is_plain() {
            return Ok(Self::Whole);
        }
        Ok(Self::Cut(Projection::parse(attributes, excluded, resource_type)?))
    }

    /// What has to be read beside the documents.
    pub(crate) fn shown(&self) -> Shown {
        match self {
            Self::Whole => Shown::ALL,
            Self::Cut(projection) => {
                Shown { members: projection.wants("members"), groups: projection.wants("groups") }
            }
        }
    }

    /// Appends the resource as JSON.
    pub(crate) fn write(
        &self,
        directory: &Directory,
        resource: &Resource,
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        match self {
            Self::Whole => Ok(directory.write_json(resource, out)?),
            Self::Cut(projection) => {
                let mut document = directory.document(resource)?;
                projection.apply(&mut document);
                serde_json::to_writer(out, &document).map_err(domain::Error::from)?;
                Ok(())
            }
        }
    }
}

/// A resource with its entity tag and its address.
pub(crate) fn resource(
    status: StatusCode,
    directory: &Directory,
    resource: &Resource,
    view: &View,
) -> Result<Response, Failure> {
    let mut body = Vec::with_capacity(1024);
    view.write(directory, resource, &mut body)?;
    let mut response = text(status, body);
    let location = directory.location(resource.kind(), resource.id);
    let headers = response.headers_mut();
    headers.extend(HeaderValue::try_from(resource.etag()).ok().map(|etag| (header::ETAG, etag)));
    headers.extend(HeaderValue::try_from(location).ok().map(|location| (header::LOCATION, location)));
    Ok(response)
}

/// Refuses an answer that is too long to be carried: a group with very many members, above all.
pub(crate) async fn bounded(State(longest): State<u64>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let bytes = response.body().size_hint().exact().unwrap_or_default();
    if bytes <= longest {
        return response;
    }
    let detail = format!(
        "the answer would have {bytes} bytes, and at most {longest} can be sent; ask for fewer resources (count), or \
         for less of them (attributes=members.value, excludedAttributes=members)"
    );
    Failure::from(Refusal::new(ErrorKind::TooMany, detail)).into_response()
}

/// One line for each request: what was asked and what came of it, but nobody's data.
pub(crate) async fn note(request: Request, next: Next) -> Response {
    if !tracing::enabled!(tracing::Level::INFO) {
        return next.run(request).await;
    }
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let route = route.as_deref().unwrap_or("none");
    tracing::info!(%method, route, status = response.status().as_u16(), "request");
    response
}
