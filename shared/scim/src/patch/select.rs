//! Operations on the elements that a filter selects (RFC 7644 sections 3.5.2.1 to 3.5.2.3).

use super::{
    merge::{check_required, is_value_cleared, merge},
    operation::Effect,
};
use crate::{
    Document,
    error::{Error, ErrorKind},
    filter::{Comparison, Literal, Node, Operator},
    schema::{AttributeRef, Mutability},
    tolerance::{Quirk, Tolerances},
    value::{Place, conform, is_hollow, keep_one_primary, scalar::takes, without_duplicates},
};
use serde_json::Value;
use std::collections::HashSet;

/// Does something to the elements that the filter selects, or to all of them without a filter.
pub(super) fn select(
    target: &AttributeRef,
    mut elements: Vec<Value>,
    filter: Option<&Node>,
    effect: &Effect,
    tolerances: Tolerances,
) -> Result<Vec<Value>, Error> {
    let parts = match effect {
        Effect::Remove => {
            elements.retain(|element| !selects(filter, element));
            return Ok(elements);
        }
        Effect::Put(parts) | Effect::Merge(parts) => parts,
    };
    let mut selected: Vec<usize> =
        elements.iter().enumerate().filter(|(_, e)| selects(filter, e)).map(|(index, _)| index).collect();
    let clears = parts.values().all(Value::is_null);
    if selected.len() > 1 && !clears && filter.is_some() && !tolerances.allows(Quirk::SelectedMany) {
        return Err(selects_many(target, filter, selected.len()));
    }
    let create = selected.is_empty();
    if create {
        if clears {
            // There is nothing to clear.
            return Ok(elements);
        }
        selected.push(elements.len());
        elements.push(Value::Object(blank(target, filter, parts, tolerances)?));
    }
    for index in &selected {
        if let Some(Value::Object(element)) = elements.get_mut(*index) {
            change(target, element, filter, effect)?;
        }
    }
    if create || is_primary(parts) {
        let primary =
            |index: &&usize| elements.get(**index).and_then(Value::as_object).is_some_and(is_primary);
        let last = selected.iter().rfind(primary).copied();
        keep_one_primary(&mut elements, last);
    }
    finish(target, elements, &selected, parts)
}

fn selects_many(target: &AttributeRef, filter: Option<&Node>, count: usize) -> Error {
    let detail = format!("{} selects {count} values; name one of them", shown(target, filter));
    Error::new(ErrorKind::InvalidFilter, detail)
}

/// The selection as it would stand in a path.
fn shown(target: &AttributeRef, filter: Option<&Node>) -> String {
    filter.map_or_else(|| target.to_string(), |filter| format!("{target}[{filter}]"))
}

fn selects(filter: Option<&Node>, element: &Value) -> bool {
    filter.is_none_or(|filter| element.as_object().is_some_and(|map| filter.matches(map)))
}

fn is_primary(parts: &Document) -> bool {
    parts.get("primary") == Some(&Value::Bool(true))
}

/// Refuses a changed element without a required part, and drops one that has nothing left to say.
fn finish(
    target: &AttributeRef,
    elements: Vec<Value>,
    changed: &[usize],
    parts: &Document,
) -> Result<Vec<Value>, Error> {
    let attribute = &target.attribute;
    let changed: HashSet<usize> = changed.iter().copied().collect();
    let mut kept = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        if changed.contains(&index)
            && let Some(map) = element.as_object()
        {
            check_required(target, map, parts)?;
            if map.is_empty() || (is_value_cleared(parts) && is_hollow(attribute, &element)) {
                continue;
            }
        }
        kept.push(element);
    }
    // One value for several elements may have made them the same (RFC 7643 §2.4).
    Ok(without_duplicates(attribute, kept))
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
            let whole = put(target, element, filter, parts)?;
            *element = whole;
            Ok(())
        }
    }
}

/// The complex value that stands in the place of another. What is set once stays, and so does what the filter selected
/// by unless it is told otherwise: the next operation with the same filter is to find the same element. What the
/// server derived stays as long as `value` does.
pub(super) fn put(
    target: &AttributeRef,
    old: &Document,
    filter: Option<&Node>,
    parts: &Document,
) -> Result<Document, Error> {
    let selected_by = filter.and_then(equalities).unwrap_or_default();
    let mut whole = Document::new();
    for sub in &target.attribute.sub_attributes {
        let Some(before) = old.get(&sub.name) else { continue };
        let after = parts.get(&sub.name);
        if sub.mutability == Mutability::Immutable && after.is_some_and(|after| after != before) {
            let detail = format!("{target}.{} cannot be changed once it is set", sub.name);
            return Err(Error::new(ErrorKind::Mutability, detail));
        }
        if sub.mutability == Mutability::Immutable || selected_by.contains_key(&sub.name) {
            whole.insert(sub.name.clone(), before.clone());
        }
    }
    whole.extend(parts.clone());
    if whole.get("value") == old.get("value") {
        let derived = target.attribute.sub_attributes.iter().filter(|sub| sub.is_read_only());
        whole.extend(
            derived.filter_map(|sub| old.get_key_value(&sub.name)).map(|(k, v)| (k.clone(), v.clone())),
        );
    }
    Ok(whole)
}

/// The beginning of an element that a filter describes but does not find: by dialect, and never by `value`, for
/// a filter by `value` means a certain element.
fn blank(
    target: &AttributeRef,
    filter: Option<&Node>,
    parts: &Document,
    tolerances: Tolerances,
) -> Result<Document, Error> {
    let no_target = || Error::new(ErrorKind::NoTarget, format!("{} selects nothing", shown(target, filter)));
    let Some(filter) = filter else { return Ok(Document::new()) };
    let required = |described: &Document| {
        let mut subs = target.attribute.sub_attributes.iter().filter(|sub| sub.required);
        subs.all(|sub| described.contains_key(&sub.name) || parts.contains_key(&sub.name))
    };
    let described = equalities(filter).filter(|d| !d.contains_key("value") && required(d));
    let described = described.filter(|_| tolerances.allows(Quirk::CreateSelected)).ok_or_else(no_target)?;
    let kind = target.attribute.sub_attribute("type").zip(described.get("type"));
    if kind.is_some_and(|(sub, kind)| !takes(sub, kind, tolerances)) {
        return Err(no_target());
    }
    canonical(target, described, tolerances)
}

/// The parts as they are kept: a filter finds a value in any spelling, but declared ones are kept in theirs.
fn canonical(target: &AttributeRef, parts: Document, tolerances: Tolerances) -> Result<Document, Error> {
    let urn = target.extension.as_ref().map(|schema| schema.id.as_str());
    let mut kept = Document::new();
    for (name, value) in parts {
        let Some(sub) = target.attribute.sub_attribute(&name) else { continue };
        let place = Place::new(urn, &target.attribute.name).sub(&sub.name);
        let value = if sub.multi_valued { Value::Array(vec![value]) } else { value };
        kept.extend(conform(place, sub, value, tolerances)?.map(|value| (name, value)));
    }
    Ok(kept)
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
    if target.attribute.is_read_only() {
        return None;
    }
    let value = match literal {
        Literal::Null => return None,
        Literal::Boolean(value) => Value::Bool(*value),
        Literal::Number(number) => Value::Number(number.clone()),
        Literal::Text { written, .. } | Literal::Instant { written, .. } => Value::String(written.clone()),
    };
    Some((target.attribute.name.clone(), value))
}
