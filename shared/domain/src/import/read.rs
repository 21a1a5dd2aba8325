//! Reads a file row by row: opens it, refuses what is no table of users, and hands out checked rows.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::cells::{self, Remembered};
use super::codes::Code;
use super::delimiter;
use super::duplicates::Survey;
use super::format::{Columns, EmptyCells, Format};
use super::header::{self};
use super::mapping::Mapping;
use super::preamble::Preamble;
use super::problem::Problem;
use super::records::{Record, Records};
use super::repeats::Judge;
use super::rules::Rules;
use super::signature;
use super::template;

pub use super::header::Layout;
pub use super::row::{Outcome, RowBuffer};

/// Bytes of the file that are looked at before the first row.
const SAMPLE_BYTES: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Columns that a file has at most.
const MAX_COLUMNS: usize = 1000;

/// Why a file is not read on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file as a whole is refused; the problem says why and what to do.
    #[error("the file is refused: {0}")]
    Refused(Problem),
    /// The bytes could not be had.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
}

/// Rows so far, by what became of them. `rows` is the sum of the other three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows of the file without the header, blank lines included.
    pub rows: u64,
    /// Rows that ask for something.
    pub accepted: u64,
    /// Rows with a problem that rejects them.
    pub rejected: u64,
    /// Blank lines, rows of empty cells, and repetitions of an earlier row.
    pub ignored: u64,
}

/// Hands out the rows of one file.
#[derive(Debug)]
pub struct Reader<R> {
    records: Records<R>,
    layout: Arc<Layout>,
    warnings: Vec<Problem>,
    rules: Rules,
    empty_cells: EmptyCells,
    remembered: Remembered,
    survey: Option<Arc<Survey>>,
    judge: Judge,
    counts: Counts,
}

/// Opens a file from its beginning: tells that it is a table, what separates its columns, and where they go.
///
/// A file that is no CSV in UTF-8, that has no readable header or lacks a mandatory or a mapped column is
/// [`ReadError::Refused`] here, before any row.
pub fn open<R: Read + Seek>(
    mut file: R,
    format: &Format,
    mapping: &Mapping,
    rules: &Rules,
) -> Result<Reader<R>, ReadError> {
    file.seek(SeekFrom::Start(0))?;
    let mut records = Records::new(file, b',');
    let byte_order_mark = skip_byte_order_marks(&mut records)?;
    if let Some(code) = signature::refusal(records.sample(SAMPLE_BYTES)?) {
        return Err(ReadError::Refused(Problem::of_file(code)));
    }
    let preamble = Preamble::find(records.sample(SAMPLE_BYTES)?, format, mapping, &rules.mandatory);
    for _ in 0..preamble.lines {
        records.skip_line()?;
    }
    let above = records.line() - 1;
    let configured = format.delimiter.byte().map(|byte| (byte, "the configuration"));
    let said = configured.or(preamble.separator.map(|byte| (byte, "the first line")));
    let sample = records.sample(SAMPLE_BYTES)?;
    let knows = |name: &str| header::knows(name, mapping);
    let whole = sample.len() < SAMPLE_BYTES;
    let delimiter = delimiter::detect(sample, whole, said, &knows)
        .map_err(|problem| ReadError::Refused(Problem { line: problem.line + above, ..problem }))?;
    let line_end = line_end(sample);
    records.set_delimiter(delimiter);
    let (names, line) = header_names(&mut records)?;
    let (layout, warnings) =
        header::resolve(names, mapping, &rules.mandatory, line).map_err(ReadError::Refused)?;
    if format.columns == Columns::TemplateOrder {
        template::demand(layout.names(), mapping, &rules.mandatory, line).map_err(ReadError::Refused)?;
    }
    records.set_fields(layout.names.len());
    let warnings = preamble.warning.into_iter().chain(warnings).collect();
    let delimiter_named = preamble.separator == Some(delimiter);
    let layout = Arc::new(Layout { delimiter, delimiter_named, byte_order_mark, line_end, ..layout });
    let (rules, empty_cells) = (rules.clone(), format.empty_cells);
    Ok(Reader {
        records,
        layout,
        warnings,
        rules,
        empty_cells,
        remembered: Remembered::default(),
        survey: None,
        judge: Judge::default(),
        counts: Counts::default(),
    })
}

fn skip_byte_order_marks<R: Read>(records: &mut Records<R>) -> io::Result<bool> {
    let mut found = false;
    while records.sample(BYTE_ORDER_MARK.len())? == BYTE_ORDER_MARK {
        records.skip_bytes(BYTE_ORDER_MARK.len());
        found = true;
    }
    Ok(found)
}

fn line_end(sample: &[u8]) -> &'static str {
    let end = sample.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let crlf = end.is_some_and(|end| sample.get(end..).is_some_and(|rest| rest.starts_with(b"\r\n")));
    if crlf { "\r\n" } else { "\n" }
}

/// The first line that is not blank, and its number.
fn header_names<R: Read>(records: &mut Records<R>) -> Result<(Vec<String>, u64), ReadError> {
    let mut record = Record::default();
    let refused = |code, line| Err(ReadError::Refused(Problem::new(code, line)));
    loop {
        if !records.next(&mut record)? {
            return refused(Code::FileEmpty, 0);
        }
        if record.bytes.trim_ascii().is_empty() {
            continue;
        }
        if record.spans.len() > MAX_COLUMNS {
            let detail = format!("it has {} columns, and {MAX_COLUMNS} at most are read", record.spans.len());
            return Err(ReadError::Refused(Problem::new(Code::HeaderUnreadable, record.line).about(detail)));
        }
        if record.fault.is_some() {
            return refused(Code::HeaderUnreadable, record.line);
        }
        let names: Result<Vec<String>, _> =
            record.fields().map(|name| String::from_utf8(name.to_vec())).collect();
        return match names {
            Ok(names) => Ok((names.into_iter().map(|name| name.trim().to_owned()).collect(), record.line)),
            Err(_) => refused(Code::FileNotUtf8, record.line),
        };
    }
}

impl<R: Read> Reader<R> {
    /// Judges repetitions within the file by what the survey of the same file found.
    pub fn with_survey(mut self, survey: Arc<Survey>) -> Self {
        self.survey = Some(survey);
        self
    }

    /// How the columns are laid out.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// What was noticed about the file as a whole when it was opened.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Rows so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The next row that is not blank, or `None` at the end of the file. Blank rows are only counted, and so is what
    /// the survey found below the table.
    pub fn next(&mut self, row: &mut RowBuffer) -> Result<Option<Outcome>, ReadError> {
        let below = self.survey.as_ref().map_or(u64::MAX, |survey| survey.table_ends());
        loop {
            if !self.next_row(row)? {
                return Ok(None);
            }
            if row.line() < below {
                break;
            }
            self.counts.ignored += 1;
        }
        if row.check_shape() {
            cells::check(row, &self.rules, self.empty_cells, &mut self.remembered);
            if let Some(survey) = &self.survey {
                self.judge.judge(survey.repeats(), row)?;
            }
        }
        let outcome = row.outcome();
        match outcome {
            Outcome::Accepted => self.counts.accepted += 1,
            Outcome::Rejected => self.counts.rejected += 1,
            Outcome::Ignored => self.counts.ignored += 1,
        }
        Ok(Some(outcome))
    }

    /// Whether the file ended in the middle of a line, and whether it marked its end, once all rows are read.
    pub(super) fn ending(&self) -> (bool, bool) {
        (self.records.is_cut_off(), self.records.has_end_mark())
    }

    /// The next row that is not blank, not yet checked.
    pub(super) fn next_row(&mut self, row: &mut RowBuffer) -> Result<bool, ReadError> {
        loop {
            row.begin(&self.layout);
            if !self.records.next(&mut row.record)? {
                return Ok(false);
            }
            row.decode();
            self.counts.rows += 1;
            if !row.is_blank() {
                return Ok(true);
            }
            self.counts.ignored += 1;
        }
    }
}
