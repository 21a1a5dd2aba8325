//! Problems are data: why a file or a row was refused, or what was noticed about it, and how to mend it.

use std::fmt::{self, Display, Write as _};

use serde::{Deserialize, Serialize};

pub use super::codes::Code;

/// What a problem does to the import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The whole file is refused before any row is planned.
    FileRefused,
    /// The file goes on; an administrator should know.
    FileWarning,
    /// The plan is made and waits for a person's decision before anything is written.
    RunHeld,
    /// This row is left out; the others go on.
    RowRejected,
    /// The row is taken; something about it was mended or left out.
    RowWarning,
}

/// One problem, as the administrator reads it in the report.
///
/// `text` may quote a cell of the file, shortened: it is for the report and must never be logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The physical line on which the row begins, from 1; 0 where it is about the file as a whole.
    pub line: u64,
    /// The column's name as the file's header writes it, where one column is to blame.
    pub column: Option<String>,
    /// What kind of problem.
    pub code: Code,
    /// What is wrong, in a sentence.
    pub text: String,
    /// What to do about it, in a sentence.
    pub remedy: String,
}

impl Problem {
    /// A problem of the row that begins on this physical line; its words come from the table of codes.
    pub fn new(code: Code, line: u64) -> Self {
        Self {
            line,
            column: None,
            code,
            text: format!("{}.", code.what()),
            remedy: format!("{}.", code.remedy()),
        }
    }

    /// A problem of the file as a whole.
    pub fn of_file(code: Code) -> Self {
        Self::new(code, 0)
    }

    /// The same, laid to one column.
    pub fn in_column(mut self, name: &str) -> Self {
        self.column = Some(name.to_owned());
        self
    }

    /// The same, with what it is about after a colon.
    pub fn about(mut self, detail: impl Display) -> Self {
        self.text.clear();
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{}: {detail}.", self.code.what());
        self
    }

    /// Whether it keeps its row, or the file, from being taken.
    pub fn rejects(&self) -> bool {
        matches!(self.code.severity(), Severity::FileRefused | Severity::RowRejected)
    }
}

impl Display for Problem {
    /// The code alone: this is what may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

/// Characters of a cell that a text quotes at most.
const QUOTED_CHARS: usize = 64;

/// A cell's text in quotation marks, cut after 64 characters, without control characters.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(QUOTED_CHARS) {
            f.write_char(if c.is_control() { ' ' } else { c })?;
        }
        f.write_str(if chars.next().is_some() { "…\"" } else { "\"" })
    }
}
