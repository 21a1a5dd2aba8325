//! One row of a file: its original fields, what they mean, and what is wrong with them. Reused from row to row.

use std::sync::Arc;

use memchr::memchr;

use super::codes::Code;
use super::desired::{Cell, Desired};
use super::header::Layout;
use super::problem::Problem;
use super::records::{Fault, Record};
use super::report::unprotected;
use super::target::{TARGETS, Target};
use super::transcode::UNDECODABLE;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has a [`Desired`]; its problems are warnings.
    Accepted,
    /// At least one of its problems rejects it.
    Rejected,
    /// It says what an earlier row says.
    Ignored,
}

/// Where a cell's text stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Span {
    #[default]
    Absent,
    Clear,
    /// In the row's text.
    Original(u32, u32),
    /// Among the mended texts.
    Mended(u32, u32),
}

/// A row, and the memory for the next one.
#[derive(Debug, Clone, Default)]
pub struct RowBuffer {
    pub(super) text: String,
    pub(super) record: Record,
    pub(super) cells: [Span; TARGETS],
    pub(super) mended: String,
    pub(super) problems: Vec<Problem>,
    pub(super) layout: Arc<Layout>,
    /// Whether its fields can be trusted, and its cells are its own.
    sound: bool,
}

impl RowBuffer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The physical line on which the row begins, from 1.
    pub fn line(&self) -> u64 {
        self.record.line
    }

    /// What is wrong with the row or was noticed about it.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What became of it.
    pub fn outcome(&self) -> Outcome {
        if self.problems.iter().any(Problem::rejects) {
            Outcome::Rejected
        } else if self.problems.iter().any(|problem| problem.code == Code::DuplicateRow) {
            Outcome::Ignored
        } else {
            Outcome::Accepted
        }
    }

    /// What the row asks for, if it was accepted.
    pub fn desired(&self) -> Option<Desired<'_>> {
        (self.outcome() == Outcome::Accepted).then_some(Desired { row: self })
    }

    /// How the file's columns are laid out.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The original fields for a report, one for each name of [`Layout::names`]; missing ones are empty.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.layout.original.iter().map(|column| self.field(*column))
    }

    /// A problem of this row, laid to the column that goes to this target.
    pub fn problem(&self, code: Code, target: Target) -> Problem {
        let problem = Problem::new(code, self.line());
        match self.layout.name_of(target) {
            Some(name) => problem.in_column(name),
            None => problem,
        }
    }

    /// Whether its fields can be trusted, so that even a rejected row says whom it is about.
    pub(super) fn is_sound(&self) -> bool {
        self.sound
    }

    pub(super) fn has_value(&self, target: Target) -> bool {
        matches!(self.cells.get(target as usize), Some(Span::Original(..) | Span::Mended(..)))
    }

    pub(super) fn cell(&self, target: Target) -> Cell<'_> {
        match self.cells.get(target as usize).copied().unwrap_or_default() {
            Span::Absent => Cell::Absent,
            Span::Clear => Cell::Clear,
            Span::Original(start, end) => Cell::Set(slice(&self.text, start, end)),
            Span::Mended(start, end) => Cell::Set(slice(&self.mended, start, end)),
        }
    }

    /// A field as the file has it; in a report that comes back, without the protecting apostrophe.
    #[inline]
    pub(super) fn field(&self, column: usize) -> &str {
        let (start, end) = self.record.spans.get(column).copied().unwrap_or_default();
        let field = slice(&self.text, start, end);
        if self.layout.is_report { unprotected(field) } else { field }
    }

    /// Whether a field begins with something that is no blank and no control character.
    #[inline]
    pub(super) fn begins_visibly(&self, column: usize) -> bool {
        let (start, end) = self.record.spans.get(column).copied().unwrap_or_default();
        start < end
            && self.text.as_bytes().get(start as usize).is_some_and(|byte| (0x21..0x7F).contains(byte))
    }

    pub(super) fn begin(&mut self, layout: &Arc<Layout>) {
        if !Arc::ptr_eq(&self.layout, layout) {
            self.layout = Arc::clone(layout);
            // From row to row of one file the same cells are filled again; the others stay absent.
            self.cells = [Span::Absent; TARGETS];
        }
        self.mended.clear();
        self.problems.clear();
        self.sound = false;
        self.record.bytes = std::mem::take(&mut self.text).into_bytes();
    }

    /// Takes the record's bytes for text; where they are not UTF-8 the row is rejected, and its fields are
    /// kept as far as they can be read.
    pub(super) fn decode(&mut self) {
        match String::from_utf8(std::mem::take(&mut self.record.bytes)) {
            Ok(text) => self.text = text,
            Err(error) => {
                self.record.bytes = error.into_bytes();
                let undecodable = memchr::memmem::find(&self.record.bytes, UNDECODABLE).is_some();
                for index in 0..self.record.spans.len() {
                    let start = self.text.len() as u32;
                    self.text.push_str(&String::from_utf8_lossy(self.record.field(index)));
                    if let Some(span) = self.record.spans.get_mut(index) {
                        *span = (start, self.text.len() as u32);
                    }
                }
                self.record.bytes.clear();
                let code = if undecodable { Code::RowUndecodable } else { Code::RowNotUtf8 };
                self.problems.push(Problem::new(code, self.record.line));
            }
        }
    }

    /// Nothing but blanks and separators, the columns of a report left out.
    pub(super) fn is_blank(&self) -> bool {
        let extras = self.layout.names.len()..self.record.spans.len();
        let blank = |column: usize| self.field(column).trim().is_empty();
        self.record.fault.is_none() && self.layout.original.iter().copied().chain(extras).all(blank)
    }

    /// Notes what is wrong with the shape of the row; whether its fields can be trusted.
    pub(super) fn check_shape(&mut self) -> bool {
        if let Some(fault) = self.record.fault {
            let problem = self.fault(fault);
            self.problems.push(problem);
        } else if self.is_ragged() {
            let detail =
                format!("it has {}, the header {}", self.record.spans.len(), self.layout.names.len());
            self.problems.push(Problem::new(Code::RowRagged, self.line()).about(detail));
        }
        if memchr(0, self.text.as_bytes()).is_some() {
            self.problems.push(Problem::new(Code::NulByte, self.line()));
        }
        let sound = self.problems.is_empty();
        self.sound = sound;
        if let Some(field) = self.record.stray {
            let problem = self.laid_to(Code::QuoteStray, field);
            self.problems.push(problem);
        }
        sound
    }

    fn is_ragged(&self) -> bool {
        let (fields, columns) = (self.record.spans.len(), self.layout.names.len());
        fields < columns || (columns..fields).any(|extra| !self.field(extra).trim().is_empty())
    }

    fn fault(&self, fault: Fault) -> Problem {
        match fault {
            Fault::QuoteUnclosed(field) => self.laid_to(Code::QuoteUnclosed, field),
            Fault::QuoteMisplaced(field) => self.laid_to(Code::QuoteMisplaced, field),
            Fault::FieldTooLong(field) => self.laid_to(Code::FieldTooLong, field),
            Fault::RecordTooLong => Problem::new(Code::RowTooLong, self.line()),
        }
    }

    fn laid_to(&self, code: Code, field: usize) -> Problem {
        let problem = Problem::new(code, self.line());
        match self.layout.name(field) {
            Some(name) => problem.in_column(name),
            None => problem,
        }
    }
}

#[inline]
pub(super) fn slice(text: &str, start: u32, end: u32) -> &str {
    text.get(start as usize..end as usize).unwrap_or_default()
}
