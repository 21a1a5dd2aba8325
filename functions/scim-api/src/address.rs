//! Addresses of resources: absolute, and on the base path that was called (RFC 7643 §3.1).

use crate::error::Failure;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use domain::store::Kind;

/// The last segments of every SCIM base.
const BASE_END: &str = "/scim/v2";

/// The SCIM base that was called.
#[derive(Debug, Clone)]
pub(crate) struct Base(String);

impl Base {
    /// The address of an endpoint.
    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }

    /// The address of a user or a group.
    pub(crate) fn resource(&self, kind: Kind, id: &str) -> String {
        format!("{}/{}s/{id}", self.0, kind.resource_type())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Base {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let uri =
            parts.extensions.get::<axum::extract::OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let scheme = header("x-forwarded-proto").filter(|scheme| matches!(*scheme, "http" | "https"));
        let scheme = scheme.or(uri.scheme_str()).unwrap_or("http");
        let host = header(header::HOST.as_str()).or(uri.authority().map(Authority::as_str));
        let host = host.ok_or_else(|| Failure::new(StatusCode::BAD_REQUEST, "the Host header is missing"))?;
        let before = uri.path().split_once(BASE_END).map_or("", |(before, _)| before);
        Ok(Self(format!("{scheme}://{host}{before}{BASE_END}")))
    }
}
