//! Tells by its first bytes when a file is no CSV at all, whatever its name says.

use super::codes::Code;

const MAGIC: [(&[u8], Code); 12] = [
    (b"\xD0\xCF\x11\xE0", Code::FileWorkbook),
    (b"PK\x05\x06", Code::FileCompressed),
    (b"\x1F\x8B", Code::FileCompressed),
    (b"BZh", Code::FileCompressed),
    (b"\xFD7zXZ\0", Code::FileCompressed),
    (b"7z\xBC\xAF\x27\x1C", Code::FileCompressed),
    (b"\x28\xB5\x2F\xFD", Code::FileCompressed),
    (b"Rar!\x1A\x07", Code::FileCompressed),
    (b"%PDF-", Code::FilePdf),
    (b"-----BEGIN PGP MESSAGE", Code::FileEncrypted),
    (b"\xFF\xFE", Code::FileUtf16),
    (b"\xFE\xFF", Code::FileUtf16),
];

const MARKUP: [&[u8]; 7] = [b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<table", b"<!--"];

/// Why a file that begins so is refused; `None` where it may be text. `sample` is without byte order marks.
pub(crate) fn refusal(sample: &[u8]) -> Option<Code> {
    if let Some((_, code)) = MAGIC.iter().find(|(magic, _)| sample.starts_with(magic)) {
        return Some(*code);
    }
    if sample.starts_with(b"PK\x03\x04") {
        return Some(if holds_workbook(sample) { Code::FileWorkbook } else { Code::FileCompressed });
    }
    let text = sample.trim_ascii_start();
    if MARKUP.iter().any(|tag| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))) {
        return Some(Code::FileHtml);
    }
    if text.is_empty() {
        return Some(Code::FileEmpty);
    }
    let beginning = sample.get(..4096).unwrap_or(sample);
    if looks_like_utf_16(beginning) {
        return Some(Code::FileUtf16);
    }
    looks_binary(beginning).then_some(Code::FileBinary)
}

/// A zip of the Office or open document kind names its parts near its beginning.
fn holds_workbook(sample: &[u8]) -> bool {
    let parts: [&[u8]; 3] = [b"[Content_Types].xml", b"xl/", b"mimetypeapplication/vnd.oasis"];
    parts.iter().any(|part| sample.windows(part.len()).any(|window| window == *part))
}

/// Western text in UTF-16 has a NUL in nearly every second byte, and only there.
fn looks_like_utf_16(sample: &[u8]) -> bool {
    let nuls = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let pairs = sample.len() / 2;
    pairs > 1 && even.max(odd) * 10 > pairs * 4 && even.min(odd) * 10 < pairs
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

    #[test]
    fn what_is_no_csv_is_told_by_its_first_bytes() {
        let check = |sample: &[u8], expected| assert_eq!(refusal(sample), expected, "{sample:?}");
        check(b"status,mail\n", None);
        check(b"status,mail\nactive,a\0b\n".repeat(40).as_slice(), None);
        check(b"", Some(Code::FileEmpty));
        check(b" \r\n\t\n", Some(Code::FileEmpty));
        check(b"PK\x03\x04....people.csv", Some(Code::FileCompressed));
        check(b"PK\x03\x04....[Content_Types].xml", Some(Code::FileWorkbook));
        check(b"\xD0\xCF\x11\xE0\xA1\xB1", Some(Code::FileWorkbook));
        check(b"\x1F\x8B\x08", Some(Code::FileCompressed));
        check(b"%PDF-1.7", Some(Code::FilePdf));
        check(b"\n<!DOCTYPE html><html>", Some(Code::FileHtml));
        check(b"-----BEGIN PGP MESSAGE-----", Some(Code::FileEncrypted));
        check(b"\xFF\xFEs\0t\0", Some(Code::FileUtf16));
        check(b"s\0t\0a\0t\0u\0s\0,\0m\0", Some(Code::FileUtf16));
        check(b"\0s\0t\0a\0t\0u\0s\0,\0m", Some(Code::FileUtf16));
        check(b"sta\0tus,mail\n", Some(Code::FileBinary));
        check(&[1, 2, 3, 4, 5, 6, 7, 200, 201], Some(Code::FileBinary));
    }
}
