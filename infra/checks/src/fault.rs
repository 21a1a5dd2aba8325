//! What a rule finds.

use std::fmt;

/// A place where a house rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is wrong, and what to do instead.
    pub text: String,
}

/// A fault at a line.
pub fn at(line: usize, text: impl Into<String>) -> Fault {
    Fault { line, text: text.into() }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.line, self.text)
    }
}
