//! What can only be known from the whole file: who is in it twice, and whether it can be trusted.
//!
//! A first pass over the file keeps 16 bytes for each name that a row gives a user: some 35 MB of table for
//! a million rows with one name each, and as much again for every further name. It reads and splits but
//! checks no value; what it costs beside the second pass is measured in `benches/import.rs`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{Read, Seek};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::codes::Code;
use super::format::Format;
use super::mapping::Mapping;
use super::problem::Problem;
use super::read::{ReadError, RowBuffer, open};
use super::rules::Rules;
use super::target::Target;
use super::text::{clean, trim_ascii};

/// With fewer unreadable rows than this, each is rejected by itself.
const UNREADABLE_ROWS: u64 = 10;

/// What the first pass over a file found.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    rows: u64,
    unclosed: u64,
    repeated: Names<Repeated>,
}

type Names<T> = HashMap<u64, T, BuildHasherDefault<AlreadyHashed>>;

/// A name that more than one row gives.
#[derive(Debug, Clone, Copy)]
struct Repeated {
    /// The line of the second row.
    second: u64,
    /// Whether the rows say different things.
    differs: bool,
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
    let mut survey = Survey::default();
    let mut seen: Names<u64> = Names::default();
    let (mut unreadable, mut beyond_ascii) = (0, 0);
    while reader.next_row(&mut row)? {
        survey.rows += 1;
        beyond_ascii += u64::from(row.problems.is_empty() && !row.text.is_ascii());
        if row.check_shape() {
            survey.note(&row, &mut seen);
        }
        unreadable += u64::from(has(&row, Code::RowNotUtf8));
        survey.unclosed += u64::from(has(&row, Code::QuoteUnclosed) || has(&row, Code::FieldTooLong));
    }
    if unreadable > UNREADABLE_ROWS && unreadable > beyond_ascii {
        return Err(ReadError::Refused(Problem::of_file(Code::FileNotUtf8)));
    }
    Ok(survey)
}

fn has(row: &RowBuffer, code: Code) -> bool {
    row.problems.iter().any(|problem| problem.code == code)
}

impl Survey {
    /// Rows that are not blank.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether the file leaves a doubt about itself: no rows, or a quotation mark or a field without end. Such a file removes nobody.
    pub fn doubtful(&self) -> bool {
        self.rows == 0 || self.unclosed > 0
    }

    /// What is to be said about the file as a whole, beside [`super::read::Reader::warnings`].
    pub fn warnings(&self) -> Vec<Problem> {
        (self.rows == 0).then(|| Problem::of_file(Code::FileWithoutRows)).into_iter().collect()
    }

    fn note(&mut self, row: &RowBuffer, seen: &mut Names<u64>) {
        let content = content(row);
        for name in names(row).into_iter().flatten() {
            match seen.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(content);
                }
                Entry::Occupied(entry) => {
                    let repeated = Repeated { second: row.line(), differs: false };
                    self.repeated.entry(name).or_insert(repeated).differs |= *entry.get() != content;
                }
            }
        }
    }

    /// Adds to a row what the rest of the file means for it: all rows that give one user different things
    /// are rejected; of rows that say the same all but the first are left out.
    pub(super) fn judge(&self, row: &mut RowBuffer) {
        if self.repeated.is_empty() {
            return;
        }
        let found = names(row).into_iter().flatten().filter_map(|name| self.repeated.get(&name));
        let Some(repeated) = found.max_by_key(|repeated| repeated.differs) else { return };
        let line = row.line();
        if repeated.differs {
            let problem = Problem::new(Code::DuplicateUser, line);
            row.problems.push(match repeated.second {
                second if second == line => problem.about("an earlier row"),
                second => problem.about(format_args!("line {second}")),
            });
        } else if line >= repeated.second && !row.problems.iter().any(Problem::rejects) {
            row.problems.push(Problem::new(Code::DuplicateRow, line));
        }
    }
}

/// The names by which a row calls its user, hashed: login name (or else mail), mail, identifier.
fn names(row: &RowBuffer) -> [Option<u64>; 3] {
    let cell = |target: Target| {
        let text = clean(row.field(row.layout().column_of(target)?), target.identifies()).text;
        (!text.is_empty()).then_some(text)
    };
    let (login, mail, uid) = (cell(Target::LoginName), cell(Target::Mail), cell(Target::Uid));
    // Without a column for it, every login name is the mail address: one name says it all.
    let login = row.layout().column_of(Target::LoginName).and(login.as_deref().or(mail.as_deref()));
    [
        login.map(|text| folded_hash(1, text)),
        mail.as_deref().map(|text| folded_hash(2, text)),
        uid.map(|text| hash(3, text.as_bytes())),
    ]
}

/// Without regard to case.
fn folded_hash(kind: u8, text: &str) -> u64 {
    let mut buffer = [0; 64];
    match buffer.get_mut(..text.len()) {
        Some(folded) if text.is_ascii() => {
            folded.copy_from_slice(text.as_bytes());
            folded.make_ascii_lowercase();
            hash(kind, folded)
        }
        _ => hash(kind, scim::fold(text).as_bytes()),
    }
}

fn hash(kind: u8, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, u64::from(kind))
}

/// All that a row says, hashed: the fields of columns that are taken over.
fn content(row: &RowBuffer) -> u64 {
    let fields = row.layout().mapped.iter().map(|(column, _)| trim_ascii(row.field(*column)));
    fields.fold(0, |hash, field| xxh3_64_with_seed(field.as_bytes(), hash))
}

/// The keys are hashes already.
#[derive(Debug, Clone, Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
