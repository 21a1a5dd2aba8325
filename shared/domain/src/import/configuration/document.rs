//! A document as somebody has sent it, and where it is wrong.

use super::Configuration;
use crate::store::Name;
use crate::tenant::InvalidSetting;
use serde_json::{Map, Value, json};

/// Characters of words of a parser that an answer repeats.
const SHOWN_CHARS: usize = 256;
/// Characters of a member's name that an answer repeats.
const NAME_CHARS: usize = 64;
/// The members of a document, as a test holds them against one.
const MEMBERS: [&str; 13] = [
    "name",
    "source",
    "decryption",
    "format",
    "mapping",
    "match_on",
    "mode",
    LIMITS,
    "access_level",
    "application",
    "schedule",
    "notifications",
    "test_mode",
];
const FORMAT: [&str; 5] = ["delimiter", "encoding", "columns", "skip_lines", "empty_cells"];
const LIMIT: [&str; 3] = ["removals_percent", "removals_count", "rejected_percent"];
const NOTIFICATION: [&str; 2] = ["recipients", "on"];
/// The member whose nulls mean something.
const LIMITS: &str = "limits";

impl Configuration {
    /// The configuration of this name that a document describes, checked. Members that are left out or null have their
    /// defaults; null for a limit means that there is none.
    ///
    /// # Errors
    /// The member that is wrong, with what is expected there.
    pub fn from_document(name: &Name, document: Map<String, Value>) -> Result<Self, InvalidSetting> {
        Self::check_members(&document)?;
        let document = prepared(name, document);
        match serde_json::from_value::<Self>(Value::Object(document.clone())) {
            Ok(configuration) => configuration.checked(),
            Err(error) => Err(culprit(name, document, &error)),
        }
    }

    /// Refuses members that no configuration has, whatever they hold: one that is misspelt and null would otherwise
    /// vanish without a word.
    ///
    /// # Errors
    /// The member, with those that there are.
    pub fn check_members(document: &Map<String, Value>) -> Result<(), InvalidSetting> {
        check_known("", document, &MEMBERS)?;
        for (member, known) in [
            ("format", FORMAT.as_slice()),
            (LIMITS, LIMIT.as_slice()),
            ("notifications", NOTIFICATION.as_slice()),
        ] {
            if let Some(Value::Object(parts)) = document.get(member) {
                check_known(member, parts, known)?;
            }
        }
        Ok(())
    }

    /// The document, as an object.
    ///
    /// # Errors
    /// None for what came from a document.
    pub fn to_document(&self) -> Result<Map<String, Value>, crate::Error> {
        match serde_json::to_value(self)? {
            Value::Object(members) => Ok(members),
            _ => Err(crate::Error::fault("a configuration that is no object")),
        }
    }
}

/// Without the nulls that stand for a default, and with its name.
fn prepared(name: &Name, mut document: Map<String, Value>) -> Map<String, Value> {
    document.retain(|_, value| !value.is_null());
    for (member, value) in &mut document {
        if let Value::Object(inner) = value
            && member != LIMITS
        {
            inner.retain(|_, value| !value.is_null());
        }
    }
    document.insert("name".to_owned(), Value::from(name.as_str()));
    document
}

/// Looks for the member that a parser has stumbled over: each is tried alone, and so are those within it.
fn culprit(name: &Name, document: Map<String, Value>, error: &serde_json::Error) -> InvalidSetting {
    for (member, value) in document {
        if let Err(error) = alone(name, &member, value.clone()) {
            return within(name, &member, value, &error);
        }
    }
    invalid(String::new(), &error.to_string())
}

/// The part of a member that is wrong, or the member itself.
fn within(name: &Name, member: &str, value: Value, error: &serde_json::Error) -> InvalidSetting {
    let part = match value {
        Value::Object(parts) if member != "source" => parts.into_iter().find_map(|(part, value)| {
            let mut only = Map::new();
            only.insert(part.clone(), value);
            let error = alone(name, member, Value::Object(only)).err()?;
            Some(invalid(format!("{member}.{}", shown(&part, NAME_CHARS)), &error.to_string()))
        }),
        Value::Array(items) => items.into_iter().enumerate().find_map(|(at, item)| {
            let error = alone(name, member, json!([item])).err()?;
            Some(invalid(format!("{member}[{at}]"), &error.to_string()))
        }),
        _ => None,
    };
    part.unwrap_or_else(|| invalid(member.to_owned(), &error.to_string()))
}

/// Whether a document with this member alone beside its name can be read.
fn alone(name: &Name, member: &str, value: Value) -> Result<(), serde_json::Error> {
    let mut document = Map::new();
    document.insert(member.to_owned(), value);
    document.insert("name".to_owned(), Value::from(name.as_str()));
    serde_json::from_value::<Configuration>(Value::Object(document)).map(drop)
}

fn check_known(path: &str, members: &Map<String, Value>, known: &[&str]) -> Result<(), InvalidSetting> {
    let Some(member) = members.keys().find(|member| !known.contains(&member.as_str())) else { return Ok(()) };
    let field = if path.is_empty() { String::new() } else { format!("{path}.") } + &shown(member, NAME_CHARS);
    Err(invalid(field, &format!("there is no such member; known are {}", known.join(", "))))
}

fn invalid(field: String, detail: &str) -> InvalidSetting {
    InvalidSetting { field, detail: shown(detail, SHOWN_CHARS) }
}

fn shown(text: &str, chars: usize) -> String {
    let mut shown: String = text.chars().take(chars).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::Notifications;
    use super::*;

    #[test]
    fn the_members_are_those_of_the_document() {
        let name = Name::new("default").unwrap();
        let whole =
            Configuration { notifications: Some(Notifications::default()), ..Configuration::upload(name) };
        let document = whole.to_document().unwrap();
        let of = |members: &Map<String, Value>| members.keys().cloned().collect::<Vec<_>>();
        let within = |member: &str| of(document[member].as_object().unwrap());
        assert_eq!(of(&document), MEMBERS);
        assert_eq!(within("format"), FORMAT);
        assert_eq!(within(LIMITS), LIMIT);
        assert_eq!(within("notifications"), NOTIFICATION);
    }
}
