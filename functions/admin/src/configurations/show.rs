//! `GET /tenants/{tenant}/directories/{directory}/configurations/{name}`

use super::{Configuration, entry, named, version};
use crate::Api;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::response::Response;

/// A configuration
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}",
    operation_id = "showConfiguration",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
    ),
    responses((status = 200, description = "The configuration, with its `ETag`", body = Configuration)),
)]
pub(crate) async fn show(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let id = &place.entry.id;
    version::shown(&api, id, entry(&api, id, &named(&place)?).await?).await
}
