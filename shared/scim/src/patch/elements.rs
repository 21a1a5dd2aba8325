//! Operations on the elements of a multi-valued attribute. Groups have many: nothing here is quadratic.

use super::{
    merge::{is_value_cleared, merge},
    operation::Effect,
};
use crate::{
    Document,
    error::{Error, ErrorKind},
    filter::{Comparison, Literal, Node, Operator},
    schema::{Attribute, AttributeRef},
    tolerance::{Quirk, Tolerances},
    value::{Identity, Place, is_hollow, keep_one_primary, missing_value},
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

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
            if let (Some(Value::Object(old)), Value::Object(new)) = (elements.get_mut(index), element) {
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
    Ok(elements)
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

/// Does something to the elements that the filter selects.
pub(super) fn select(
    target: &AttributeRef,
    mut elements: Vec<Value>,
    filter: Option<&Node>,
    effect: &Effect,
    tolerances: Tolerances,
) -> Result<Vec<Value>, Error> {
    let selects = |element: &Value| match (filter, element.as_object()) {
        (None, _) => true,
        (Some(filter), Some(map)) => filter.matches(map),
        (Some(_), None) => false,
    };
    let parts = match effect {
        Effect::Remove => {
            elements.retain(|element| !selects(element));
            return Ok(elements);
        }
        Effect::Put(parts) | Effect::Merge(parts) => parts,
    };
    let clears = matches!(effect, Effect::Merge(_)) && parts.values().all(Value::is_null);
    let mut selected: Vec<usize> =
        elements.iter().enumerate().filter(|(_, e)| selects(e)).map(|(index, _)| index).collect();
    if selected.is_empty() {
        if clears {
            return Ok(elements);
        }
        selected.push(elements.len());
        elements.push(Value::Object(blank(target, filter, tolerances)?));
    }
    for index in &selected {
        if let Some(Value::Object(element)) = elements.get_mut(*index) {
            change(target, element, filter, effect)?;
        }
    }
    let becomes_primary = parts.get("primary") == Some(&Value::Bool(true));
    let created_primary =
        |index: &&usize| elements.get(**index).is_some_and(|e| e.get("primary") == Some(&Value::Bool(true)));
    let primary = selected.iter().rfind(created_primary).copied();
    if becomes_primary || selected.len() == 1 {
        keep_one_primary(&mut elements, primary);
    }
    finish(target, elements, &selected, is_value_cleared(parts))
}

/// Refuses a changed element without a required part, and drops one that has nothing left to say.
fn finish(
    target: &AttributeRef,
    elements: Vec<Value>,
    changed: &[usize],
    value_cleared: bool,
) -> Result<Vec<Value>, Error> {
    let attribute = &target.attribute;
    let changed: HashSet<usize> = changed.iter().copied().collect();
    let mut kept = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        if changed.contains(&index) {
            let missing =
                attribute.sub_attributes.iter().find(|s| s.required && element.get(&s.name).is_none());
            if let Some(sub) = missing {
                let urn = target.extension.as_ref().map(|schema| schema.id.as_str());
                return Err(missing_value(Place::new(urn, &attribute.name).sub(&sub.name)));
            }
            let empty = element.as_object().is_some_and(Document::is_empty);
            if empty || (value_cleared && is_hollow(attribute, &element)) {
                continue;
            }
        }
        kept.push(element);
    }
    Ok(kept)
}

fn change(
    target: &AttributeRef,
    element: &mut Document,
    filter: Option<&Node>,
    effect: &Effect,
) -> Result<(), Error> {
    match effect {
        Effect::Remove => Ok(()),
        Effect::Merge(parts) => merge(target, element, parts),
        Effect::Put(parts) => {
            // What the filter selected by stays true unless told otherwise, so that the next operation with the
            // same filter finds the same element.
            let mut whole = filter.and_then(equalities).unwrap_or_default();
            whole.extend(parts.clone());
            let fixed = target.attribute.sub_attributes.iter().find(|sub| {
                sub.mutability == crate::schema::Mutability::Immutable
                    && element.get(&sub.name).is_some_and(|old| whole.get(&sub.name) != Some(old))
            });
            if let Some(sub) = fixed {
                let detail = format!("{target}.{} cannot be changed once it is set", sub.name);
                return Err(Error::new(ErrorKind::Mutability, detail));
            }
            *element = whole;
            Ok(())
        }
    }
}

/// The beginning of an element that a filter describes but does not find: by dialect, and never by `value`, for
/// a filter by `value` means a certain element.
fn blank(target: &AttributeRef, filter: Option<&Node>, tolerances: Tolerances) -> Result<Document, Error> {
    let no_target = || {
        let shown = filter.map_or_else(|| target.to_string(), |filter| format!("{target}[{filter}]"));
        Error::new(ErrorKind::NoTarget, format!("{shown} selects nothing"))
    };
    let Some(filter) = filter else { return Ok(Document::new()) };
    let described = equalities(filter).filter(|described| !described.contains_key("value"));
    match described {
        Some(described) if tolerances.allows(Quirk::CreateSelected) => Ok(described),
        _ => Err(no_target()),
    }
}

/// The parts that an element selected by this filter surely has, if the filter is nothing but equalities.
fn equalities(filter: &Node) -> Option<Document> {
    let parts = match filter {
        Node::And(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    parts.iter().map(equality).collect()
}

fn equality(node: &Node) -> Option<(String, Value)> {
    let Node::Compare(Comparison { target, operator: Operator::Equal, literal }) = node else { return None };
    let value = match literal {
        Literal::Null => return None,
        Literal::Boolean(value) => Value::Bool(*value),
        Literal::Number(number) => Value::Number(number.clone()),
        Literal::Text { written, .. } | Literal::Instant { written, .. } => Value::String(written.clone()),
    };
    Some((target.attribute.name.clone(), value))
}
