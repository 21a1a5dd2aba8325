//! Entity tags that a client sends back (RFC 7232 §3, RFC 7644 §3.14).

use crate::error::Error;
use crate::store::Record;

/// The versions of a resource that a client has in mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// Whichever there is.
    Any,
    /// One of these tags.
    OneOf(Vec<String>),
}

impl Versions {
    /// From the value of a header; `*` means any version.
    pub fn parse(header: &str) -> Self {
        match header.trim() {
            "*" => Self::Any,
            tags => Self::OneOf(tags.split(',').map(|tag| opaque(tag).to_owned()).collect()),
        }
    }

    /// Whether the record is at one of these versions. Tags are compared weakly: ours are weak.
    pub fn include(&self, record: &Record) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag == opaque(&record.etag())),
        }
    }

    /// Refuses a change of any other version.
    pub(super) fn check(&self, record: &Record) -> Result<(), Error> {
        if self.include(record) { Ok(()) } else { Err(Error::PreconditionFailed) }
    }
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}
