//! `GET /tenants/{tenant}/directories/{directory}/configurations`

use super::Configuration;
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
    let entries = api.store.configurations(&place.entry.id).await?;
    Ok(json(StatusCode::OK, &List::whole(entries.into_iter().map(Configuration::from).collect())))
}
