//! Why there are no figures.

use std::fmt;

/// What went wrong, for the person who measures.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure that these words tell.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What could not be done, and the cause that the system or a library gives.
    pub(crate) fn caused(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
