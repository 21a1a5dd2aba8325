//! `GET /tenants/{tenant}/directories/{directory}/tokens`

use super::Token;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// All tokens of a directory, oldest first, expired ones too
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/tokens",
    operation_id = "listTokens",
    tag = "tokens",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    responses((status = 200, description = "All tokens, without their secrets", body = List<Token>)),
)]
pub(crate) async fn list(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let tokens = api.store.tokens(&place.entry.id).await?;
    Ok(json(StatusCode::OK, &List::whole(tokens.into_iter().map(Token::from).collect())))
}
