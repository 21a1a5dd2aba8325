//! `GET /tenants/{tenant}/directories/{directory}/tokens`

use super::Token;
use crate::Api;
use crate::answer::{List, json};
use crate::error::Problem;
use crate::parameters::{Paging, Parameters};
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// Tokens of a directory, oldest first, expired ones too
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/tokens",
    operation_id = "listTokens",
    tag = "tokens",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        Paging,
    ),
    responses((status = 200, description = "A page of them, without their secrets", body = List<Token>)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    place: DirectoryPlace,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let part = api.store.tokens(&place.entry.id, &parameters.stretch()?).await?;
    Ok(json(StatusCode::OK, &List::of(part.map(Token::from))))
}
