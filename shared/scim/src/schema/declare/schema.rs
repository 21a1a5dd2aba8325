//! Documents that declare a schema.

use super::{
    DeclarationError, MAX_ATTRIBUTES,
    attribute::{MAX_DESCRIPTION, read_all},
    grammar::{MAX_URN, urn_fault},
    members::{Members, Place},
};
use crate::{error::quoted, schema::Schema};
use serde_json::Value;

const MEMBERS: [&str; 6] = ["schemas", "id", "name", "description", "attributes", "meta"];
/// The longest name for people, in characters.
const MAX_TITLE: usize = 100;

/// A schema, and where it was declared.
pub(super) struct SchemaDocument {
    pub(super) place: Place,
    pub(super) schema: Schema,
}

pub(super) fn read(place: Place, document: &Value) -> Result<SchemaDocument, DeclarationError> {
    let members = Members::read(place, document, "a schema", &MEMBERS)?;
    let id = members.required_text("id", MAX_URN)?;
    if let Some(fault) = urn_fault(id) {
        return Err(members.error("id", format!("{fault}, not {}", quoted(id))));
    }
    // The last word of the URN is a name, if not a good one.
    let name = members.text("name", MAX_TITLE)?;
    let name = name.unwrap_or_else(|| id.rsplit(':').next().unwrap_or(id));
    let description = members.text("description", MAX_DESCRIPTION)?.unwrap_or_default();
    let list = members.list("attributes", MAX_ATTRIBUTES)?;
    if list.is_empty() {
        return Err(members.error("attributes", "must have at least one attribute"));
    }
    let attributes = read_all(&members.place.member("attributes"), list, false)?;
    let schema = Schema::new(id, name, description, attributes);
    Ok(SchemaDocument { place: members.place, schema })
}
