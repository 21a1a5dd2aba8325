//! `GET /tenants/{tenant}/directories`

use super::Directory;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::parameters::{Paging, Parameters};
use crate::place::TenantPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// Directories of a tenant, by name
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories",
    operation_id = "listDirectories",
    tag = "directories",
    params(("tenant" = String, Path, description = "The tenant's name"), Paging),
    responses((status = 200, description = "A page of them", body = List<Directory>)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    TenantPlace(tenant): TenantPlace,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let part = api.store.directories(&tenant, &parameters.stretch()?).await?;
    Ok(json(StatusCode::OK, &List::of(part.map(Directory::from))))
}
