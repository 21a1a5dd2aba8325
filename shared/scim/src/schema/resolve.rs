//! From the name that a client wrote to the attribute that it means (RFC 7644 section 3.10).

use super::{Attribute, ResourceType, Schema, attribute::named, common_attributes};
use crate::Document;
use serde_json::Value;
use std::{fmt, sync::Arc};

/// An attribute of a resource type, or one of its sub-attributes. Resolved once, then cheap to look up.
#[derive(Debug, Clone)]
pub struct AttributeRef {
    /// The extension to which it belongs; none for common and core attributes.
    pub extension: Option<Arc<Schema>>,
    /// The attribute itself.
    pub attribute: Arc<Attribute>,
    /// The sub-attribute that was named, if one was.
    pub sub: Option<Arc<Attribute>>,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// The URN of an extension: all of its attributes.
    Extension(Arc<Schema>),
    /// An attribute or sub-attribute.
    Attribute(AttributeRef),
}

impl AttributeRef {
    /// The sub-attribute if one was named, else the attribute.
    pub fn leaf(&self) -> &Arc<Attribute> {
        self.sub.as_ref().unwrap_or(&self.attribute)
    }

    /// The value of the attribute (not of the sub-attribute) in a document of canonical spelling.
    pub fn find<'d>(&self, document: &'d Document) -> Option<&'d Value> {
        match &self.extension {
            Some(schema) => document.get(&schema.id)?.as_object()?.get(&self.attribute.name),
            None => document.get(&self.attribute.name),
        }
    }

    /// The member of a document in which it stands: its own name, or the URN of its extension.
    pub fn member(&self) -> &str {
        self.extension.as_ref().map_or(&self.attribute.name, |schema| &schema.id)
    }

    /// The name in lower case, qualified by the URN of an extension: `emails.value`, `urn:…:user:department`.
    pub fn key(&self) -> String {
        self.to_string().to_lowercase()
    }
}

impl PartialEq for AttributeRef {
    /// Equal if they name the same thing of the same type.
    fn eq(&self, other: &Self) -> bool {
        self.attribute.name == other.attribute.name
            && self.sub.as_ref().map(|sub| &sub.name) == other.sub.as_ref().map(|sub| &sub.name)
            && self.extension.as_ref().map(|e| &e.id) == other.extension.as_ref().map(|e| &e.id)
    }
}

impl fmt::Display for AttributeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.extension {
            write!(f, "{}:", schema.id)?;
        }
        f.write_str(&self.attribute.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{}", sub.name),
            None => Ok(()),
        }
    }
}

impl ResourceType {
    /// Finds what a name means: `userName`, `name.givenName`, either behind a URN, or the URN of an extension.
    /// Case does not matter. None if this type has no such thing.
    pub fn resolve(&self, name: &str) -> Option<Resolved> {
        if let Some(found) = self.unqualified(name) {
            return Some(Resolved::Attribute(found));
        }
        if !name.contains(':') {
            return None;
        }
        if let Some(rest) = after_urn(name, &self.schema.id) {
            return split(&self.schema.attributes, rest, None).map(Resolved::Attribute);
        }
        self.extensions.iter().find_map(|extension| {
            let schema = &extension.schema;
            if schema.id.eq_ignore_ascii_case(name) {
                return Some(Resolved::Extension(Arc::clone(schema)));
            }
            let rest = after_urn(name, &schema.id)?;
            split(&schema.attributes, rest, Some(schema)).map(Resolved::Attribute)
        })
    }

    fn unqualified(&self, name: &str) -> Option<AttributeRef> {
        split(&self.schema.attributes, name, None).or_else(|| split(common_attributes(), name, None))
    }
}

fn split(attributes: &[Arc<Attribute>], name: &str, extension: Option<&Arc<Schema>>) -> Option<AttributeRef> {
    let (head, sub) = match name.split_once('.') {
        Some((head, sub)) => (head, Some(sub)),
        None => (name, None),
    };
    let attribute = named(attributes, head)?;
    let sub = match sub {
        Some(sub) => Some(Arc::clone(attribute.sub_attribute(sub)?)),
        None => None,
    };
    Some(AttributeRef { extension: extension.cloned(), attribute: Arc::clone(attribute), sub })
}

/// What follows `urn:` and its colon, if the name begins with it in any case.
fn after_urn<'n>(name: &'n str, urn: &str) -> Option<&'n str> {
    let head = name.get(..urn.len())?;
    if !head.eq_ignore_ascii_case(urn) {
        return None;
    }
    name.get(urn.len()..)?.strip_prefix(':')
}

/// The known name that is spelled most like an unknown one, if it is close; for the detail of an error.
pub(crate) fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if unknown.len() > LONGEST {
        return None;
    }
    let unknown = unknown.to_lowercase();
    let allowed = (unknown.chars().count() / 3).clamp(1, 3);
    known
        .map(|name| (distance(&unknown, &name.to_lowercase()), name))
        .filter(|(steps, _)| *steps <= allowed)
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, name)| name)
}

/// How many characters to insert, delete or replace (Levenshtein), row by row.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        let mut left = i + 1;
        for (pair, cb) in row.windows(2).zip(&b) {
            if let [diagonal, above] = *pair {
                left = (left + 1).min(above + 1).min(diagonal + usize::from(ca != *cb));
            }
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
