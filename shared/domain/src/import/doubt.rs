//! Whether a file can be trusted as a whole. Any doubt keeps it from removing anybody, whatever else it does.

use super::closing::Closing;
use super::problem::{Code, Problem};
use super::row::RowBuffer;

/// Of so many rows one may be ragged.
const RAGGED_ONE_OF: u64 = 10;

/// Rows of one kind.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    rows: u64,
    first: u64,
}

impl Seen {
    fn note(&mut self, line: u64) {
        if self.rows == 0 {
            self.first = line;
        }
        self.rows += 1;
    }

    fn problem(self, code: Code) -> Option<Problem> {
        let problem = Problem::new(code, self.first);
        match self.rows {
            0 => None,
            1 => Some(problem.about(format_args!("line {}", self.first))),
            rows => Some(problem.about(format_args!("{rows} rows, the first on line {}", self.first))),
        }
    }
}

/// What speaks against a file, gathered row by row.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: u64,
    open: Seen,
    unreadable: Seen,
    nul: Seen,
    ragged: Seen,
    /// The line on which the file breaks off.
    cut: Option<u64>,
    /// The line of the last row, and whether its number of fields is another than the header's.
    last: (u64, bool),
}

impl Tally {
    /// Counts a row whose shape was checked. Whether it has another number of fields than the header.
    pub(super) fn note(&mut self, row: &RowBuffer) -> bool {
        self.rows += 1;
        self.last = (row.line(), false);
        let mut ragged = false;
        for problem in &row.problems {
            let seen = match problem.code {
                Code::QuoteUnclosed | Code::FieldTooLong | Code::RowTooLong => &mut self.open,
                Code::RowNotUtf8 | Code::RowUndecodable => &mut self.unreadable,
                Code::NulByte => &mut self.nul,
                Code::RowRagged => {
                    ragged = true;
                    &mut self.ragged
                }
                _ => continue,
            };
            seen.note(row.line());
        }
        self.last.1 = ragged;
        ragged
    }

    /// At the end of the file: takes out what stands below the table. `cut_off` says that the last line has no end.
    pub(super) fn end(&mut self, closing: Option<&Closing>, cut_off: bool) {
        if let Some(closing) = closing {
            let (rows, ragged) = closing.rows();
            self.rows -= rows;
            self.ragged.rows -= ragged;
            self.cut = (!closing.is_certain()).then(|| closing.first());
        } else if cut_off && self.last.1 {
            self.cut = Some(self.last.0);
        }
    }

    /// Rows that are not blank.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows whose letters could not be read.
    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable.rows
    }

    /// Every reason to doubt the file.
    pub(super) fn doubts(&self) -> Vec<Problem> {
        let ragged = if self.ragged.rows * RAGGED_ONE_OF > self.rows { self.ragged } else { Seen::default() };
        let cut =
            self.cut.map(|line| Problem::new(Code::DoubtTruncated, line).about(format_args!("line {line}")));
        let empty = (self.rows == 0).then(|| Problem::of_file(Code::FileWithoutRows));
        [
            empty,
            self.open.problem(Code::DoubtOpenQuote),
            self.unreadable.problem(Code::DoubtUndecodable),
            self.nul.problem(Code::DoubtNulBytes),
            ragged.problem(Code::DoubtRagged),
            cut,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
