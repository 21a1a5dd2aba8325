//! `GET /tenants/{tenant}/directories/{directory}/runs/{id}/report.csv`

use super::run;
use crate::Api;
use crate::answer::csv;
use crate::error::Problem;
use crate::files;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::response::Response;

/// The rows that were rejected, or about which something was noticed
///
/// In the columns of the file, and with five more that say why. A mended copy can be sent back as it is.
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/runs/{id}/report.csv",
    operation_id = "showReport",
    tag = "runs",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The run's id"),
    ),
    responses((status = 200, description = "The report", body = String, content_type = "text/csv")),
)]
pub(crate) async fn report(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let run = run(&api, &place).await?;
    let report = api.importer.report(&place.entry.id, &run.id).await?;
    let report = report.ok_or_else(|| {
        Problem::absent("the run has no report yet; it is written when the run has its plan")
    })?;
    Ok(csv(&format!("report-{}.csv", run.id), files::body(report.file)))
}
