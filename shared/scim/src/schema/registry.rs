//! The resource types that a directory serves, found by name or by endpoint.

use super::{ResourceType, Schema, enterprise, group, muster, user};
use crate::tolerance::Tolerances;
use std::sync::Arc;

/// A set of resource types.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    types: Vec<ResourceType>,
}

impl Registry {
    /// A registry of these types.
    pub fn new(types: Vec<ResourceType>) -> Self {
        Self { types }
    }

    /// Users, with the enterprise and the Muster extension, and groups.
    pub fn builtin() -> Self {
        let user = ResourceType::new("User", "Users", "Accounts of people", Arc::new(user::schema()))
            .extended(Arc::new(enterprise::schema()), false)
            .extended(Arc::new(muster::schema()), false);
        let group = ResourceType::new("Group", "Groups", "Groups of users", Arc::new(group::schema()));
        Self::new(vec![user, group])
    }

    /// The same types, all of them with these tolerances.
    pub fn forgiving(self, tolerances: Tolerances) -> Self {
        let types = self.types.into_iter().map(|one| one.forgiving(tolerances)).collect();
        Self { types }
    }

    /// The type of that exact name, such as `User`.
    pub fn by_name(&self, name: &str) -> Option<&ResourceType> {
        self.types.iter().find(|t| t.name == name)
    }

    /// The type that this path part serves, such as `Users`; a leading slash is allowed.
    pub fn by_endpoint(&self, endpoint: &str) -> Option<&ResourceType> {
        let endpoint = endpoint.strip_prefix('/').unwrap_or(endpoint);
        self.types.iter().find(|t| t.endpoint == endpoint)
    }

    /// All types in their order.
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.types
    }

    /// All schemas, core schemas and extensions, each once.
    pub fn schemas(&self) -> Vec<&Arc<Schema>> {
        let mut schemas: Vec<&Arc<Schema>> = Vec::new();
        for resource_type in &self.types {
            let extensions = resource_type.extensions.iter().map(|e| &e.schema);
            for schema in std::iter::once(&resource_type.schema).chain(extensions) {
                if !schemas.iter().any(|known| known.id == schema.id) {
                    schemas.push(schema);
                }
            }
        }
        schemas
    }

    /// The schema with that URN, in any case.
    pub fn schema(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.schemas().into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }
}
