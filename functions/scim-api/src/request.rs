//! What comes in: bodies and query strings, bounded and as tolerant as clients need.

use crate::answer::SCIM_JSON;
use crate::error::Failure;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use domain::directory::{Directory, Versions};
use http_body_util::LengthLimitError;
use scim::tolerance::Quirk;
use serde_json::Value;

/// The largest body that is read: 80,000 members of a group, and as much as reaches a Lambda function.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// A body with its media type.
pub(crate) struct Body {
    bytes: Bytes,
    media: Option<HeaderValue>,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let media = request.headers().get(header::CONTENT_TYPE).cloned();
        let bytes = to_bytes(request.into_body(), MAX_BODY_BYTES).await.map_err(|error| unread(&error))?;
        Ok(Self { bytes, media })
    }
}

impl Body {
    /// The JSON of the body, sent with a media type that the directory takes.
    pub(crate) fn of(&self, directory: &Directory) -> Result<Value, Failure> {
        let tolerances = directory.opened().profile().tolerances();
        expect_json(self.media.as_ref(), tolerances.allows(Quirk::MediaType))?;
        serde_json::from_slice(&self.bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Failure::syntax(format!(
                "the body is not valid JSON: {:?} error at line {line} column {column}",
                error.classify()
            ))
        })
    }
}

/// A body that went over the limit, or that broke off.
fn unread(error: &axum::Error) -> Failure {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            let detail = format!("the body is larger than {MAX_BODY_BYTES} bytes");
            return Failure::new(StatusCode::PAYLOAD_TOO_LARGE, detail);
        }
        cause = error.source();
    }
    Failure::syntax("the body could not be read to its end")
}

/// `application/scim+json` or `application/json` (RFC 7644 §3.1); where it is forgiven also nothing at all, as some
/// clients send.
fn expect_json(sent: Option<&HeaderValue>, forgiven: bool) -> Result<(), Failure> {
    let media = sent.map(|sent| sent.to_str().unwrap_or("?")).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    let taken = [SCIM_JSON, "application/json"].iter().any(|known| media.eq_ignore_ascii_case(known));
    if taken || (forgiven && media.is_empty()) {
        return Ok(());
    }
    let detail = format!("send the body as {SCIM_JSON}");
    Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

/// The entity tags of a header, if it is there.
pub(crate) fn versions(headers: &HeaderMap, name: header::HeaderName) -> Option<Versions> {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| Versions::parse(&values.join(",")))
}

/// The query string; parameters that nobody asks for are ignored.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a URL.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// The members of a search request (RFC 7644 §3.4.3), as if they stood in a query string.
    pub(crate) fn of_search(body: &Value) -> Result<Self, Failure> {
        let members = body.as_object().ok_or_else(|| Failure::syntax("a search request is a JSON object"))?;
        let mut parameters = Vec::with_capacity(members.len());
        for (name, value) in members {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
                other => other.to_string(),
            };
            parameters.push((name.clone(), text));
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter, whose name is compared without regard to case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of_query(parts.uri.query()))
    }
}
