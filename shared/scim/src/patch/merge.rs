//! Lays sub-attributes over a complex value (RFC 7644 sections 3.5.2.1 and 3.5.2.3).

use crate::{
    Document,
    error::{Error, ErrorKind},
    schema::{Attribute, AttributeRef, Kind, Mutability},
    value::{Place, missing_value},
};
use serde_json::Value;

/// Changes the parts that are given and leaves the others; null clears a part.
///
/// Another `value` makes what was derived from the former one (a manager's name and address) untrue: it goes.
pub(super) fn merge(target: &AttributeRef, map: &mut Document, parts: &Document) -> Result<(), Error> {
    for (name, part) in parts {
        let Some(sub) = target.attribute.sub_attribute(name) else { continue };
        if map.get(name).is_some_and(|old| sub.mutability == Mutability::Immutable && old != part) {
            let detail = format!("{target}.{name} cannot be changed once it is set");
            return Err(Error::new(ErrorKind::Mutability, detail));
        }
        if name == "value" && map.get(name).is_some_and(|old| old != part) {
            map.retain(|key, _| !is_derived(&target.attribute, key));
        }
        match part {
            Value::Null => {
                map.shift_remove(name);
            }
            part => {
                map.insert(name.clone(), part.clone());
            }
        }
    }
    Ok(())
}

/// Refuses a complex value without a part that it must have: one that the overlay took away cannot be (RFC 7644
/// §3.5.2.2), one that never came is missing.
pub(super) fn check_required(target: &AttributeRef, map: &Document, parts: &Document) -> Result<(), Error> {
    let mut subs = target.attribute.sub_attributes.iter();
    let Some(sub) = subs.find(|sub| sub.required && !map.contains_key(&sub.name)) else { return Ok(()) };
    if parts.get(&sub.name) == Some(&Value::Null) {
        let detail = format!("{target}.{} is required and cannot be removed", sub.name);
        return Err(Error::new(ErrorKind::Mutability, detail));
    }
    let urn = target.extension.as_ref().map(|schema| schema.id.as_str());
    Err(missing_value(Place::new(urn, &target.attribute.name).sub(&sub.name)))
}

/// Whether the overlay takes away `value`, without which the other parts may mean nothing.
pub(super) fn is_value_cleared(parts: &Document) -> bool {
    parts.get("value") == Some(&Value::Null)
}

fn is_derived(attribute: &Attribute, name: &str) -> bool {
    attribute
        .sub_attribute(name)
        .is_some_and(|sub| sub.is_read_only() || (name == "$ref" && sub.kind == Kind::Reference))
}
