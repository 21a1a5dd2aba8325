//! Who calls: the operator, who has the key (RFC 6750). The deployment knows its hash only.

use crate::Api;
use crate::error::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The SHA-256 of the operator's key.
#[derive(Clone, Copy)]
pub(crate) struct KeyHash([u8; 32]);

/// The SHA-256 of a key, as [`Api::new`] takes it.
pub fn sha256(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

impl KeyHash {
    pub(crate) fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// Whether this is the key. The time that it takes tells nothing of the key, nor how much of it is right.
    fn is_of(self, key: &str) -> bool {
        sha256(key).ct_eq(&self.0).into()
    }
}

/// Lets a request pass that bears the operator's key.
pub(crate) async fn demand(
    State(api): State<Api>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(key) = bearer(request.headers()) else {
        return Err(unauthorized("send the operator's key as: Authorization: Bearer <key>"));
    };
    if !api.key.is_of(key) {
        return Err(unauthorized("this is not the operator's key"));
    }
    Ok(next.run(request).await)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, detail)
}
