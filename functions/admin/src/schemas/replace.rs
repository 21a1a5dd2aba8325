//! `PUT /tenants/{tenant}/directories/{directory}/schemas`

use super::undeclarable::problem;
use super::{all, sent};
use crate::Api;
use crate::answer::{List, json};
use crate::body::Body;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// Declare these schemas and resource types and no others
///
/// What else was declared is taken back. So a resource type goes together with its schema.
#[utoipa::path(
    put,
    path = "/tenants/{tenant}/directories/{directory}/schemas",
    operation_id = "replaceSchemas",
    tag = "schemas",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    request_body(content = ref("#/components/schemas/Declaration")),
    responses((status = 200, description = "All documents that are declared now", body = List<serde_json::Value>)),
)]
pub(crate) async fn replace(
    State(api): State<Api>,
    place: DirectoryPlace,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (documents, form) = sent(body)?;
    let id = &place.entry.id;
    let declared = api.store.declare_only(id, &documents).await;
    declared.map_err(|error| problem(error, form, documents.len()))?;
    Ok(json(StatusCode::OK, &all(&api.store, id).await?))
}
