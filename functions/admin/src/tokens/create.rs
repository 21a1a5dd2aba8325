//! `POST /tenants/{tenant}/directories/{directory}/tokens`

use super::{SCIM, Token};
use crate::Api;
use crate::answer::created;
use crate::body::Body;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::response::Response;
use domain::Error;
use domain::store::Id;
use domain::tenant::TokenTerms;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kinds that the interface names and this version does not make.
const LATER: [&str; 2] = ["application", "administrator"];

/// What a token is to be.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct NewToken {
    /// `scim`: opens the directory for an identity provider.
    #[schema(examples("scim"))]
    kind: String,
    /// The id of a user of the directory: the token then opens `/Me` and nothing else.
    #[schema(required = false)]
    user: Option<String>,
    /// From when on it opens nothing, as in RFC 3339.
    #[schema(required = false, format = DateTime)]
    expires_at: Option<String>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeToken {
    id: String,
    /// Opens the directory. It is told now and never again.
    secret: String,
    kind: &'static str,
    user: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Make a token
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/tokens",
    operation_id = "createToken",
    tag = "tokens",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    request_body = NewToken,
    responses((status = 201, description = "The token with its secret", body = MadeToken)),
)]
pub(crate) async fn create(
    State(api): State<Api>,
    place: DirectoryPlace,
    body: Body,
) -> Result<Response, Problem> {
    let wanted = body.read::<NewToken>()?;
    check_kind(&wanted.kind)?;
    let user = wanted.user.as_deref().map(|user| Id::parse(user).ok_or_else(no_such_user)).transpose()?;
    let expires = wanted.expires_at.as_deref().map(time).transpose()?;
    if expires.is_some_and(|expires| api.store.has_passed(expires)) {
        return Err(Problem::field(
            "expires_at",
            "this moment is over; choose one to come, or null for none",
        ));
    }
    let id = &place.entry.id;
    let made =
        api.store.create_token_on(id, TokenTerms { user, expires }).await.map_err(|error| match error {
            Error::NotFound => no_such_user(),
            error => error.into(),
        })?;
    let Token { id: token, kind, user, created_at, expires_at } = made.token.into();
    let path = format!("/tenants/{}/directories/{}/tokens/{token}", id.tenant, id.directory);
    Ok(created(&path, &MadeToken { id: token, secret: made.secret, kind, user, created_at, expires_at }))
}

fn check_kind(kind: &str) -> Result<(), Problem> {
    if kind == SCIM {
        return Ok(());
    }
    if LATER.contains(&kind) {
        let detail = format!("tokens of the kind {kind} are not part of this version; write scim");
        return Err(Problem::field("kind", detail));
    }
    Err(Problem::field("kind", "write scim, the kind of token that identity providers use"))
}

fn no_such_user() -> Problem {
    Problem::field("user", "write the id of a user of this directory, or null for a token of the directory")
}

fn time(text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|_| {
        Problem::field(
            "expires_at",
            "write a moment as in RFC 3339, such as 2030-01-31T12:00:00Z, or null for none",
        )
    })
}
