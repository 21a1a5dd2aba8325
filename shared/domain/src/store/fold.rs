//! Comparison without regard to case, as uniqueness and look-ups use it.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// The text in NFC and lower case: equal for all spellings that are the same value (RFC 7643 §2.2).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // By way of upper case, which knows one letter for ß and ss, and for both forms of sigma.
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_uppercase().to_lowercase(),
        _ => text.nfc().collect::<String>().to_uppercase().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn spellings_of_one_value_are_equal() {
        for (one, two) in [
            ("A@B.C", "a@b.c"),
            ("MÜLLER", "müller"),
            ("mu\u{308}ller", "Müller"),
            ("ÅSA", "åsa"),
            ("straße", "STRASSE"),
            ("ΟΔΟΣ", "οδοσ"),
        ] {
            assert_eq!(fold(one), fold(two));
        }
        assert_ne!(fold("müller"), fold("muller"));
    }
}
