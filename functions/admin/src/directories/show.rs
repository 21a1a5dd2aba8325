//! `GET /tenants/{tenant}/directories/{directory}`

use super::Directory;
use crate::answer::json;
use crate::place::DirectoryPlace;
use axum::http::StatusCode;
use axum::response::Response;

/// One directory
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}",
    operation_id = "getDirectory",
    tag = "directories",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    responses((status = 200, description = "The directory", body = Directory)),
)]
pub(crate) async fn show(place: DirectoryPlace) -> Response {
    json(StatusCode::OK, &Directory::from(place.entry))
}
