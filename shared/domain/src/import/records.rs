//! Records of a delimited file, with the physical line on which each begins.
//!
//! The `csv` crate hides what an importer has to know: where lines end (its numbers are wrong for CRLF and
//! CR), whether a field was quoted, and that a quotation mark never closes, when it takes the rest of the
//! file for one field. So lines are framed here, within a bounded buffer, and split with the same grammar
//! (RFC 4180, read tolerantly); a test holds the result against the `csv` crate wherever both agree on it.

use std::io::{self, Read};

use memchr::{memchr, memchr2};

pub(crate) use super::record::{Fault, Record};
use super::record::{Progress, is_too_long};

/// Line breaks that a record has at most: every one of them may have to be read again as the end of a row.
const MAX_RECORD_BREAKS: u64 = 64;
/// Bytes that a record has at most; with the buffer's growth this bounds the memory for any file.
pub(crate) const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// Ctrl-Z.
const END_MARK: u8 = 0x1A;

const BUFFER_BYTES: usize = 128 * 1024;

/// How far a line went.
enum Reach {
    /// The line's content ends at the first offset, the next line begins at the second.
    Line(usize, usize),
    /// No line end within [`MAX_RECORD_BYTES`].
    Overlong,
    /// Nothing more.
    End,
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
    /// The last byte that was taken.
    last: u8,
    end_mark: bool,
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
            last: b'\n',
            end_mark: false,
        }
    }

    /// The physical line that comes next, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Whether the last line has no line end, once everything is read. A file that marks its end was not cut off.
    pub(crate) fn is_cut_off(&self) -> bool {
        !self.end_mark && !matches!(self.last, b'\n' | b'\r')
    }

    /// Whether the file ended with the character Ctrl-Z, as programs of DOS mark the end; it belongs to no line.
    pub(crate) fn has_end_mark(&self) -> bool {
        self.end_mark
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

    /// The next physical line and its number; one without an end within reach comes in parts of one number.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        let line = self.line;
        let (start, length) = match self.line_at(0)? {
            Reach::End => return Ok(None),
            Reach::Line(end, next) => {
                let start = self.start;
                self.take(next, 1);
                (start, end)
            }
            Reach::Overlong => {
                let start = self.start;
                let length = self.end - start;
                self.start = self.end;
                (start, length)
            }
        };
        Ok(Some((line, self.buffer.get(start..start + length).unwrap_or_default())))
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
        self.last = self.buffer.get(self.start.wrapping_sub(1)).copied().unwrap_or(b'\n');
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
            Ok(0) => {
                self.exhausted = true;
                while self.end > self.start && self.buffer.get(self.end - 1) == Some(&END_MARK) {
                    self.end -= 1;
                    self.end_mark = true;
                }
            }
            Ok(count) => self.end += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
