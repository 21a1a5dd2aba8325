//! Tells by its first bytes when a file is no CSV at all, whatever its name says.

use super::charset::Charset;
use super::codes::Code;

/// What the beginning of a file shows it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Perhaps a table, in an encoding that goes byte by byte.
    Text,
    /// Perhaps a table, in UTF-16.
    Utf16(Charset),
    Gzip,
    Zip,
    /// Nothing that could be a table.
    Refused(Code),
}

const MAGIC: [(&[u8], Kind); 15] = [
    (b"\xD0\xCF\x11\xE0", Kind::Refused(Code::FileWorkbook)),
    (b"PK\x03\x04", Kind::Zip),
    // A zip without entries.
    (b"PK\x05\x06", Kind::Zip),
    (b"PK\x07\x08", Kind::Refused(Code::FileCompressed)),
    (b"\x1F\x8B", Kind::Gzip),
    (b"BZh", Kind::Refused(Code::FileCompressed)),
    (b"\xFD7zXZ\0", Kind::Refused(Code::FileCompressed)),
    (b"7z\xBC\xAF\x27\x1C", Kind::Refused(Code::FileCompressed)),
    (b"\x28\xB5\x2F\xFD", Kind::Refused(Code::FileCompressed)),
    (b"Rar!\x1A\x07", Kind::Refused(Code::FileCompressed)),
    (b"%PDF-", Kind::Refused(Code::FilePdf)),
    (b"-----BEGIN PGP MESSAGE", Kind::Refused(Code::FileEncrypted)),
    (b"\xFF\xFE\0\0", Kind::Refused(Code::FileUtf32)),
    (b"\0\0\xFE\xFF", Kind::Refused(Code::FileUtf32)),
    (b"\x1F\x9D", Kind::Refused(Code::FileCompressed)),
];

const MARKUP: [&[u8]; 7] = [b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<table", b"<!--"];

/// Why a file that begins so is no plain text; `None` where it may be. `sample` is without byte order marks.
pub(crate) fn refusal(sample: &[u8]) -> Option<Code> {
    match kind(sample) {
        Kind::Text => None,
        // Both are made into text before; see `prepare`.
        Kind::Utf16(_) => Some(Code::FileBinary),
        Kind::Gzip | Kind::Zip => Some(Code::FileCompressed),
        Kind::Refused(code) => Some(code),
    }
}

/// What a file that begins so is. `sample` is without byte order marks of UTF-8.
pub(crate) fn kind(sample: &[u8]) -> Kind {
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| sample.starts_with(magic)) {
        return if *kind == Kind::Zip && holds_workbook(sample) {
            Kind::Refused(Code::FileWorkbook)
        } else {
            *kind
        };
    }
    if sample.get(TAR_MARK_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Kind::Refused(Code::FileCompressed);
    }
    if is_openpgp(sample) {
        return Kind::Refused(Code::FileEncrypted);
    }
    if let Some(charset) = utf_16(sample) {
        return Kind::Utf16(charset);
    }
    text_refusal(sample).map_or(Kind::Text, Kind::Refused)
}

/// Why what is no container of any kind is no table either.
fn text_refusal(sample: &[u8]) -> Option<Code> {
    let text = sample.trim_ascii_start();
    if MARKUP.iter().any(|tag| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))) {
        return Some(Code::FileHtml);
    }
    if text.is_empty() {
        return Some(Code::FileEmpty);
    }
    looks_binary(sample.get(..LOOKED_AT).unwrap_or(sample)).then_some(Code::FileBinary)
}

/// Bytes that are looked at where a rule counts them.
const LOOKED_AT: usize = 4096;
/// Where a tar archive says that it is one.
const TAR_MARK_AT: usize = 257;

/// A zip of the Office or open document kind names its parts near its beginning.
fn holds_workbook(sample: &[u8]) -> bool {
    let parts: [&[u8]; 3] = [b"[Content_Types].xml", b"xl/workbook.xml", b"mimetypeapplication/vnd.oasis"];
    parts.iter().any(|part| memchr::memmem::find(sample, part).is_some())
}

/// A packet that holds a session key, with which every encrypted `OpenPGP` message begins (RFC 9580 §5.1, §5.3):
/// its tag, its length, and a version that no text has in this place.
fn is_openpgp(sample: &[u8]) -> bool {
    let ([0x84 | 0x8C, _, version, ..]
    | [0x85, _, _, version, ..]
    | [0xC1 | 0xC3, (..=191), version, ..]
    | [0xC1 | 0xC3, (192..=223), _, version, ..]) = sample
    else {
        return false;
    };
    (3..=6).contains(version)
}

/// UTF-16 by its byte order mark, or because one byte of many pairs is NUL, and it is always the same one.
fn utf_16(sample: &[u8]) -> Option<Charset> {
    match sample {
        [0xFF, 0xFE, ..] => return Some(Charset::UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(Charset::UTF_16BE),
        _ => {}
    }
    let sample = sample.get(..LOOKED_AT).unwrap_or(sample);
    let nuls = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let pairs = sample.len() / 2;
    let told = pairs > 1 && even.max(odd) * 5 > pairs && even.min(odd) * 20 < even.max(odd);
    told.then_some(if odd > even { Charset::UTF_16LE } else { Charset::UTF_16BE })
}

/// Text has almost no control characters; one stray NUL costs only its row, unless it is in the first line.
fn looks_binary(sample: &[u8]) -> bool {
    let control = |byte: &&u8| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1A);
    let header = sample.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    header.contains(&0) || sample.iter().filter(control).count() * 20 > sample.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sample: &[u8], expected: Kind) {
        assert_eq!(kind(sample), expected, "{sample:?}");
    }

    #[test]
    fn what_is_no_csv_is_told_by_its_first_bytes() {
        let refused = |sample: &[u8], code| check(sample, Kind::Refused(code));
        check(b"status,mail\n", Kind::Text);
        check(b"status,mail\nactive,a\0b\n".repeat(40).as_slice(), Kind::Text);
        refused(b"", Code::FileEmpty);
        refused(b" \r\n\t\n", Code::FileEmpty);
        check(b"PK\x03\x04....people.csv", Kind::Zip);
        check(b"PK\x05\x06", Kind::Zip);
        refused(b"PK\x03\x04....[Content_Types].xml", Code::FileWorkbook);
        refused(b"\xD0\xCF\x11\xE0\xA1\xB1", Code::FileWorkbook);
        check(b"\x1F\x8B\x08", Kind::Gzip);
        refused(b"BZh91AY", Code::FileCompressed);
        refused(&[&[b'x'; 257], b"ustar\x0000".as_slice()].concat(), Code::FileCompressed);
        refused(b"%PDF-1.7", Code::FilePdf);
        refused(b"\n<!DOCTYPE html><html>", Code::FileHtml);
        refused(b"sta\0tus,mail\n", Code::FileBinary);
        refused(&[1, 2, 3, 4, 5, 6, 7, 200, 201], Code::FileBinary);
    }

    #[test]
    fn encrypted_messages_are_told_in_both_forms() {
        for message in [
            b"-----BEGIN PGP MESSAGE-----".as_slice(),
            b"\x85\x01\x0C\x03\x12\x34",
            b"\x84\x5E\x03\x12\x34",
            b"\xC1\xC0\x4C\x03\x12",
            b"\xC1\x5E\x03\x12",
            b"\x8C\x0D\x04\x09\x03",
            b"\xC3\x0D\x04\x09\x03",
        ] {
            check(message, Kind::Refused(Code::FileEncrypted));
        }
        // The same first bytes in front of letters are letters.
        check(b"\xC3\x84mter;mail\n", Kind::Text);
        check(b"\x85\x85\x85,mail\n", Kind::Text);
    }

    #[test]
    fn utf_16_is_told_with_and_without_its_mark() {
        check(b"\xFF\xFEs\0t\0", Kind::Utf16(Charset::UTF_16LE));
        check(b"\xFE\xFF\0s\0t", Kind::Utf16(Charset::UTF_16BE));
        check(b"s\0t\0a\0t\0u\0s\0,\0m\0", Kind::Utf16(Charset::UTF_16LE));
        check(b"\0s\0t\0a\0t\0u\0s\0,\0m", Kind::Utf16(Charset::UTF_16BE));
        check(b"\xFF\xFE\0\0s\0\0\0", Kind::Refused(Code::FileUtf32));
    }
}
