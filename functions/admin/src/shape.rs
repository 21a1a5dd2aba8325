//! JSON merge patches (RFC 7396), held against a document that has every member.
//!
//! A patch is looked at before it is merged: a member that is misspelt and null would otherwise vanish without a word.

use crate::error::Problem;
use serde_json::Value;

/// Characters of a name that an answer repeats.
const SHOWN_CHARS: usize = 64;

/// Refuses a patch with members that the document does not have, or of another kind. Null is taken for each of them.
///
/// # Errors
/// 400 with the field and what is expected there.
pub(crate) fn check(patch: &Value, document: &Value) -> Result<(), Problem> {
    if !patch.is_object() {
        return Err(Problem::new(axum::http::StatusCode::BAD_REQUEST, "send a JSON object"));
    }
    check_member("", patch, document)
}

fn check_member(path: &str, patch: &Value, document: &Value) -> Result<(), Problem> {
    match (patch, document) {
        // A member that is null in the document holds a text otherwise.
        (Value::Null, _)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::String(_), Value::String(_) | Value::Null) => Ok(()),
        (Value::Array(items), Value::Array(_)) => match items.iter().position(|item| !item.is_string()) {
            Some(at) => Err(Problem::field(format!("{path}[{at}]"), "write a text")),
            None => Ok(()),
        },
        (Value::Object(members), Value::Object(known)) => {
            for (name, value) in members {
                let Some(like) = known.get(name) else { return Err(unknown(path, name, known)) };
                check_member(&below(path, name), value, like)?;
            }
            Ok(())
        }
        (_, expected) => Err(Problem::field(path, expectation(expected))),
    }
}

fn unknown(path: &str, name: &str, known: &serde_json::Map<String, Value>) -> Problem {
    let shown: String = name.chars().take(SHOWN_CHARS).collect();
    let known: Vec<&str> = known.keys().map(String::as_str).collect();
    Problem::field(below(path, &shown), format!("there is no such member; known are {}", known.join(", ")))
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn expectation(like: &Value) -> &'static str {
    match like {
        Value::Bool(_) => "write true or false",
        Value::Array(_) => "write a list of texts",
        Value::Object(_) => "write a JSON object",
        Value::String(_) | Value::Null | Value::Number(_) => "write a text",
    }
}

/// Applies a merge patch (RFC 7396 §2).
pub(crate) fn merge(target: &mut Value, patch: Value) {
    let Value::Object(members) = patch else { return *target = patch };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(object) = target.as_object_mut() else { return };
    for (name, value) in members {
        if value.is_null() {
            object.shift_remove(&name);
        } else {
            merge(object.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// The same where null means the default, which the document has.
pub(crate) fn merge_onto_defaults(document: &mut Value, patch: Value) {
    if let (Some(object), Value::Object(members)) = (document.as_object_mut(), patch) {
        for (name, value) in members.into_iter().filter(|(_, value)| !value.is_null()) {
            merge(object.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn patches_are_merged_as_in_the_rfc() {
        for (target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, patch.clone());
            assert_eq!(merged, result, "{target} {patch}");
        }
    }
}
