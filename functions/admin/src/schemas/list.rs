//! `GET /tenants/{tenant}/directories/{directory}/schemas`

use super::all;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// All documents that are declared for a directory
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/schemas",
    operation_id = "listSchemas",
    tag = "schemas",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    responses((status = 200, description = "The documents as they were sent", body = List<serde_json::Value>)),
)]
pub(crate) async fn list(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, &all(&api.store, &place.entry.id).await?))
}
