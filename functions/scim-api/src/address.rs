//! The address that was called: absolute, on the host and the base path of the request (RFC 7643 §3.1).

use crate::error::Failure;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};

/// The last segments of every SCIM base.
pub(crate) const BASE_END: &str = "/scim/v2";

/// The SCIM base that was called, and by which host name.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// Scheme, host and path up to `/scim/v2`.
    pub(crate) base: String,
    /// The host without its port.
    pub(crate) host: String,
}

impl Address {
    /// That of a request.
    pub(crate) fn of(parts: &Parts) -> Result<Self, Failure> {
        let uri =
            parts.extensions.get::<axum::extract::OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let scheme = header("x-forwarded-proto").filter(|scheme| matches!(*scheme, "http" | "https"));
        let scheme = scheme.or(uri.scheme_str()).unwrap_or("http");
        let authority = header(header::HOST.as_str()).or(uri.authority().map(Authority::as_str));
        let missing = || Failure::new(StatusCode::BAD_REQUEST, "the Host header is missing");
        let authority = authority.ok_or_else(missing)?;
        let before = before_base(uri.path());
        let host = authority.parse::<Authority>().ok();
        // A dot at the end says that the name is whole, and changes nothing.
        let host =
            host.as_ref().map(|parsed| parsed.host().trim_end_matches('.')).unwrap_or_default().to_owned();
        Ok(Self { base: format!("{scheme}://{authority}{before}{BASE_END}"), host })
    }
}

/// What is in front of [`BASE_END`]: nothing, or `/t/{tenant}/{directory}`, whatever those are called.
fn before_base(path: &str) -> &str {
    let end = path.starts_with("/t/").then(|| path.match_indices('/').nth(3)).flatten();
    end.and_then(|(at, _)| path.get(..at)).unwrap_or_default()
}
