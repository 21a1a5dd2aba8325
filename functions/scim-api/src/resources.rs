//! Users and groups over HTTP: one route table for both, as the protocol makes no difference between them.

use crate::Api;
use crate::answer::resource;
use crate::call::Call;
use crate::error::Failure;
use crate::request::Body;
use crate::search;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use domain::directory::Resource;
use domain::store::Kind;

type Answer = Result<Response, Failure>;

/// `/Users`, `/Groups`.
pub(crate) fn collection(kind: Kind) -> MethodRouter<Api> {
    get(move |call| list(kind, call)).post(move |call, body| create(kind, call, body))
}

/// `/Users/{id}`, `/Groups/{id}`.
pub(crate) fn single(kind: Kind) -> MethodRouter<Api> {
    get(move |call| read(kind, call))
        .put(move |call, body| replace(kind, call, body))
        .patch(move |call, body| patch(kind, call, body))
        .delete(move |call| delete(kind, call))
}

/// RFC 7644 §3.4.2.
async fn list(kind: Kind, call: Call) -> Answer {
    search::answer(&[kind], &call.directory, &call.base, &call.parameters).await
}

/// RFC 7644 §3.3.
async fn create(kind: Kind, call: Call, Body(body): Body) -> Answer {
    let created = call.directory.create(kind, body).await?;
    shown(StatusCode::CREATED, kind, &call, created)
}

/// RFC 7644 §3.4.1; 304 where the client holds this version already.
async fn read(kind: Kind, call: Call) -> Answer {
    let with_members = call.projection(kind)?.wants("members");
    let found = call.directory.get(kind, &call.id, with_members).await?;
    if call.held.as_ref().is_some_and(|held| held.include(&found.record)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        let etag = HeaderValue::try_from(found.record.etag()).ok();
        response.headers_mut().extend(etag.map(|etag| (header::ETAG, etag)));
        return Ok(response);
    }
    shown(StatusCode::OK, kind, &call, found)
}

/// RFC 7644 §3.5.1.
async fn replace(kind: Kind, call: Call, Body(body): Body) -> Answer {
    let replaced = call.directory.replace(kind, &call.id, &call.seen, body).await?;
    shown(StatusCode::OK, kind, &call, replaced)
}

/// RFC 7644 §3.5.2: 200 with the resource, so that a client sees what its operations came to.
async fn patch(kind: Kind, call: Call, Body(body): Body) -> Answer {
    let patched = call.directory.patch(kind, &call.id, &call.seen, &body).await?;
    shown(StatusCode::OK, kind, &call, patched)
}

/// RFC 7644 §3.6.
async fn delete(kind: Kind, call: Call) -> Answer {
    call.directory.delete(kind, &call.id, &call.seen).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn shown(status: StatusCode, kind: Kind, call: &Call, one: Resource) -> Answer {
    Ok(resource(status, &call.base, kind, one, &call.projection(kind)?))
}
