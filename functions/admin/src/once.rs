//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a POST that comes again is answered as it was the
//! first time, and not done again.
//!
//! Only successes are kept: what was refused has changed nothing, and may be sent again with the same key.

use crate::error::Problem;
use crate::files::{self, Near};
use crate::{Api, MAX_BODY_BYTES, place};
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::error::Causes;
use domain::tenant::{Repeatable, Repetition, Turn};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The header.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Characters of a key at most.
const MAX_KEY_CHARS: usize = 255;
/// What is kept of the headers of an answer.
const KEPT: [HeaderName; 4] = [header::CONTENT_TYPE, header::CACHE_CONTROL, header::ETAG, header::LOCATION];

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
enum Kept {
    /// To be sent again.
    Whole { status: u16, headers: Vec<(String, String)>, body: String },
    /// Not to be sent again; says why.
    Withheld(String),
}

/// Carries out a POST once, if it bears a key.
pub(crate) async fn once(State(api): State<Api>, request: Request, next: Next) -> Result<Response, Problem> {
    if request.method() != Method::POST {
        return Ok(next.run(request).await);
    }
    let Some(key) = key(request.headers())? else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let most = api.upload_bytes.max(MAX_BODY_BYTES as u64);
    let near = files::near(body, most).await?;
    let tenant = place::tenant(&mut parts, &api).await?;
    let repeatable = Repeatable { tenant, key, fingerprint: fingerprint(&parts, &near) };
    match api.store.repetition(&repeatable).await? {
        Repetition::First(turn) => {
            let response = next.run(Request::from_parts(parts, files::body(near.file))).await;
            keep(&api, &repeatable, &turn, response).await
        }
        Repetition::Answered(answer) => again(&answer),
        Repetition::Running => {
            let detail =
                "the request with this Idempotency-Key is still being carried out; wait and repeat it";
            Err(Problem::new(StatusCode::CONFLICT, detail))
        }
        Repetition::Other => {
            let detail =
                "this Idempotency-Key was sent with another request; choose a new key for each request";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail))
        }
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| {
        (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match (key, keys.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => {
            let detail = "send one Idempotency-Key of 1 to 255 visible ASCII characters without blanks";
            Err(Problem::new(StatusCode::BAD_REQUEST, detail).at(IDEMPOTENCY_KEY))
        }
    }
}

/// Where the request goes, and what it brings.
fn fingerprint(parts: &Parts, near: &Near) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    let place = uri.path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str);
    let hash = Sha256::new().chain_update(parts.method.as_str()).chain_update([0]).chain_update(place);
    let hash = hash.chain_update([0]).chain_update(near.sha256).finalize();
    let mut text = String::with_capacity(64);
    for byte in hash {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Keeps an answer and hands it on.
async fn keep(
    api: &Api,
    repeatable: &Repeatable,
    turn: &Turn,
    response: Response,
) -> Result<Response, Problem> {
    if !response.status().is_success() {
        if let Err(error) = api.store.forget_request(repeatable, turn).await {
            tracing::error!(error = %Causes(&error), "a request is not forgotten");
        }
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| domain::Error::fault(error.to_string()))?;
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).unwrap_or_default();
    let headers = KEPT.iter().filter_map(|name| Some((name.to_string(), text(parts.headers.get(name)?))));
    let whole = Kept::Whole {
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let kept = secret(&body).map_or(whole, Kept::Withheld);
    // The request is carried out, whether or not that can be written down.
    if let Err(error) = write_down(api, repeatable, turn, &kept).await {
        tracing::error!(error = %Causes(&error), "an answer is not kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

async fn write_down(
    api: &Api,
    repeatable: &Repeatable,
    turn: &Turn,
    kept: &Kept,
) -> Result<(), domain::Error> {
    if api.store.keep_answer(repeatable, turn, &serde_json::to_string(kept)?).await? {
        return Ok(());
    }
    let words =
        "this was carried out already, and its answer is too large to be kept; GET shows what there is now";
    let kept = serde_json::to_string(&Kept::Withheld(words.to_owned()))?;
    api.store.keep_answer(repeatable, turn, &kept).await.map(drop)
}

/// What is said instead of an answer that holds a secret.
fn secret(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    answer.get("secret")?;
    let id = answer.get("id").and_then(Value::as_str).unwrap_or_default();
    Some(format!(
        "this was carried out already: the token has the id {id}; its secret was told then and is not kept, so revoke it \
         and make another one if the answer was lost"
    ))
}

/// The answer of the first time.
fn again(kept: &str) -> Result<Response, Problem> {
    match serde_json::from_str(kept).map_err(domain::Error::from)? {
        Kept::Withheld(words) => Err(Problem::new(StatusCode::CONFLICT, words)),
        Kept::Whole { status, headers, body } => {
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
            let pairs = headers.iter().filter_map(|(name, value)| {
                Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
            });
            response.headers_mut().extend(pairs);
            Ok(response)
        }
    }
}
