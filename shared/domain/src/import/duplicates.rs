//! What can only be known from the whole file: who is in it twice, and whether it can be trusted.
//!
//! A first pass over the file, in the same memory for a file of any size. It reads and splits but checks no value;
//! what it costs beside the second pass is measured in `benches/import.rs`.

use std::io::{Read, Seek};
use std::sync::Arc;

use super::closing::Closing;
use super::codes::Code;
use super::doubt::Tally;
use super::format::Format;
use super::mapping::Mapping;
use super::problem::Problem;
use super::read::{Layout, ReadError, RowBuffer, open};
use super::repeats::{Names, Repeats};
use super::rules::Rules;

/// With fewer unreadable rows than this, each is rejected by itself.
const UNREADABLE_ROWS: u64 = 10;

/// What the first pass over a file found.
#[derive(Debug, Default)]
pub struct Survey {
    layout: Arc<Layout>,
    tally: Tally,
    closing: Option<Closing>,
    end_mark: bool,
    repeats: Repeats,
}

/// Goes over the whole file once, from its beginning, and says what [`super::read::Reader`] cannot know.
///
/// Besides what [`open`] refuses, it refuses a file of which more than ten rows are not UTF-8 and more than
/// those that hold letters beyond ASCII in UTF-8: then it was written in another encoding.
pub fn survey<R: Read + Seek>(
    file: R,
    format: &Format,
    mapping: &Mapping,
    rules: &Rules,
) -> Result<Survey, ReadError> {
    let mut reader = open(file, format, mapping, rules)?;
    let mut row = RowBuffer::new();
    let mut survey = Survey { layout: Arc::clone(reader.layout()), ..Survey::default() };
    let mut names = Names::default();
    let mut closing = Closing::default();
    let mut beyond_ascii = 0;
    while reader.next_row(&mut row)? {
        beyond_ascii += u64::from(row.problems.is_empty() && !row.text.is_ascii());
        if row.check_shape() {
            names.note(&row)?;
        }
        let ragged = survey.tally.note(&row);
        closing.note(&row, ragged);
    }
    let unreadable = survey.tally.unreadable();
    if unreadable > UNREADABLE_ROWS && unreadable > beyond_ascii {
        return Err(ReadError::Refused(Problem::of_file(Code::FileNotUtf8)));
    }
    survey.repeats = names.repeats()?;
    let (cut_off, end_mark) = reader.ending();
    survey.closing = closing.end(cut_off);
    survey.end_mark = end_mark;
    survey.tally.end(survey.closing.as_ref(), cut_off);
    Ok(survey)
}

impl Survey {
    /// Rows that are not blank.
    pub fn rows(&self) -> u64 {
        self.tally.rows()
    }

    /// The header's names as the file writes them; from one file to the next their change is drift.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        self.layout.names()
    }

    /// Every reason why the file as a whole cannot be trusted: where there is one, it removes nobody. These are no
    /// rows, a quotation mark or a field without end, bytes that are no letters or NUL, more than one ragged row of
    /// ten, and an end in the middle of a row.
    pub fn doubts(&self) -> Vec<Problem> {
        self.tally.doubts()
    }

    /// What is to be said about the file as a whole, doubts included, beside [`super::read::Reader::warnings`].
    pub fn warnings(&self) -> Vec<Problem> {
        let below = match &self.closing {
            Some(closing) => Some(closing.warning()),
            None if self.end_mark => {
                Some(Problem::of_file(Code::LinesBelowTable).about("the character Ctrl-Z at the end"))
            }
            None => None,
        };
        below.into_iter().chain(self.doubts()).collect()
    }

    /// The line from which on there is no row.
    pub(super) fn table_ends(&self) -> u64 {
        self.closing.as_ref().map_or(u64::MAX, Closing::first)
    }

    /// What repeated names mean for its rows.
    pub(super) fn repeats(&self) -> &Repeats {
        &self.repeats
    }
}
