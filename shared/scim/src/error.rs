//! What can be wrong with a request (RFC 7644 section 3.12), and the document that says so.
//!
//! The HTTP status belongs to the function that answers; here is only the SCIM half of an error.

use serde_json::{Value, json};
use std::fmt;

/// Schema of an error document.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The detail error keywords of RFC 7644 table 9 and RFC 9865 section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A filter is malformed, or compares what cannot be compared.
    InvalidFilter,
    /// The request asks for more than is answered at once.
    TooMany,
    /// A value is taken already.
    Uniqueness,
    /// The attribute may not be changed in this way.
    Mutability,
    /// The body is not of the shape that the request needs.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed or names nothing known.
    InvalidPath,
    /// The path of a PATCH operation selects nothing.
    NoTarget,
    /// A value is missing or of the wrong type.
    InvalidValue,
    /// The SCIM version asked for is not spoken.
    InvalidVersion,
    /// The request carries in its URI what must not stand there.
    Sensitive,
    /// A cursor is not one that was given out for this question.
    InvalidCursor,
    /// A cursor was given out too long ago; the client begins anew.
    ExpiredCursor,
    /// A page by cursor cannot be of that size.
    InvalidCount,
}

impl ErrorKind {
    /// The keyword as it stands in `scimType`.
    pub const fn scim_type(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVersion => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scim_type())
    }
}

/// A refusal: the keyword for programs, the detail for the person who reads the client's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct Error {
    /// Which of the keywords of RFC 7644 applies.
    pub kind: ErrorKind,
    /// What is wrong and what was expected, in one sentence that may be shown to the client.
    pub detail: String,
}

impl Error {
    /// An error of that kind with that detail.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// The error document of RFC 7644 section 3.12; `status` is the HTTP status and becomes a string.
pub fn error_document(status: u16, scim_type: Option<&str>, detail: &str) -> Value {
    let mut document = json!({"schemas": [ERROR_URN], "status": status.to_string()});
    if let Some(keyword) = scim_type {
        document["scimType"] = keyword.into();
    }
    document["detail"] = detail.into();
    document
}

/// Text of a client as it may be repeated in a detail: whole if short, else its beginning.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("\"{}…\"", text.get(..end).unwrap_or_default()),
        None => format!("\"{text}\""),
    }
}
