//! The first rows of a report, to be shown on the terminal.

use domain::import::problem::{Code, Severity};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _};
use std::path::Path;

/// Rows shown; the report has them all.
const SHOWN: usize = 5;
/// The report's own columns, the last ones of every row.
const OWN_COLUMNS: usize = 5;

/// A row with problems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noted {
    pub(crate) line: String,
    pub(crate) column: String,
    pub(crate) code: String,
    pub(crate) text: String,
    pub(crate) remedy: String,
}

impl Noted {
    /// Whether the row was left out; otherwise it was taken, with a warning.
    fn is_rejected(&self) -> bool {
        let rejects = |code: &Code| code.severity() == Severity::RowRejected;
        let has = |code: &Code| self.code.split("; ").any(|name| name == code.as_str());
        Code::ALL.iter().any(|code| rejects(code) && has(code))
    }
}

/// The first rejected rows of a report.
pub(super) fn first(report: &Path) -> Result<Vec<Noted>, csv::Error> {
    let mut file = File::open(report)?;
    let mut header = String::new();
    BufReader::new(&file).read_line(&mut header)?;
    file.rewind()?;
    let mut rows = csv::ReaderBuilder::new().delimiter(delimiter(&header)).flexible(true).from_reader(file);
    let mut noted = Vec::new();
    for row in rows.records() {
        let row = row?;
        let own = row.len().saturating_sub(OWN_COLUMNS);
        let cell = |index: usize| row.get(own + index).unwrap_or_default().to_owned();
        let one = Noted { line: cell(0), column: cell(1), code: cell(2), text: cell(3), remedy: cell(4) };
        if one.is_rejected() {
            noted.push(one);
        }
        if noted.len() == SHOWN {
            break;
        }
    }
    Ok(noted)
}

/// The report has its file's delimiter: what stands between two of its own columns.
fn delimiter(header: &str) -> u8 {
    let after = header.rsplit_once("_column").map(|(_, after)| after.trim_start_matches('"'));
    after.and_then(|after| after.bytes().next()).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[track_caller]
    fn check(report: &str, expect: &[(&str, &str)]) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(report.as_bytes()).unwrap();
        let found = first(file.path()).unwrap();
        let found: Vec<_> = found.iter().map(|row| (row.line.as_str(), row.code.as_str())).collect();
        assert_eq!(found, expect, "{report}");
    }

    #[test]
    fn rejected_rows_are_found_whatever_the_delimiter() {
        check(
            "mail,_line,_column,_code,_problem,_remedy\nx,3,mail,mail-invalid,No.,Yes.\n",
            &[("3", "mail-invalid")],
        );
        check(
            "mail;_line;_column;_code;_problem;_remedy\r\nx;3;mail;language-unknown; mail-invalid;No.;Yes.\r\n",
            &[],
        );
        check(
            "mail;_line;_column;_code;_problem;_remedy\r\n\"x;y\";3;m;\"language-unknown; mail-invalid\";a;b\r\n",
            &[("3", "language-unknown; mail-invalid")],
        );
        check("mail\t_line\t_column\t_code\t_problem\t_remedy\nx\t3\t\tlanguage-unknown\ta\tb\n", &[]);
        check("_line,_column,_code,_problem,_remedy\n,,file-empty,a,b\n", &[]);
    }
}
