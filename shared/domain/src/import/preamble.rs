//! What stands above the header: a line that names the delimiter, and titles that nobody configured.

use super::format::Format;
use super::header;
use super::mapping::{Mapping, Target};
use super::problem::{Code, Problem};
use super::records::{Record, Records};

/// Delimiters that are tried where none is configured.
pub(super) const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Lines, blank ones left out, among which the header is looked for.
const LINES_LOOKED_AT: usize = 20;

/// How far the header is from the beginning of the file.
#[derive(Debug, Default)]
pub(super) struct Preamble {
    /// Physical lines to be passed over.
    pub(super) lines: u64,
    /// What a first line such as `sep=;` says, as spreadsheet programs write and read it.
    pub(super) separator: Option<u8>,
    /// What is to be said about the lines.
    pub(super) warning: Option<Problem>,
}

impl Preamble {
    /// What stands above the header in this beginning of a file.
    ///
    /// Titles are passed over only where one of the first lines is the header for certain: it has every column that
    /// is mapped or mandatory, and those above do not.
    pub(super) fn find(sample: &[u8], format: &Format, mapping: &Mapping, mandatory: &[Target]) -> Self {
        let separator = separator(first_line(sample));
        if format.skip_lines > 0 {
            return Self { lines: u64::from(format.skip_lines), separator, warning: None };
        }
        let above = u64::from(separator.is_some());
        let configured = format.delimiter.byte().or(separator);
        let is_header = |line: &[u8]| match configured {
            Some(delimiter) => is_header(line, delimiter, mapping, mandatory),
            None => CANDIDATES.iter().any(|delimiter| is_header(line, *delimiter, mapping, mandatory)),
        };
        let titles = titles(sample, above, &is_header);
        let warning = titles.map(|(first, last)| {
            let problem = Problem::new(Code::LinesAboveHeader, first);
            if first == last {
                problem.about(format_args!("line {first}"))
            } else {
                problem.about(format_args!("lines {first} to {last}"))
            }
        });
        Self { lines: titles.map_or(above, |(_, last)| last), separator, warning }
    }
}

/// The first and the last line above the header, if there are any that are not blank.
fn titles(sample: &[u8], above: u64, is_header: &dyn Fn(&[u8]) -> bool) -> Option<(u64, u64)> {
    let mut lines = Records::new(sample, 0);
    let mut first = None;
    let mut looked_at = 0;
    // Reading from memory cannot fail.
    while let Ok(Some((number, line))) = lines.next_line() {
        if number <= above || line.trim_ascii().is_empty() {
            continue;
        }
        if is_header(line) {
            return first.map(|first| (first, number - 1));
        }
        first.get_or_insert(number);
        looked_at += 1;
        if looked_at == LINES_LOOKED_AT {
            break;
        }
    }
    None
}

fn is_header(line: &[u8], delimiter: u8, mapping: &Mapping, mandatory: &[Target]) -> bool {
    let mut record = Record::default();
    let read = Records::new(line, delimiter).next(&mut record).unwrap_or(false);
    let names: Vec<_> = record.fields().map(String::from_utf8_lossy).collect();
    read && record.fault.is_none() && header::is_complete(&names, mapping, mandatory)
}

fn first_line(sample: &[u8]) -> &[u8] {
    sample.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default()
}

/// The character behind `sep=`, with or without quotation marks around the whole.
fn separator(line: &[u8]) -> Option<u8> {
    // The separator may be a blank or a tab: nothing is trimmed.
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (word, separator) = line.split_at_checked(4)?;
    match separator {
        [byte] if word.eq_ignore_ascii_case(b"sep=") && byte.is_ascii() && !matches!(byte, b'"' | 0) => {
            Some(*byte)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_may_name_the_separator() {
        let check = |line: &[u8], expected| assert_eq!(separator(line), expected, "{line:?}");
        check(b"sep=;", Some(b';'));
        check(b"SEP=\t", Some(b'\t'));
        check(b"\"sep=,\"", Some(b','));
        check(b"sep=", None);
        check(b"sep=;;", None);
        check(b"sep=\"", None);
        check(b"sep;status", None);
        check(b"", None);
    }
}
