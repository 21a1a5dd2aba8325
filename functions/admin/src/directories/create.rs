//! `POST /tenants/{tenant}/directories`

use super::Directory;
use super::settings::{patched, unkept};
use crate::Api;
use crate::answer::created;
use crate::body::{self, Body};
use crate::error::Problem;
use crate::place::TenantPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Error;
use domain::store::DirectoryId;
use domain::tenant::Settings;
use scim::schema::Registry;

/// Create a directory
///
/// Settings that are left out have their defaults.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories",
    operation_id = "createDirectory",
    tag = "directories",
    params(("tenant" = String, Path, description = "The tenant's name")),
    request_body(content = ref("#/components/schemas/NewDirectory")),
    responses((status = 201, description = "The directory, at `Location`", body = Directory)),
)]
pub(crate) async fn create(
    State(api): State<Api>,
    TenantPlace(tenant): TenantPlace,
    Body(mut body): Body,
) -> Result<Response, Problem> {
    let name = body::name(&body::take_name(&mut body)?.unwrap_or_default())?;
    let settings = patched(&Settings::default(), &body, &Registry::builtin())?;
    let id = DirectoryId::new(tenant, name);
    if !api.store.create_directory_with(&id, settings).await.map_err(unkept)? {
        let detail = format!("there is a directory {} of this tenant already", id.directory);
        return Err(Problem::new(StatusCode::CONFLICT, detail).at("name"));
    }
    let entry = api.store.directory(&id).await?.ok_or(Error::NotFound)?;
    let path = format!("/tenants/{}/directories/{}", id.tenant, id.directory);
    Ok(created(&path, &Directory::from(entry)))
}
