//! The catalogue of problem codes as a document: `docs/import-codes.md`.

use std::fmt::Write as _;

use super::codes::Code;
use super::problem::Severity;

const HEAD: &str = "# Codes of an import

What a report, a preview or a run may say about a file and its rows. The codes are stable: clients may rely on them.
This page is made from `codes.rs` and `pull_codes.rs` in `shared/domain/src/import/`; change it there.
";

const PARTS: [(Severity, &str); 5] = [
    (Severity::FileRefused, "The file is refused: no row is read, nobody is changed"),
    (Severity::RunHeld, "The run is held: nothing is written until somebody has looked at the plan"),
    (Severity::FileWarning, "About the file as a whole: it goes on"),
    (Severity::RowRejected, "The row is rejected: it is left out, the others go on"),
    (Severity::RowWarning, "About the row: it is taken, or repeats what is taken"),
];

/// The document, in Markdown: what each code does to the import, what it means, why, what to do, and an example.
pub fn catalogue() -> String {
    let mut text = HEAD.to_owned();
    for (severity, title) in PARTS {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n## {title}\n\n| code | what | why | what to do | for example |\n|---|---|---|---|---|\n"
        );
        for code in Code::ALL.iter().filter(|code| code.severity() == severity) {
            let _ = writeln!(
                text,
                "| `{code}` | {} | {} | {} | {} |",
                cell(code.what()),
                cell(code.why()),
                cell(code.remedy()),
                cell(&visible(code.example()))
            );
        }
    }
    text
}

/// Nothing ends the cell too early.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Characters that nobody sees are spelt out.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ' {
                c.to_string()
            } else {
                format!("[U+{:04X}]", u32::from(c))
            }
        })
        .collect()
}
