//! `GET /tenants`

use super::Tenant;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::parameters::{Paging, Parameters};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// Tenants, by name
#[utoipa::path(
    get,
    path = "/tenants",
    operation_id = "listTenants",
    tag = "tenants",
    params(Paging),
    responses((status = 200, description = "A page of them", body = List<Tenant>)),
)]
pub(crate) async fn list(State(api): State<Api>, parameters: Parameters) -> Result<Response, Problem> {
    let part = api.store.tenants(&parameters.stretch()?).await?;
    Ok(json(StatusCode::OK, &List::of(part.map(Tenant::from))))
}
