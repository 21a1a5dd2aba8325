//! A resource type: a core schema, its extensions and the endpoint that serves it (RFC 7643 section 6).

use super::{Attribute, Returned, Schema, common_attributes, user::is_kept_elsewhere};
use crate::tolerance::Tolerances;
use std::sync::Arc;

/// An extension schema of a resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// The schema.
    pub schema: Arc<Schema>,
    /// Whether a resource cannot be without it.
    pub required: bool,
}

/// What a resource of one endpoint looks like. Cloning is cheap: schemas are shared.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceType {
    /// Its name, which is also its id: `User`.
    pub name: String,
    /// The last part of its path, without a slash: `Users`.
    pub endpoint: String,
    /// What its resources are.
    pub description: String,
    /// The core schema.
    pub schema: Arc<Schema>,
    /// The extensions, in their canonical order.
    pub extensions: Vec<Extension>,
    /// What clients of this type are forgiven. Not part of discovery.
    pub tolerances: Tolerances,
}

impl ResourceType {
    /// A type without extensions that forgives everything in [`crate::tolerance::TABLE`].
    pub fn new(
        name: impl Into<String>,
        endpoint: impl Into<String>,
        description: impl Into<String>,
        schema: Arc<Schema>,
    ) -> Self {
        Self {
            name: name.into(),
            endpoint: endpoint.into(),
            description: description.into(),
            schema,
            extensions: Vec::new(),
            tolerances: Tolerances::all(),
        }
    }

    /// The same with one more extension.
    pub fn extended(mut self, schema: Arc<Schema>, required: bool) -> Self {
        self.extensions.push(Extension { schema, required });
        self
    }

    /// The same with other tolerances.
    pub fn forgiving(self, tolerances: Tolerances) -> Self {
        Self { tolerances, ..self }
    }

    /// The common and the core attributes in canonical order; those of extensions are not among them.
    pub fn attributes(&self) -> impl Iterator<Item = &Arc<Attribute>> {
        common_attributes().iter().chain(&self.schema.attributes)
    }

    /// The extension with that URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|e| e.schema.id.eq_ignore_ascii_case(urn))
    }

    /// Whether an answer to a client that asks for no particular attributes is the stored document itself: every
    /// attribute that can be stored is returned always or by default (RFC 7643 section 7).
    ///
    /// What only the server sets does not count, for it is not stored with the rest; nor does the password of
    /// users, of which at most a hash is kept elsewhere.
    pub fn is_plain(&self) -> bool {
        let shown = |attribute: &Attribute| {
            attribute.is_read_only() || matches!(attribute.returned, Returned::Always | Returned::Default)
        };
        let whole = |attribute: &Arc<Attribute>| {
            shown(attribute)
                && (attribute.is_read_only() || attribute.sub_attributes.iter().all(|sub| shown(sub)))
        };
        let core = self.schema.attributes.iter().filter(|attribute| !is_kept_elsewhere(self, attribute));
        core.chain(self.extensions.iter().flat_map(|e| &e.schema.attributes)).all(whole)
    }
}
