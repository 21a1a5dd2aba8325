//! Cleaning of cells and names: blanks, Unicode normal forms, characters that nobody sees.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A name for comparison: NFKC, trimmed, lower case.
pub(crate) fn folded(name: &str) -> String {
    let name = name.trim();
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfkc().filter(|c| !is_invisible(*c)).collect::<String>().trim().to_lowercase()
}

/// A cell made fit to be stored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cleaned<'a> {
    /// Trimmed, in NFC, without invisible characters.
    pub(crate) text: Cow<'a, str>,
    /// Whether invisible characters were taken out.
    pub(crate) stripped: bool,
}

/// Trims Unicode white space, takes out zero-width and bidirectional controls and puts into NFC.
///
/// The two joiners stay in text that does not identify anybody: Persian and Indic names need them.
pub(crate) fn clean(cell: &str, identifier: bool) -> Cleaned<'_> {
    if cell.is_ascii() {
        return Cleaned { text: Cow::Borrowed(trim_ascii(cell)), stripped: false };
    }
    let trimmed = cell.trim();
    if is_latin(trimmed) {
        return Cleaned { text: Cow::Borrowed(trimmed), stripped: false };
    }
    let removable = |c| is_invisible(c) || (identifier && matches!(c, '\u{200C}' | '\u{200D}'));
    if trimmed.contains(removable) {
        let kept: String = trimmed.chars().filter(|c| !removable(*c)).nfc().collect();
        return Cleaned { text: Cow::Owned(kept.trim().to_owned()), stripped: true };
    }
    let text = match is_nfc_quick(trimmed.chars()) {
        IsNormalized::Yes => Cow::Borrowed(trimmed),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(trimmed.nfc().collect()),
    };
    Cleaned { text, stripped: false }
}

/// `str::trim` decodes characters; almost no cell has anything to trim.
pub(crate) fn trim_ascii(cell: &str) -> &str {
    let blank = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ');
    let bytes = cell.as_bytes();
    if blank(bytes.first()) || blank(bytes.last()) { cell.trim() } else { cell }
}

/// Only characters before U+0300, which are all in NFC, and between U+007F and them no control, no blank and
/// no soft hyphen: told by the bytes, since most text is of this kind.
pub(crate) fn is_latin(text: &str) -> bool {
    let mut lead = 0;
    text.is_ascii()
        || text.bytes().all(|byte| {
            let latin = byte < 0xCC && (lead != 0xC2 || (0xA1..=0xAC).contains(&byte) || byte > 0xAD);
            lead = byte;
            latin
        })
}

/// Zero-width and bidirectional controls, except the two joiners.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// Characters, not bytes; counting is skipped where the bytes already say that there are few enough.
pub(crate) fn longer_than(text: &str, chars: usize) -> bool {
    text.len() > chars && text.chars().nth(chars).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, identifier: bool, text: &str, stripped: bool) {
        assert_eq!(clean(cell, identifier), Cleaned { text: text.into(), stripped });
    }

    #[test]
    fn cells_are_cleaned() {
        check("plain", false, "plain", false);
        check("  two words\t", false, "two words", false);
        check("\u{A0}\u{3000}Müller\u{A0}", false, "Müller", false);
        check("Mu\u{308}ller", false, "Müller", false);
        check("\u{202E}nnA\u{200B}", false, "nnA", true);
        check("\u{200B} Ä ", false, "Ä", true);
        check("می\u{200C}خواهم", false, "می\u{200C}خواهم", false);
        check("ann\u{200D}@acme.example", true, "ann@acme.example", true);
    }

    #[test]
    fn names_are_folded() {
        assert_eq!(folded(" Work\u{A0}E-Mail "), "work e-mail");
        assert_eq!(folded("Ｓｔａｔｕｓ"), "status");
        assert_eq!(folded("\u{FEFF}ÄMTER"), "ämter");
    }

    #[test]
    fn length_counts_characters() {
        assert!(!longer_than("üüü", 3));
        assert!(longer_than("üüüü", 3));
        assert!(!longer_than("", 0));
    }
}
