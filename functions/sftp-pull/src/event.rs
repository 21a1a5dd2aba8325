//! The event: which configuration is to be looked after, or that all are.

use domain::store::{DirectoryId, Name};
use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Do what is due for this configuration.
    Attend(Place),
    /// Go the way of a pull, and answer with what was seen.
    TestAccess(Place),
    /// Do what is due for any configuration: what was missed, what is looked for again, what a worker that died has left.
    Watch(bool),
}

/// A configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its tenant.
    pub tenant: Name,
    /// Its directory.
    pub directory: Name,
    /// Its name.
    pub configuration: Name,
}

impl Place {
    /// The directory.
    pub fn id(&self) -> DirectoryId {
        DirectoryId::new(self.tenant.clone(), self.directory.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_or_refused() {
        let place = r#"{"tenant":"acme","directory":"people","configuration":"nightly"}"#;
        for (text, good) in [
            (format!(r#"{{"attend":{place}}}"#), true),
            (format!(r#"{{"test-access":{place}}}"#), true),
            (r#"{"watch":true}"#.to_owned(), true),
            (r#"{"watch":{}}"#.to_owned(), false),
            (r#"{"attend":{"tenant":"a/b","directory":"c","configuration":"d"}}"#.to_owned(), false),
            (r#"{"attend":{"tenant":"a","directory":"c"}}"#.to_owned(), false),
            ("{}".to_owned(), false),
            ("null".to_owned(), false),
        ] {
            assert_eq!(serde_json::from_str::<Event>(&text).is_ok(), good, "{text}");
        }
    }
}
