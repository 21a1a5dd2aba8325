//! `POST /tenants/{tenant}/directories/{directory}/preview`

use super::name::{expect_file, sent_name};
use crate::error::Problem;
use crate::parameters::Parameters;
use crate::place::DirectoryPlace;
use crate::runs::{Run, begun};
use crate::{Api, configurations, files};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::import::run::Purpose;

/// The name of a file that comes without one.
const UNNAMED: &str = "preview.csv";

/// Show what a file would do
///
/// The body is the file. The run plans, and waits then: it can be approved, which imports the file, or discarded.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/preview",
    operation_id = "previewFile",
    tag = "uploads",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("configuration" = Option<String>, Query, description = "The configuration's name; `default` where it is left out"),
        ("Content-Disposition" = Option<String>, Header, description = "The name of the file, as its `filename`"),
    ),
    request_body(content(
        (String = "text/csv"),
        (Vec<u8> = "application/octet-stream"),
        (Vec<u8> = "application/gzip"),
        (Vec<u8> = "application/zip"),
    )),
    responses((status = 202, description = "The run that plans, at `Location`", body = Run)),
)]
pub(crate) async fn preview(
    State(api): State<Api>,
    place: DirectoryPlace,
    parameters: Parameters,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    parameters.only(&["configuration"])?;
    let configuration = parameters.configuration_or_default()?;
    expect_file(&headers)?;
    let name = sent_name(&headers)?.unwrap_or_else(|| UNNAMED.to_owned());
    let directory = &place.entry.id;
    if api.store.configuration(directory, &configuration).await?.is_none() {
        return Err(configurations::absent());
    }
    let near = files::near(body, api.upload_bytes).await?;
    if near.size == 0 {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "send the file as the body; there is nothing in it",
        ));
    }
    let run = api.importer.begin(directory, &configuration, Purpose::Preview, &name, near.file).await?;
    Ok(begun(&api, directory, run))
}
