//! What a use case can answer instead of doing its work. No HTTP here: each function maps these once.

use crate::objects::ObjectError;
use crate::store::Id;
use crate::table::TableError;
use std::fmt;

/// Why a use case did not do what it was asked. Unless it says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request breaks a rule of the protocol or of the schema; the text is for the client.
    #[error("{}", .0.detail)]
    Refused(#[from] scim::error::Error),
    /// Another record of the directory has this value.
    #[error("the value of {attribute} is in use by another resource of this directory")]
    NotUnique {
        /// The attribute's name.
        attribute: String,
        /// Who has it.
        holder: Option<Id>,
    },
    /// No such resource in this directory, whether or not there is one elsewhere.
    #[error("not found")]
    NotFound,
    /// The resource is no longer what the caller saw.
    #[error("the resource was changed meanwhile")]
    VersionConflict,
    /// The resource is not at a version that the caller has in mind.
    #[error("the resource is at another version")]
    PreconditionFailed,
    /// Over a limit that the client can stay below; the text is for the client.
    #[error("{0}")]
    TooLarge(&'static str),
    /// A store could not be reached; trying again later can help. Whether a write took place is unknown.
    #[error("a store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Our own mistake or damaged data; the text is for the operator only.
    #[error("internal fault: {0}")]
    Fault(Box<str>),
}

/// An error with what caused it, for a log: the outermost of an SDK says only that there was one.
pub struct Causes<'e>(pub &'e (dyn std::error::Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let causes = std::iter::successors(self.0.source(), |cause| cause.source());
        causes.into_iter().try_for_each(|cause| write!(formatter, ": {cause}"))
    }
}

impl Error {
    /// A fault of ours, in words for the operator; no personal data.
    pub fn fault(text: impl Into<Box<str>>) -> Self {
        Self::Fault(text.into())
    }
}

impl From<TableError> for Error {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Cancelled(_) => Self::VersionConflict,
            TableError::TooLarge(_) => Self::TooLarge(
                "the change is too large to be made at once: at most 400 KB, and about 90 e-mail addresses",
            ),
            TableError::Invalid(text) => Self::fault(text),
            TableError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

impl From<ObjectError> for Error {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::InvalidKey => Self::fault("an object key of ours was refused"),
            ObjectError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::fault(format!("stored JSON at line {} column {}", error.line(), error.column()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_to_the_first_one() {
        let refused = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "not allowed to look");
        let unavailable = Error::Unavailable(refused.into());
        assert_eq!(Causes(&unavailable).to_string(), "a store is unavailable: not allowed to look");
        assert_eq!(Causes(&Error::NotFound).to_string(), "not found");
    }
}
