//! The document of codes is what the code makes it, and its examples are examples.

use std::path::PathBuf;

use domain::import::catalogue::catalogue;
use domain::import::problem::Code;

use super::codes::{codes_of, small, with};

fn document() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/import-codes.md")
}

#[test]
fn the_document_is_what_the_code_makes_it() {
    let command = "cargo run -p domain --example import-codes > docs/import-codes.md";
    let written = std::fs::read_to_string(document()).unwrap_or_default();
    assert!(written == catalogue(), "docs/import-codes.md is out of date; to write it anew: {command}");
}

/// What stands between the first two backquotes of an example.
fn quoted(code: Code) -> &'static str {
    code.example().split('`').nth(1).unwrap_or_default()
}

/// A file made of nothing but the example.
fn file_of(code: Code) -> Option<Vec<u8>> {
    let text = quoted(code);
    Some(match code {
        Code::FilePdf
        | Code::FileHtml
        | Code::FileEncrypted
        | Code::HeaderUnreadable
        | Code::ColumnMissing
        | Code::ColumnDuplicated
        | Code::ColumnOrder
        | Code::ColumnIgnored
        | Code::FileWithoutRows => format!("{text}\n").into_bytes(),
        Code::LinesAboveHeader | Code::DelimiterUnclear => {
            format!("{text}\n{}\n", code.example().split('`').nth(3)?).into_bytes()
        }
        Code::DoubtOpenQuote
        | Code::DoubtRagged
        | Code::QuoteUnclosed
        | Code::QuoteMisplaced
        | Code::QuoteStray
        | Code::RowRagged => small(&format!("{text}\n")),
        Code::LinesBelowTable | Code::DoubtTruncated => small(&format!("active,a@acme.example,A\n{text}\n")),
        Code::StatusMissing | Code::StatusInvalid => with(0, text),
        Code::MailMissing | Code::MailInvalid | Code::MailExcluded => with(2, text),
        Code::ControlCharacter | Code::FirstNameExcluded => with(3, text),
        Code::TextDamaged | Code::CharactersRemoved | Code::LastNameMissing | Code::LastNameExcluded => {
            with(4, text)
        }
        Code::LanguageUnknown => with(5, text),
        Code::ValidFromInvalid => with(6, text),
        Code::ValidToInvalid => with(7, text),
        Code::SpreadsheetNotation => with(8, text),
        Code::DivisionTooLong => with(10, text),
        // Described rather than shown, or about users who are there; `codes.rs` has files for what can be read.
        _ => return None,
    })
}

#[test]
fn an_example_that_is_shown_gives_its_code() {
    let mut shown = 0;
    for code in Code::ALL {
        let Some(file) = file_of(*code) else { continue };
        let found = codes_of(*code, &file);
        assert!(found.contains(code), "{code}: {found:?} for {}", code.example());
        shown += 1;
    }
    assert!(shown > 30);
}
