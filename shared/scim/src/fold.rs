//! Comparison without regard to case: the one form in which filters, uniqueness and look-ups compare text.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// The text in NFC and lower case: equal for all spellings that are the same value where an attribute is not
/// `caseExact` (RFC 7643 §2.2).
///
/// ```
/// assert_eq!(scim::fold("STRASSE"), scim::fold("straße"));
/// ```
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

/// Like [`fold`], for parts of words: a sigma that ends the part need not end the word, and is written the same.
pub(crate) fn fold_part(text: &str) -> String {
    fold(text).replace('ς', "σ")
}

/// Whether two texts are spellings of one value; allocates nothing while they are ASCII.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && fold(a) == fold(b))
}

#[cfg(test)]
mod tests {
    use super::{fold, same};

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
            assert!(same(one, two));
        }
        assert_ne!(fold("müller"), fold("muller"));
        assert!(!same("müller", "muller"));
    }
}
