//! What stands behind the question mark of an address.

use crate::error::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::store::Name;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;

/// The name of the configuration that the demo and most directories have.
const DEFAULT_CONFIGURATION: &str = "default";

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
