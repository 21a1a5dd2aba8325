//! A stored record as the protocol shows it.
//!
//! Most answers are the stored document with an id and `meta` put around it, so the document stays text until
//! somebody has to look into it.

use super::Directory;
use super::belongings::Belonging;
use super::member::Member;
use crate::error::Error;
use crate::store::{Glance, Id, Kind, Record};
use jiff::Timestamp;
use scim::Document;
use scim::schema::MUSTER_USER_URN;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

/// How every stored document begins: `schemas` is its first attribute.
const BEGINNING: &str = "{\"schemas\":[";

/// What is shown of a resource beside its document, each of which is read for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The members of a group.
    pub members: bool,
    /// The groups of a user.
    pub groups: bool,
}

impl Shown {
    /// All there is.
    pub const ALL: Self = Self { members: true, groups: true };
    /// The document alone.
    pub const NOTHING: Self = Self { members: false, groups: false };
}

/// A user, a group or a resource of a declared type.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its id.
    pub id: Id,
    /// Counts its changes from 1.
    pub version: i64,
    kind: Kind,
    created: Timestamp,
    pub(super) modified: Timestamp,
    body: Body,
    pub(super) grouped: bool,
    signed_in: bool,
    pub(super) journal: Option<String>,
    pub(super) members: Option<Vec<Member>>,
    pub(super) groups: Vec<Belonging>,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    Text(String),
    Document(Document),
}

impl Resource {
    pub(super) fn of_glance(kind: Kind, glance: Glance) -> Result<Self, Error> {
        let (created, modified) = glance.times();
        Ok(Self {
            id: glance.id(),
            version: glance.version(),
            kind,
            created,
            modified,
            grouped: glance.grouped(),
            signed_in: glance.has_signed_in(),
            journal: glance.journal().map(str::to_owned),
            members: None,
            groups: Vec::new(),
            body: Body::Text(glance.into_text()?),
        })
    }

    pub(super) fn of_record(kind: Kind, record: Record) -> Self {
        Self {
            id: record.id,
            version: record.version,
            kind,
            created: record.created,
            modified: record.modified,
            grouped: record.grouped,
            signed_in: record.signed_in.is_some(),
            journal: record.journal,
            members: None,
            groups: Vec::new(),
            body: Body::Document(record.document),
        }
    }

    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The entity tag of this version: weak, as the body depends on the projection asked for (RFC 7644 §3.14).
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    /// How many members it shows; none if they were not read.
    pub fn members_shown(&self) -> Option<usize> {
        self.members.as_ref().map(Vec::len)
    }
}

impl Directory {
    /// The address of a resource (RFC 7643 §3.1). The id may be one that a client made up.
    pub fn location(&self, kind: Kind, id: impl fmt::Display) -> String {
        let endpoint = match kind {
            Kind::User => "Users",
            Kind::Group => "Groups",
            Kind::Custom(_) => self.resource_type(kind).map_or("", |found| &found.endpoint),
        };
        format!("{}/{endpoint}/{id}", self.base)
    }

    fn meta(&self, resource: &Resource) -> Value {
        let name = self.resource_type(resource.kind).map_or_else(|_| "", |found| &found.name);
        json!({
            "resourceType": name,
            "created": resource.created.to_string(),
            "lastModified": resource.modified.to_string(),
            "location": self.location(resource.kind, resource.id),
            "version": resource.etag(),
        })
    }

    /// These members of the resource, to be held against a filter. What is not looked at is not read, which is most of
    /// the work where a filter has to go through a whole directory.
    pub(super) fn members_of_document(
        &self,
        resource: &Resource,
        members: &[&str],
    ) -> Result<Document, Error> {
        let Body::Text(text) = &resource.body else { return self.document(resource) };
        // These are not, or not only, in the text.
        let derived = |name: &&str| matches!(*name, "groups" | "members") || *name == MUSTER_USER_URN;
        if members.iter().any(derived) {
            return self.document(resource);
        }
        let mut part = Picked(members).deserialize(&mut serde_json::Deserializer::from_str(text))?;
        if members.contains(&"id") {
            part.insert("id".to_owned(), resource.id.to_string().into());
        }
        if members.contains(&"meta") {
            part.insert("meta".to_owned(), self.meta(resource));
        }
        Ok(part)
    }

    /// The whole resource, to be filtered, projected or changed.
    pub fn document(&self, resource: &Resource) -> Result<Document, Error> {
        let stored = match &resource.body {
            Body::Text(text) => serde_json::from_str(text)?,
            Body::Document(document) => document.clone(),
        };
        let mut whole = Document::with_capacity(stored.len() + 4);
        for (name, value) in stored {
            let first = name == "schemas";
            whole.insert(name, value);
            if first {
                whole.insert("id".to_owned(), resource.id.to_string().into());
            }
        }
        if resource.kind == Kind::User {
            show_lifecycle(&mut whole, resource.signed_in);
        }
        if !resource.groups.is_empty() {
            let groups = resource.groups.iter().map(|one| one.show(self)).collect();
            whole.insert("groups".to_owned(), Value::Array(groups));
        }
        if let Some(members) = resource.members.as_deref().filter(|members| !members.is_empty()) {
            let members = members.iter().map(|one| one.show(self)).collect();
            whole.insert("members".to_owned(), Value::Array(members));
        }
        whole.insert("meta".to_owned(), self.meta(resource));
        Ok(whole)
    }

    /// Writes the resource as JSON, with everything that is returned by default.
    ///
    /// Only for types whose stored attributes are all returned by default ([`scim::schema::ResourceType::is_plain`]).
    pub fn write_json(&self, resource: &Resource, out: &mut Vec<u8>) -> Result<(), Error> {
        let text = match &resource.body {
            Body::Text(text) => Cow::Borrowed(text),
            Body::Document(document) => Cow::Owned(serde_json::to_string(document)?),
        };
        let schemas = text.starts_with(BEGINNING).then(|| text.find(']')).flatten();
        let parts = schemas.and_then(|end| Some((text.get(..=end)?, text.get(end + 1..text.len() - 1)?)));
        let (schemas, rest) = parts.ok_or_else(|| Error::fault("a document without schemas"))?;
        out.extend_from_slice(schemas.as_bytes());
        write!(out, ",\"id\":\"{}\"", resource.id)?;
        out.extend_from_slice(rest.as_bytes());
        if !resource.groups.is_empty() {
            write_list(out, "groups", &resource.groups, |one| one.show(self))?;
        }
        if let Some(members) = resource.members.as_deref().filter(|members| !members.is_empty()) {
            write_list(out, "members", members, |one| one.show(self))?;
        }
        let name = self.resource_type(resource.kind).map_or("", |found| &found.name);
        write!(
            out,
            ",\"meta\":{{\"resourceType\":\"{name}\",\"created\":\"{}\",\"lastModified\":\"{}\",\"location\":",
            resource.created, resource.modified,
        )?;
        serde_json::to_writer(&mut *out, &self.location(resource.kind, resource.id))?;
        write!(out, ",\"version\":\"W/\\\"{}\\\"\"}}}}", resource.version)?;
        Ok(())
    }
}

/// Reads these members of an object, and passes over the others.
struct Picked<'m>(&'m [&'m str]);

impl<'de> DeserializeSeed<'de> for Picked<'_> {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Document, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Picked<'_> {
    type Value = Document;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a stored document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let mut picked = Document::new();
        while let Some(name) = map.next_key_seed(Name(self.0))? {
            match name {
                Some(name) => drop(picked.insert(name.to_owned(), map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(picked)
    }
}

/// Reads a name, if it is one of these.
struct Name<'m>(&'m [&'m str]);

impl<'de, 'm> DeserializeSeed<'de> for Name<'m> {
    type Value = Option<&'m str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'m> Visitor<'_> for Name<'m> {
    type Value = Option<&'m str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|wanted| **wanted == name).copied())
    }
}

fn write_list<T>(
    out: &mut Vec<u8>,
    name: &str,
    elements: &[T],
    show: impl Fn(&T) -> Value,
) -> Result<(), Error> {
    write!(out, ",\"{name}\":")?;
    for (at, element) in elements.iter().enumerate() {
        out.push(if at == 0 { b'[' } else { b',' });
        serde_json::to_writer(&mut *out, &show(element))?;
    }
    out.push(b']');
    Ok(())
}

/// Adds Muster's read-only `lifecycle`.
fn show_lifecycle(resource: &mut Document, signed_in: bool) {
    let extension = resource.entry(MUSTER_USER_URN).or_insert_with(|| Value::Object(Document::new()));
    if let Some(extension) = extension.as_object_mut() {
        let lifecycle = if signed_in { "signed-in" } else { "mapped" };
        extension.insert("lifecycle".to_owned(), lifecycle.into());
    }
    if let Some(schemas) = resource.get_mut("schemas").and_then(Value::as_array_mut)
        && !schemas.iter().any(|schema| schema == MUSTER_USER_URN)
    {
        schemas.push(MUSTER_USER_URN.into());
    }
}
