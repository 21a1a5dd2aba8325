//! Which character separates the columns: told by the header and the first 50 records.

use super::codes::Code;
use super::format::Delimiter;
use super::problem::Problem;
use super::records::{Record, Records};

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
const ROWS_LOOKED_AT: usize = 50;

/// What the beginning of the file looks like with one delimiter.
struct Split {
    delimiter: u8,
    /// Columns of the header.
    columns: usize,
    /// How many of them have a name that means something.
    known: usize,
    /// Fields of the first rows.
    rows: Vec<usize>,
}

/// The file's delimiter, or one clear problem where header, rows and configuration contradict each other.
///
/// `sample` is the beginning of the file; `whole` says that nothing follows it; `knows` tells whether a
/// column's name means something.
pub(crate) fn detect(
    sample: &[u8],
    whole: bool,
    configured: Delimiter,
    knows: &dyn Fn(&str) -> bool,
) -> Result<u8, Problem> {
    let splits: Vec<Split> = CANDIDATES.iter().map(|byte| Split::of(sample, whole, *byte, knows)).collect();
    let best = splits
        .iter()
        .rev()
        .max_by_key(|split| (split.known, split.columns > 1, split.agreeing(), split.columns));
    let Some(best) = best else { return Ok(b',') };
    let Delimiter::Byte(byte) = configured else {
        return contradiction(best, &splits).map_or(Ok(best.delimiter), Err);
    };
    let split = Split::of(sample, whole, byte, knows);
    if split.columns == 1 && best.columns > 1 && best.known > split.known {
        let detail =
            format!("the configuration says {}, the header has {}", name(byte), name(best.delimiter));
        return Err(Problem::new(Code::DelimiterUnclear, 1).about(detail));
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
    Some(Problem::new(Code::DelimiterUnclear, 1).about(detail))
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
        let mut split = Self { delimiter, columns: 0, known: 0, rows: Vec::new() };
        // Reading from memory cannot fail.
        while split.rows.len() < ROWS_LOOKED_AT && records.next(&mut record).unwrap_or(false) {
            if record.bytes.trim_ascii().is_empty() {
                continue;
            }
            if split.columns == 0 {
                split.columns = record.spans.len();
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

    fn found(sample: &str, configured: Delimiter) -> Result<char, Code> {
        let knows = |name: &str| ["mail", "status", "lastName"].contains(&name);
        detect(sample.as_bytes(), true, configured, &knows).map(char::from).map_err(|problem| problem.code)
    }

    #[track_caller]
    fn check(sample: &str, configured: Delimiter, expected: Result<char, Code>) {
        assert_eq!(found(sample, configured), expected);
    }

    #[test]
    fn delimiters_are_told() {
        use Delimiter::{Auto, Byte};
        check("status,mail\nactive,a\n", Auto, Ok(','));
        check("status;mail\nactive;a,b,c\n", Auto, Ok(';'));
        check("status\tmail\nactive\ta\n", Auto, Ok('\t'));
        check("status|mail\nactive|a\n", Auto, Ok('|'));
        check("mail\na\n", Auto, Ok(','));
        check("\"a,b,c,d\";mail;status\n", Auto, Ok(';'));
        check("status^mail\nactive^a\n", Byte(b'^'), Ok('^'));
        // One bad row is a bad row, not a bad file.
        check("status,mail,lastName\nactive,a\n", Auto, Ok(','));
    }

    #[test]
    fn contradictions_are_one_clear_problem() {
        check("status;mail\nactive,a\ninactive,b\n", Delimiter::Auto, Err(Code::DelimiterUnclear));
        check("status;mail\nactive;a\n", Delimiter::Byte(b','), Err(Code::DelimiterUnclear));
        check("status,mail\nactive;a\n", Delimiter::Byte(b','), Err(Code::DelimiterUnclear));
    }
}
