//! Whether a file is UTF-8, told from all of it; and of one that is not, how much of it would be.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::charset::Charset;
use super::records::Records;

const PIECE_BYTES: usize = 128 * 1024;
/// Bytes from which an encoding is guessed: more would not tell more, and guessing is slow.
const GUESSED_FROM_BYTES: usize = 1024 * 1024;

/// What the bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bytes {
    /// All of them below 0x80.
    Ascii,
    /// Valid UTF-8, with letters beyond ASCII.
    Utf8,
    /// Something else, at least in part.
    Other,
}

/// Reads the file once, to its end or to the first byte that is not UTF-8.
pub(super) fn scan(mut file: &File) -> io::Result<Bytes> {
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; PIECE_BYTES];
    let (mut kept, mut ascii) = (0, true);
    loop {
        let count = read(&mut file, buffer.get_mut(kept..).unwrap_or_default())?;
        let piece = buffer.get(..kept + count).unwrap_or_default();
        ascii = ascii && piece.is_ascii();
        let valid = match std::str::from_utf8(piece) {
            Ok(_) => piece.len(),
            // A letter may be cut off by the end of the piece, not by that of the file.
            Err(error) if error.error_len().is_none() && count > 0 => error.valid_up_to(),
            Err(_) => return Ok(Bytes::Other),
        };
        if count == 0 {
            return Ok(if ascii { Bytes::Ascii } else { Bytes::Utf8 });
        }
        let end = piece.len();
        buffer.copy_within(valid..end, 0);
        kept = end - valid;
    }
}

fn read(mut file: impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// What the lines of a file say about its encoding, where not all of them are UTF-8.
pub(super) struct Evidence {
    /// Lines with letters beyond ASCII that are valid UTF-8.
    valid: u64,
    /// Lines that are not.
    invalid: u64,
    detector: EncodingDetector,
}

impl Evidence {
    /// Looks at every line of the file.
    pub(super) fn gather(mut file: &File) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        let mut evidence =
            Self { valid: 0, invalid: 0, detector: EncodingDetector::new(Iso2022JpDetection::Deny) };
        let mut lines = Records::new(file, 0);
        let mut fed = 0;
        while let Some((_, line)) = lines.next_line()? {
            if line.is_ascii() {
                continue;
            }
            if std::str::from_utf8(line).is_ok() {
                evidence.valid += 1;
            } else {
                evidence.invalid += 1;
            }
            if fed < GUESSED_FROM_BYTES {
                evidence.detector.feed(line, false);
                evidence.detector.feed(b"\n", false);
                fed += line.len();
            }
        }
        evidence.detector.feed(b"", true);
        Ok(evidence)
    }

    /// Whether it is a UTF-8 file with some bad rows. By chance a line in another encoding may be valid UTF-8, but
    /// not two of three.
    pub(super) fn is_utf_8(&self) -> bool {
        self.valid > 0 && self.invalid * 2 <= self.valid
    }

    /// The encoding that is most likely.
    pub(super) fn guess(&self) -> Charset {
        Charset(self.detector.guess(None, Utf8Detection::Deny))
    }
}
