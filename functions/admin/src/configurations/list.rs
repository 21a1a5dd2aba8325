//! `GET /tenants/{tenant}/directories/{directory}/configurations`

use super::{Configuration, version};
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// All configurations of a directory
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/configurations",
    operation_id = "listConfigurations",
    tag = "configurations",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    responses((status = 200, description = "All configurations, by name", body = List<Configuration>)),
)]
pub(crate) async fn list(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let id = &place.entry.id;
    let mut shown = Vec::new();
    for entry in api.store.configurations(id).await? {
        shown.push(version::document(&api, id, entry).await?);
    }
    Ok(json(StatusCode::OK, &List::whole(shown)))
}
