//! `DELETE /tenants/{tenant}/directories/{directory}/configurations/{name}`

use super::document::unkept;
use super::{entry, named, version};
use crate::Api;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::error::Causes;

/// Remove a configuration
///
/// Files that are put into its inbox are no longer imported, and runs of it that wait fail. The users whom it has
/// brought stay.
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}",
    operation_id = "removeConfiguration",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is to be removed"),
    ),
    responses((status = 204, description = "The configuration is no more")),
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    place: DirectoryPlace,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    let expected = version::expected(&headers, &entry(&api, id, &name).await?)?;
    api.store.remove_configuration(id, &name, expected).await.map_err(unkept)?;
    // Where this fails, the alarm wakes a worker who finds nothing to do.
    if let Err(error) = api.pulls.alarms.remove(id, &name).await {
        tracing::warn!(error = %Causes(&error), "the alarm of a configuration that is gone is still set");
    }
    Ok(StatusCode::NO_CONTENT)
}
