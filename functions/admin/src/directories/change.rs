//! `PATCH /tenants/{tenant}/directories/{directory}`

use super::Directory;
use super::settings::{Unkept, patched};
use crate::Api;
use crate::answer::json;
use crate::body::{Body, take_name};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// Change the settings of a directory
///
/// The body is a JSON merge patch (RFC 7396): members that are left out stay as they are, null resets one to its
/// default, and lists are replaced as a whole. A directory keeps its name.
#[utoipa::path(
    patch,
    path = "/tenants/{tenant}/directories/{directory}",
    operation_id = "changeDirectory",
    tag = "directories",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    request_body(
        content = ref("#/components/schemas/DirectoryChange"),
        content_type = "application/merge-patch+json",
    ),
    responses((status = 200, description = "The directory as it is now", body = Directory)),
)]
pub(crate) async fn change(
    State(api): State<Api>,
    place: DirectoryPlace,
    Body(mut patch): Body,
) -> Result<Response, Problem> {
    let id = &place.entry.id;
    // A document that was read may be sent back as it is.
    if take_name(&mut patch)?.is_some_and(|name| name != id.directory.as_str()) {
        return Err(Problem::field("name", "a directory keeps its name; leave it out"));
    }
    let registry = api.store.declared(id).await?;
    let change = |current: &_| patched(current, &patch, &registry).map_err(Unkept);
    let changed = api.store.change_settings(id, change).await.map_err(|Unkept(problem)| problem)?;
    Ok(json(StatusCode::OK, &Directory::from(changed)))
}
