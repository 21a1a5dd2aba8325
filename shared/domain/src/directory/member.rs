//! One membership: an item of its own, so that a group's size is nobody's limit.

use super::Directory;
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Record, keys};
use crate::table::{Condition, Item, Key, Write};
use scim::Document;
use scim::error::{Error as Refusal, ErrorKind};
use serde_json::{Map, Value};

/// The attribute of a membership that names the import configuration which brought it.
const BROUGHT_BY: &str = "w";

/// Somebody who is in a group, or a group that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) id: Id,
    pub(super) kind: Kind,
    /// Its name when it was last written.
    pub(super) display: Option<String>,
    /// The import configuration that made it a member, if one did.
    pub(super) brought_by: Option<String>,
}

impl Member {
    pub(super) fn of_record(kind: Kind, record: &Record) -> Self {
        Self { id: record.id, kind, display: name_of(&record.document), brought_by: None }
    }

    pub(super) fn of_item(item: &Item) -> Option<Self> {
        let kind = match item.text("k")? {
            "G" => Kind::Group,
            _ => Kind::User,
        };
        Some(Self {
            id: Id::parse(&item.key.sort)?,
            kind,
            display: item.text("n").map(str::to_owned),
            brought_by: item.text(BROUGHT_BY).map(str::to_owned),
        })
    }

    /// As an element of `members`.
    pub(super) fn show(&self, directory: &Directory) -> Value {
        element(directory, self.kind, self.id, self.kind.name(), self.display.as_deref())
    }

    /// The item of its membership in a group.
    pub(super) fn item(&self, directory: &DirectoryId, group: Id) -> Item {
        let index = Key::new(keys::memberships(directory, self.id), group.to_string());
        let mut item =
            Item::new(keys::membership(directory, group, self.id)).with("k", self.kind.tag()).indexed(index);
        if let Some(display) = &self.display {
            item = item.with("n", display.clone());
        }
        if let Some(configuration) = &self.brought_by {
            item = item.with(BROUGHT_BY, configuration.clone());
        }
        item
    }

    /// Adds it to a group, provided that it exists when the transaction happens.
    pub(super) fn join(
        &self,
        directory: &DirectoryId,
        group: Id,
        record: &Record,
    ) -> Result<[Write; 2], Error> {
        let joins = Write::Put(self.item(directory, group), Condition::Always);
        let lives = if record.grouped {
            crate::store::lives(directory, self.kind, self.id)
        } else {
            record.now_grouped(directory, self.kind)?
        };
        Ok([joins, lives])
    }
}

/// That an import configuration has brought the membership, and nobody has ended it and begun it again since.
pub(super) fn brought_by_still(configuration: &str) -> Condition {
    Condition::Equals(BROUGHT_BY.to_owned(), configuration.into())
}

/// Takes a member out of a group.
pub(super) fn leave(directory: &DirectoryId, group: Id, member: Id) -> Write {
    Write::Delete(keys::membership(directory, group, member), Condition::Always)
}

/// An element of `members` or `groups` (RFC 7643 §2.4).
pub(super) fn element(
    directory: &Directory,
    kind: Kind,
    id: Id,
    type_name: &str,
    display: Option<&str>,
) -> Value {
    let mut element = Map::with_capacity(4);
    element.insert("value".to_owned(), id.to_string().into());
    element.insert("type".to_owned(), type_name.into());
    element.insert("$ref".to_owned(), directory.location(kind, id).into());
    if let Some(display) = display {
        element.insert("display".to_owned(), display.into());
    }
    Value::Object(element)
}

/// What others call it: its `displayName`. Not its `userName`, which not everybody who may see a group need know.
pub(super) fn name_of(document: &Document) -> Option<String> {
    let name = document.get("displayName")?.as_str()?;
    (!name.is_empty()).then(|| name.to_owned())
}

pub(super) fn nobody(value: &str) -> Error {
    let shown: String = value.chars().take(80).collect();
    refused(format!("members names \"{shown}\", which is neither a user nor a group of this directory"))
}

pub(super) fn refused(detail: impl Into<String>) -> Error {
    Refusal { kind: ErrorKind::InvalidValue, detail: detail.into() }.into()
}
