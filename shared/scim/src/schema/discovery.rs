//! Schemas and resource types as the documents of `/Schemas` and `/ResourceTypes` (RFC 7643 sections 6, 7).
//!
//! `meta.resourceType` is present; `meta.location` is left to the function that knows its own address.

use super::{Attribute, Kind, ResourceType, Schema};
use crate::Document;
use serde_json::{Value, json};

pub(super) const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
pub(super) const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

impl Schema {
    /// The document of `/Schemas/{id}`, with `meta.resourceType` and without `meta.location`.
    pub fn to_json(&self) -> Value {
        json!({
            "schemas": [SCHEMA_URN],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes.iter().map(|a| a.to_json()).collect::<Vec<_>>(),
            "meta": {"resourceType": "Schema"},
        })
    }
}

impl Attribute {
    /// The attribute as it stands in a schema document; members that do not apply to its kind are left out.
    pub fn to_json(&self) -> Value {
        let mut json = Document::new();
        let mut put = |name: &str, value: Value| json.insert(name.to_owned(), value);
        put("name", self.name.clone().into());
        put("type", self.kind.as_str().into());
        put("multiValued", self.multi_valued.into());
        put("description", self.description.clone().into());
        put("required", self.required.into());
        if !self.canonical_values.is_empty() {
            put("canonicalValues", self.canonical_values.clone().into());
        }
        if self.kind.is_text() {
            put("caseExact", self.case_exact.into());
        }
        put("mutability", self.mutability.as_str().into());
        put("returned", self.returned.as_str().into());
        put("uniqueness", self.uniqueness.as_str().into());
        if self.kind == Kind::Reference {
            put("referenceTypes", self.reference_types.clone().into());
        }
        if self.kind == Kind::Complex {
            put("subAttributes", self.sub_attributes.iter().map(|sub| sub.to_json()).collect());
        }
        Value::Object(json)
    }
}

impl ResourceType {
    /// The document of `/ResourceTypes/{name}`, with `meta.resourceType` and without `meta.location`.
    pub fn to_json(&self) -> Value {
        let extensions: Vec<Value> =
            self.extensions.iter().map(|e| json!({"schema": e.schema.id, "required": e.required})).collect();
        json!({
            "schemas": [RESOURCE_TYPE_URN],
            "id": self.name,
            "name": self.name,
            "endpoint": format!("/{}", self.endpoint),
            "description": self.description,
            "schema": self.schema.id,
            "schemaExtensions": extensions,
            "meta": {"resourceType": "ResourceType"},
        })
    }
}
