//! Reading files: what is refused, rejected, ignored and taken, and on which line.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod any_bytes;
mod catalogue;
mod codes;
mod documents;
mod doubts;
mod hostile;
mod layouts;
mod preparing;
mod reports;
mod rows;
mod samples;

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::sync::Arc;

use domain::import::duplicates::{Survey, survey};
use domain::import::format::Format;
use domain::import::mapping::Mapping;
use domain::import::prepare::{Prepared, prepare};
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
    doubts: Vec<Problem>,
    rows: Vec<RowBuffer>,
    counts: Counts,
}

impl Read {
    /// The codes of the doubts about the file.
    fn doubted(&self) -> String {
        self.doubts.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Line, outcome and codes of every row.
    fn told(&self) -> Vec<(u64, Outcome, String)> {
        let codes =
            |row: &RowBuffer| row.problems().iter().map(|p| p.code.as_str()).collect::<Vec<_>>().join(" ");
        self.rows.iter().map(|row| (row.line(), row.outcome(), codes(row))).collect()
    }
}

/// Reads a file as an import does: first it is prepared, then surveyed, then read row by row.
fn read(file: &[u8], setting: &Setting) -> Result<Read, Problem> {
    let prepared = prepared(file, &setting.format)?;
    let found = surveyed(&prepared.file, setting)?;
    let found = Arc::new(found);
    let mut reader = opened(&prepared.file, setting)?.with_survey(Arc::clone(&found));
    let mut rows = Vec::new();
    let mut row = RowBuffer::new();
    while reader.next(&mut row).unwrap().is_some() {
        rows.push(row.clone());
    }
    let warnings = [prepared.warnings, reader.warnings().to_vec(), found.warnings()].concat();
    Ok(Read { warnings, doubts: found.doubts(), rows, counts: reader.counts() })
}

fn prepared(file: &[u8], format: &Format) -> Result<Prepared, Problem> {
    prepare(on_disk(file), format).map_err(refusal)
}

fn on_disk(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// All that a file holds, from its beginning.
fn bytes_of(mut file: &File) -> Vec<u8> {
    file.rewind().unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn opened<'a>(file: &'a File, setting: &Setting) -> Result<Reader<&'a File>, Problem> {
    open(file, &setting.format, &setting.mapping, &setting.rules).map_err(refusal)
}

fn surveyed(file: &File, setting: &Setting) -> Result<Survey, Problem> {
    survey(file, &setting.format, &setting.mapping, &setting.rules).map_err(refusal)
}

fn refusal(error: ReadError) -> Problem {
    match error {
        ReadError::Refused(problem) => problem,
        ReadError::Io(error) => panic!("{error}"),
    }
}
