//! Operations on the elements of a multi-valued attribute. Groups have many: nothing here is quadratic.

use super::merge::merge;
use crate::{
    Document,
    error::Error,
    schema::{Attribute, AttributeRef},
    value::{Identity, keep_one_primary, without_duplicates},
};
use serde_json::Value;
use std::collections::HashMap;

/// Adds the given elements; one that is there already is completed rather than doubled.
pub(super) fn append(
    target: &AttributeRef,
    mut elements: Vec<Value>,
    given: &[Value],
) -> Result<Vec<Value>, Error> {
    let identity = Identity::of(&target.attribute);
    let mut places: HashMap<String, Vec<usize>> = HashMap::with_capacity(elements.len() + given.len());
    for (index, element) in elements.iter().enumerate() {
        places.entry(identity.key(element).into_owned()).or_default().push(index);
    }
    let mut primary = None;
    for element in given {
        let candidates = places.entry(identity.key(element).into_owned()).or_default();
        let same = |index: &&usize| elements.get(**index).is_some_and(|old| identity.agree(old, element));
        let index = if let Some(index) = candidates.iter().find(same).copied() {
            // A member is a member: what is said about it again is derived from its `value`.
            if !identity.is_value_alone()
                && let (Some(Value::Object(old)), Value::Object(new)) = (elements.get_mut(index), element)
            {
                complete(target, old, new)?;
            }
            index
        } else {
            candidates.push(elements.len());
            elements.push(element.clone());
            elements.len() - 1
        };
        if element.get("primary") == Some(&Value::Bool(true)) {
            primary = Some(index);
        }
    }
    keep_one_primary(&mut elements, primary);
    if identity.is_value_alone() {
        return Ok(elements);
    }
    // What was completed, or is no longer primary, may now be the same as another.
    Ok(without_duplicates(&target.attribute, elements))
}

/// The parts of a known element that an addition tells anew. Its `value` stays in the spelling that it has.
fn complete(target: &AttributeRef, old: &mut Document, new: &Document) -> Result<(), Error> {
    if new.iter().all(|(name, part)| name == "value" || old.get(name) == Some(part)) {
        return Ok(());
    }
    let mut parts = new.clone();
    parts.shift_remove("value");
    merge(target, old, &parts)
}

/// Takes away the elements that the list describes.
pub(super) fn remove(attribute: &Attribute, mut elements: Vec<Value>, listed: &[Value]) -> Vec<Value> {
    let identity = Identity::of(attribute);
    let by_value = |given: &&Value| !given.is_object() || given.get("value").is_some();
    let mut keyed: HashMap<String, Vec<&Value>> = HashMap::new();
    for given in listed.iter().filter(by_value) {
        keyed.entry(identity.key(given).into_owned()).or_default().push(given);
    }
    let partial: Vec<&Value> = listed.iter().filter(|given| !by_value(given)).collect();
    elements.retain(|element| {
        let named = keyed
            .get(identity.key(element).as_ref())
            .is_some_and(|given| given.iter().any(|given| identity.agree(element, given)));
        !named && !partial.iter().any(|given| describes(given, element))
    });
    elements
}

/// Whether every part that is given is so in the element.
fn describes(given: &Value, element: &Value) -> bool {
    let Some(given) = given.as_object() else { return false };
    given.iter().all(|(name, part)| element.get(name) == Some(part))
}
