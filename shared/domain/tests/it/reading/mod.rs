//! Reading files: what is refused, rejected, ignored and taken, and on which line.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod any_bytes;
mod codes;
mod documents;
mod reports;
mod rows;
mod samples;

use std::io::Cursor;
use std::sync::Arc;

use domain::import::duplicates::{Survey, survey};
use domain::import::format::Format;
use domain::import::mapping::Mapping;
use domain::import::problem::Problem;
use domain::import::read::{Counts, Outcome, ReadError, Reader, RowBuffer, open};
use domain::import::rules::Rules;
use domain::tenant::ExcludeLists;

/// How a test reads its file; the default is that of a new configuration.
#[derive(Default)]
struct Setting {
    format: Format,
    mapping: Mapping,
    rules: Rules,
}

impl Setting {
    /// A format and a mapping as the configuration document writes them.
    fn of(format: &str, mapping: &str) -> Self {
        let (format, mapping) =
            (serde_json::from_str(format).unwrap(), serde_json::from_str(mapping).unwrap());
        Self { format, mapping, rules: Rules::default() }
    }

    fn excluding(exclude: ExcludeLists) -> Self {
        Self { rules: Rules { exclude, ..Rules::default() }, ..Self::default() }
    }
}

/// What came of a file.
struct Read {
    warnings: Vec<Problem>,
    doubtful: bool,
    rows: Vec<RowBuffer>,
    counts: Counts,
}

impl Read {
    /// Line, outcome and codes of every row.
    fn told(&self) -> Vec<(u64, Outcome, String)> {
        let codes =
            |row: &RowBuffer| row.problems().iter().map(|p| p.code.as_str()).collect::<Vec<_>>().join(" ");
        self.rows.iter().map(|row| (row.line(), row.outcome(), codes(row))).collect()
    }
}

/// Reads a file as an import does: first the survey, then row by row.
fn read(file: &[u8], setting: &Setting) -> Result<Read, Problem> {
    let found = surveyed(file, setting)?;
    let mut reader = opened(file, setting)?.with_survey(Arc::new(found.clone()));
    let mut rows = Vec::new();
    let mut row = RowBuffer::new();
    while reader.next(&mut row).unwrap().is_some() {
        rows.push(row.clone());
    }
    let warnings = [reader.warnings().to_vec(), found.warnings()].concat();
    Ok(Read { warnings, doubtful: found.doubtful(), rows, counts: reader.counts() })
}

fn opened<'a>(file: &'a [u8], setting: &Setting) -> Result<Reader<Cursor<&'a [u8]>>, Problem> {
    open(Cursor::new(file), &setting.format, &setting.mapping, &setting.rules).map_err(refusal)
}

fn surveyed(file: &[u8], setting: &Setting) -> Result<Survey, Problem> {
    survey(Cursor::new(file), &setting.format, &setting.mapping, &setting.rules).map_err(refusal)
}

fn refusal(error: ReadError) -> Problem {
    match error {
        ReadError::Refused(problem) => problem,
        ReadError::Io(error) => panic!("{error}"),
    }
}
