//! Users and groups over HTTP: one route table for both, as the protocol makes no difference between them.

use crate::Api;
use crate::address::Base;
use crate::answer::{json, resource, shown};
use crate::error::Failure;
use crate::request::{Body, Parameters};
use crate::session::Session;
use axum::extract::RawPathParams;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use domain::directory::Wanted;
use domain::store::Kind;
use scim::filter::Filter;
use scim::list::{Paging, list_response};
use scim::projection::Projection;

/// Resources on a page for which no `count` was asked.
pub const DEFAULT_PAGE: usize = 100;
/// Resources on a page at most: with users of 2 KB well below what one answer may carry.
pub const MAX_PAGE: usize = 500;

type Answer = Result<Response, Failure>;

/// `/Users`, `/Groups`.
pub(crate) fn collection(kind: Kind) -> MethodRouter<Api> {
    get(move |session, base, parameters| list(kind, session, base, parameters))
        .post(move |session, base, parameters, body| create(kind, session, base, parameters, body))
}

/// `/Users/{id}`, `/Groups/{id}`.
pub(crate) fn single(kind: Kind) -> MethodRouter<Api> {
    get(move |session, base, path, parameters| read(kind, session, base, path, parameters))
        .put(move |session, base, path, parameters, body| replace(kind, session, base, path, parameters, body))
        .patch(move |session, base, path, parameters, body| patch(kind, session, base, path, parameters, body))
        .delete(move |session, path| delete(kind, session, path))
}

/// RFC 7644 §3.4.2.
async fn list(kind: Kind, Session(directory): Session, base: Base, parameters: Parameters) -> Answer {
    let resource_type = directory.resource_type(kind)?;
    let projection = projection(&directory, kind, &parameters)?;
    let filter = parameters.get("filter").filter(|text| !text.trim().is_empty());
    let filter = filter.map(|text| Filter::parse(text, resource_type)).transpose()?;
    let paging =
        Paging::parse(parameters.get("startIndex"), parameters.get("count"), DEFAULT_PAGE, MAX_PAGE)?;
    let wanted = Wanted {
        filter: filter.as_ref(),
        offset: paging.start_index.saturating_sub(1),
        count: paging.count,
        with_members: projection.wants("members"),
    };
    let page = directory.list(kind, &wanted).await?;
    let resources = page.resources.into_iter().map(|one| shown(&base, kind, one, &projection)).collect();
    Ok(json(StatusCode::OK, &list_response(page.total, paging.start_index, resources)))
}

/// RFC 7644 §3.3.
async fn create(
    kind: Kind,
    Session(directory): Session,
    base: Base,
    parameters: Parameters,
    Body(body): Body,
) -> Answer {
    let projection = projection(&directory, kind, &parameters)?;
    let created = directory.create(kind, body).await?;
    Ok(resource(StatusCode::CREATED, &base, kind, created, &projection))
}

/// RFC 7644 §3.4.1.
async fn read(
    kind: Kind,
    Session(directory): Session,
    base: Base,
    path: RawPathParams,
    parameters: Parameters,
) -> Answer {
    let projection = projection(&directory, kind, &parameters)?;
    let found = directory.get(kind, id(&path), projection.wants("members")).await?;
    Ok(resource(StatusCode::OK, &base, kind, found, &projection))
}

/// RFC 7644 §3.5.1.
async fn replace(
    kind: Kind,
    Session(directory): Session,
    base: Base,
    path: RawPathParams,
    parameters: Parameters,
    Body(body): Body,
) -> Answer {
    let projection = projection(&directory, kind, &parameters)?;
    let replaced = directory.replace(kind, id(&path), body).await?;
    Ok(resource(StatusCode::OK, &base, kind, replaced, &projection))
}

/// RFC 7644 §3.5.2: 200 with the resource, so that a client sees what its operations came to.
async fn patch(
    kind: Kind,
    Session(directory): Session,
    base: Base,
    path: RawPathParams,
    parameters: Parameters,
    Body(body): Body,
) -> Answer {
    let projection = projection(&directory, kind, &parameters)?;
    let patched = directory.patch(kind, id(&path), &body).await?;
    Ok(resource(StatusCode::OK, &base, kind, patched, &projection))
}

/// RFC 7644 §3.6.
async fn delete(kind: Kind, Session(directory): Session, path: RawPathParams) -> Answer {
    directory.delete(kind, id(&path)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn id(path: &RawPathParams) -> &str {
    path.iter().find(|(name, _)| *name == "id").map_or("", |(_, value)| value)
}

fn projection(
    directory: &domain::directory::Directory,
    kind: Kind,
    parameters: &Parameters,
) -> Result<Projection, Failure> {
    let resource_type = directory.resource_type(kind)?;
    Ok(Projection::parse(parameters.get("attributes"), parameters.get("excludedAttributes"), resource_type)?)
}
