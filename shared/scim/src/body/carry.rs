//! What a PUT keeps of the resource that it replaces (RFC 7644 section 3.5.1).

use crate::{
    Document,
    error::{Error, ErrorKind},
    schema::{Attribute, Mutability, ResourceType},
    tolerance::{Quirk, Tolerances},
    value::{Identity, Place},
};
use serde_json::Value;
use std::collections::HashMap;

/// Carries over into the draft what the client cannot change or must not be taken to have cleared.
pub(super) fn carry(
    resource_type: &ResourceType,
    current: &Document,
    draft: &mut Document,
) -> Result<(), Error> {
    for attribute in resource_type.attributes() {
        attribute_of(None, attribute, current, draft, resource_type.tolerances)?;
    }
    for extension in &resource_type.extensions {
        let schema = &extension.schema;
        let Some(Value::Object(before)) = current.get(&schema.id) else { continue };
        let after = draft.entry(schema.id.clone()).or_insert_with(|| Value::Object(Document::new()));
        let Value::Object(after) = after else { continue };
        for attribute in &schema.attributes {
            attribute_of(Some(&schema.id), attribute, before, after, Tolerances::none())?;
        }
    }
    Ok(())
}

fn attribute_of(
    urn: Option<&str>,
    attribute: &Attribute,
    current: &Document,
    draft: &mut Document,
    tolerances: Tolerances,
) -> Result<(), Error> {
    let Some(before) = current.get(&attribute.name) else { return Ok(()) };
    match (attribute.mutability, draft.get_mut(&attribute.name)) {
        (Mutability::Immutable, Some(after)) if after != before => {
            let detail = format!("{} cannot be changed once it is set", Place::new(urn, &attribute.name));
            return Err(Error::new(ErrorKind::Mutability, detail));
        }
        (Mutability::ReadWrite, Some(after)) => return parts(urn, attribute, before, after),
        (_, Some(_)) => return Ok(()),
        (Mutability::ReadWrite, None) if !stays_without(attribute, tolerances) => return Ok(()),
        (_, None) => {}
    }
    draft.insert(attribute.name.clone(), before.clone());
    Ok(())
}

fn stays_without(attribute: &Attribute, tolerances: Tolerances) -> bool {
    attribute.name == "active" && tolerances.allows(Quirk::PutWithoutActive)
}

/// The sub-attributes of a single complex value. What the server derived from `value` (a manager's name) holds
/// only as long as `value` does.
fn parts(urn: Option<&str>, attribute: &Attribute, before: &Value, after: &mut Value) -> Result<(), Error> {
    let (before, after) = match (before, after) {
        (Value::Object(before), Value::Object(after)) => (before, after),
        (Value::Array(before), Value::Array(after)) => {
            written(attribute, before, after);
            return Ok(());
        }
        _ => return Ok(()),
    };
    let same = before.get("value") == after.get("value");
    for sub in &attribute.sub_attributes {
        let Some(old) = before.get(&sub.name) else { continue };
        match (sub.mutability, after.get(&sub.name)) {
            (Mutability::ReadOnly, None) if same => {}
            (Mutability::Immutable | Mutability::WriteOnly, None) => {}
            (Mutability::Immutable, Some(new)) if new != old => {
                let place = Place::new(urn, &attribute.name).sub(&sub.name);
                let detail = format!("{place} cannot be changed once it is set");
                return Err(Error::new(ErrorKind::Mutability, detail));
            }
            _ => continue,
        }
        after.insert(sub.name.clone(), old.clone());
    }
    Ok(())
}

/// The write-only sub-attributes of elements that are still there: no client could send them back.
fn written(attribute: &Attribute, before: &[Value], after: &mut [Value]) {
    let subs = attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::WriteOnly);
    let names: Vec<&String> = subs.map(|sub| &sub.name).collect();
    if names.is_empty() {
        return;
    }
    let identity = Identity::of(attribute);
    let known: HashMap<_, &Value> = before.iter().map(|old| (identity.key(old), old)).collect();
    for element in after {
        let old = known.get(identity.key(element).as_ref()).filter(|old| identity.agree(old, element));
        let (Some(old), Some(element)) = (old, element.as_object_mut()) else { continue };
        for name in &names {
            if let Some(value) = old.get(*name)
                && !element.contains_key(*name)
            {
                element.insert((*name).clone(), value.clone());
            }
        }
    }
}
