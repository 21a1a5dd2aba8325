//! `POST …/configurations/{name}/run` and `…/test-access`

use crate::Api;
use crate::answer::json;
use crate::configurations::{entry, named};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use crate::runs::{Run, begun};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::error::Causes;
use domain::pull::diagnosis as kept;
use domain::pull::puller::NotBegun;
use serde::Serialize;
use utoipa::ToSchema;

/// Fetch and import the file of a configuration now
///
/// Also while its schedule is switched off or paused. A file that is not there fails the run at once, rather than being
/// looked for again.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/run",
    operation_id = "runConfiguration",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
    ),
    responses((status = 202, description = "The run, at `Location`", body = Run)),
)]
pub(crate) async fn run(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    let run = api.store.begin_pull(id, &name).await.map_err(|error| match error {
        NotBegun::NotFound => crate::configurations::absent(),
        NotBegun::Failed(error) => error.into(),
        NotBegun::Uploaded | NotBegun::Running(_) => Problem::new(StatusCode::CONFLICT, error.to_string()),
    })?;
    if let Err(error) = api.pulls.outpost.attend(id, &name).await {
        tracing::warn!(run = run.id, error = %Causes(&error), "nobody was told to fetch; whoever looks what is due finds it");
    }
    Ok(begun(&api, id, run))
}

/// What was seen on the way to the file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Diagnosis {
    /// Whether no step has failed.
    ok: bool,
    /// `resolve`, `connect`, `banner`, `algorithms`, `host-key`, `authenticate`, `open-folder`, `match-file`,
    /// `size-and-time`, `read`, `decrypt`, `decode`, `header`, `mapping`, `archive`, in this order.
    steps: Vec<StepTaken>,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepTaken {
    name: &'static str,
    /// `ok`, `failed`, `skipped`.
    #[schema(value_type = String)]
    status: kept::StepStatus,
    /// What was seen; of a step that failed, also what it means and what to do.
    fact: String,
}

impl From<kept::Diagnosis> for Diagnosis {
    fn from(diagnosis: kept::Diagnosis) -> Self {
        let step = |kept::StepTaken { name, status, fact }| StepTaken { name: name.as_str(), status, fact };
        Self { ok: diagnosis.ok, steps: diagnosis.steps.into_iter().map(step).collect() }
    }
}

/// Test Access
///
/// Goes the way of a pull step by step and tells what was seen at each: it is where the server's key is shown, to be put
/// into `host_keys`. It imports nothing.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/test-access",
    operation_id = "testAccess",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
    ),
    responses((status = 200, description = "All steps, whether or not they went well", body = Diagnosis)),
)]
pub(crate) async fn test_access(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    super::fetched(&entry(&api, id, &name).await?.document)?;
    let diagnosis = api.pulls.outpost.test_access(id, &name).await?;
    let diagnosis = diagnosis.ok_or_else(crate::configurations::absent)?;
    Ok(json(StatusCode::OK, &Diagnosis::from(diagnosis)))
}
