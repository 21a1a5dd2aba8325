//! References to what another operation of the same request creates (RFC 7644 section 3.7.2): `bulkId:qwerty`.
//!
//! Recursion is as deep as the data, and whoever parsed that has bounded it.

use crate::Document;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The `bulkId` that a text refers to.
pub(super) fn referred(text: &str) -> Option<&str> {
    text.strip_prefix("bulkId:").filter(|bulk_id| !bulk_id.is_empty())
}

/// The `bulkId`s to which texts anywhere in the data refer, as often as they do.
pub fn references(data: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    any(data, &mut |bulk_id| {
        found.push(bulk_id);
        false
    });
    found
}

/// Whether any reference passes the test; they are tried in their order until one does.
fn any<'d>(data: &'d Value, test: &mut dyn FnMut(&'d str) -> bool) -> bool {
    match data {
        Value::String(text) => referred(text).is_some_and(test),
        Value::Array(elements) => elements.iter().any(|element| any(element, test)),
        Value::Object(map) => map.values().any(|value| any(value, test)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The data with the id of the resource, given by its `bulkId`, in the place of each reference. The error is a
/// `bulkId` that has no id: its operation failed, comes later, or is not in the request.
#[expect(clippy::implicit_hasher, reason = "clients choose the keys, and this hasher withstands them")]
pub fn resolve(data: &Value, ids: &HashMap<String, String>) -> Result<Value, String> {
    Ok(match data {
        Value::String(text) => match referred(text) {
            Some(bulk_id) => Value::String(ids.get(bulk_id).ok_or_else(|| bulk_id.to_owned())?.clone()),
            None => data.clone(),
        },
        Value::Array(elements) => {
            Value::Array(elements.iter().map(|element| resolve(element, ids)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let resolved = map.iter().map(|(name, value)| Ok((name.clone(), resolve(value, ids)?)));
            Value::Object(resolved.collect::<Result<_, String>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => data.clone(),
    })
}

/// The resource without what refers to the missing: of a multi-valued attribute the elements that do, of another
/// one the whole, so that no half of a value is left. An attribute or extension of which nothing is left is gone.
#[expect(clippy::implicit_hasher, reason = "clients choose the keys, and this hasher withstands them")]
pub fn without(data: &Value, missing: &HashSet<String>) -> Value {
    match data {
        Value::Object(resource) => Value::Object(attributes_without(resource, missing)),
        other => other.clone(),
    }
}

fn attributes_without(holder: &Document, missing: &HashSet<String>) -> Document {
    let kept = holder.iter().filter_map(|(name, value)| {
        let value = match value {
            Value::Array(elements) => {
                let kept: Vec<Value> = elements.iter().filter(|e| !refers(e, missing)).cloned().collect();
                (kept.len() == elements.len() || !kept.is_empty()).then_some(Value::Array(kept))
            }
            // A key with colons is the URN of an extension, which holds attributes in turn.
            Value::Object(part) if name.contains(':') => {
                let kept = attributes_without(part, missing);
                (part.is_empty() || !kept.is_empty()).then_some(Value::Object(kept))
            }
            other => (!refers(other, missing)).then(|| other.clone()),
        };
        value.map(|value| (name.clone(), value))
    });
    kept.collect()
}

fn refers(value: &Value, missing: &HashSet<String>) -> bool {
    any(value, &mut |bulk_id| missing.contains(bulk_id))
}
