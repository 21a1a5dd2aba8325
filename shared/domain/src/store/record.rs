//! Records as items: the SCIM document with what Muster knows about it.

use super::bond::Bond;
use super::brought::Brought;
use super::id::Id;
use super::keys::{self, Kind};
use super::name::DirectoryId;
use crate::error::Error;
use crate::table::{Item, Key, Reason, Value};
use jiff::Timestamp;
use scim::Document;
use scim::schema::ResourceType;
use serde_json::Value as Json;
use std::borrow::Cow;

/// The URN of Muster's extension of users.
const MUSTER_USER: &str = "urn:ietf:params:scim:schemas:extension:muster:2.0:User";

/// The attribute that says when a user signed in for the first time.
const SIGNED_IN: &str = "s";

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

    /// Muster itself, which finishes what a process that died had begun.
    pub fn recovery() -> Self {
        Self("recovery".to_owned())
    }

    pub(super) fn stored(text: &str) -> Self {
        Self(text.to_owned())
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
    /// The row that brings it.
    pub bond: Option<Bond>,
    /// The groups that the configuration is about to bring it into.
    pub(crate) brought: Brought,
    /// The change of members with which it begins, if it is a group with many of them.
    pub(crate) journal: Option<String>,
}

/// A stored user or group.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: Id,
    /// Counts its changes from 1.
    pub version: i64,
    /// Counts its writes from 1: also those that show in no answer. What a write is conditional on.
    pub(crate) revision: i64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Who changed it last.
    pub origin: Origin,
    /// The import configuration that brought it, if one did.
    pub owner: Option<String>,
    /// The row that it is as; none once it was changed through another door.
    pub bond: Option<Bond>,
    /// Whether it was ever a member of a group: if not, nobody need look for its groups.
    pub(crate) grouped: bool,
    /// The groups that imports have brought it into.
    pub(crate) brought: Brought,
    /// When the user signed in for the first time, if that has happened.
    pub signed_in: Option<Timestamp>,
    /// The change of members that this group is in the middle of, if it is.
    pub(crate) journal: Option<String>,
    /// The resource without `id` and `meta`; of a group, without `members`.
    pub document: Document,
}

impl Record {
    /// The entity tag of this version: weak, as the body depends on the projection asked for (RFC 7644 §3.14).
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    pub(super) fn to_item(&self, directory: &DirectoryId, kind: Kind) -> Result<Item, Error> {
        let mut item = Item::new(keys::seat(directory, kind, self.id.seat()))
            .with("i", self.id.to_string())
            .with("v", self.version)
            .with("r", self.revision)
            .with("c", self.created.as_millisecond())
            .with("m", self.modified.as_millisecond())
            .with("o", self.origin.0.clone())
            .with("d", serde_json::to_string(&self.document)?);
        if let Some(owner) = &self.owner {
            item = item.with("w", owner.clone());
        }
        if let Some(bond) = &self.bond {
            item = item.with("g", bond.as_str());
        }
        if self.grouped {
            item = item.with("b", 1);
        }
        if !self.brought.is_empty() {
            item = item.with("e", self.brought.to_text());
        }
        if let Some(at) = self.signed_in {
            item = item.with(SIGNED_IN, at.as_millisecond());
        }
        if let Some(journal) = &self.journal {
            item = item.with("j", journal.clone());
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
            revision: item.number("r").ok_or_else(damaged)?,
            created: time("c").ok_or_else(damaged)?,
            modified: time("m").ok_or_else(damaged)?,
            origin: Origin(item.text("o").ok_or_else(damaged)?.to_owned()),
            owner: item.text("w").map(str::to_owned),
            bond: item.text("g").map(Bond::stored),
            grouped: item.number("b") == Some(1),
            brought: item.text("e").map(Brought::of_text).unwrap_or_default(),
            signed_in: time(SIGNED_IN),
            journal: item.text("j").map(str::to_owned),
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

/// Takes out of a resource what is added when it is shown, and what is never kept.
pub(crate) fn stored(mut resource: Document) -> Document {
    for shown in ["id", "meta", "password"] {
        resource.shift_remove(shown);
    }
    let extension = resource.get_mut(MUSTER_USER).and_then(Json::as_object_mut);
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
    if let Some(schemas) = resource.get_mut("schemas").and_then(Json::as_array_mut) {
        schemas.retain(|schema| schema != MUSTER_USER);
    }
}

/// A record that has not been looked into yet: enough to tell that a row changes nothing, or to answer with it.
#[derive(Debug, Clone, PartialEq)]
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

    /// Whether it is as the row of this bond says. See [`Record::bond`].
    pub(crate) fn is_bound(&self, bond: &Bond) -> bool {
        self.item.text("g") == Some(bond.as_str())
    }

    /// See [`Record::owner`].
    pub(crate) fn owner(&self) -> Option<&str> {
        self.item.text("w")
    }

    /// See [`Record::brought`].
    pub(crate) fn brought(&self) -> Brought {
        self.item.text("e").map(Brought::of_text).unwrap_or_default()
    }

    /// See [`Record::grouped`].
    pub(crate) fn grouped(&self) -> bool {
        self.item.number("b") == Some(1)
    }

    /// Whether the user has signed in; see [`Record::signed_in`].
    pub(crate) fn has_signed_in(&self) -> bool {
        self.item.number(SIGNED_IN).is_some()
    }

    /// See [`Record::journal`].
    pub(crate) fn journal(&self) -> Option<&str> {
        self.item.text("j")
    }

    /// See [`Record::version`].
    pub(crate) fn version(&self) -> i64 {
        self.item.number("v").unwrap_or_default()
    }

    /// When it was created and when last changed.
    pub(crate) fn times(&self) -> (Timestamp, Timestamp) {
        let time = |name| {
            let at = self.item.number(name).and_then(|at| Timestamp::from_millisecond(at).ok());
            at.unwrap_or_default()
        };
        (time("c"), time("m"))
    }

    /// The document as JSON.
    pub(crate) fn into_text(mut self) -> Result<String, Error> {
        match self.item.attributes.remove("d") {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(Error::fault("a record without its document")),
        }
    }

    /// The whole of it.
    pub(crate) fn record(&self) -> Result<Record, Error> {
        Record::from_item(&self.item)?.ok_or_else(|| Error::fault("a record without its document"))
    }
}

/// A value under which a record can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Entry {
    kind: Kind,
    /// The attribute's name, as keys spell it.
    attribute: Cow<'static, str>,
    folded: String,
    /// The attribute's name in the schema, if only one record may have the value.
    unique: Option<String>,
}

impl Entry {
    pub(super) fn key(&self, directory: &DirectoryId, id: Id) -> Key {
        match self.claim(directory) {
            Some(claim) => claim,
            None => keys::lookup(directory, self.kind, &self.attribute, &self.folded, id),
        }
    }

    /// The key of the claim, if the value is unique.
    pub(super) fn claim(&self, directory: &DirectoryId) -> Option<Key> {
        self.is_unique().then(|| keys::claim(directory, self.kind, &self.attribute, &self.folded))
    }

    pub(super) fn is_unique(&self) -> bool {
        self.unique.is_some()
    }

    pub(super) fn item(&self, directory: &DirectoryId, id: Id) -> Item {
        let item = Item::new(self.key(directory, id));
        if self.is_unique() { item.with("u", id.to_string()) } else { item }
    }

    /// The error, if this entry could not be written because another record holds the value.
    pub(super) fn held(&self, reason: &Reason) -> Option<Error> {
        let Reason::ConditionFailed(holder) = reason else { return None };
        let holder = holder.as_ref().and_then(|item| item.text("u")).and_then(Id::parse);
        self.unique.as_ref().map(|attribute| Error::NotUnique { attribute: attribute.clone(), holder })
    }
}

/// Everything under which a document can be found: what its schemas call unique, its `externalId`, and the e-mails
/// of users. An e-mail that is the `userName` needs no entry of its own: who looks for an e-mail asks the claim as
/// well.
pub(super) fn entries(kind: Kind, resource_type: &ResourceType, document: &Document) -> Vec<Entry> {
    let mut found = Vec::with_capacity(3);
    let unique = resource_type.unique_values(document);
    let shared =
        |attribute, folded| Entry { kind, attribute: Cow::Borrowed(attribute), folded, unique: None };
    if let Some(external_id) = text(document, "externalId") {
        found.push(shared("externalId", external_id.to_owned()));
    }
    if kind == Kind::User {
        let name = unique.iter().find(|value| value.key == USER_NAME).map(|value| &value.value);
        for mail in mails(document).map(scim::fold) {
            let entry = shared("mail", mail);
            if Some(&entry.folded) != name && !found.contains(&entry) {
                found.push(entry);
            }
        }
    }
    found.extend(unique.into_iter().map(|value| Entry {
        kind,
        attribute: Cow::Owned(value.key),
        folded: value.value,
        unique: Some(value.attribute),
    }));
    found
}

/// The key of the attribute `userName`.
pub(super) const USER_NAME: &str = "username";
/// The key of the attribute `displayName` of groups.
pub(super) const DISPLAY_NAME: &str = "displayname";

fn mails(document: &Document) -> impl Iterator<Item = &str> {
    let elements = document.get("emails").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().filter_map(|element| element.get("value")?.as_str()).filter(|mail| !mail.is_empty())
}

fn text<'a>(document: &'a Document, attribute: &str) -> Option<&'a str> {
    document.get(attribute)?.as_str().filter(|text| !text.is_empty())
}
