//! Puts declared schemas and types together, and refuses what collides with something else.

use super::{
    DeclarationError,
    members::Place,
    resource_type::{ExtensionEntry, TypeDocument},
    schema::SchemaDocument,
};
use crate::{
    error::quoted,
    schema::{Attribute, Registry, ResourceType, Schema, common_attributes, nearest},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Endpoints that RFC 7644 section 3.2 gives a meaning of their own.
const RESERVED_ENDPOINTS: [&str; 5] = ["Me", "Bulk", "Schemas", "ResourceTypes", "ServiceProviderConfig"];
/// Names of types that the RFCs themselves use, and the two words of `referenceTypes` that name no type.
const RESERVED_TYPES: [&str; 5] = ["Schema", "ResourceType", "ServiceProviderConfig", "external", "uri"];

/// What a declared schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Core,
    Extension,
}

pub(super) fn assemble(
    registry: &Registry,
    schemas: Vec<SchemaDocument>,
    documents: Vec<TypeDocument>,
) -> Result<Registry, DeclarationError> {
    check_urns(registry, &schemas)?;
    check_references(registry, &schemas, &documents)?;
    let mut assembly = Assembly::new(registry, schemas);
    for document in documents {
        assembly.add(document)?;
    }
    assembly.finish()
}

/// No URN twice, and none that goes on where another ends: `urn:a:b` could be attribute `b` of `urn:a`.
fn check_urns(registry: &Registry, schemas: &[SchemaDocument]) -> Result<(), DeclarationError> {
    let present = registry.schemas();
    let mut known: Vec<&str> = present.iter().map(|schema| schema.id.as_str()).collect();
    for document in schemas {
        let urn = document.schema.id.as_str();
        if let Some(other) = known.iter().find(|other| urn.eq_ignore_ascii_case(other)) {
            let detail = format!("is the URN of another schema: {other}; declare it once");
            return Err(document.place.member("id").error(detail));
        }
        if let Some(other) = known.iter().find(|other| goes_on(urn, other) || goes_on(other, urn)) {
            let detail = format!(
                "must not be {other} with more behind it, nor its beginning: paths would be ambiguous"
            );
            return Err(document.place.member("id").error(detail));
        }
        known.push(urn);
    }
    Ok(())
}

fn goes_on(longer: &str, shorter: &str) -> bool {
    let beginning = longer.get(..shorter.len());
    beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(shorter))
        && longer.as_bytes().get(shorter.len()) == Some(&b':')
}

/// References are to types that there are.
fn check_references(
    registry: &Registry,
    schemas: &[SchemaDocument],
    types: &[TypeDocument],
) -> Result<(), DeclarationError> {
    let present = registry.resource_types().iter().map(|t| t.name.as_str());
    let declared = types.iter().map(|t| t.name.as_str());
    let known: HashSet<&str> = present.chain(declared).chain(["external", "uri"]).collect();
    let unknown = |attribute: &Attribute| {
        let mut types = attribute.reference_types.iter().enumerate();
        types.find(|(_, name)| !known.contains(name.as_str())).map(|(index, name)| (index, name.clone()))
    };
    let refuse = |place: Place, (index, name): (usize, String)| {
        let hint = nearest(&name, known.iter().copied()).map(|near| format!("; did you mean {near}?"));
        let detail = "must be external, uri or the name of a resource type, not";
        let detail = format!("{detail} {}{}", quoted(&name), hint.unwrap_or_default());
        Err(place.member("referenceTypes").element(index).error(detail))
    };
    for document in schemas {
        for (index, attribute) in document.schema.attributes.iter().enumerate() {
            let place = || document.place.member("attributes").element(index);
            if let Some(found) = unknown(attribute) {
                return refuse(place(), found);
            }
            for (index, sub) in attribute.sub_attributes.iter().enumerate() {
                if let Some(found) = unknown(sub) {
                    return refuse(place().member("subAttributes").element(index), found);
                }
            }
        }
    }
    Ok(())
}

struct Assembly<'r> {
    /// The types so far; those that were there before come first.
    types: Vec<ResourceType>,
    before: &'r Registry,
    /// Declared schemas by their URN in lower case.
    declared: HashMap<String, Declared>,
    /// Names of types that have a document, in lower case.
    named: HashSet<String>,
}

struct Declared {
    document: SchemaDocument,
    schema: Arc<Schema>,
    role: Option<Role>,
}

impl<'r> Assembly<'r> {
    fn new(before: &'r Registry, schemas: Vec<SchemaDocument>) -> Self {
        let declared = schemas.into_iter().map(|document| {
            let schema = Arc::new(document.schema.clone());
            (schema.id.to_ascii_lowercase(), Declared { document, schema, role: None })
        });
        Self {
            types: before.resource_types().to_vec(),
            before,
            declared: declared.collect(),
            named: HashSet::new(),
        }
    }

    fn add(&mut self, document: TypeDocument) -> Result<(), DeclarationError> {
        if !self.named.insert(document.name.to_ascii_lowercase()) {
            let detail = format!("is declared twice: {}; join the documents", quoted(&document.name));
            return Err(document.place.member("name").error(detail));
        }
        let known = self.types.iter().position(|t| t.name == document.name);
        let index = match known {
            Some(index) => {
                self.check_same(index, &document)?;
                index
            }
            None => {
                let created = self.create(&document)?;
                self.types.push(created);
                self.types.len() - 1
            }
        };
        for (at, entry) in document.extensions.iter().enumerate() {
            let place = document.place.member("schemaExtensions").element(at);
            self.extend(index, &place, entry)?;
        }
        if let (Some(resource_type), Some(description)) = (self.types.get_mut(index), document.description) {
            resource_type.description = description;
        }
        Ok(())
    }

    /// A type that is there already keeps its endpoint and its core schema.
    fn check_same(&self, index: usize, document: &TypeDocument) -> Result<(), DeclarationError> {
        let Some(resource_type) = self.types.get(index) else { return Ok(()) };
        let (name, urn) = (&resource_type.name, &resource_type.schema.id);
        if document.endpoint.as_ref().is_some_and(|endpoint| *endpoint != resource_type.endpoint) {
            let detail = format!("must be /{} or absent: {name} is served there", resource_type.endpoint);
            return Err(document.place.member("endpoint").error(detail));
        }
        if document.schema.as_ref().is_some_and(|schema| !schema.eq_ignore_ascii_case(urn)) {
            let detail = format!("must be {urn} or absent: {name} has it; add to it by schemaExtensions");
            return Err(document.place.member("schema").error(detail));
        }
        Ok(())
    }

    fn create(&mut self, document: &TypeDocument) -> Result<ResourceType, DeclarationError> {
        let place = &document.place;
        let taken = |name: &str, reserved: &[&str], of: fn(&ResourceType) -> &str| {
            let types = self.types.iter().map(of);
            types.chain(reserved.iter().copied()).any(|one| one.eq_ignore_ascii_case(name))
        };
        if taken(&document.name, &RESERVED_TYPES, |t| &t.name) {
            let detail = format!("must not be {}: the name is taken", quoted(&document.name));
            return Err(place.member("name").error(detail));
        }
        let Some(endpoint) = &document.endpoint else {
            return Err(place.member("endpoint").error("is required, such as /Devices"));
        };
        if taken(endpoint, &RESERVED_ENDPOINTS, |t| &t.endpoint) {
            let detail = format!("must not be {}: something else is served there", quoted(endpoint));
            return Err(place.member("endpoint").error(detail));
        }
        let Some(urn) = &document.schema else {
            return Err(place.member("schema").error("is required: the URN of the type's own schema"));
        };
        let schema = self.used(&place.member("schema"), urn, Role::Core)?;
        Ok(ResourceType::new(document.name.clone(), endpoint.clone(), "", schema))
    }

    fn extend(
        &mut self,
        index: usize,
        place: &Place,
        entry: &ExtensionEntry,
    ) -> Result<(), DeclarationError> {
        let (urn, required) = (&entry.urn, entry.required);
        let place_of_schema = place.member("schema");
        let present =
            self.types.get(index).and_then(|t| t.extension(urn)).map(|extension| extension.required);
        if let Some(present) = present {
            if present == required {
                return Ok(());
            }
            let detail =
                format!("must be {present} or the extension be left out: the type has it so already");
            return Err(place.member("required").error(detail));
        }
        let of_others = self.before.resource_types().iter().find_map(|t| t.extension(urn));
        let schema = match of_others {
            Some(extension) => Arc::clone(&extension.schema),
            None => self.used(&place_of_schema, urn, Role::Extension)?,
        };
        if let Some(resource_type) = self.types.get_mut(index) {
            *resource_type = resource_type.clone().extended(schema, required);
        }
        Ok(())
    }

    /// The declared schema of that URN, which from now on has this role.
    fn used(&mut self, place: &Place, urn: &str, role: Role) -> Result<Arc<Schema>, DeclarationError> {
        let Some(declared) = self.declared.get_mut(&urn.to_ascii_lowercase()) else {
            let shown = quoted(urn);
            let detail = match self.before.schema(urn) {
                Some(_) => format!("must not be {shown}, the core of another type; declare a schema"),
                None => format!("must be the URN of a schema; none of the documents declares {shown}"),
            };
            return Err(place.clone().error(detail));
        };
        if declared.role.is_some_and(|other| other != role || role == Role::Core) {
            let detail = "must not be shared: a schema is the core of one type, or an extension";
            return Err(place.clone().error(detail));
        }
        if declared.role.is_none() {
            check_names(declared, role)?;
        }
        declared.role = Some(role);
        Ok(Arc::clone(&declared.schema))
    }

    fn finish(self) -> Result<Registry, DeclarationError> {
        let unused = self.declared.into_values().filter(|declared| declared.role.is_none());
        let faults = unused.map(|declared| {
            let detail = "is of no use: name it as the schema of a ResourceType document, or as an extension";
            declared.document.place.member("id").error(detail)
        });
        match faults.min_by_key(|fault| fault.document) {
            Some(fault) => Err(fault),
            None => Ok(Registry::new(self.types)),
        }
    }
}

/// Core attributes stand beside the common ones; in an extension, `schemas` is an echo of the client.
fn check_names(declared: &Declared, role: Role) -> Result<(), DeclarationError> {
    let common = common_attributes().iter().map(|attribute| attribute.name.as_str());
    let taken: Vec<&str> = match role {
        Role::Core => common.collect(),
        Role::Extension => vec!["schemas"],
    };
    let taken = |name: &str| taken.iter().any(|other| other.eq_ignore_ascii_case(name));
    let attributes = &declared.schema.attributes;
    match attributes.iter().position(|attribute| taken(&attribute.name)) {
        None => Ok(()),
        Some(index) => {
            let place = declared.document.place.member("attributes").element(index).member("name");
            Err(place.error("is the name of an attribute that every resource has; leave it out"))
        }
    }
}
