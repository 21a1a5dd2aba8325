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
const MEMBERS: [&str; 14] = [
    "name",
    "source",
    "decryption",
    "pgp",
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
const NOTIFICATION: [&str; 4] = ["recipients", "on", "language", "rejected_percent"];
const PGP: [&str; 2] = ["signatures", "signers"];
const SCHEDULE: [&str; 6] = ["days", "time", "timezone", "enabled", "paused_until", "except"];
const SFTP: [&str; 8] =
    ["kind", "url", AUTHENTICATION, "host_keys", "legacy_algorithms", "marker", "after", "date_offset_days"];
const ACCOUNT: [&str; 5] = ["kind", "username", "password", "private_key", "passphrase"];
/// The member of a source that says who asks.
const AUTHENTICATION: &str = "authentication";
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
            ("pgp", PGP.as_slice()),
            ("schedule", SCHEDULE.as_slice()),
        ] {
            if let Some(Value::Object(parts)) = document.get(member) {
                check_known(member, parts, known)?;
            }
        }
        match document.get("source") {
            Some(Value::Object(source)) => check_source(source),
            _ => Ok(()),
        }
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

fn check_source(source: &Map<String, Value>) -> Result<(), InvalidSetting> {
    if source.get("kind").and_then(Value::as_str) == Some("sftp") {
        check_known("source", source, &SFTP)?;
    }
    match source.get(AUTHENTICATION) {
        Some(Value::Object(account)) => check_known("source.authentication", account, &ACCOUNT),
        _ => Ok(()),
    }
}

/// A member in order, with the parts that it cannot do without: each part of another one is tried in it.
fn sample(member: &str) -> Value {
    match member {
        "schedule" => json!({ "time": "00:00", "timezone": "UTC" }),
        "source" => json!({ "kind": "sftp", "url": "sftp://h/f", AUTHENTICATION: sample(AUTHENTICATION) }),
        AUTHENTICATION => json!({ "kind": "password", "username": "u" }),
        _ => json!({}),
    }
}

/// The part of a member that is wrong, or the member itself.
fn within(name: &Name, member: &str, value: Value, error: &serde_json::Error) -> InvalidSetting {
    let part = match value {
        Value::Object(parts) => parts.clone().into_iter().find_map(|(part, value)| {
            let is_upload = parts.get("kind").and_then(Value::as_str) == Some("upload");
            let mut tried = if is_upload { json!({ "kind": "upload" }) } else { sample(member) };
            tried[&part] = value.clone();
            let error = alone(name, member, tried).err()?;
            let path = format!("{member}.{}", shown(&part, NAME_CHARS));
            let deeper = (part == AUTHENTICATION).then(|| within_account(name, &path, &value)).flatten();
            Some(deeper.unwrap_or_else(|| invalid(path, &error.to_string())))
        }),
        Value::Array(items) => items.into_iter().enumerate().find_map(|(at, item)| {
            let error = alone(name, member, json!([item])).err()?;
            Some(invalid(format!("{member}[{at}]"), &error.to_string()))
        }),
        _ => None,
    };
    part.unwrap_or_else(|| invalid(member.to_owned(), &error.to_string()))
}

fn within_account(name: &Name, path: &str, account: &Value) -> Option<InvalidSetting> {
    account.as_object()?.iter().find_map(|(part, value)| {
        let mut source = sample("source");
        source[AUTHENTICATION][part] = value.clone();
        let error = alone(name, "source", source).err()?;
        Some(invalid(format!("{path}.{}", shown(part, NAME_CHARS)), &error.to_string()))
    })
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
    use super::*;

    #[test]
    fn the_members_are_those_of_the_document() {
        let name = Name::new("default").unwrap();
        let mut whole =
            json!({ "notifications": {}, "pgp": {}, "decryption": "pgp", "source": sample("source") });
        whole["schedule"] = sample("schedule");
        let Value::Object(whole) = whole else { panic!("no object") };
        let document = Configuration::from_document(&name, whole).unwrap().to_document().unwrap();
        let of = |members: &Map<String, Value>| members.keys().cloned().collect::<Vec<_>>();
        let within = |member: &str| of(document[member].as_object().unwrap());
        assert_eq!(of(&document), MEMBERS);
        assert_eq!(within("format"), FORMAT);
        assert_eq!(within(LIMITS), LIMIT);
        assert_eq!(within("notifications"), NOTIFICATION);
        assert_eq!(within("pgp"), PGP);
        assert_eq!(within("schedule"), SCHEDULE);
        assert_eq!(within("source"), SFTP);
        assert_eq!(of(document["source"][AUTHENTICATION].as_object().unwrap()), ACCOUNT);
    }
}
