//! What stands below the table: the one place that tells a row from a total or a note about the export.

use super::problem::{Code, Problem, Quoted};
use super::row::RowBuffer;
use super::target::Target;

/// Ctrl-Z.
const END_MARK: char = '\u{1A}';
/// Rows below the table at most; more of them are rows.
const MOST_ROWS: usize = 10;
/// A file with fewer columns has rows of one field by its nature.
const LEAST_COLUMNS: usize = 3;
/// What lines below a table begin with.
const WORDS: [&str; 21] = [
    "total",
    "totals",
    "sum",
    "count",
    "records",
    "rows",
    "users",
    "end",
    "eof",
    "generated",
    "exported",
    "created",
    "summe",
    "gesamt",
    "anzahl",
    "insgesamt",
    "ende",
    "nombre",
    "fin",
    "totale",
    "suma",
];

/// What a row is, as far as it can be told from itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Row,
    /// Below a table by its words.
    Certain,
    /// One field where the table has many.
    Likely,
}

/// The rows at the end of what was read so far that do not look like rows.
#[derive(Debug, Default)]
pub(super) struct Closing {
    first: u64,
    last: u64,
    rows: usize,
    text: String,
    ragged: u64,
    certain: bool,
    likely_last: bool,
}

impl Closing {
    /// Counts the next row in, or begins anew if it is one for certain. `ragged` says whether it was counted as one
    /// with too few fields.
    pub(super) fn note(&mut self, row: &RowBuffer, ragged: bool) {
        let kind = kind(row);
        if kind == Kind::Row {
            if self.rows > 0 {
                *self = Self::default();
            }
            return;
        }
        if self.rows == 0 {
            self.first = row.line();
            first_cell(row).clone_into(&mut self.text);
            self.certain = true;
        }
        self.last = row.line();
        self.rows += 1;
        self.ragged += u64::from(ragged);
        self.certain &= kind == Kind::Certain;
        self.likely_last = kind == Kind::Likely;
    }

    /// At the end of the file: what stands below the table, if anything does. A last line without a line end is no
    /// note but a row that was cut off, unless it says that it is one.
    pub(super) fn end(self, cut_off: bool) -> Option<Self> {
        let below = (1..=MOST_ROWS).contains(&self.rows) && !(cut_off && self.likely_last);
        below.then_some(self)
    }

    /// The line on which it begins.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// Its rows, and how many of them have too few fields.
    pub(super) fn rows(&self) -> (u64, u64) {
        (self.rows as u64, self.ragged)
    }

    /// Whether the words of every row say what it is; otherwise the table may have been broken off by a message.
    pub(super) fn is_certain(&self) -> bool {
        self.certain
    }

    /// What is to be said about it.
    pub(super) fn warning(&self) -> Problem {
        let problem = Problem::new(Code::LinesBelowTable, self.first);
        let Self { first, last, text, .. } = self;
        if first == last {
            problem.about(format_args!("line {first}, {}", Quoted(text)))
        } else {
            problem.about(format_args!("lines {first} to {last}, beginning with {}", Quoted(text)))
        }
    }
}

fn first_cell(row: &RowBuffer) -> &str {
    cells(row).next().unwrap_or_default()
}

fn cells(row: &RowBuffer) -> impl Iterator<Item = &str> {
    (0..row.record.spans.len()).map(|column| row.field(column).trim()).filter(|cell| !cell.is_empty())
}

fn kind(row: &RowBuffer) -> Kind {
    // Nearly every row has three cells that say something, which a look at their first bytes shows.
    if row.record.spans.len() > 2 && (0..3).all(|column| row.begins_visibly(column)) {
        return Kind::Row;
    }
    let columns = row.layout().names.len();
    let odd = row.problems.iter().any(|problem| problem.code != Code::RowRagged);
    if odd || row.record.fault.is_some() || row.record.spans.len() > columns {
        return Kind::Row;
    }
    let mut cells = cells(row);
    let (text, second) = (cells.next().unwrap_or_default(), cells.next());
    if cells.next().is_some() {
        return Kind::Row;
    }
    if text.chars().all(|c| c == END_MARK) {
        return Kind::Certain;
    }
    // With few columns, short rows are nothing odd.
    if columns < LEAST_COLUMNS {
        return Kind::Row;
    }
    let note = is_note(text);
    match row.record.spans.len() {
        1 if note => Kind::Certain,
        1 => Kind::Likely,
        _ if note && second.is_none_or(is_number) && !names_somebody(row) => Kind::Certain,
        _ => Kind::Row,
    }
}

fn is_number(cell: &str) -> bool {
    cell.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether there is a login name or an identifier: a row about somebody called End is a row.
fn names_somebody(row: &RowBuffer) -> bool {
    [Target::LoginName, Target::Uid]
        .into_iter()
        .filter_map(|target| row.layout().column_of(target))
        .any(|column| !row.field(column).trim().is_empty())
}

/// A rule of dashes, a comment, a number with one of the words, or a text that begins with one.
fn is_note(text: &str) -> bool {
    let rule = ["--", "==", "**", "__", "//", "#"].iter().any(|rule| text.starts_with(rule));
    let text = text.trim_start_matches(|c: char| !c.is_alphabetic());
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let word = text.get(..end).unwrap_or_default().to_lowercase();
    rule || WORDS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_told_by_their_first_word() {
        for note in [
            "Total: 3",
            "-- end of report --",
            "3 rows",
            "(42 users)",
            "Summe",
            "=====",
            "# done",
            "EOF",
            "count=7",
        ] {
            assert!(is_note(note), "{note}");
        }
        for row in ["active", "Totally", "ann@acme.example", "42", "endo", "", "-1"] {
            assert!(!is_note(row), "{row}");
        }
    }
}
