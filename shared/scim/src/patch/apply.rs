//! Does one operation to a draft. Values are already of the right kind; here it is about what is there.

use super::{
    elements,
    merge::{check_required, is_value_cleared, merge},
    operation::{Action, Operation},
    select::{put, select},
};
use crate::{
    Document,
    error::{Error, ErrorKind},
    schema::{AttributeRef, Mutability, Schema},
    tolerance::Tolerances,
    value::is_hollow,
};
use serde_json::Value;

pub(super) fn apply(
    operation: &Operation,
    draft: &mut Document,
    tolerances: Tolerances,
) -> Result<(), Error> {
    match operation {
        Operation::Attribute(target, action) => to_attribute(target, action, draft, tolerances),
        Operation::RemoveExtension(schema) => remove_extension(schema, draft),
    }
}

fn remove_extension(schema: &Schema, draft: &mut Document) -> Result<(), Error> {
    let Some(Value::Object(part)) = draft.get_mut(&schema.id) else { return Ok(()) };
    for attribute in schema.attributes.iter().filter(|a| !a.is_read_only()) {
        let taken = part.shift_remove(&attribute.name);
        if taken.is_some() && attribute.mutability == Mutability::Immutable {
            return Err(fixed(&format!("{}:{}", schema.id, attribute.name)));
        }
    }
    Ok(())
}

fn to_attribute(
    target: &AttributeRef,
    action: &Action,
    draft: &mut Document,
    tolerances: Tolerances,
) -> Result<(), Error> {
    let name = &target.attribute.name;
    if let Action::Expect(expected) = action {
        return expect(target, draft.get(name), expected);
    }
    let holder = match &target.extension {
        None => draft,
        Some(schema) => {
            let part = draft.entry(schema.id.clone()).or_insert_with(|| Value::Object(Document::new()));
            match part {
                Value::Object(part) => part,
                _ => return Ok(()),
            }
        }
    };
    // The order is canonical again at the end, so that taking out need not shift what follows.
    let before = holder.swap_remove(name);
    let was = (target.attribute.mutability == Mutability::Immutable).then(|| before.clone()).flatten();
    let after = outcome(target, action, before, tolerances)?;
    if was.is_some() && was != after {
        return Err(fixed(&target.to_string()));
    }
    if let Some(after) = after {
        holder.insert(name.clone(), after);
    }
    Ok(())
}

fn expect(target: &AttributeRef, present: Option<&Value>, expected: &Value) -> Result<(), Error> {
    if present == Some(expected) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Mutability, format!("{target} is set by the server alone")))
}

fn fixed(name: &str) -> Error {
    Error::new(ErrorKind::Mutability, format!("{name} cannot be changed once it is set"))
}

/// The attribute after the action; none if it is gone.
fn outcome(
    target: &AttributeRef,
    action: &Action,
    before: Option<Value>,
    tolerances: Tolerances,
) -> Result<Option<Value>, Error> {
    let attribute = &target.attribute;
    match action {
        Action::Set(value) => Ok(Some(value.clone())),
        Action::Clear => Ok(None),
        Action::Merge(parts) => {
            let mut map = match before {
                Some(Value::Object(map)) => map,
                _ => Document::new(),
            };
            merge(target, &mut map, parts)?;
            if map.is_empty() {
                return Ok(None);
            }
            check_required(target, &map, parts)?;
            let merged = Value::Object(map);
            let gone = is_value_cleared(parts) && is_hollow(attribute, &merged);
            Ok((!gone).then_some(merged))
        }
        Action::Put(parts) => match before {
            Some(Value::Object(old)) => {
                put(target, &old, None, parts).map(|whole| Some(Value::Object(whole)))
            }
            _ => Ok(Some(Value::Object(parts.clone()))),
        },
        Action::ReplaceAll(values) => Ok(Some(Value::Array(values.clone()))),
        Action::Append(values) => elements::append(target, list(before), values).map(array),
        Action::RemoveListed(values) => Ok(array(elements::remove(attribute, list(before), values))),
        Action::Select(filter, effect) => {
            select(target, list(before), filter.as_ref(), effect, tolerances).map(array)
        }
        Action::Expect(_) => Ok(before),
    }
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(elements)) => elements,
        Some(single) => vec![single],
        None => Vec::new(),
    }
}

fn array(elements: Vec<Value>) -> Option<Value> {
    (!elements.is_empty()).then_some(Value::Array(elements))
}
