//! `POST /tenants/{tenant}/directories/{directory}/runs/{id}/approve`, `discard`, `cancel` and `revert`

use super::{Run, begun, id};
use crate::Api;
use crate::answer::json;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::import::decide::Undecided;
use domain::import::run::Run as Kept;

impl From<Undecided> for Problem {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::NoSuchRun => super::absent(),
            Undecided::NotNow(why) => Self::new(StatusCode::CONFLICT, why),
            Undecided::Failed(error) => error.into(),
        }
    }
}

fn decided(api: &Api, run: Result<Kept, Undecided>) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, &Run::new(run?, api.store.now())))
}

/// Carry a plan out that waits for a decision, exactly as it is
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/runs/{id}/approve",
    operation_id = "approveRun",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The run's id"),
    ),
    responses((status = 200, description = "The run, which goes on", body = Run)),
)]
pub(crate) async fn approve(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let run = api.importer.approve(&place.entry.id, id(&place)?).await;
    decided(&api, run)
}

/// End a run that waits for a decision, without carrying its plan out
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/runs/{id}/discard",
    operation_id = "discardRun",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The run's id"),
    ),
    responses((status = 200, description = "The run, which has ended", body = Run)),
)]
pub(crate) async fn discard(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let run = api.importer.discard(&place.entry.id, id(&place)?).await;
    decided(&api, run)
}

/// End a run
///
/// At once where nobody works at it, else as soon as its worker looks. What it has applied by then stays, and can be
/// reverted.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/runs/{id}/cancel",
    operation_id = "cancelRun",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The run's id"),
    ),
    responses((status = 200, description = "The run as it is now", body = Run)),
)]
pub(crate) async fn cancel(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let run = api.importer.cancel(&place.entry.id, id(&place)?).await;
    decided(&api, run)
}

/// Take back what a run has changed
///
/// For 30 days after its end, and as far as nobody has changed it since. This is a run of its own.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/runs/{id}/revert",
    operation_id = "revertRun",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The run's id"),
    ),
    responses((status = 202, description = "The run that takes it back, at `Location`", body = Run)),
)]
pub(crate) async fn revert(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let run = api.importer.revert(&place.entry.id, id(&place)?).await?;
    Ok(begun(&api, &place.entry.id, run))
}
