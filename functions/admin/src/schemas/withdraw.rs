//! `DELETE /tenants/{tenant}/directories/{directory}/schemas/{name}`

use super::undeclarable::{Sent, problem};
use crate::Api;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use domain::tenant::declared_name;

/// Take a declared schema or resource type back
///
/// Refused while there are resources that it describes, or while another document needs it.
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}/directories/{directory}/schemas/{name}",
    operation_id = "withdrawSchema",
    tag = "schemas",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The URN of a schema, or the name of a resource type, in any case"),
    ),
    responses((status = 204, description = "The document is no longer declared")),
)]
pub(crate) async fn withdraw(State(api): State<Api>, place: DirectoryPlace) -> Result<StatusCode, Problem> {
    let (id, name) = (&place.entry.id, place.below.to_lowercase());
    let declared = api.store.declarations(id).await?;
    if !declared.iter().any(|document| declared_name(document).as_ref() == Some(&name)) {
        return Err(Problem::absent(
            "no schema of this URN and no resource type of this name is declared here",
        ));
    }
    let withdrawn = api.store.declare(id, &[], &[name]).await;
    withdrawn.map_err(|error| problem(error, Sent::Nothing, 0))?;
    Ok(StatusCode::NO_CONTENT)
}
