//! `GET /tenants/{tenant}/directories/{directory}/template.csv`

use super::entry;
use crate::Api;
use crate::answer::csv;
use crate::error::Problem;
use crate::parameters::Parameters;
use crate::place::DirectoryPlace;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use domain::import::rules::Rules;
use domain::import::template;

/// An empty file with the columns of a configuration
///
/// The header line, with the names that the mapping has and in the configuration's delimiter.
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/template.csv",
    operation_id = "showTemplate",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("configuration" = Option<String>, Query, description = "The configuration's name; `default` where it is left out"),
    ),
    responses((status = 200, description = "The header line", body = String, content_type = "text/csv")),
)]
pub(crate) async fn template(
    State(api): State<Api>,
    place: DirectoryPlace,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&["configuration"])?;
    let name = parameters.configuration_or_default()?;
    let document = entry(&api, &place.entry.id, &name).await?.document;
    let text = template::template(&document.format, &document.mapping, &Rules::default());
    Ok(csv("template.csv", Body::from(text)))
}
