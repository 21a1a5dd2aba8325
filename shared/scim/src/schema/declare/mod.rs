//! Schemas and resource types that an operator declares, as the documents of RFC 7643 sections 6 and 7.
//!
//! A document is taken whole or refused whole, with the place in it and how to mend it: an attribute that was
//! silently left out would be found missing by an identity provider, months later.

mod assemble;
mod attribute;
mod grammar;
mod members;
mod resource_type;
mod schema;

use super::{Registry, Schema};
use members::Place;
use resource_type::TypeDocument;
use schema::SchemaDocument;
use serde_json::Value;
use std::fmt;

/// Documents in one declaration at most.
pub const MAX_DOCUMENTS: usize = 64;
/// Attributes of a schema at most.
pub const MAX_ATTRIBUTES: usize = 200;
/// Sub-attributes of an attribute at most.
pub const MAX_SUB_ATTRIBUTES: usize = 50;
/// Canonical values of an attribute at most.
pub const MAX_CANONICAL_VALUES: usize = 200;

/// What is wrong with a declaration, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclarationError {
    /// Which of the documents, counted from 0.
    pub document: usize,
    /// Where in it: `attributes[2].subAttributes[0].type`; empty if the document as a whole is meant.
    pub path: String,
    /// What is wrong and how it is mended; goes on from the place, as in `must be a string`.
    pub detail: String,
}

impl fmt::Display for DeclarationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.path.is_empty() { "" } else { "." };
        write!(f, "documents[{}]{dot}{} {}", self.document, self.path, self.detail)
    }
}

impl std::error::Error for DeclarationError {}

impl Registry {
    /// This registry with what the documents declare, which may come in any order.
    ///
    /// A document with the schema URN of a schema (RFC 7643 section 7) declares a schema; one with that of a
    /// resource type (section 6) declares a type, or, under the name of a type that is here already, adds the
    /// extensions that it lists. Characteristics that are left out have the defaults of section 2.2. Canonical
    /// values are the only ones that are taken. Every schema must be that of a type or one of its extensions.
    ///
    /// Documents that [`ResourceType::to_json`](super::ResourceType::to_json) and [`Schema::to_json`] made of
    /// declared ones declare the same again.
    pub fn declare(&self, documents: &[Value]) -> Result<Registry, DeclarationError> {
        if documents.len() > MAX_DOCUMENTS {
            let place = Place::document(MAX_DOCUMENTS);
            return Err(place.error(format!("is one too many: at most {MAX_DOCUMENTS} can be declared")));
        }
        let (mut schemas, mut types) = (Vec::new(), Vec::new());
        for (index, document) in documents.iter().enumerate() {
            match read(index, document)? {
                Document::Schema(schema) => schemas.push(schema),
                Document::ResourceType(resource_type) => types.push(resource_type),
            }
        }
        assemble::assemble(self, schemas, types)
    }
}

impl Schema {
    /// The schema of one document of RFC 7643 section 7, as far as it can be judged alone: [`Registry::declare`]
    /// also looks for what collides with other schemas.
    pub fn from_json(document: &Value) -> Result<Self, DeclarationError> {
        match read(0, document)? {
            Document::Schema(document) => Ok(document.schema),
            Document::ResourceType(document) => {
                Err(document.place.member("schemas").error("must name a schema, not a resource type"))
            }
        }
    }
}

enum Document {
    Schema(SchemaDocument),
    ResourceType(TypeDocument),
}

/// Reads a document as what its `schemas` say that it is.
fn read(index: usize, document: &Value) -> Result<Document, DeclarationError> {
    const SCHEMA: &str = super::discovery::SCHEMA_URN;
    const RESOURCE_TYPE: &str = super::discovery::RESOURCE_TYPE_URN;
    let place = Place::document(index);
    let Some(members) = document.as_object() else {
        return Err(place.error("must be a JSON object that describes a schema or a resource type"));
    };
    let is = |urn: &str| {
        let found = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
        match found.and_then(|(_, urns)| urns.as_array()).map(Vec::as_slice) {
            Some([Value::String(only)]) => only.eq_ignore_ascii_case(urn),
            _ => false,
        }
    };
    if is(SCHEMA) {
        schema::read(place, document).map(Document::Schema)
    } else if is(RESOURCE_TYPE) {
        resource_type::read(place, document).map(Document::ResourceType)
    } else {
        let detail = format!("must be [\"{SCHEMA}\"] or [\"{RESOURCE_TYPE}\"], to say what is declared");
        Err(place.member("schemas").error(detail))
    }
}
