//! Who calls: the bearer token names the directory (RFC 6750), and nothing else does. A path or a host name that
//! names one must agree.

use crate::Api;
use crate::address::{Address, BASE_END};
use crate::error::Failure;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::directory::Directory;
use domain::store::{Id, Name, Origin};
use domain::tenant::{Bearer, Token};
use std::sync::Arc;

/// The directory that the caller's token opens.
pub(crate) struct Session {
    /// The directory.
    pub(crate) directory: Directory,
    /// The user for whom the token stands, if it stands for one.
    pub(crate) user: Option<Id>,
}

impl Session {
    /// That of a request.
    pub(crate) async fn of(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let secret = bearer(&parts.headers)
            .ok_or_else(|| unauthorized("send the directory's token as: Authorization: Bearer <token>"))?;
        let token = match api.store.authenticate(secret).await? {
            Bearer::Known(token) => token,
            Bearer::Elsewhere(region) => return Err(elsewhere(api, &region)),
            Bearer::Unknown => return Err(unauthorized("the token is unknown, was revoked or has expired")),
        };
        let address = Address::of(parts)?;
        agree(&token, parts, api, &address).await?;
        api.limits.admit(&token.directory.tenant)?;
        let opened = api.store.open(&token.directory).await.map_err(|error| match error {
            domain::Error::NotFound => unauthorized("the directory of the token is gone"),
            other => other.into(),
        })?;
        let directory =
            Directory::new(Arc::clone(&api.store), opened, Origin::scim(&token.id), &address.base);
        Ok(Self { directory, user: token.user })
    }

    /// That of a request which may come without a token, as those for discovery may (RFC 7644 §4).
    pub(crate) async fn if_any(parts: &mut Parts, api: &Api) -> Result<Option<Self>, Failure> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        Self::of(parts, api).await.map(Some)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// The same answer whether or not the directory of the path or of the host exists.
async fn agree(token: &Token, parts: &mut Parts, api: &Api, address: &Address) -> Result<(), Failure> {
    let path = RawPathParams::from_request_parts(parts, api).await;
    let path = path.map_err(|_| Failure::new(StatusCode::NOT_FOUND, "the path is not valid UTF-8"))?;
    let same = path.iter().all(|(name, value)| match name {
        "tenant" => value == token.directory.tenant.as_str(),
        "directory" => value == token.directory.directory.as_str(),
        _ => true,
    });
    if !same {
        return Err(unauthorized("the token does not open the directory that the path names"));
    }
    match api.store.directory_of_host(&address.host).await? {
        Some(directory) if directory != token.directory => {
            Err(unauthorized("the token does not open the directory that the host name stands for"))
        }
        _ => Ok(()),
    }
}

/// O5: where to go with a token of another region. Not a redirection: a token is sent only where somebody chose to.
fn elsewhere(api: &Api, region: &Name) -> Failure {
    let base = api.regions.get(region).map(|origin| format!("{origin}{BASE_END}"));
    let detail = match &base {
        Some(base) => format!("the token is of the region {region}; set the SCIM base URL to {base}"),
        None => format!("the token is of the region {region}, which is not served here"),
    };
    Failure::new(StatusCode::MISDIRECTED_REQUEST, detail).located(base)
}

fn unauthorized(detail: &str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, detail)
}
