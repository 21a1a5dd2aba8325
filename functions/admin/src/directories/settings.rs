//! Settings as a body says them, whole or in part.

use crate::body::default_document;
use crate::error::Problem;
use crate::shape;
use axum::http::StatusCode;
use domain::Error;
use domain::tenant::{Profile, Settings};
use scim::schema::Registry;
use serde_json::{Value, json};

/// The settings that a merge patch (RFC 7396) makes of these: a member that it sets to null is as if nothing had ever
/// been said about it; `default_access_level` is none then.
///
/// # Errors
/// 400 with the field, for members that are not known, of another kind, or not possible in this registry.
pub(super) fn patched(current: &Settings, patch: &Value, registry: &Registry) -> Result<Settings, Problem> {
    shape::check(patch, &default_document::<Settings>()?)?;
    if let Some(profile) = patch.get("profile").filter(|profile| !profile.is_null()) {
        serde_json::from_value::<Profile>(profile.clone())
            .map_err(|_| Problem::field("profile", "write standard, entra or strict"))?;
    }
    let mut document = serde_json::to_value(current).map_err(Error::from)?;
    shape::merge(&mut document, patch.clone());
    if let Some(policies) = document.get_mut("policies").and_then(Value::as_object_mut) {
        policies.entry("default_access_level").or_insert(json!(null));
    }
    let settings: Settings = serde_json::from_value(document).map_err(Error::from)?;
    Ok(settings.checked(registry)?)
}

/// What keeps settings that are in order from being kept.
pub(super) fn unkept(error: Error) -> Problem {
    match error {
        Error::NotUnique { .. } => {
            let detail =
                "one of these hosts leads to another directory already; a host leads to one directory only";
            Problem::new(StatusCode::CONFLICT, detail).at("hosts")
        }
        Error::TooLarge(_) => {
            let detail = "the settings of a directory have at most 400 KB; shorten the longest list";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        }
        error => error.into(),
    }
}

/// A refusal, told apart from what the store says.
pub(super) struct Unkept(pub(super) Problem);

impl From<Error> for Unkept {
    fn from(error: Error) -> Self {
        Self(unkept(error))
    }
}
