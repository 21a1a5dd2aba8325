//! Records as items: the SCIM document with what Muster knows about it.

use super::fold::fold;
use super::id::Id;
use super::keys::{self, Kind};
use super::name::DirectoryId;
use crate::error::Error;
use crate::table::{Item, Key};
use jiff::Timestamp;
use scim::Document;
use serde_json::Value;

/// The URN of Muster's extension of users.
const MUSTER_USER: &str = "urn:ietf:params:scim:schemas:extension:muster:2.0:User";

/// Through which door, and by whom, a record was last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// An identity provider, by the id of its token.
    pub fn scim(token: &str) -> Self {
        Self(format!("scim:{token}"))
    }

    /// A row of a run. Finding this origin on a record proves that the row was applied.
    pub fn run(run: &str, line: u64) -> Self {
        Self(format!("run:{run}:{line}"))
    }

    /// As stored: `scim:<token>` or `run:<run>:<line>`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A record that is to be created.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The resource without `id` and `meta`.
    pub document: Document,
    /// Who creates it.
    pub origin: Origin,
    /// The import configuration that brings it, if one does.
    pub owner: Option<String>,
    /// What the row that brings it said.
    pub digest: Option<String>,
}

/// A stored user or group.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: Id,
    /// Counts its changes from 1.
    pub version: i64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Who changed it last.
    pub origin: Origin,
    /// The import configuration that brought it, if one did.
    pub owner: Option<String>,
    /// What the row said that changed it last; none once it was changed through another door.
    pub digest: Option<String>,
    /// The resource without `id` and `meta`; of a group, without `members`.
    pub document: Document,
}

impl Record {
    /// The entity tag of this version: weak, as the body depends on the projection asked for (RFC 7644 §3.14).
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    /// The resource as the protocol shows it, but for `meta.location` (RFC 7643 §3.1), which depends on the
    /// address that was called.
    pub fn resource(&self, kind: Kind) -> Document {
        let mut resource = Document::with_capacity(self.document.len() + 3);
        for (name, value) in &self.document {
            resource.insert(name.clone(), value.clone());
            if name == "schemas" {
                resource.insert("id".to_owned(), self.id.to_string().into());
            }
        }
        if kind == Kind::User {
            show_lifecycle(&mut resource);
        }
        let meta = serde_json::json!({
            "resourceType": kind.resource_type(),
            "created": self.created.to_string(),
            "lastModified": self.modified.to_string(),
            "version": self.etag(),
        });
        resource.insert("meta".to_owned(), meta);
        resource
    }

    pub(super) fn to_item(&self, directory: &DirectoryId, kind: Kind) -> Result<Item, Error> {
        let mut item = Item::new(keys::seat(directory, kind, self.id.seat()))
            .with("i", self.id.to_string())
            .with("v", self.version)
            .with("c", self.created.as_millisecond())
            .with("m", self.modified.as_millisecond())
            .with("o", self.origin.0.clone())
            .with("d", serde_json::to_string(&self.document)?);
        if let Some(owner) = &self.owner {
            item = item.with("w", owner.clone());
        }
        if let Some(digest) = &self.digest {
            item = item.with("g", digest.clone());
        }
        Ok(item)
    }

    /// The record of an item; `None` for a tombstone.
    pub(super) fn from_item(item: &Item) -> Result<Option<Self>, Error> {
        let Some(document) = item.text("d") else { return Ok(None) };
        let document = serde_json::from_str(document)?;
        let damaged = || Error::fault("a record lacks an attribute");
        let time = |name| item.number(name).and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(Some(Self {
            id: item.text("i").and_then(Id::parse).ok_or_else(damaged)?,
            version: item.number("v").ok_or_else(damaged)?,
            created: time("c").ok_or_else(damaged)?,
            modified: time("m").ok_or_else(damaged)?,
            origin: Origin(item.text("o").ok_or_else(damaged)?.to_owned()),
            owner: item.text("w").map(str::to_owned),
            digest: item.text("g").map(str::to_owned),
            document,
        }))
    }

    /// What keeps the seat of a deleted record, so that neither seat nor id is ever given again.
    pub(super) fn tombstone(&self, directory: &DirectoryId, kind: Kind, now: Timestamp, by: &Origin) -> Item {
        Item::new(keys::seat(directory, kind, self.id.seat()))
            .with("t", self.id.to_string())
            .with("x", now.as_millisecond())
            .with("o", by.0.clone())
    }
}

/// Takes out of a resource what [`Record::resource`] adds, and what is never kept.
pub(crate) fn stored(mut resource: Document) -> Document {
    for shown in ["id", "meta", "password"] {
        resource.shift_remove(shown);
    }
    let extension = resource.get_mut(MUSTER_USER).and_then(Value::as_object_mut);
    let emptied = extension.is_some_and(|extension| {
        extension.shift_remove("lifecycle");
        extension.is_empty()
    });
    if emptied {
        remove_extension(&mut resource);
    }
    resource
}

fn remove_extension(resource: &mut Document) {
    resource.shift_remove(MUSTER_USER);
    if let Some(schemas) = resource.get_mut("schemas").and_then(Value::as_array_mut) {
        schemas.retain(|schema| schema != MUSTER_USER);
    }
}

/// Adds Muster's read-only `lifecycle`. Until people can sign in, every user is `mapped`.
fn show_lifecycle(resource: &mut Document) {
    let extension = resource.entry(MUSTER_USER).or_insert_with(|| Value::Object(Document::new()));
    if let Some(extension) = extension.as_object_mut() {
        extension.insert("lifecycle".to_owned(), "mapped".into());
    }
    if let Some(schemas) = resource.get_mut("schemas").and_then(Value::as_array_mut)
        && !schemas.iter().any(|schema| schema == MUSTER_USER)
    {
        schemas.push(MUSTER_USER.into());
    }
}

/// A record that has not been looked into yet: enough to tell that a row changes nothing.
pub(crate) struct Glance {
    id: Id,
    item: Item,
}

impl Glance {
    /// `None` for a tombstone.
    pub(super) fn new(item: Item) -> Option<Self> {
        Some(Self { id: item.text("i").and_then(Id::parse)?, item })
    }

    /// Its id.
    pub(crate) fn id(&self) -> Id {
        self.id
    }

    /// See [`Record::digest`].
    pub(crate) fn digest(&self) -> Option<&str> {
        self.item.text("g")
    }

    /// The whole of it.
    pub(crate) fn record(&self) -> Result<Record, Error> {
        Record::from_item(&self.item)?.ok_or_else(|| Error::fault("a record without its document"))
    }
}

/// A value under which a record can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Entry {
    /// The attribute's name.
    pub(super) attribute: &'static str,
    pub(super) folded: String,
    /// Whether only one record may have it.
    pub(super) unique: bool,
}

impl Entry {
    pub(super) fn key(&self, directory: &DirectoryId, id: Id) -> Key {
        if self.unique {
            keys::claim(directory, self.attribute, &self.folded)
        } else {
            keys::lookup(directory, self.attribute, &self.folded, id)
        }
    }

    /// The key of the claim, if the value is unique.
    pub(super) fn claim(&self, directory: &DirectoryId) -> Option<Key> {
        self.unique.then(|| keys::claim(directory, self.attribute, &self.folded))
    }

    pub(super) fn item(&self, directory: &DirectoryId, id: Id) -> Item {
        let item = Item::new(self.key(directory, id));
        if self.unique { item.with("u", id.to_string()) } else { item }
    }
}

/// The attribute of a kind that is unique in a directory.
pub(super) fn unique_attribute(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    }
}

/// Everything under which a document can be found. An e-mail that is the `userName` needs no entry of its
/// own: who looks for an e-mail asks the claim as well.
pub(super) fn entries(kind: Kind, document: &Document) -> Vec<Entry> {
    let mut found = Vec::with_capacity(3);
    let unique = unique_attribute(kind);
    let name = text(document, unique).map(fold);
    if let Some(external_id) = text(document, "externalId") {
        found.push(Entry { attribute: "externalId", folded: external_id.to_owned(), unique: false });
    }
    for mail in mails(document).map(fold) {
        let entry = Entry { attribute: "mail", folded: mail, unique: false };
        if Some(&entry.folded) != name.as_ref() && !found.contains(&entry) {
            found.push(entry);
        }
    }
    found.extend(name.map(|folded| Entry { attribute: unique, folded, unique: true }));
    found
}

fn mails(document: &Document) -> impl Iterator<Item = &str> {
    let elements = document.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().filter_map(|element| element.get("value")?.as_str()).filter(|mail| !mail.is_empty())
}

fn text<'a>(document: &'a Document, attribute: &str) -> Option<&'a str> {
    document.get(attribute)?.as_str().filter(|text| !text.is_empty())
}
