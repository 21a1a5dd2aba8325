//! `GET /tenants`

use super::Tenant;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// All tenants, by name
#[utoipa::path(
    get,
    path = "/tenants",
    operation_id = "listTenants",
    tag = "tenants",
    responses((status = 200, description = "All tenants", body = List<Tenant>)),
)]
pub(crate) async fn list(State(api): State<Api>) -> Result<Response, Problem> {
    let names = api.store.names(None).await?;
    Ok(json(StatusCode::OK, &List::whole(names.into_iter().map(Tenant::from).collect())))
}
