//! `GET /tenants/{tenant}/directories/{directory}/runs/{id}/plan`

use super::document::RowProblem;
use super::run;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::parameters::Parameters;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::import::plan::{Action, Values};
use domain::import::shown::{NoPage, ShownRow};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Rows of a page, unless a limit is given, and at most.
const USUAL: usize = 100;
const MOST: usize = 1000;
/// All actions, in the words of an answer.
const ACTIONS: &str = "create, update, reactivate, deactivate, unchanged, reject, ignore, delete";

/// What a run does about a row, as it was planned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanRow {
    /// The line on which the row begins; 0 for a user who is in no row.
    line: u64,
    /// `create`, `update`, `reactivate`, `deactivate`, `unchanged`, `reject`, `ignore`, `delete`.
    #[schema(value_type = String)]
    action: Action,
    /// The id of the user; null for one that is to be created.
    user: Option<String>,
    /// What changes, by SCIM path.
    changes: BTreeMap<String, Change>,
    /// Why it is rejected, or what was noticed about it.
    problems: Vec<RowProblem>,
}

/// A value before and after; null where there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    before: Value,
    after: Value,
}

impl From<ShownRow> for PlanRow {
    fn from(row: ShownRow) -> Self {
        let ShownRow { line, action, user, changes, problems } = row;
        let change = |(path, Values { before, after })| (path, Change { before, after });
        Self {
            line,
            action,
            user,
            changes: changes.into_iter().map(change).collect(),
            problems: problems.into_iter().map(RowProblem::from).collect(),
        }
    }
}

/// What a run does, row by row
///
/// The rows are in the order of the file; behind them stand those that wait for a name which another row gives up, and
/// the users who are missing from the file. A page of rows of one action may be shorter than its limit, or empty, while
/// `next` says that there are more.
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/runs/{id}/plan",
    operation_id = "showPlan",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The run's id"),
        ("action" = Option<String>, Query, description = "Only rows of this action"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows of a page: 1 to 1000, 100 where it is left out"),
    ),
    responses((status = 200, description = "A page of the plan", body = List<PlanRow>)),
)]
pub(crate) async fn plan(
    State(api): State<Api>,
    place: DirectoryPlace,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&["action", "cursor", "limit"])?;
    let action = parameters.word("action", ACTIONS)?;
    let limit = parameters.limit(USUAL, MOST)?;
    let bad_cursor = || Problem::field("cursor", "send next as it came, or no cursor for the first page");
    let from = parameters.text("cursor").map(|cursor| cursor.parse().map_err(|_| bad_cursor()));
    let from = from.transpose()?.unwrap_or(0);
    let run = run(&api, &place).await?;
    let page = api.importer.page_of_plan(&place.entry.id, &run.id, from, limit, action).await;
    let page = page.map_err(|error| match error {
        NoPage::NoPlan => Problem::absent("the run has no plan, or not yet; its state says which"),
        NoPage::NoRow => bad_cursor(),
        NoPage::Failed(error) => error.into(),
    })?;
    let rows = page.rows.into_iter().map(PlanRow::from).collect();
    Ok(json(StatusCode::OK, &List::page(rows, page.next.map(|at| at.to_string()))))
}
