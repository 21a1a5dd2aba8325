//! Entity tags that a client sends back (RFC 9110 §13.1, RFC 7644 §3.14).

use crate::error::Error;
use crate::store::Record;

/// The versions of a resource that a client has in mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// Whichever there is.
    Any,
    /// One of these tags.
    OneOf(Vec<String>),
    /// Any but these tags.
    NoneOf(Vec<String>),
    /// None: the resource must not be there.
    Absent,
}

impl Versions {
    /// From the value of a header; `*` means any version.
    pub fn parse(header: &str) -> Self {
        match header.trim() {
            "*" => Self::Any,
            tags => Self::OneOf(tags.split(',').map(|tag| opaque(tag).to_owned()).collect()),
        }
    }

    /// All the others, as `If-None-Match` means its tags.
    pub fn others(self) -> Self {
        match self {
            Self::Any => Self::Absent,
            Self::OneOf(tags) => Self::NoneOf(tags),
            Self::NoneOf(tags) => Self::OneOf(tags),
            Self::Absent => Self::Any,
        }
    }

    /// Whether a resource of that version is meant. Tags are compared weakly: ours are weak.
    pub fn include(&self, version: i64) -> bool {
        let named = |tags: &[String]| tags.iter().any(|tag| *tag == format!("\"{version}\""));
        match self {
            Self::Any => true,
            Self::OneOf(tags) => named(tags),
            Self::NoneOf(tags) => !named(tags),
            Self::Absent => false,
        }
    }

    /// Refuses a change of any other version.
    pub(super) fn check(&self, record: &Record) -> Result<(), Error> {
        if self.include(record.version) { Ok(()) } else { Err(Error::PreconditionFailed) }
    }
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}
