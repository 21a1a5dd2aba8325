//! What comes in: JSON bodies of a bounded size, whose members are all known.

use crate::error::Problem;
use crate::shape;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use domain::store::Name;
use http_body_util::LengthLimitError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The largest body that is read.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A JSON body.
pub(crate) struct Body(pub(crate) Value);

impl Body {
    /// The body as a `T`: members that are left out or null are as in its default, others are refused by name.
    pub(crate) fn read<T: Default + Serialize + DeserializeOwned>(self) -> Result<T, Problem> {
        let mut document = default_document::<T>()?;
        shape::check(&self.0, &document)?;
        shape::merge_onto_defaults(&mut document, self.0);
        serde_json::from_value(document)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))
    }
}

/// What a `T` looks like where nothing is said about it.
pub(crate) fn default_document<T: Default + Serialize>() -> Result<Value, Problem> {
    let document = serde_json::to_value(T::default());
    document.map_err(|error| domain::Error::fault(format!("a default as JSON: {error}")).into())
}

/// Takes the name out of a body, and leaves the rest.
///
/// # Errors
/// 400 if the body is no object, or its name no text.
pub(crate) fn take_name(body: &mut Value) -> Result<Option<String>, Problem> {
    let object = || Problem::new(StatusCode::BAD_REQUEST, "send a JSON object");
    match body.as_object_mut().ok_or_else(object)?.shift_remove("name") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => Ok(Some(name)),
        Some(_) => Err(Problem::field("name", "write a text")),
    }
}

/// The name that a body gives to what is created.
pub(crate) fn name(text: &str) -> Result<Name, Problem> {
    if text.is_empty() {
        return Err(Problem::field("name", "give it a name"));
    }
    Name::new(text).map_err(|error| Problem::field("name", error.to_string()))
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        expect_json(request.headers())?;
        let bytes = to_bytes(request.into_body(), MAX_BODY_BYTES).await.map_err(|error| unread(&error))?;
        // The words of the error tell the place, and nothing of what stands there.
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let detail = format!("the body is no JSON: {error}");
            Problem::new(StatusCode::BAD_REQUEST, detail)
        })?;
        Ok(Self(value))
    }
}

/// A body that went over the limit, or that broke off.
fn unread(error: &axum::Error) -> Problem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            let detail = format!("the body is larger than {MAX_BODY_BYTES} bytes");
            return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail);
        }
        cause = error.source();
    }
    Problem::new(StatusCode::BAD_REQUEST, "the body could not be read to its end")
}

/// `application/json`, a type that is built on it, or nothing at all, as some clients send.
fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(sent) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let media = sent.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let media = media.to_ascii_lowercase();
    let built_on_json = media.starts_with("application/") && media.ends_with("+json");
    if media.is_empty() || media == "application/json" || built_on_json {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the body as application/json"))
}
