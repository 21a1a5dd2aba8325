//! Writes the report of a run: the rows with problems, as they stood in the file.

use super::configuration::Configuration;
use super::problem::Problem;
use super::read::{self, ReadError};
use super::report::ReportWriter;
use super::row::RowBuffer;
use super::rules::Rules;
use crate::error::Error;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter};

/// The report of a run that read its file: `failures` are the problems that applying met with, the others
/// stand in the plan. Rows that were taken with a warning are in it too.
pub(super) fn report(
    configuration: &Configuration,
    source: File,
    plan: File,
    failures: Vec<Problem>,
) -> Result<File, Error> {
    let (format, mapping) = (&configuration.format, &configuration.mapping);
    let mut reader = match read::open(source, format, mapping, &Rules::default()) {
        Ok(reader) => reader,
        Err(ReadError::Refused(problem)) => return report_of_file(&problem),
        Err(ReadError::Io(error)) => return Err(error.into()),
    };
    let mut writer = ReportWriter::new(BufWriter::new(tempfile::tempfile()?), Some(reader.layout()))?;
    let failures: HashMap<u64, Problem> =
        failures.into_iter().map(|problem| (problem.line, problem)).collect();
    let mut row = RowBuffer::new();
    for line in BufReader::new(plan).lines() {
        let line = line?;
        let planned: Noted = serde_json::from_str(&line)?;
        let mut problems = planned.problems;
        problems.extend(failures.get(&planned.line).cloned());
        if problems.is_empty() {
            continue;
        }
        while row.line() < planned.line && next(&mut reader, &mut row)? {}
        writer.row(planned.line, row.fields(), &problems)?;
    }
    finish(writer)
}

/// The report of a run whose file was refused as a whole.
pub(super) fn report_of_file(problem: &Problem) -> Result<File, Error> {
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
