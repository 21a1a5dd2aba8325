//! Schemas as data (RFC 7643 sections 2, 6 and 7): every other module asks here what an attribute is.
//!
//! All types are owned and built at run time; the built-in ones are in `user`, `group`, `enterprise` and
//! `muster`, and `declare` reads those of an operator. Nothing else in the crate knows the name of a single attribute, `active` of a PUT apart.

mod attribute;
mod declare;
mod discovery;
mod enterprise;
mod every_type;
mod group;
mod muster;
mod registry;
mod resolve;
mod resource_type;
mod unique;
mod user;

pub use attribute::{Attribute, Kind, Mutability, Returned, Uniqueness};
pub use declare::{
    DeclarationError, MAX_ATTRIBUTES, MAX_CANONICAL_VALUES, MAX_DOCUMENTS, MAX_SUB_ATTRIBUTES,
};
pub use enterprise::ENTERPRISE_USER_URN;
pub use every_type::common_attributes;
pub use group::GROUP_URN;
pub use muster::MUSTER_USER_URN;
pub use registry::Registry;
pub use resolve::{AttributeRef, Resolved};
pub use resource_type::{Extension, ResourceType};
pub use unique::UniqueValue;
pub use user::USER_URN;

pub(crate) use resolve::nearest;

use serde_json::Value;
use std::sync::Arc;

/// A schema: a URN and the attributes that it names (RFC 7643 section 7).
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The URN, in canonical spelling.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What the schema describes.
    pub description: String,
    /// The attributes in their canonical order.
    pub attributes: Vec<Arc<Attribute>>,
}

impl Schema {
    /// A schema of these attributes.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
        attributes: Vec<Attribute>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            description: description.into(),
            attributes: attributes.into_iter().map(Arc::new).collect(),
        }
    }

    /// Whether a value of `schemas` within the object of this extension says just what is known anyway: `schemas` is a
    /// common attribute (RFC 7643 section 3), and clients that take an extension for an object of its own repeat it.
    pub(crate) fn is_named_by(&self, schemas: &Value) -> bool {
        let is_this = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&self.id));
        matches!(schemas.as_array().map(Vec::as_slice), Some([urn]) if is_this(urn))
    }

    /// The attribute of that name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        attribute::named(&self.attributes, name)
    }
}
