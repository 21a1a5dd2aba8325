//! Writes the report of a run: the rows with problems, as they stood in the file.

use super::configuration::Configuration;
use super::prepare::prepare;
use super::problem::Problem;
use super::read::{self, ReadError};
use super::report::ReportWriter;
use super::row::RowBuffer;
use super::rules::Rules;
use crate::error::Error;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _};

/// The report of a run: `failures` are the problems that applying met with, the others stand in the plan. Rows that
/// were taken with a warning are in it too. Without a source or a plan only what applying met with is known.
pub(super) fn report(
    configuration: &Configuration,
    source: Option<File>,
    plan: Option<File>,
    failures: Vec<Problem>,
) -> Result<File, Error> {
    let (Some(source), Some(mut plan)) = (source, plan) else { return report_without_rows(&failures) };
    let (format, mapping) = (&configuration.format, &configuration.mapping);
    let opened = prepare(source, format)
        .and_then(|prepared| read::open(prepared.file, format, mapping, &Rules::default()));
    let reader = match opened {
        Ok(reader) => reader,
        Err(ReadError::Refused(problem)) => return report_of_file(&problem),
        Err(ReadError::Io(error)) => return Err(error.into()),
    };
    let mut others: BTreeMap<u64, Vec<Problem>> = late(&mut plan)?;
    for failure in failures {
        others.entry(failure.line).or_default().push(failure);
    }
    let writer = ReportWriter::new(BufWriter::new(tempfile::tempfile()?), Some(reader.layout()))?;
    let mut report = Report { reader, row: RowBuffer::new(), writer };
    let without_row = others.remove(&0).unwrap_or_default();
    let mut last = 0;
    for noted in noted(&mut plan)? {
        let noted = noted?;
        if noted.line <= last {
            continue;
        }
        last = noted.line;
        while let Some(earlier) = others.first_entry().filter(|entry| *entry.key() < noted.line) {
            let (line, problems) = earlier.remove_entry();
            report.write(line, &problems)?;
        }
        let mut problems = noted.problems;
        problems.extend(others.remove(&noted.line).into_iter().flatten());
        report.write(noted.line, &problems)?;
    }
    others.iter().try_for_each(|(line, problems)| report.write(*line, problems))?;
    for problem in &without_row {
        report.writer.file(problem)?;
    }
    finish(report.writer)
}

fn report_without_rows(failures: &[Problem]) -> Result<File, Error> {
    let mut writer = ReportWriter::new(BufWriter::new(tempfile::tempfile()?), None)?;
    failures.iter().try_for_each(|problem| writer.file(problem))?;
    finish(writer)
}

struct Report {
    reader: read::Reader<File>,
    row: RowBuffer,
    writer: ReportWriter<BufWriter<File>>,
}

impl Report {
    /// A row of the file with its problems; lines come in their order.
    fn write(&mut self, line: u64, problems: &[Problem]) -> Result<(), Error> {
        if problems.is_empty() {
            return Ok(());
        }
        while self.row.line() < line && next(&mut self.reader, &mut self.row)? {}
        Ok(self.writer.row(line, self.row.fields(), problems)?)
    }
}

/// The problems of the rows that stand behind rows of later lines, because they wait for those.
fn late(plan: &mut File) -> Result<BTreeMap<u64, Vec<Problem>>, Error> {
    let mut late: BTreeMap<u64, Vec<Problem>> = BTreeMap::new();
    let mut last = 0;
    for noted in noted(plan)? {
        let noted = noted?;
        if noted.line > last {
            last = noted.line;
        } else if !noted.problems.is_empty() {
            late.entry(noted.line).or_default().extend(noted.problems);
        }
    }
    Ok(late)
}

/// The rows of a plan as far as the report needs them. Most have no problem, and are only looked at for their line.
fn noted(plan: &mut File) -> Result<impl Iterator<Item = Result<Noted, Error>>, Error> {
    plan.rewind()?;
    let lines = BufReader::with_capacity(128 * 1024, plan.try_clone()?).lines();
    Ok(lines.map(|line| {
        let line = line?;
        match line_of_bare(&line) {
            Some(line) => Ok(Noted { line, problems: Vec::new() }),
            None => Ok(serde_json::from_str(&line)?),
        }
    }))
}

/// The number of the line at the beginning of a row of a plan that has no problems.
fn line_of_bare(row: &str) -> Option<u64> {
    if row.contains("\"problems\":[") {
        return None;
    }
    row.strip_prefix("{\"line\":")?.split_once(',')?.0.parse().ok()
}

/// The report of a run whose file was refused as a whole.
pub(crate) fn report_of_file(problem: &Problem) -> Result<File, Error> {
    let mut writer = ReportWriter::new(BufWriter::new(tempfile::tempfile()?), None)?;
    writer.file(problem)?;
    finish(writer)
}

/// What the report needs of a row of the plan.
#[derive(serde::Deserialize)]
struct Noted {
    line: u64,
    #[serde(default)]
    problems: Vec<Problem>,
}

fn next(reader: &mut read::Reader<File>, row: &mut RowBuffer) -> Result<bool, Error> {
    match reader.next_row(row) {
        Ok(more) => Ok(more),
        Err(ReadError::Io(error)) => Err(error.into()),
        Err(ReadError::Refused(problem)) => Err(Error::fault(problem.code.as_str())),
    }
}

fn finish(writer: ReportWriter<BufWriter<File>>) -> Result<File, Error> {
    Ok(writer.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?)
}
