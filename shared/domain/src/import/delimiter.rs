//! Which character separates the columns: told by the header and the first 50 records.

use super::codes::Code;
use super::preamble::CANDIDATES;
use super::problem::Problem;
use super::records::{Record, Records};

const ROWS_LOOKED_AT: usize = 50;

/// What the beginning of the file looks like with one delimiter.
struct Split {
    delimiter: u8,
    /// The header's line in the sample, from 1.
    line: u64,
    /// Columns of the header.
    columns: usize,
    /// How many of them have a name that means something.
    known: usize,
    /// Fields of the first rows.
    rows: Vec<usize>,
}

/// The file's delimiter, or one clear problem where header, rows and configuration contradict each other.
///
/// `sample` is the beginning of the file from the header on; `whole` says that nothing follows it; `said` is the
/// delimiter that somebody named, and who; `knows` tells whether a column's name means something.
pub(crate) fn detect(
    sample: &[u8],
    whole: bool,
    said: Option<(u8, &str)>,
    knows: &dyn Fn(&str) -> bool,
) -> Result<u8, Problem> {
    let splits: Vec<Split> = CANDIDATES.iter().map(|byte| Split::of(sample, whole, *byte, knows)).collect();
    let best = splits
        .iter()
        .rev()
        .max_by_key(|split| (split.known, split.columns > 1, split.agreeing(), split.columns));
    let Some(best) = best else { return Ok(b',') };
    let Some((byte, by)) = said else {
        return contradiction(best, &splits).map_or(Ok(best.delimiter), Err);
    };
    let split = Split::of(sample, whole, byte, knows);
    if split.columns == 1 && best.columns > 1 && best.known > split.known {
        let detail = format!("{by} says {}, the header has {}", name(byte), name(best.delimiter));
        return Err(Problem::new(Code::DelimiterUnclear, best.line).about(detail));
    }
    contradiction(&split, &splits).map_or(Ok(byte), Err)
}

/// The rows fit the header's number of columns with another delimiter, and none does with the header's own.
fn contradiction(chosen: &Split, splits: &[Split]) -> Option<Problem> {
    if chosen.columns < 2 || chosen.rows.is_empty() || chosen.agreeing() > 0 {
        return None;
    }
    let other = splits.iter().find(|other| {
        let fitting = other.rows.iter().filter(|fields| **fields == chosen.columns).count();
        other.delimiter != chosen.delimiter && fitting * 2 > other.rows.len()
    })?;
    let detail =
        format!("the header has {}, the rows have {}", name(chosen.delimiter), name(other.delimiter));
    Some(Problem::new(Code::DelimiterUnclear, chosen.line).about(detail))
}

/// A delimiter in words.
fn name(delimiter: u8) -> String {
    match delimiter {
        b',' => "commas".to_owned(),
        b';' => "semicolons".to_owned(),
        b'\t' => "tabs".to_owned(),
        b'|' => "pipes".to_owned(),
        other => format!("the character {:?}", char::from(other)),
    }
}

impl Split {
    fn of(sample: &[u8], whole: bool, delimiter: u8, knows: &dyn Fn(&str) -> bool) -> Self {
        let mut records = Records::new(sample, delimiter);
        let mut record = Record::default();
        let mut split = Self { delimiter, line: 1, columns: 0, known: 0, rows: Vec::new() };
        // Reading from memory cannot fail.
        while split.rows.len() < ROWS_LOOKED_AT && records.next(&mut record).unwrap_or(false) {
            if record.bytes.trim_ascii().is_empty() {
                continue;
            }
            if split.columns == 0 {
                (split.columns, split.line) = (record.spans.len(), record.line);
                split.known = record.fields().filter(|name| knows(&String::from_utf8_lossy(name))).count();
            } else {
                split.rows.push(record.spans.len());
            }
        }
        if !whole && split.rows.len() < ROWS_LOOKED_AT {
            // The last one is cut off.
            split.rows.pop();
        }
        split
    }

    fn agreeing(&self) -> usize {
        self.rows.iter().filter(|fields| **fields == self.columns).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sample: &str, said: Option<u8>) -> Result<char, Code> {
        let knows = |name: &str| ["mail", "status", "lastName"].contains(&name);
        let said = said.map(|byte| (byte, "the configuration"));
        detect(sample.as_bytes(), true, said, &knows).map(char::from).map_err(|problem| problem.code)
    }

    #[track_caller]
    fn check(sample: &str, said: Option<u8>, expected: Result<char, Code>) {
        assert_eq!(found(sample, said), expected);
    }

    #[test]
    fn delimiters_are_told() {
        check("status,mail\nactive,a\n", None, Ok(','));
        check("status;mail\nactive;a,b,c\n", None, Ok(';'));
        check("status\tmail\nactive\ta\n", None, Ok('\t'));
        check("status|mail\nactive|a\n", None, Ok('|'));
        check("mail\na\n", None, Ok(','));
        check("\"a,b,c,d\";mail;status\n", None, Ok(';'));
        check("status^mail\nactive^a\n", Some(b'^'), Ok('^'));
        // One bad row is a bad row, not a bad file.
        check("status,mail,lastName\nactive,a\n", None, Ok(','));
    }

    #[test]
    fn contradictions_are_one_clear_problem() {
        check("status;mail\nactive,a\ninactive,b\n", None, Err(Code::DelimiterUnclear));
        check("status;mail\nactive;a\n", Some(b','), Err(Code::DelimiterUnclear));
        check("status,mail\nactive;a\n", Some(b','), Err(Code::DelimiterUnclear));
    }
}
