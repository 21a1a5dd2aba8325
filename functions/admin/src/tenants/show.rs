//! `GET /tenants/{tenant}`

use super::Tenant;
use crate::answer::json;
use crate::place::TenantPlace;
use axum::http::StatusCode;
use axum::response::Response;

/// One tenant
#[utoipa::path(
    get,
    path = "/tenants/{tenant}",
    operation_id = "getTenant",
    tag = "tenants",
    params(("tenant" = String, Path, description = "The tenant's name")),
    responses((status = 200, description = "The tenant", body = Tenant)),
)]
pub(crate) async fn show(TenantPlace(name): TenantPlace) -> Response {
    json(StatusCode::OK, &Tenant::from(name))
}
