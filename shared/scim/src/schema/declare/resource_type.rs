//! Documents that declare a resource type, or add extensions to one.

use super::{
    DeclarationError, MAX_DOCUMENTS,
    attribute::MAX_DESCRIPTION,
    grammar::{MAX_TYPE, MAX_URN, is_type_name},
    members::{Members, Place},
};
use crate::error::quoted;
use serde_json::Value;

const MEMBERS: [&str; 8] =
    ["schemas", "id", "name", "endpoint", "description", "schema", "schemaExtensions", "meta"];

/// A document of RFC 7643 section 6 as it was written: what it names is looked up later.
pub(super) struct TypeDocument {
    pub(super) place: Place,
    pub(super) name: String,
    /// Without its slash.
    pub(super) endpoint: Option<String>,
    pub(super) description: Option<String>,
    /// The URN of the core schema.
    pub(super) schema: Option<String>,
    pub(super) extensions: Vec<ExtensionEntry>,
}

/// An element of `schemaExtensions`.
pub(super) struct ExtensionEntry {
    pub(super) urn: String,
    pub(super) required: bool,
}

pub(super) fn read(place: Place, document: &Value) -> Result<TypeDocument, DeclarationError> {
    let members = Members::read(place, document, "a resource type", &MEMBERS)?;
    let name = members.required_text("name", MAX_TYPE)?;
    check_name(&members, "name", name)?;
    // One more for the slash.
    let endpoint = members.text("endpoint", MAX_TYPE + 1)?;
    let endpoint = endpoint.map(|endpoint| endpoint.strip_prefix('/').unwrap_or(endpoint));
    if let Some(endpoint) = endpoint {
        check_name(&members, "endpoint", endpoint)?;
    }
    Ok(TypeDocument {
        name: name.to_owned(),
        endpoint: endpoint.map(str::to_owned),
        description: members.text("description", MAX_DESCRIPTION)?.map(str::to_owned),
        schema: members.text("schema", MAX_URN)?.map(str::to_owned),
        extensions: extensions(&members)?,
        place: members.place,
    })
}

fn check_name(members: &Members<'_>, member: &str, text: &str) -> Result<(), DeclarationError> {
    if is_type_name(text) {
        return Ok(());
    }
    let detail = format!("must be a letter, then letters and digits, {MAX_TYPE} at most, not");
    Err(members.error(member, format!("{detail} {}", quoted(text))))
}

fn extensions(members: &Members<'_>) -> Result<Vec<ExtensionEntry>, DeclarationError> {
    let mut entries: Vec<ExtensionEntry> = Vec::new();
    // The built-in extensions may be listed beside the declared ones.
    for (index, value) in members.list("schemaExtensions", MAX_DOCUMENTS + 16)?.iter().enumerate() {
        let place = members.place.member("schemaExtensions").element(index);
        let extension = Members::read(place, value, "an extension", &["schema", "required"])?;
        let urn = extension.required_text("schema", MAX_URN)?;
        if entries.iter().any(|known| known.urn.eq_ignore_ascii_case(urn)) {
            return Err(extension.error("schema", format!("is listed twice: {}; leave one", quoted(urn))));
        }
        let required = extension.boolean("required")?.unwrap_or_default();
        entries.push(ExtensionEntry { urn: urn.to_owned(), required });
    }
    Ok(entries)
}
