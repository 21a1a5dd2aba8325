//! Records of a delimited file, with the physical line on which each begins.
//!
//! The `csv` crate hides what an importer has to know: where lines end (its numbers are wrong for CRLF and
//! CR), whether a field was quoted, and that a quotation mark never closes, when it takes the rest of the
//! file for one field. So lines are framed here, within a bounded buffer, and split with the same grammar
//! (RFC 4180, read tolerantly); a test holds the result against the `csv` crate wherever both agree on it.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memchr2};

/// Bytes that a field has at most.
pub(crate) const MAX_FIELD_BYTES: usize = 32 * 1024;
/// Line breaks that a field has at most.
pub(crate) const MAX_FIELD_BREAKS: usize = 5;
/// Line breaks that a record has at most: every one of them may have to be read again as the end of a row.
const MAX_RECORD_BREAKS: u64 = 64;
/// Bytes that a record has at most; with the buffer's growth this bounds the memory for any file.
pub(crate) const MAX_RECORD_BYTES: usize = 1024 * 1024;

const BUFFER_BYTES: usize = 128 * 1024;

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

/// How far a line went.
enum Reach {
    /// The line's content ends at the first offset, the next line begins at the second.
    Line(usize, usize),
    /// No line end within [`MAX_RECORD_BYTES`].
    Overlong,
    /// Nothing more.
    End,
}

/// Where the splitting ended.
#[derive(PartialEq, Eq)]
enum Progress {
    /// At the end of the last field.
    Complete,
    /// Inside a quoted field, which begins at this offset.
    Open(usize),
    /// Behind a quoted field over several lines that is followed by text: it was never meant to begin.
    Contradicted,
}

/// Reads records; holds one record and a block of the file at most.
#[derive(Debug)]
pub(crate) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    exhausted: bool,
    line: u64,
    delimiter: u8,
    fields: Option<usize>,
}

impl<R: Read> Records<R> {
    pub(crate) fn new(source: R, delimiter: u8) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            exhausted: false,
            line: 1,
            delimiter,
            fields: None,
        }
    }

    /// Separates by this byte from now on.
    pub(crate) fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// Expects so many fields: a record over several lines that has another number is an unclosed quotation mark.
    pub(crate) fn set_fields(&mut self, fields: usize) {
        self.fields = Some(fields);
    }

    /// What comes next, without taking it: `wanted` bytes, fewer only at the end of the file.
    pub(crate) fn sample(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.end - self.start < wanted && !self.exhausted {
            self.fill()?;
        }
        Ok(self.window().get(..wanted).unwrap_or(self.window()))
    }

    /// Drops bytes of the sample that belong to no line.
    pub(crate) fn skip_bytes(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Drops a physical line, however long.
    pub(crate) fn skip_line(&mut self) -> io::Result<()> {
        loop {
            match self.line_at(0)? {
                Reach::Line(_, next) => {
                    self.take(next, 1);
                    return Ok(());
                }
                Reach::Overlong => self.start = self.end,
                Reach::End => return Ok(()),
            }
        }
    }

    /// The next record; `false` at the end of the file. A blank line is a record of one empty field.
    pub(crate) fn next(&mut self, record: &mut Record) -> io::Result<bool> {
        record.begin(self.line);
        match self.line_at(0)? {
            Reach::End => return Ok(false),
            Reach::Overlong => {
                record.keep_beginning(self.window(), self.delimiter);
                self.skip_line()?;
            }
            Reach::Line(end, next) => {
                let content = self.window().get(..end).unwrap_or_default();
                if memchr(b'"', content).is_none() {
                    record.split_plain(content, self.delimiter);
                    self.take(next, 1);
                } else {
                    self.next_quoted(record, end, next)?;
                }
                record.limit_fields();
            }
        }
        Ok(true)
    }

    /// A record with quotation marks: goes on over line ends inside a quoted field, and back to the end of
    /// the first line where that turns out to be a quotation mark that was never closed.
    fn next_quoted(&mut self, record: &mut Record, first_end: usize, first_next: usize) -> io::Result<()> {
        let (mut from, mut end, mut next) = (0, first_end, first_next);
        let mut breaks = 0;
        loop {
            let text = self.window().get(..end).unwrap_or_default();
            match record.split_quoted(text, from, self.delimiter) {
                Progress::Complete if breaks > 0 && !record.fits(self.fields) => break,
                Progress::Complete => {
                    record.keep(text);
                    self.take(next, breaks + 1);
                    return Ok(());
                }
                Progress::Contradicted => break,
                Progress::Open(start) => from = start,
            }
            breaks += 1;
            if breaks > MAX_RECORD_BREAKS || is_too_long(self.window().get(from..next).unwrap_or_default()) {
                break;
            }
            let Reach::Line(further_end, further_next) = self.line_at(next)? else { break };
            (end, next) = (further_end, further_next);
        }
        self.next_unclosed(record, first_end, first_next);
        Ok(())
    }

    /// The first line alone, whose last field is taken to its end.
    fn next_unclosed(&mut self, record: &mut Record, first_end: usize, first_next: usize) {
        let line = record.line;
        record.begin(line);
        let text = self.window().get(..first_end).unwrap_or_default();
        if let Progress::Open(start) = record.split_quoted(text, 0, self.delimiter) {
            record.spans.push((start as u32 + 1, first_end as u32));
        }
        record.fault = Some(Fault::QuoteUnclosed(record.spans.len().saturating_sub(1)));
        record.keep(text);
        self.take(first_next, 1);
    }

    /// Finds the end of the line that begins at this offset of the window. LF, CRLF and CR all end a line.
    fn line_at(&mut self, offset: usize) -> io::Result<Reach> {
        let mut searched = offset;
        loop {
            let window = self.window();
            let rest = window.get(searched..).unwrap_or_default();
            if let Some(found) = memchr2(b'\n', b'\r', rest) {
                let end = searched + found;
                match (window.get(end), window.get(end + 1)) {
                    (Some(b'\r'), Some(b'\n')) => return Ok(Reach::Line(end, end + 2)),
                    // Whether a line feed follows is known only with the next byte.
                    (Some(b'\r'), None) if !self.exhausted => searched = end,
                    _ => return Ok(Reach::Line(end, end + 1)),
                }
            } else if self.exhausted {
                let end = window.len();
                return Ok(if offset >= end { Reach::End } else { Reach::Line(end, end) });
            } else if window.len() > MAX_RECORD_BYTES {
                return Ok(Reach::Overlong);
            } else {
                searched = window.len();
            }
            self.fill()?;
        }
    }

    fn window(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn take(&mut self, bytes: usize, lines: u64) {
        self.start += bytes;
        self.line += lines;
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                self.buffer.resize((self.buffer.len() * 2).max(BUFFER_BYTES), 0);
            }
        }
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        match self.source.read(free) {
            Ok(0) => self.exhausted = true,
            Ok(count) => self.end += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
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

    fn begin(&mut self, line: u64) {
        self.bytes.clear();
        self.spans.clear();
        self.line = line;
        self.fault = None;
        self.stray = None;
        self.marked.clear();
    }

    /// Fields of a line without quotation marks: the line is taken whole, the fields are spans of it.
    fn split_plain(&mut self, line: &[u8], delimiter: u8) {
        self.bytes.extend_from_slice(line);
        let mut start = 0;
        for end in memchr_iter(delimiter, line) {
            self.spans.push((start, end as u32));
            start = end as u32 + 1;
        }
        self.spans.push((start, line.len() as u32));
    }

    /// Fields of a text with quotation marks, from the field that begins at this offset.
    fn split_quoted(&mut self, text: &[u8], from: usize, delimiter: u8) -> Progress {
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
    fn keep(&mut self, text: &[u8]) {
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
    fn fits(&self, fields: Option<usize>) -> bool {
        fields.is_none_or(|fields| {
            self.spans.len() >= fields
                && self.spans.get(fields..).unwrap_or_default().iter().all(|(start, end)| start == end)
        })
    }

    fn limit_fields(&mut self) {
        if self.fault.is_none() && self.bytes.len() > MAX_FIELD_BYTES {
            let long = self.spans.iter().position(|(start, end)| (end - start) as usize > MAX_FIELD_BYTES);
            self.fault = long.map(Fault::FieldTooLong);
        }
    }

    /// The beginning of a line without end, enough to be recognised in the report.
    fn keep_beginning(&mut self, window: &[u8], delimiter: u8) {
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
fn is_too_long(field: &[u8]) -> bool {
    let ends =
        |(at, byte): &(usize, &u8)| **byte == b'\n' || (**byte == b'\r' && field.get(at + 1) != Some(&b'\n'));
    field.len() > MAX_FIELD_BYTES || field.iter().enumerate().filter(ends).count() > MAX_FIELD_BREAKS
}
