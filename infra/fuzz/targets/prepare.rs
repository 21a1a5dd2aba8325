//! Any bytes as a file that comes: packed, in some encoding, or no table. It is refused, or what is made of it can be
//! read; plain text in UTF-8 comes out as it went in.
#![no_main]

use std::io::{Read as _, Write as _};

use domain::import::format::{Charset, Encoding, Format};
use domain::import::prepare::prepare;
use fuzz::people::read;
use libfuzzer_sys::fuzz_target;

const LABELS: [&str; 5] = ["utf-8", "windows-1252", "shift_jis", "utf-16le", "iso-2022-jp"];

fuzz_target!(|file: &[u8]| {
    check(file, Encoding::Auto);
    for label in LABELS {
        check(file, Encoding::Named(Charset::for_label(label).expect("a label of the standard")));
    }
});

fn check(bytes: &[u8], encoding: Encoding) {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("to a temporary file");
    let format = Format { encoding, ..Format::default() };
    let Ok(mut prepared) = prepare(file, &format) else { return };
    let mut text = Vec::new();
    prepared.file.read_to_end(&mut text).expect("from its beginning");
    if prepared.encoding == Charset::UTF_8 {
        assert!(text == bytes || bytes.starts_with(b"\x1F\x8B") || bytes.starts_with(b"PK"), "changed");
    } else {
        assert!(text.starts_with(b"\xEF\xBB\xBF"), "what was decoded bears a mark");
    }
    assert_eq!(prepared.guessed.is_some(), !prepared.warnings.is_empty());
    read(&prepared.file, &format);
}
