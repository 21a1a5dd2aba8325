//! Resources over HTTP: one route table for all types, as the protocol makes no difference between them.

use crate::Api;
use crate::answer::{View, resource};
use crate::call::Call;
use crate::error::Failure;
use crate::request::Body;
use crate::search;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use domain::directory::Resource;
use domain::store::Kind;
use domain::tenant::Profile;

type Answer = Result<Response, Failure>;

/// `/Users`, `/Groups` and the endpoints of declared types.
pub(crate) fn collection() -> MethodRouter<Api> {
    get(list).post(create)
}

/// `/Users/{id}` and the like.
pub(crate) fn single() -> MethodRouter<Api> {
    get(read).put(replace).patch(patch).delete(delete)
}

/// RFC 7644 §3.4.2.
async fn list(call: Call) -> Answer {
    let kind = call.kind()?;
    search::answer(&[kind], &call.directory, &call.endpoint, &call.parameters).await
}

/// RFC 7644 §3.3.
async fn create(call: Call, body: Body) -> Answer {
    let kind = call.kind()?;
    let (body, view) = (body.of(&call.directory)?, call.view(kind)?);
    let created = call.directory.create(kind, body, view.shown()).await?;
    resource(StatusCode::CREATED, &call.directory, &created, &view)
}

/// RFC 7644 §3.4.1.
async fn read(call: Call) -> Answer {
    let kind = call.kind()?;
    read_one(&call, kind, &call.id).await
}

/// RFC 7644 §3.5.1.
async fn replace(call: Call, body: Body) -> Answer {
    let kind = call.kind()?;
    replace_one(&call, kind, &call.id, body).await
}

/// RFC 7644 §3.5.2.
async fn patch(call: Call, body: Body) -> Answer {
    let kind = call.kind()?;
    patch_one(&call, kind, &call.id, body).await
}

/// RFC 7644 §3.6.
async fn delete(call: Call) -> Answer {
    let kind = call.kind()?;
    delete_one(&call, kind, &call.id).await
}

/// 304 where the client holds this version already.
pub(crate) async fn read_one(call: &Call, kind: Kind, id: &str) -> Answer {
    let view = call.view(kind)?;
    let found = call.directory.get(kind, id, view.shown()).await?;
    if call.held.as_ref().is_some_and(|held| held.include(found.version)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        let etag = HeaderValue::try_from(found.etag()).ok();
        response.headers_mut().extend(etag.map(|etag| (header::ETAG, etag)));
        return Ok(response);
    }
    resource(StatusCode::OK, &call.directory, &found, &view)
}

pub(crate) async fn replace_one(call: &Call, kind: Kind, id: &str, body: Body) -> Answer {
    let (body, view) = (body.of(&call.directory)?, call.view(kind)?);
    let replaced = call.directory.replace(kind, id, &call.seen, body, view.shown()).await?;
    resource(StatusCode::OK, &call.directory, &replaced, &view)
}

/// 200 with the resource, so that a client sees what its operations came to. 204 for a group where the profile asks
/// for it, and where it has too many members to be answered whole.
pub(crate) async fn patch_one(call: &Call, kind: Kind, id: &str, body: Body) -> Answer {
    let (body, view) = (body.of(&call.directory)?, call.view(kind)?);
    let patched = call.directory.patch(kind, id, &call.seen, &body, view.shown()).await?;
    if kind == Kind::Group && is_without_body(call, &patched, &view) {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let etag = HeaderValue::try_from(patched.etag()).ok();
        response.headers_mut().extend(etag.map(|etag| (header::ETAG, etag)));
        return Ok(response);
    }
    resource(StatusCode::OK, &call.directory, &patched, &view)
}

fn is_without_body(call: &Call, group: &Resource, view: &View) -> bool {
    let wanted = call.parameters.get("attributes").is_some();
    (call.directory.opened().profile() == Profile::Entra && !wanted)
        || (view.shown().members && group.members_shown().is_none())
}

pub(crate) async fn delete_one(call: &Call, kind: Kind, id: &str) -> Answer {
    call.directory.delete(kind, id, &call.seen).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
