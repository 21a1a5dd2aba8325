//! The bodies of POST and PUT: from what a client sent to a resource in canonical form.

mod arrange;
mod carry;
mod read;

pub(crate) use read::{describe_unknown, unknown};

pub use arrange::arrange;

use crate::{Document, error::Error, error::ErrorKind, schema::ResourceType, value::Place};
use serde_json::Value;

/// The resource that a POST asks for (RFC 7644 section 3.3), without `id` and `meta`, which the server adds.
///
/// Names are taken in any case and come out in canonical spelling and schema order; `schemas` is computed;
/// read-only attributes are dropped; null, empty arrays and empty objects are the same as absent.
///
/// Errors: `invalidSyntax` for a body that is no object, an unknown schema or attribute or one that is given twice;
/// `invalidValue` for a wrong type or a required attribute that is missing.
pub fn create(resource_type: &ResourceType, body: Value) -> Result<Document, Error> {
    let draft = read::read(resource_type, body)?;
    settle(resource_type, draft, ErrorKind::InvalidValue)
}

/// The resource that a PUT asks for (RFC 7644 section 3.5.1), given what it is now.
///
/// Read-only attributes stay as they are, whatever was sent. An immutable attribute that has a value keeps it,
/// and another value for it is `mutability`. Write-only ones stay if absent, for no client could send back what
/// it never got, and so does `active`, which Okta leaves out. Everything else that is absent is cleared.
/// The other errors are those of [`create`].
pub fn replace(resource_type: &ResourceType, current: &Document, body: Value) -> Result<Document, Error> {
    let mut draft = read::read(resource_type, body)?;
    carry::carry(resource_type, current, &mut draft)?;
    settle(resource_type, draft, ErrorKind::InvalidValue)
}

/// Refuses a draft without a required attribute, with that kind of error, and brings it into canonical order.
pub(crate) fn settle(
    resource_type: &ResourceType,
    draft: Document,
    missing: ErrorKind,
) -> Result<Document, Error> {
    let absent = resource_type.schema.attributes.iter().find(|a| a.required && !draft.contains_key(&a.name));
    if let Some(attribute) = absent {
        return Err(required(missing, Place::new(None, &attribute.name)));
    }
    for extension in &resource_type.extensions {
        let schema = &extension.schema;
        let present = draft.get(&schema.id).and_then(Value::as_object).filter(|part| !part.is_empty());
        if extension.required && present.is_none() {
            let detail = format!("the extension {} is required", schema.id);
            return Err(Error::new(missing, detail));
        }
        let absent = present
            .and_then(|part| schema.attributes.iter().find(|a| a.required && !part.contains_key(&a.name)));
        if let Some(attribute) = absent {
            return Err(required(missing, Place::new(Some(&schema.id), &attribute.name)));
        }
    }
    Ok(arrange(resource_type, draft))
}

fn required(kind: ErrorKind, place: Place<'_>) -> Error {
    Error::new(kind, format!("{place} is required"))
}
