//! `POST /tenants`

use super::Tenant;
use crate::Api;
use crate::answer::created;
use crate::body::{Body, name};
use crate::error::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// Create a tenant
#[utoipa::path(
    post,
    path = "/tenants",
    operation_id = "createTenant",
    tag = "tenants",
    request_body = Tenant,
    responses((status = 201, description = "The tenant, at `Location`", body = Tenant)),
)]
pub(crate) async fn create(State(api): State<Api>, body: Body) -> Result<Response, Problem> {
    let name = name(&body.read::<Tenant>()?.name)?;
    if !api.store.create_tenant(&name).await? {
        let detail = format!("there is a tenant {name} already");
        return Err(Problem::new(StatusCode::CONFLICT, detail).at("name"));
    }
    Ok(created(&format!("/tenants/{name}"), &Tenant::from(name)))
}
