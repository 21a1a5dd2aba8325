//! One record of a delimited file: how a line is split into fields, and what can be wrong with its shape.

use memchr::{memchr, memchr_iter, memchr2};

/// Bytes that a field has at most.
pub(crate) const MAX_FIELD_BYTES: usize = 32 * 1024;
/// Line breaks that a field has at most.
pub(crate) const MAX_FIELD_BREAKS: usize = 5;

/// What is wrong with the shape of a record; with the index of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A quoted field has no end, or none in sight. Only the first line was taken.
    QuoteUnclosed(usize),
    /// A blank before the opening quotation mark, or a backslash before one inside.
    QuoteMisplaced(usize),
    /// A field over [`MAX_FIELD_BYTES`].
    FieldTooLong(usize),
    /// A line over [`MAX_RECORD_BYTES`]; its beginning was kept.
    RecordTooLong,
}

/// One record; reused from one to the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// The fields' bytes, quotation marks resolved; what stands between the spans means nothing.
    pub(crate) bytes: Vec<u8>,
    /// Start and end of each field in `bytes`.
    pub(crate) spans: Vec<(u32, u32)>,
    /// The physical line on which it begins, from 1.
    pub(crate) line: u64,
    /// The first thing wrong with its shape.
    pub(crate) fault: Option<Fault>,
    /// The first field with text after its closing quotation mark.
    pub(crate) stray: Option<usize>,
    /// Fields with quotation marks inside, and where they stand with all their marks.
    marked: Vec<(usize, u32, u32)>,
}

/// Where the splitting ended.
#[derive(PartialEq, Eq)]
pub(super) enum Progress {
    /// At the end of the last field.
    Complete,
    /// Inside a quoted field, which begins at this offset.
    Open(usize),
    /// Behind a quoted field over several lines that is followed by text: it was never meant to begin.
    Contradicted,
}

impl Record {
    /// The bytes of one field; none where there is no such field.
    pub(crate) fn field(&self, index: usize) -> &[u8] {
        let (start, end) = self.spans.get(index).copied().unwrap_or_default();
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// All fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.spans.len()).map(|index| self.field(index))
    }

    pub(super) fn begin(&mut self, line: u64) {
        self.bytes.clear();
        self.spans.clear();
        self.line = line;
        self.fault = None;
        self.stray = None;
        self.marked.clear();
    }

    /// Fields of a line without quotation marks: the line is taken whole, the fields are spans of it.
    pub(super) fn split_plain(&mut self, line: &[u8], delimiter: u8) {
        self.bytes.extend_from_slice(line);
        let mut start = 0;
        for end in memchr_iter(delimiter, line) {
            self.spans.push((start, end as u32));
            start = end as u32 + 1;
        }
        self.spans.push((start, line.len() as u32));
    }

    /// Fields of a text with quotation marks, from the field that begins at this offset.
    pub(super) fn split_quoted(&mut self, text: &[u8], from: usize, delimiter: u8) -> Progress {
        let mut start = from;
        loop {
            let rest = text.get(start..).unwrap_or_default();
            let end = match rest.first() {
                Some(b'"') => match self.quoted_field(rest, start, delimiter) {
                    Ok(end) => end,
                    Err(progress) => return progress,
                },
                first => {
                    if first == Some(&b' ') && rest.trim_ascii_start().first() == Some(&b'"') {
                        self.fault.get_or_insert(Fault::QuoteMisplaced(self.spans.len()));
                    }
                    let end = start + memchr(delimiter, rest).unwrap_or(rest.len());
                    self.spans.push((start as u32, end as u32));
                    end
                }
            };
            if end >= text.len() {
                return Progress::Complete;
            }
            start = end + 1;
        }
    }

    /// One quoted field, with which `rest` begins at the offset `start`; the offset of its end.
    fn quoted_field(&mut self, rest: &[u8], start: usize, delimiter: u8) -> Result<usize, Progress> {
        let Some((close, doubled)) = closing_mark(rest) else { return Err(Progress::Open(start)) };
        let after = rest.get(close + 1..).unwrap_or_default();
        let field = self.spans.len();
        self.spans.push((start as u32 + 1, (start + close) as u32));
        let mut end = close + 1;
        if !after.is_empty() && after.first() != Some(&delimiter) {
            let inside = rest.get(1..close).unwrap_or_default();
            if memchr2(b'\n', b'\r', inside).is_some() {
                return Err(Progress::Contradicted);
            }
            // Harmless, unless a backslash shows that the mark was not meant to close the field.
            if inside.last() == Some(&b'\\') {
                self.fault.get_or_insert(Fault::QuoteMisplaced(field));
            } else {
                self.stray.get_or_insert(field);
            }
            end += memchr(delimiter, after).unwrap_or(after.len());
        }
        if doubled || end > close + 1 {
            self.marked.push((field, start as u32, (start + end) as u32));
        }
        Ok(start + end)
    }

    /// Keeps the text that the spans are of, and behind it the fields with quotation marks inside as they are meant.
    pub(super) fn keep(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        for (field, start, end) in std::mem::take(&mut self.marked) {
            let from = self.bytes.len() as u32;
            push_meant(&mut self.bytes, text.get(start as usize..end as usize).unwrap_or_default());
            if let Some(span) = self.spans.get_mut(field) {
                *span = (from, self.bytes.len() as u32);
            }
        }
    }

    /// As many fields as expected, or more of which the further ones are empty.
    pub(super) fn fits(&self, fields: Option<usize>) -> bool {
        fields.is_none_or(|fields| {
            self.spans.len() >= fields
                && self.spans.get(fields..).unwrap_or_default().iter().all(|(start, end)| start == end)
        })
    }

    pub(super) fn limit_fields(&mut self) {
        if self.fault.is_none() && self.bytes.len() > MAX_FIELD_BYTES {
            let long = self.spans.iter().position(|(start, end)| (end - start) as usize > MAX_FIELD_BYTES);
            self.fault = long.map(Fault::FieldTooLong);
        }
    }

    /// The beginning of a line without end, enough to be recognised in the report.
    pub(super) fn keep_beginning(&mut self, window: &[u8], delimiter: u8) {
        let mut start = 0;
        let long = memchr_iter(delimiter, window).chain([window.len()]).enumerate().find(|(_, end)| {
            let length = end - start;
            start = end + 1;
            length > MAX_FIELD_BYTES
        });
        self.split_plain(window.get(..MAX_FIELD_BYTES).unwrap_or(window), delimiter);
        self.fault = Some(long.map_or(Fault::RecordTooLong, |(field, _)| Fault::FieldTooLong(field)));
    }
}

/// Where the quotation mark stands that closes the field with which the text begins, and whether doubled
/// marks stand before it.
fn closing_mark(text: &[u8]) -> Option<(usize, bool)> {
    let mut at = 1;
    let mut doubled = false;
    loop {
        let mark = at + memchr(b'"', text.get(at..)?)?;
        if text.get(mark + 1) != Some(&b'"') {
            return Some((mark, doubled));
        }
        doubled = true;
        at = mark + 2;
    }
}

/// A quoted field as it is meant: doubled marks once, and what follows the closing mark as it stands.
fn push_meant(bytes: &mut Vec<u8>, field: &[u8]) {
    let close = closing_mark(field).map_or(field.len(), |(close, _)| close);
    let mut inside = field.get(1..close).unwrap_or_default();
    while let Some(mark) = memchr(b'"', inside) {
        bytes.extend_from_slice(inside.get(..=mark).unwrap_or_default());
        inside = inside.get(mark + 2..).unwrap_or_default();
    }
    bytes.extend_from_slice(inside);
    bytes.extend_from_slice(field.get(close + 1..).unwrap_or_default());
}

/// Too long for a field, in bytes or in line breaks.
pub(super) fn is_too_long(field: &[u8]) -> bool {
    let ends =
        |(at, byte): &(usize, &u8)| **byte == b'\n' || (**byte == b'\r' && field.get(at + 1) != Some(&b'\n'));
    field.len() > MAX_FIELD_BYTES || field.iter().enumerate().filter(ends).count() > MAX_FIELD_BREAKS
}
