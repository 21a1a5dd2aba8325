//! What may be written to.

/// The longest address that a path of SMTP can hold (RFC 5321 §4.5.3.1.3, less its brackets).
const ADDRESS_BYTES: usize = 254;
/// RFC 5321 §4.5.3.1.1.
const LOCAL_BYTES: usize = 64;
/// RFC 1035 §2.3.4.
const LABEL_BYTES: usize = 63;

/// Whether mail can be sent to, or from, this address: `local@domain`, the local part a dot-atom of RFC 5322 §3.2.3, the
/// domain a name of letters, digits and hyphens. Stricter than the rule for the addresses of people in a file: those are
/// kept as they come, and these are written into headers. A domain with other letters is written in its `xn--` form.
///
/// # Errors
/// What is wrong and how to mend it, in words for whoever has written the address.
pub fn address(text: &str) -> Result<(), &'static str> {
    if text.len() > ADDRESS_BYTES {
        return Err("an address is at most 254 bytes long");
    }
    if !text.is_ascii() {
        return Err(
            "only addresses of ASCII letters can be written to; write a domain with other letters in its xn-- form",
        );
    }
    if text.bytes().any(|byte| byte <= b' ' || byte == 0x7F) {
        return Err("an address has no blanks and no line breaks; write one address, as ann@acme.example");
    }
    let Some((local, domain)) = text.split_once('@') else {
        return Err("an address has an @ in it; write it as ann@acme.example");
    };
    if local.len() > LOCAL_BYTES || !local.split('.').all(is_atom) || local.starts_with("=?") {
        return Err("what is before the @ is 1 to 64 letters, digits, dots and signs such as + - _, \
             without a dot at an end or two in a row");
    }
    if !domain.split('.').all(is_label) {
        return Err("what is after the @ is the name of a domain, such as acme.example");
    }
    Ok(())
}

/// RFC 5322 §3.2.3.
fn is_atom(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
}

/// RFC 1123 §2.1.
fn is_label(text: &str) -> bool {
    (1..=LABEL_BYTES).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_can_be_written_to() {
        let longest = format!("{}@{}.example", "l".repeat(64), [const { "d" }; 90].join("."));
        for good in
            ["ann@acme.example", "a.b+c_d@xn--mller-kva.example", "it@localhost", "o'neil@a-b.c1", &longest]
        {
            assert_eq!(address(good), Ok(()), "{good}");
        }
    }

    #[track_caller]
    fn check(bad: &str, words: &str) {
        let refused = address(bad).unwrap_err();
        assert!(refused.contains(words), "{bad:?}: {refused}");
    }

    #[test]
    fn others_are_refused_in_words() {
        check(&format!("a@{}", "d".repeat(253)), "254 bytes");
        check("jürgen@acme.example", "ASCII");
        check("ann@müller.example", "xn--");
        check("", "an @");
        check("ann", "an @");
        for bad in ["a@b.example\r\nBcc: c@d.example", "a b@c.example", "a@b.example ", "a@b\0", "a@\u{7f}"] {
            check(bad, "no line breaks");
        }
        for bad in [
            "@b",
            ".a@b",
            "a.@b",
            "a..b@c",
            "\"a\"@b",
            "a,c@b",
            "<a@b",
            "=?x?q?y?=@b",
            &format!("{}@b", "l".repeat(65)),
        ] {
            check(bad, "before the @");
        }
        for bad in [
            "a@",
            "a@b..c",
            "a@.b",
            "a@b.",
            "a@b@c",
            "a@b,c@d",
            "a@-b",
            "a@b-",
            "a@[127.0.0.1]",
            "a@b_c",
            &format!("a@{}", "d".repeat(64)),
        ] {
            check(bad, "after the @");
        }
    }
}
