//! `GET /tenants/{tenant}/directories`

use super::Directory;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::place::TenantPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// All directories of a tenant, by name
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories",
    operation_id = "listDirectories",
    tag = "directories",
    params(("tenant" = String, Path, description = "The tenant's name")),
    responses((status = 200, description = "All directories", body = List<Directory>)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    TenantPlace(tenant): TenantPlace,
) -> Result<Response, Problem> {
    let entries = api.store.directories(&tenant).await?;
    Ok(json(StatusCode::OK, &List::whole(entries.into_iter().map(Directory::from).collect())))
}
