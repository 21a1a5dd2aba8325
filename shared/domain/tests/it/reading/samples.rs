//! The files of `events/files/` are what their names say.

use std::path::Path;

use domain::import::read::Counts;

use super::{Read, Setting, read};
use domain::import::problem::Problem;

fn sample(name: &str) -> Result<Read, Problem> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/files").join(name);
    read(&std::fs::read(&path).unwrap(), &Setting::default())
}

#[track_caller]
fn counted(name: &str, accepted: u64, rejected: u64) {
    let read = sample(name).unwrap();
    assert_eq!(read.counts, Counts { rows: accepted + rejected, accepted, rejected, ignored: 0 }, "{name}");
    assert_eq!(read.warnings, read.doubts, "{name}");
}

#[track_caller]
fn refused(name: &str, code: &str) {
    assert_eq!(sample(name).err().unwrap().code.as_str(), code, "{name}");
}

#[test]
fn good_samples_are_read() {
    for name in ["people.csv", "people-semicolon.csv", "people-windows-lines.csv"] {
        assert!(sample(name).unwrap().doubts.is_empty(), "{name}");
    }
    counted("people.csv", 6, 2);
    counted("people-semicolon.csv", 3, 0);
    counted("people-windows-lines.csv", 3, 0);
    let codes = sample("people.csv").unwrap().told();
    let codes: Vec<_> =
        codes.iter().map(|(line, _, codes)| (*line, codes.as_str())).filter(|(_, c)| !c.is_empty()).collect();
    assert_eq!(
        codes,
        [(7, "language-unknown"), (8, "status-invalid"), (9, "mail-invalid valid-from-invalid")]
    );
}

#[test]
fn bad_samples_get_clear_answers() {
    refused("bad-empty.csv", "file-empty");
    refused("bad-binary.csv", "file-binary");
    refused("bad-missing-column.csv", "column-missing");
    counted("bad-unclosed-quote.csv", 2, 1);
    assert_eq!(sample("bad-unclosed-quote.csv").unwrap().doubted(), "doubt-open-quote");
}
