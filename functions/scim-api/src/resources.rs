//! Users and groups over HTTP: one route table for both, as the protocol makes no difference between them.

use crate::Api;
use crate::address::Base;
use crate::answer::resource;
use crate::error::Failure;
use crate::request::{Body, Parameters};
use crate::search;
use crate::session::Session;
use axum::extract::RawPathParams;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use domain::store::Kind;
use scim::projection::Projection;

type Answer = Result<Response, Failure>;

/// `/Users`, `/Groups`.
pub(crate) fn collection(kind: Kind) -> MethodRouter<Api> {
    get(move |session, base, parameters| list(kind, session, base, parameters))
        .post(move |session, base, parameters, body| create(kind, session, base, parameters, body))
}

/// `/Users/{id}`, `/Groups/{id}`.
pub(crate) fn single(kind: Kind) -> MethodRouter<Api> {
    get(move |session, base, path, parameters| read(kind, session, base, path, parameters))
        .put(move |session, base, path, parameters, body| {
            replace(kind, session, base, path, parameters, body)
        })
        .patch(move |session, base, path, parameters, body| {
            patch(kind, session, base, path, parameters, body)
        })
        .delete(move |session, path| delete(kind, session, path))
}

/// RFC 7644 §3.4.2.
async fn list(kind: Kind, Session(directory): Session, base: Base, parameters: Parameters) -> Answer {
    search::answer(&[kind], &directory, &base, &parameters).await
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

pub(crate) fn projection(
    directory: &domain::directory::Directory,
    kind: Kind,
    parameters: &Parameters,
) -> Result<Projection, Failure> {
    let resource_type = directory.resource_type(kind)?;
    Ok(Projection::parse(parameters.get("attributes"), parameters.get("excludedAttributes"), resource_type)?)
}
