//! What stands behind the question mark of an address.

use crate::error::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::store::{Name, Stretch};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;
use utoipa::IntoParams;

/// The name of the configuration that the demo and most directories have.
const DEFAULT_CONFIGURATION: &str = "default";

/// Entries of a page of a list, unless a limit is given, and at most.
const USUAL_ITEMS: usize = 100;
const MOST_ITEMS: usize = 1_000;
/// A name or an id is not longer.
const MOST_CURSOR_BYTES: usize = 64;

/// How a page of a list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `Parameters::stretch` reads")]
pub(crate) struct Paging {
    /// `next` of the page before.
    #[param(required = false)]
    cursor: String,
    /// Entries of the page; 100 where it is left out.
    #[param(required = false, minimum = 1, maximum = 1000)]
    limit: u32,
}

/// The parameters of a query, each once.
pub(crate) struct Parameters(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut parameters = HashMap::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = shown(&name);
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Problem::field(field, "this parameter is there twice; send it once"));
            }
        }
        Ok(Self(parameters))
    }
}

impl Parameters {
    /// Refuses parameters that the operation does not have.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.keys().filter(|name| !known.contains(&name.as_str())).min() {
            None => Ok(()),
            Some(name) => {
                let detail = format!("there is no such parameter; known are {}", known.join(", "));
                Err(Problem::field(shown(name), detail))
            }
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The part of a list that `cursor` and `limit` ask for; a cursor is a name or an id, whoever made it.
    pub(crate) fn stretch(&self) -> Result<Stretch, Problem> {
        self.only(&["cursor", "limit"])?;
        let is_sound = |cursor: &&str| {
            (1..=MOST_CURSOR_BYTES).contains(&cursor.len())
                && cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let after = self.text("cursor").map(|cursor| {
            let sound = Some(cursor).filter(is_sound).map(str::to_owned);
            sound.ok_or_else(|| {
                Problem::field("cursor", "send next as it came, or no cursor for the first page")
            })
        });
        Ok(Stretch { after: after.transpose()?, limit: self.limit(USUAL_ITEMS, MOST_ITEMS)? })
    }

    /// A number of entries from 1 to `most`.
    pub(crate) fn limit(&self, usual: usize, most: usize) -> Result<usize, Problem> {
        let Some(text) = self.text("limit") else { return Ok(usual) };
        let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| Problem::field("limit", format!("write a number from 1 to {most}")))
    }

    /// One of several words.
    pub(crate) fn word<T: DeserializeOwned>(&self, name: &str, words: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let word = serde_json::from_value(Value::from(text));
        word.map(Some).map_err(|_| Problem::field(name, format!("write one of {words}")))
    }

    /// The name of a configuration.
    pub(crate) fn configuration(&self) -> Result<Option<Name>, Problem> {
        let name = self.text("configuration").map(Name::new).transpose();
        name.map_err(|error| Problem::field("configuration", error.to_string()))
    }

    /// The same, where leaving it out means `default`.
    pub(crate) fn configuration_or_default(&self) -> Result<Name, Problem> {
        if let Some(name) = self.configuration()? {
            return Ok(name);
        }
        Name::new(DEFAULT_CONFIGURATION).map_err(|error| domain::Error::fault(error.to_string()).into())
    }
}

fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}
