//! What the elements of one multi-valued attribute owe each other (RFC 7643 section 2.4).

use crate::schema::{Attribute, Kind};
use serde_json::Value;

/// Whether the attribute's elements can be primary.
fn has_primary(attribute: &Attribute) -> bool {
    attribute.multi_valued
        && attribute.sub_attribute("primary").is_some_and(|primary| primary.kind == Kind::Boolean)
}

fn is_primary(element: &Value) -> bool {
    element.get("primary").and_then(Value::as_bool).unwrap_or(false)
}

pub(super) fn count_primary(attribute: &Attribute, elements: &[Value]) -> usize {
    if has_primary(attribute) { elements.iter().filter(|e| is_primary(e)).count() } else { 0 }
}

/// The index of the last primary element.
pub(super) fn last_primary(attribute: &Attribute, elements: &[Value]) -> Option<usize> {
    if has_primary(attribute) { elements.iter().rposition(is_primary) } else { None }
}

/// Makes every primary element but the chosen one not primary; without a choice nothing changes.
pub(crate) fn keep_one_primary(elements: &mut [Value], chosen: Option<usize>) {
    let Some(chosen) = chosen else { return };
    for (index, element) in elements.iter_mut().enumerate() {
        if index != chosen
            && is_primary(element)
            && let Some(map) = element.as_object_mut()
        {
            map.insert("primary".to_owned(), Value::Bool(false));
        }
    }
}

/// Whether a complex value that should have a `value` has none, and nothing else that is worth keeping.
pub(crate) fn is_hollow(attribute: &Attribute, value: &Value) -> bool {
    let Some(map) = value.as_object() else { return false };
    if attribute.sub_attribute("value").is_none() || map.contains_key("value") {
        return map.is_empty();
    }
    map.keys().all(|key| {
        matches!(key.as_str(), "type" | "primary" | "display" | "$ref")
            || attribute.sub_attribute(key).is_some_and(|sub| sub.is_read_only())
    })
}
