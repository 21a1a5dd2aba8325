//! The canonical order of a resource: `schemas`, `id`, `externalId`, `meta`, the core attributes, extensions.

use crate::{
    Document,
    schema::{Attribute, ResourceType},
};
use serde_json::Value;
use std::sync::Arc;

/// The document in canonical order, with `schemas` computed from the extensions that are present.
///
/// Empty extensions vanish. Members that the type does not know come last; there are none in a document that
/// came from this crate.
pub fn arrange(resource_type: &ResourceType, mut document: Document) -> Document {
    let mut arranged = Document::with_capacity(document.len() + 1);
    let mut urns = vec![Value::String(resource_type.schema.id.clone())];
    document.remove("schemas");
    // Its place is the first; its value is known at the end.
    arranged.insert("schemas".to_owned(), Value::Null);
    take(resource_type.attributes(), &mut document, &mut arranged);
    for extension in &resource_type.extensions {
        let schema = &extension.schema;
        let Some((urn, part)) = document.remove_entry(&schema.id) else { continue };
        let Value::Object(mut part) = part else { continue };
        if part.is_empty() {
            continue;
        }
        let mut ordered = Document::with_capacity(part.len());
        take(schema.attributes.iter(), &mut part, &mut ordered);
        ordered.append(&mut part);
        urns.push(Value::String(urn.clone()));
        arranged.insert(urn, Value::Object(ordered));
    }
    arranged.append(&mut document);
    arranged.insert("schemas".to_owned(), Value::Array(urns));
    arranged
}

fn take<'a>(attributes: impl Iterator<Item = &'a Arc<Attribute>>, from: &mut Document, into: &mut Document) {
    for attribute in attributes {
        if let Some((name, value)) = from.remove_entry(&attribute.name) {
            into.insert(name, value);
        }
    }
}
