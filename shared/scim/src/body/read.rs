//! Reads a body: every name resolved, every value held against its attribute, in the order in which it came.

use crate::{
    Document,
    error::{Error, ErrorKind, quoted},
    schema::{Attribute, Resolved, ResourceType, Schema, nearest},
    tolerance::{Quirk, Tolerances},
    value::{Place, conform, given_twice},
};
use serde_json::Value;

/// The attributes of a body under their canonical names; extensions as objects under their URNs.
pub(super) fn read(resource_type: &ResourceType, body: Value) -> Result<Document, Error> {
    let Value::Object(body) = body else {
        let detail = format!("the body must be a JSON object that describes a {}", resource_type.name);
        return Err(Error::new(ErrorKind::InvalidSyntax, detail));
    };
    let mut reader = Reader { resource_type, draft: Document::with_capacity(body.len() + 1), schemas: false };
    for (key, value) in body {
        reader.member(&key, value)?;
    }
    if !reader.schemas && !resource_type.tolerances.allows(Quirk::SchemasAbsent) {
        return Err(Error::new(ErrorKind::InvalidValue, "schemas is required"));
    }
    Ok(reader.draft)
}

struct Reader<'t> {
    resource_type: &'t ResourceType,
    draft: Document,
    schemas: bool,
}

impl Reader<'_> {
    fn member(&mut self, key: &str, value: Value) -> Result<(), Error> {
        // The commonest case first, without the reference counts of a full resolution.
        if let Some(attribute) = self.resource_type.schema.attribute(key) {
            return insert(&mut self.draft, None, attribute, value, self.resource_type.tolerances);
        }
        match self.resource_type.resolve(key) {
            Some(Resolved::Extension(schema)) => self.extension(&schema, value),
            Some(Resolved::Attribute(found)) if found.sub.is_none() => match &found.extension {
                Some(schema) if self.resource_type.tolerances.allows(Quirk::FlatExtension) => {
                    self.extension_attribute(schema, &found.attribute, value)
                }
                Some(_) => Err(unknown(self.resource_type, key)),
                None if found.attribute.name == "schemas" => self.schemas(&value),
                None => {
                    let tolerances = self.resource_type.tolerances;
                    insert(&mut self.draft, None, &found.attribute, value, tolerances)
                }
            },
            _ => Err(unknown(self.resource_type, key)),
        }
    }

    /// `schemas` is only checked: the one of the resource is computed from what is present.
    fn schemas(&mut self, value: &Value) -> Result<(), Error> {
        if value.is_null() {
            return Ok(());
        }
        let wrong = |detail: String| Err(Error::new(ErrorKind::InvalidValue, detail));
        let Some(urns) = value.as_array() else {
            return wrong("schemas must be an array of URNs".to_owned());
        };
        for urn in urns {
            let Some(urn) = urn.as_str() else {
                return wrong("schemas must be an array of URNs".to_owned());
            };
            let known = self.resource_type.schema.id.eq_ignore_ascii_case(urn)
                || self.resource_type.extension(urn).is_some();
            if !known && !self.resource_type.tolerances.allows(Quirk::SchemasUnknown) {
                let detail =
                    format!("schemas names {}, which {} does not have", quoted(urn), self.resource_type.name);
                return Err(Error::new(ErrorKind::InvalidSyntax, detail));
            }
        }
        self.schemas = true;
        Ok(())
    }

    fn extension(&mut self, schema: &Schema, value: Value) -> Result<(), Error> {
        let attributes = match value {
            Value::Null => return Ok(()),
            Value::Object(attributes) => attributes,
            other => {
                let place = Place::new(None, &schema.id);
                return Err(crate::value::wrong_kind(place, "an object of attributes", &other));
            }
        };
        let forgiven = self.resource_type.tolerances.allows(Quirk::ExtensionSchemas);
        for (key, value) in attributes {
            if key.eq_ignore_ascii_case("schemas") && (forgiven || schema.is_named_by(&value)) {
                continue;
            }
            let Some(attribute) = schema.attribute(&key) else {
                return Err(unknown_in(schema, &key));
            };
            self.extension_attribute(schema, attribute, value)?;
        }
        Ok(())
    }

    fn extension_attribute(
        &mut self,
        schema: &Schema,
        attribute: &Attribute,
        value: Value,
    ) -> Result<(), Error> {
        let part = self.draft.entry(schema.id.clone()).or_insert_with(|| Value::Object(Document::new()));
        let Value::Object(part) = part else { return Ok(()) };
        insert(part, Some(&schema.id), attribute, value, self.resource_type.tolerances)
    }
}

fn insert(
    into: &mut Document,
    urn: Option<&str>,
    attribute: &Attribute,
    value: Value,
    tolerances: Tolerances,
) -> Result<(), Error> {
    if attribute.is_read_only() {
        return Ok(());
    }
    let place = Place::new(urn, &attribute.name);
    let Some(value) = conform(place, attribute, value, tolerances)? else { return Ok(()) };
    if into.insert(attribute.name.clone(), value).is_some() {
        return Err(given_twice(place));
    }
    Ok(())
}

/// The refusal of a name that the resource type does not have.
pub(crate) fn unknown(resource_type: &ResourceType, key: &str) -> Error {
    Error::new(ErrorKind::InvalidSyntax, describe_unknown(resource_type, key))
}

/// Says that there is no such attribute, and which one may have been meant; an extension's by its full name.
pub(crate) fn describe_unknown(resource_type: &ResourceType, key: &str) -> String {
    let name = &resource_type.name;
    let detail = format!("{name} has no attribute {}", quoted(key));
    if let Some(near) = nearest(key, resource_type.attributes().map(|a| a.name.as_str())) {
        return format!("{detail}; did you mean {near}?");
    }
    let near = resource_type.extensions.iter().find_map(|extension| {
        let schema = &extension.schema;
        nearest(key, schema.attributes.iter().map(|a| a.name.as_str())).map(|near| (&schema.id, near))
    });
    match near {
        Some((urn, near)) => format!("{detail}; did you mean {urn}:{near}?"),
        None => detail,
    }
}

fn unknown_in(schema: &Schema, key: &str) -> Error {
    let hint = match nearest(key, schema.attributes.iter().map(|a| a.name.as_str())) {
        Some(near) => format!("; did you mean {near}?"),
        None => String::new(),
    };
    let detail = format!("{} has no attribute {}{hint}", schema.id, quoted(key));
    Error::new(ErrorKind::InvalidSyntax, detail)
}
