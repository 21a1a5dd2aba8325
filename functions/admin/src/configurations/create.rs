//! `POST /tenants/{tenant}/directories/{directory}/configurations`

use super::document::{settable, unkept};
use super::{Configuration, entry, secrets, version};
use crate::Api;
use crate::answer::created;
use crate::body::{self, Body};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::import::configuration as kept;

/// Create a configuration
///
/// Members that are left out or null have their defaults; null for a limit means that there is none.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/configurations",
    operation_id = "createConfiguration",
    tag = "configurations",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    request_body(content = ref("#/components/schemas/NewConfiguration")),
    responses((status = 201, description = "The configuration, at `Location`", body = Configuration)),
)]
pub(crate) async fn create(
    State(api): State<Api>,
    place: DirectoryPlace,
    Body(mut body): Body,
) -> Result<Response, Problem> {
    let name = body::name(&body::take_name(&mut body)?.unwrap_or_default())?;
    let id = &place.entry.id;
    let mut members = settable(body)?;
    secrets::seal(&api, id, &name, &mut members).await?;
    let document = kept::Configuration::from_document(&name, members)?;
    secrets::check(&document, None)?;
    if !api.store.create_configuration(id, &document).await.map_err(unkept)? {
        let detail =
            format!("there is a configuration {name} of this directory already; PUT or PATCH changes it");
        return Err(Problem::new(StatusCode::CONFLICT, detail).at("name"));
    }
    api.made.configuration(id, &name);
    api.set_alarm(id, &document).await?;
    let entry = entry(&api, id, &name).await?;
    let path = format!("/tenants/{}/directories/{}/configurations/{name}", id.tenant, id.directory);
    let version = entry.version;
    Ok(version::tagged(created(&path, &version::document(&api, id, entry).await?), version))
}
