//! Makes plain UTF-8 text of a file as it comes: unpacks it, tells what it is, and turns its letters into UTF-8.
//!
//! All of it is done in pieces into temporary files, whatever the size; a file that is plain UTF-8 already is
//! only looked at.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

use super::charset::Charset;
use super::codes::Code;
use super::format::{Encoding, Format};
use super::problem::Problem;
use super::read::ReadError;
use super::records::Records;
use super::signature::{self, Kind};
use super::transcode::transcode;
use super::unpack::{gunzip, unzip};
use super::utf8::{Bytes, Evidence, scan};

/// Bytes that are looked at to tell what a file is.
const SAMPLE_BYTES: u64 = 64 * 1024;
/// Lines of which a guess is shown.
const SAMPLES: usize = 10;
/// Characters of such a line that are shown.
const SAMPLE_CHARS: usize = 200;

/// A file that can be read.
#[derive(Debug)]
pub struct Prepared {
    /// Plain text in UTF-8, at its beginning. Bytes that could not be decoded are in it as bytes that are no
    /// UTF-8, so that [`super::read::Reader`] rejects their rows.
    pub file: File,
    /// What it was read as.
    pub encoding: Charset,
    /// Set where that was only guessed: nothing may be changed before a person has confirmed it.
    pub guessed: Option<Guess>,
    /// What was noticed about the file as a whole.
    pub warnings: Vec<Problem>,
}

/// A guess at the encoding, and what a person needs to judge it.
///
/// The samples are lines of the file: they are for whoever confirms the guess and must never be logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guess {
    /// What the configuration's encoding is to be set to once it is confirmed.
    pub encoding: Charset,
    /// The first ten lines with letters beyond ASCII.
    pub samples: Vec<Sample>,
}

/// One line, as it was read under a guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The physical line, from 1.
    pub line: u64,
    /// Its first 200 characters.
    pub text: String,
}

/// Makes a file fit to be read.
///
/// UTF-16 and UTF-8 are told by the bytes, whatever the configuration says; a file of which few lines are not
/// UTF-8, and twice as many are UTF-8 beyond ASCII, is UTF-8 with bad rows. Anything else is read as the
/// configuration says, or guessed.
///
/// # Errors
/// [`ReadError::Refused`] where the file is none of text, or packed in a way that is not read: damaged, encrypted,
/// more than one file, an archive in an archive, or more than 100 times and 4 GiB of what it was packed into.
pub fn prepare(file: File, format: &Format) -> Result<Prepared, ReadError> {
    let file = unpacked(file)?;
    let sample = sample(&file)?;
    let reading = match signature::kind(without_marks(&sample)) {
        Kind::Utf16(charset) => Reading::As(charset),
        Kind::Text => Reading::of_text(&file, format.encoding)?,
        Kind::Refused(code) => match format.encoding {
            // In UTF-16 a script may have NULs only in its line ends; ISO-2022-JP is full of escape characters.
            Encoding::Named(charset) if charset.looks_binary() && code == Code::FileBinary => {
                Reading::As(charset)
            }
            _ => return Err(refused(code)),
        },
        Kind::Gzip | Kind::Zip => return Err(refused(Code::ArchiveNested)),
    };
    reading.carry_out(file)
}

fn refused(code: Code) -> ReadError {
    ReadError::Refused(Problem::of_file(code))
}

/// How a file becomes text.
enum Reading {
    AsItIs,
    As(Charset),
    Guessed(Charset),
}

impl Reading {
    fn of_text(file: &File, configured: Encoding) -> io::Result<Self> {
        if configured == Encoding::Named(Charset::UTF_8) {
            return Ok(Self::AsItIs);
        }
        match (scan(file)?, configured) {
            (Bytes::Ascii, Encoding::Named(charset)) if charset.hides_in_ascii() => {
                return Ok(Self::As(charset));
            }
            (Bytes::Ascii | Bytes::Utf8, _) => return Ok(Self::AsItIs),
            (Bytes::Other, _) => {}
        }
        let evidence = Evidence::gather(file)?;
        Ok(match configured {
            _ if evidence.is_utf_8() => Self::AsItIs,
            Encoding::Named(charset) => Self::As(charset),
            Encoding::Auto => Self::Guessed(evidence.guess()),
        })
    }

    fn carry_out(self, file: File) -> Result<Prepared, ReadError> {
        let (mut file, encoding, guess) = match self {
            Self::AsItIs => (file, Charset::UTF_8, None),
            Self::As(charset) => (transcode(&file, charset)?, charset, None),
            Self::Guessed(charset) => (transcode(&file, charset)?, charset, Some(charset)),
        };
        file.seek(SeekFrom::Start(0))?;
        let mut prepared = Prepared { file, encoding, guessed: None, warnings: Vec::new() };
        if let Some(encoding) = guess {
            prepared.guessed = Some(Guess { encoding, samples: samples(&prepared.file)? });
            prepared.warnings.push(Problem::of_file(Code::EncodingGuessed).about(encoding));
            prepared.file.seek(SeekFrom::Start(0))?;
        }
        Ok(prepared)
    }
}

/// What is inside, if the file is packed.
fn unpacked(file: File) -> Result<File, ReadError> {
    let inside = match signature::kind(&sample(&file)?) {
        Kind::Gzip => gunzip(&file)?,
        Kind::Zip => unzip(&file)?,
        _ => return Ok(file),
    };
    match signature::kind(&sample(&inside)?) {
        Kind::Gzip | Kind::Zip | Kind::Refused(Code::FileCompressed) => Err(refused(Code::ArchiveNested)),
        _ => Ok(inside),
    }
}

/// The beginning of a file.
fn sample(mut file: &File) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut sample = Vec::new();
    file.take(SAMPLE_BYTES).read_to_end(&mut sample)?;
    Ok(sample)
}

fn without_marks(mut sample: &[u8]) -> &[u8] {
    while let Some(rest) = sample.strip_prefix(b"\xEF\xBB\xBF") {
        sample = rest;
    }
    sample
}

/// Lines by which a person can see whether the letters are right.
fn samples(mut file: &File) -> io::Result<Vec<Sample>> {
    file.seek(SeekFrom::Start(0))?;
    let mut lines = Records::new(file, 0);
    let mut samples = Vec::new();
    while let Some((line, bytes)) = lines.next_line()? {
        let bytes = without_marks(bytes);
        if bytes.is_ascii() {
            continue;
        }
        let text = String::from_utf8_lossy(bytes).chars().take(SAMPLE_CHARS).collect();
        samples.push(Sample { line, text });
        if samples.len() == SAMPLES {
            break;
        }
    }
    Ok(samples)
}
