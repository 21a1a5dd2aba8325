//! Who calls: the bearer token names the directory (RFC 6750), and nothing else does.

use crate::Api;
use crate::error::Failure;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::directory::Directory;
use domain::store::Origin;
use domain::tenant::Token;
use std::sync::Arc;

/// The directory that the caller's token opens.
pub(crate) struct Session(pub(crate) Directory);

impl FromRequestParts<Api> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let secret = bearer(&parts.headers)
            .ok_or_else(|| unauthorized("send the directory's token as: Authorization: Bearer <token>"))?;
        let unknown = || unauthorized("the token is unknown or was revoked");
        let token = api.tokens.authenticate(secret).await?.ok_or_else(unknown)?;
        let path = RawPathParams::from_request_parts(parts, api).await;
        let path = path.map_err(|_| Failure::new(StatusCode::NOT_FOUND, "the path is not valid UTF-8"))?;
        if !agrees(&token, &path) {
            return Err(unauthorized("the token does not open the directory that the path names"));
        }
        let origin = Origin::scim(&token.id);
        Ok(Self(Directory::new(Arc::clone(&api.store), Arc::clone(&api.registry), token.directory, origin)))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// The same answer whether or not the directory of the path exists.
fn agrees(token: &Token, path: &RawPathParams) -> bool {
    path.iter().all(|(name, value)| match name {
        "tenant" => value == token.directory.tenant.as_str(),
        "directory" => value == token.directory.directory.as_str(),
        _ => true,
    })
}

fn unauthorized(detail: &str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, detail)
}
