//! `GET /tenants/{tenant}/directories/{directory}/runs`

use super::{Run, is_id};
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::parameters::Parameters;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::import::shown::WantedRuns;

/// Runs of a page, unless a limit is given, and at most.
const USUAL: usize = 50;
const MOST: usize = 200;
/// All states, in the words of an answer.
const STATES: &str = "queued, reading, planned, held, approved, discarded, applying, finished, \
    finished-with-rejections, failed, cancelled, reverted";

/// Runs of a directory, latest first
///
/// A page of runs in one state or of one configuration may be shorter than its limit, or empty, while `next` says that
/// there are more.
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/runs",
    operation_id = "listRuns",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("configuration" = Option<String>, Query, description = "Only runs of this configuration"),
        ("state" = Option<String>, Query, description = "Only runs in this state"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "Runs of a page: 1 to 200, 50 where it is left out"),
    ),
    responses((status = 200, description = "A page of runs", body = List<Run>)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    place: DirectoryPlace,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&["configuration", "state", "cursor", "limit"])?;
    let wanted =
        WantedRuns { configuration: parameters.configuration()?, state: parameters.word("state", STATES)? };
    let limit = parameters.limit(USUAL, MOST)?;
    let cursor = parameters.text("cursor");
    if cursor.is_some_and(|cursor| !is_id(cursor)) {
        return Err(Problem::field("cursor", "send next as it came, or no cursor for the first page"));
    }
    let (runs, next) = api.store.page_of_runs(&place.entry.id, &wanted, cursor, limit).await?;
    let now = api.store.now();
    let items = runs.into_iter().map(|run| Run::new(run, now)).collect();
    Ok(json(StatusCode::OK, &List::page(items, next)))
}
