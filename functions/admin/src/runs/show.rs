//! `GET /tenants/{tenant}/directories/{directory}/runs/{id}`

use super::{Run, run};
use crate::Api;
use crate::answer::json;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// A run
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/runs/{id}",
    operation_id = "showRun",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The run's id"),
    ),
    responses((status = 200, description = "How far it is", body = Run)),
)]
pub(crate) async fn show(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let run = run(&api, &place).await?;
    Ok(json(StatusCode::OK, &Run::new(run, api.store.now())))
}
