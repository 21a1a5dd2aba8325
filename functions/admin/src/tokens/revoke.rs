//! `DELETE /tenants/{tenant}/directories/{directory}/tokens/{id}`

use crate::Api;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;

/// Characters of an id at most; longer ones are nobody's, and no key.
const MAX_ID_CHARS: usize = 64;

/// Revoke a token
///
/// It opens nothing from then on, in other processes within a minute.
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}/directories/{directory}/tokens/{id}",
    operation_id = "revokeToken",
    tag = "tokens",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("id" = String, Path, description = "The token's id"),
    ),
    responses((status = 204, description = "The token is no more")),
)]
pub(crate) async fn revoke(State(api): State<Api>, place: DirectoryPlace) -> Result<StatusCode, Problem> {
    let id = &place.below;
    let possible = id.len() <= MAX_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if possible && api.store.revoke_token(&place.entry.id, id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::absent("this directory has no such token"))
}
