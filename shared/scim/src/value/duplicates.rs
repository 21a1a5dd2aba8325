//! When two elements of a multi-valued attribute are the same one, found by hash: groups have many members.

use crate::{
    fold::{fold, same},
    schema::{Attribute, Mutability},
};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

/// How the elements of an attribute are told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity {
    /// The elements have a `value`.
    has_value: bool,
    /// `value` alone identifies an element, as in memberships: it can be set once and never changed.
    value_alone: bool,
    case_exact: bool,
}

impl Identity {
    pub(crate) fn of(attribute: &Attribute) -> Self {
        let value = attribute.sub_attribute("value");
        Self {
            has_value: value.is_some(),
            value_alone: value.is_some_and(|sub| sub.mutability == Mutability::Immutable),
            case_exact: value.map_or(attribute.case_exact, |sub| sub.case_exact),
        }
    }

    /// Whether `value` says all there is to say about an element.
    pub(crate) fn is_value_alone(self) -> bool {
        self.value_alone
    }

    /// What an element is looked up by: its `value`, or all of it where it has none.
    pub(crate) fn key(self, element: &Value) -> Cow<'_, str> {
        let value = if self.has_value { element.get("value") } else { Some(element) };
        match value {
            Some(Value::String(text)) if self.case_exact => Cow::Borrowed(text),
            Some(Value::String(text)) => Cow::Owned(fold(text)),
            _ => Cow::Owned(whole(element)),
        }
    }

    /// Whether two elements with the same key are the same: a type that is not told may be any.
    pub(crate) fn agree(self, present: &Value, given: &Value) -> bool {
        if self.value_alone {
            return true;
        }
        match (present.get("type"), given.get("type")) {
            (Some(Value::String(a)), Some(Value::String(b))) => same(a, b),
            (None, Some(_)) => false,
            _ => true,
        }
    }
}

/// The element as text in which the order of its members does not show.
fn whole(element: &Value) -> String {
    match element.as_object() {
        Some(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            serde_json::to_string(&sorted).unwrap_or_default()
        }
        None => element.to_string(),
    }
}

/// The elements without those that say again what an earlier one said: the same member, or the same in all.
fn without_duplicates_of(identity: Identity, elements: Vec<Value>) -> Vec<Value> {
    let mut seen: HashSet<String> = HashSet::with_capacity(elements.len());
    let mut kept = elements;
    kept.retain(|element| {
        let key = if identity.value_alone { identity.key(element).into_owned() } else { whole(element) };
        seen.insert(key)
    });
    kept
}

/// See [`without_duplicates_of`]; a few elements are not worth a hash, and most resources have no more.
pub(crate) fn without_duplicates(attribute: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    const FEW: usize = 8;
    let identity = Identity::of(attribute);
    if elements.len() < 2 || (elements.len() <= FEW && !identity.value_alone && all_differ(&elements)) {
        return elements;
    }
    without_duplicates_of(identity, elements)
}

fn all_differ(elements: &[Value]) -> bool {
    elements.iter().enumerate().all(|(index, element)| !elements.iter().skip(index + 1).any(|e| e == element))
}
