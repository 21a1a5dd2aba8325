//! The report: rows with problems as the file has them, and what is wrong with them, so that a corrected
//! copy can be sent back as it is.
//!
//! It mirrors the file (delimiter, byte order mark, line ends), because the same configuration and the same
//! spreadsheet program must be able to read it.

use std::borrow::Cow;
use std::io::{self, Write};

use super::header::{Layout, REPORT_COLUMNS};
use super::preamble::CANDIDATES;
use super::problem::Problem;

/// Writes a report, row by row.
#[derive(Debug)]
pub struct ReportWriter<W: Write> {
    csv: csv::Writer<W>,
    columns: usize,
}

impl<W: Write> ReportWriter<W> {
    /// Writes the header. Without a layout (the file was refused before its header was understood) there are
    /// only the report's own columns.
    pub fn new(mut to: W, layout: Option<&Layout>) -> io::Result<Self> {
        if layout.is_some_and(|layout| layout.byte_order_mark) {
            to.write_all(b"\xEF\xBB\xBF")?;
        }
        let (delimiter, end) = layout.map_or((b',', "\n"), |layout| (layout.delimiter, layout.line_end));
        // Nobody could tell this delimiter again without the line that named it.
        if layout.is_some_and(|layout| layout.delimiter_named) && !CANDIDATES.contains(&delimiter) {
            write!(to, "sep={}{end}", char::from(delimiter))?;
        }
        let csv = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if end == "\r\n" { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(to);
        let mut report = Self { csv, columns: layout.map_or(0, |layout| layout.names().count()) };
        report.write(layout.into_iter().flat_map(Layout::names), &REPORT_COLUMNS.map(Cow::Borrowed))?;
        Ok(report)
    }

    /// One row: its original fields (see [`super::read::RowBuffer::fields`]) and its problems, several of
    /// them joined, so that a mended copy has the row only once.
    pub fn row<'a>(
        &mut self,
        line: u64,
        fields: impl Iterator<Item = &'a str>,
        problems: &[Problem],
    ) -> io::Result<()> {
        let line = if line == 0 { Cow::Borrowed("") } else { Cow::Owned(line.to_string()) };
        let column = joined(problems, "; ", |problem| problem.column.as_deref().unwrap_or_default());
        let code = joined(problems, "; ", |problem| problem.code.as_str());
        let text = joined(problems, " ", |problem| &problem.text);
        let remedy = joined(problems, " ", |problem| &problem.remedy);
        self.write(fields, &[line, column.into(), code.into(), text.into(), remedy.into()])
    }

    /// A problem of the file as a whole: a row of empty fields, which is ignored when it comes back.
    pub fn file(&mut self, problem: &Problem) -> io::Result<()> {
        self.row(problem.line, std::iter::empty(), std::slice::from_ref(problem))
    }

    /// Hands the writer back, all written.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }

    fn write<'a>(
        &mut self,
        fields: impl Iterator<Item = &'a str>,
        explanation: &[Cow<'_, str>; 5],
    ) -> io::Result<()> {
        for field in fields.chain(std::iter::repeat("")).take(self.columns) {
            self.csv.write_field(protected(field).as_ref())?;
        }
        for field in explanation {
            self.csv.write_field(protected(field).as_ref())?;
        }
        self.csv.write_record(None::<&[u8]>)?;
        Ok(())
    }
}

/// Different values once each, in their order.
fn joined<'a>(problems: &'a [Problem], between: &str, part: impl Fn(&'a Problem) -> &'a str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in problems.iter().map(part).filter(|part| !part.is_empty()) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(between)
}

/// A cell that no spreadsheet takes for a formula: an apostrophe before what begins like one. A cell that
/// looks as if it were protected already gets one more, so that [`unprotected`] gives back every cell.
pub(crate) fn protected(cell: &str) -> Cow<'_, str> {
    if begins_formula(cell.trim_start_matches('\'')) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell before [`protected`].
pub(crate) fn unprotected(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if begins_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn begins_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_and_every_cell_comes_back() {
        for start in [
            "=1+1", "+49 30", "-1", "@SUM", "\tx", "\rx", "＝1", "＋1", "－1", "＠1", "'=1", "''=1", "'",
            "O'Neill", "''", "",
        ] {
            let safe = protected(start);
            assert!(!begins_formula(&safe), "{start}");
            assert_eq!(unprotected(&safe), start);
        }
    }
}
