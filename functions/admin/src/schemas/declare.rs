//! `POST /tenants/{tenant}/directories/{directory}/schemas`

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

/// Declare schemas and resource types
///
/// All documents of a request are declared, or none. One takes the place of that of the same URN or, for a resource
/// type, of the same name. While there are resources of a type, its attributes may be added to, but none may go.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/schemas",
    operation_id = "declareSchemas",
    tag = "schemas",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    request_body(content = ref("#/components/schemas/Declaration")),
    responses((status = 200, description = "All documents that are declared now", body = List<serde_json::Value>)),
)]
pub(crate) async fn declare(
    State(api): State<Api>,
    place: DirectoryPlace,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (documents, form) = sent(body)?;
    let id = &place.entry.id;
    let declared = api.store.declare(id, &documents, &[]).await;
    declared.map_err(|error| problem(error, form, documents.len()))?;
    Ok(json(StatusCode::OK, &all(&api.store, id).await?))
}
