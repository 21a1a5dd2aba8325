//! Why a command did not do its work, in words for the person who typed it: what is the matter, and how to go on.

use crate::terminal::one_line;
use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

/// A message that ends the command with exit code 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    /// A failure in these words: a sentence that says how to go on, without its full stop.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What could not be done, and every cause of it.
    pub fn caused(text: &str, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = error.into();
        let mut words = format!("{text}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            words.push_str(": ");
            words.push_str(&error.to_string());
            cause = error.source();
        }
        Self(words)
    }

    /// Says it on stderr.
    pub fn tell(&self) -> ExitCode {
        // Nobody is left to be told when stderr is closed.
        let _ = writeln!(std::io::stderr(), "muster: {}.", one_line(&self.to_string()));
        ExitCode::FAILURE
    }
}
