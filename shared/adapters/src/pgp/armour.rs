//! Takes the armour off (RFC 9580 §6). rPGP's reader of it gives up on blanks at the ends of lines and takes what
//! is no base64 for the end; here the one is passed over and the other is an error.

use std::io::{self, BufRead, Read};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// What was left of a group of four at the end is taken with padding and without.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Letters that are decoded at a time; a multiple of four.
const BLOCK: usize = 16 * 1024;
/// The longest run of headers, and the longest tail, that is looked at.
const MOST_AROUND: u64 = 64 * 1024;

/// The bytes inside an armour. Its source stands behind the line that begins it.
#[derive(Debug)]
pub(super) struct Armour<R> {
    source: R,
    /// The line that ends it.
    end: &'static [u8],
    letters: Vec<u8>,
    bytes: Vec<u8>,
    at: usize,
    state: State,
    /// Whether the source is only the beginning of a file, so that its end is no error.
    cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Headers,
    Body,
    Done,
}

impl<R: BufRead> Armour<R> {
    pub(super) fn new(source: R, end: &'static [u8], cut: bool) -> Self {
        let (letters, bytes) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
        Self { source, end, letters, bytes, at: 0, state: State::Headers, cut }
    }

    /// Passes over the headers, which end at a blank line.
    fn headers(&mut self) -> io::Result<()> {
        let mut lines = self.source.by_ref().take(MOST_AROUND);
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the armour ends in its headers"));
            }
            if line.trim_ascii().is_empty() {
                return Ok(());
            }
        }
    }

    /// Decodes the next block, and finds the end.
    fn block(&mut self) -> io::Result<()> {
        self.letters.clear();
        let mut ended = false;
        while self.letters.len() < BLOCK && !ended {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                if !self.cut {
                    let text = "the armour has no end line";
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
                }
                self.state = State::Done;
                self.letters.truncate(self.letters.len() / 4 * 4);
                return self.decode();
            }
            let mut used = 0;
            for &byte in buffer {
                match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                        if self.letters.len() == BLOCK {
                            break;
                        }
                        self.letters.push(byte);
                    }
                    b'=' | b'-' => {
                        ended = true;
                        break;
                    }
                    b'\r' | b'\n' | b' ' | b'\t' => {}
                    _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "the armour is no base64")),
                }
                used += 1;
            }
            self.source.consume(used);
        }
        self.decode()?;
        if ended { self.end() } else { Ok(()) }
    }

    fn decode(&mut self) -> io::Result<()> {
        (self.at, self.bytes) = (0, std::mem::take(&mut self.bytes));
        self.bytes.clear();
        ENGINE
            .decode_vec(&self.letters, &mut self.bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the armour is no base64"))
    }

    /// Looks for the end line. The checksum before it proves nothing that the encryption does not prove better, and is not
    /// to be looked at (RFC 9580 §6.1).
    fn end(&mut self) -> io::Result<()> {
        self.state = State::Done;
        let mut tail = self.source.by_ref().take(MOST_AROUND);
        let mut line = Vec::new();
        loop {
            line.clear();
            if tail.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.trim_ascii_end().ends_with(self.end) {
                return Ok(());
            }
        }
        if self.cut {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the armour has no end line"))
    }
}

impl<R: BufRead> BufRead for Armour<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.state == State::Headers {
            self.headers()?;
            self.state = State::Body;
        }
        while self.at >= self.bytes.len() && self.state == State::Body {
            self.block()?;
        }
        Ok(self.bytes.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl<R: BufRead> Read for Armour<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}
