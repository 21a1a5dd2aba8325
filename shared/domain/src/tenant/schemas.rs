//! Schemas and resource types that an operator declares for one directory (RFC 7643 §6, §7).
//!
//! What is stored must stay describable: while there are resources of a type, its attributes may be added to, but
//! none of them may go, become another kind of thing, or be demanded of what was stored without it.

use super::directory::Entry;
use super::settings::InvalidSetting;
use crate::error::Error;
use crate::store::{DirectoryId, Kind, Store, keys};
use crate::table::{Condition, Consistency, Item, MAX_TRANSACTION_WRITES, Query, TableError, Write};
use scim::schema::{Attribute, DeclarationError, Registry, ResourceType, Schema};
use serde_json::Value;
use std::sync::Arc;

const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// Bytes of one document, as JSON.
const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// Why a declaration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Undeclarable {
    /// It is not in order.
    #[error("{0}")]
    Document(#[from] DeclarationError),
    /// There are resources that it would no longer describe.
    #[error("there are resources of the type {resource_type}, and {detail}")]
    InUse {
        /// The type's name.
        resource_type: String,
        /// What would change for them.
        detail: String,
    },
    /// A setting of the directory names what would be gone.
    #[error("the setting {0}")]
    Setting(InvalidSetting),
    /// Any other reason.
    #[error("{0}")]
    Other(#[from] Error),
}

impl Store {
    /// The documents that were declared for a directory. 0.5 read units for each 4 KB.
    pub async fn declarations(&self, id: &DirectoryId) -> Result<Vec<Value>, Error> {
        let query = Query { consistency: Consistency::Strong, ..Query::partition(keys::declarations(id)) };
        let items = self.whole(query).await?;
        let text = |item: &Item| item.text("d").map(str::to_owned);
        items.iter().filter_map(text).map(|text| Ok(serde_json::from_str(&text)?)).collect()
    }

    /// The registry of a directory as it is now: what is built in, and what was declared for it.
    pub async fn declared(&self, id: &DirectoryId) -> Result<Registry, Error> {
        let documents = self.declarations(id).await?;
        let registry = Registry::builtin();
        if documents.is_empty() {
            return Ok(registry);
        }
        let declared = registry.declare(&documents);
        declared.map_err(|error| Error::fault(format!("stored declarations: {error}")))
    }

    /// Declares documents for a directory, each in the place of the one of the same name, and takes those back whose
    /// [`declared_name`] is among the withdrawn. All or none; what is declared already costs no write.
    pub async fn declare(
        &self,
        id: &DirectoryId,
        documents: &[Value],
        withdrawn: &[String],
    ) -> Result<(), Undeclarable> {
        self.redeclare(id, documents, |name| withdrawn.iter().any(|gone| gone == name)).await
    }

    /// The same, and takes back whatever else was declared.
    pub async fn declare_only(&self, id: &DirectoryId, documents: &[Value]) -> Result<(), Undeclarable> {
        self.redeclare(id, documents, |_| true).await
    }

    async fn redeclare(
        &self,
        id: &DirectoryId,
        documents: &[Value],
        withdrawn: impl Fn(&str) -> bool + Send + Sync,
    ) -> Result<(), Undeclarable> {
        let entry = self.directory(id).await?.ok_or(Error::NotFound)?;
        let present = self.declarations(id).await?;
        let renewed = |old: &Value| documents.iter().any(|new| declared_name(new) == declared_name(old));
        let replaced = |old: &Value| renewed(old) || declared_name(old).is_some_and(|name| withdrawn(&name));
        if documents.iter().all(|new| present.contains(new))
            && present.iter().all(|old| renewed(old) || !replaced(old))
        {
            return Ok(());
        }
        let kept: Vec<Value> = present.iter().filter(|old| !replaced(old)).cloned().collect();
        let gone: Vec<&Value> = present.iter().filter(|old| replaced(old)).collect();
        let after: Vec<Value> = documents.iter().chain(&kept).cloned().collect();
        let (old, new) = (self.declared(id).await?, Registry::builtin().declare(&after)?);
        entry.settings.clone().checked(&new).map_err(Undeclarable::Setting)?;
        self.check_resources(id, &old, &new).await?;
        self.write_declarations(&entry, documents, &gone).await?;
        Ok(())
    }

    async fn check_resources(
        &self,
        id: &DirectoryId,
        old: &Registry,
        new: &Registry,
    ) -> Result<(), Undeclarable> {
        for before in old.resource_types() {
            let after = new.by_name(&before.name);
            let Some(detail) = breaks(before, after) else { continue };
            let Some(kind) = Kind::of(before) else { continue };
            if self.census(id, kind).await?.total() > 0 {
                return Err(Undeclarable::InUse { resource_type: before.name.clone(), detail });
            }
        }
        Ok(())
    }

    async fn write_declarations(
        &self,
        entry: &Entry,
        documents: &[Value],
        gone: &[&Value],
    ) -> Result<(), Error> {
        let mut writes = vec![entry.replacing()?];
        for document in documents {
            let text = document.to_string();
            if text.len() > MAX_DOCUMENT_BYTES {
                return Err(Error::TooLarge("a declared document has at most 256 KB"));
            }
            let name = declared_name(document).ok_or_else(|| Error::fault("a declaration without a name"))?;
            let key = keys::declaration(&entry.id, &name);
            writes.push(Write::Put(Item::new(key).with("d", text), Condition::Always));
        }
        for name in gone.iter().filter_map(|old| declared_name(old)) {
            if !documents.iter().any(|new| declared_name(new).as_ref() == Some(&name)) {
                writes.push(Write::Delete(keys::declaration(&entry.id, &name), Condition::Always));
            }
        }
        writes.push(self.audit_entry(&entry.id, "schemas-declared", entry.id.directory.as_str()));
        if writes.len() > MAX_TRANSACTION_WRITES {
            return Err(Error::TooLarge("at most 98 documents are declared and taken back at once"));
        }
        let done = self.table.write(&writes, None).await;
        self.forget_directory(&entry.id);
        match done {
            Err(TableError::Cancelled(_)) => Err(Error::VersionConflict),
            done => Ok(done.map(drop)?),
        }
    }
}

/// What a document is found by: a schema by its URN, a resource type by its name, in lower case. Members are found in
/// any case, as they are where the document is read.
pub fn declared_name(document: &Value) -> Option<String> {
    let members = document.as_object()?;
    let member = |wanted: &str| {
        members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let of_schema = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SCHEMA_URN));
    let is_schema = member("schemas")?.as_array()?.iter().any(of_schema);
    Some(member(if is_schema { "id" } else { "name" })?.as_str()?.to_lowercase())
}

/// What stored resources of a type would suffer, if anything.
fn breaks(before: &ResourceType, after: Option<&ResourceType>) -> Option<String> {
    let Some(after) = after else { return Some("the type would be gone".to_owned()) };
    let extension = |extension: &scim::schema::Extension| {
        let urn = &extension.schema.id;
        match after.extension(urn) {
            None => Some(format!("the extension {urn} would be gone")),
            Some(next) if next.required && !extension.required => {
                Some(format!("the extension {urn} would be required"))
            }
            Some(next) => schema_breaks(&extension.schema, &next.schema),
        }
    };
    let added =
        |next: &&scim::schema::Extension| next.required && before.extension(&next.schema.id).is_none();
    schema_breaks(&before.schema, &after.schema)
        .or_else(|| before.extensions.iter().find_map(extension))
        .or_else(|| {
            after.extensions.iter().find(added).map(|next| format!("{} would be required", next.schema.id))
        })
}

fn schema_breaks(before: &Schema, after: &Schema) -> Option<String> {
    attributes_break(&before.id, &before.attributes, &after.attributes)
}

fn attributes_break(place: &str, before: &[Arc<Attribute>], after: &[Arc<Attribute>]) -> Option<String> {
    let lost = before.iter().find_map(|old| {
        let Some(new) = after.iter().find(|new| new.name == old.name) else {
            return Some(format!("{place}:{} would be gone", old.name));
        };
        let same = old.kind == new.kind
            && old.multi_valued == new.multi_valued
            && old.case_exact == new.case_exact
            && old.uniqueness == new.uniqueness
            && old.canonical_values.iter().all(|value| new.canonical_values.contains(value))
            && (old.required || !new.required);
        if !same {
            return Some(format!(
                "{place}:{} would change its type, case, uniqueness or canonical values, or be required",
                old.name
            ));
        }
        attributes_break(&format!("{place}:{}", old.name), &old.sub_attributes, &new.sub_attributes)
    });
    let demanded = |new: &&Arc<Attribute>| new.required && !before.iter().any(|old| old.name == new.name);
    lost.or_else(|| after.iter().find(demanded).map(|new| format!("{place}:{} would be required", new.name)))
}
