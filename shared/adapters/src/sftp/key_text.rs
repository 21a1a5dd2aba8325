//! Private keys as people send them: what copying did to the text is undone, and what is no private key gets its name.

use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Bytes beyond which no private key goes; RSA with 16,384 bits takes 13,000.
const MAX_BYTES: usize = 16 * 1024;
/// Letters in a line of PEM (RFC 7468 §2).
const LINE: usize = 64;

/// Undoes what happens to a private key on its way: byte order marks, UTF-16 that was read as something else, quotation
/// marks around it, indentation, line ends that were written out as `\n`, all of it on one line.
///
/// # Errors
/// A sentence for the sender, where the text is something else than a private key. It holds nothing of the text.
pub(super) fn normalise(text: &str) -> Result<Zeroizing<String>, String> {
    if text.len() > 2 * MAX_BYTES {
        return Err(
            "this is too long for a private key; send the file with the private key and nothing else".into(),
        );
    }
    let plain = without_traces(text);
    let quoted = |sign: char| sign.is_whitespace() || "\"'`“”„‘’«»".contains(sign);
    let plain = plain.trim_matches(quoted);
    if let Some(words) = something_else(plain) {
        return Err(words.into());
    }
    let mended = if plain.starts_with("PuTTY-User-Key-File-") { putty(plain) } else { pem(plain)? };
    if mended.len() > MAX_BYTES {
        return Err(
            "this is too long for a private key; send the file with the private key and nothing else".into(),
        );
    }
    Ok(mended)
}

/// The text without what an encoding left in it, and with line ends that are line ends.
fn without_traces(text: &str) -> Zeroizing<String> {
    let text = text.trim_start_matches(['\u{feff}', '\u{fffe}', '\u{fffd}']);
    let text = ["ÿþ", "þÿ", "ï»¿"].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
    // UTF-16 that was taken for something else has a NUL beside each letter.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.chars().filter(|sign| !matches!(sign, '\0' | '\u{feff}' | '\u{200b}' | '\u{fffd}')));
    // A comment in a key of PuTTY may hold a backslash; a text with lines of its own has none that are written out.
    if plain.trim().lines().count() < 3 {
        for written in ["\\r\\n", "\\n", "\\r"] {
            plain = Zeroizing::new(plain.replace(written, "\n"));
        }
    }
    Zeroizing::new(plain.replace("\r\n", "\n").replace('\r', "\n"))
}

/// What a text is that is no private key which can be used.
fn something_else(text: &str) -> Option<&'static str> {
    let begins = |label: &str| text.contains(&format!("BEGIN {label}"));
    if text.is_empty() {
        return Some("the private key is empty");
    }
    if begins("CERTIFICATE") || begins("X509") || begins("TRUSTED CERTIFICATE") {
        return Some(
            "this is an X.509 certificate, and no private key of SSH; send the private key that belongs to the account",
        );
    }
    if begins("PGP") {
        return Some("this is a key of PGP, which decrypts files; to log in, a private key of SSH is needed");
    }
    if begins("SSH2 ENCRYPTED PRIVATE KEY") {
        return Some(
            "this is a private key in the form of ssh.com; convert it with `ssh-keygen -i`, or with PuTTYgen, and send it again",
        );
    }
    if begins("DSA PRIVATE KEY") {
        return Some("DSA is not safe any more, and servers refuse it; use an Ed25519 key or one of RSA");
    }
    if text.contains("-cert-v01@openssh.com") {
        return Some("this is a certificate of OpenSSH; send the private key that it was made for");
    }
    let public = begins("PUBLIC KEY") || begins("RSA PUBLIC KEY") || begins("SSH2 PUBLIC KEY");
    let line = text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") || text.starts_with("sk-");
    if (public || line) && !text.contains("PRIVATE KEY") {
        return Some(
            "this is the public key; send the private one, which is mostly in the file without `.pub`",
        );
    }
    None
}

/// A key of PuTTY's without indentation. The end of a line is left alone: the comment is a part of what is signed.
fn putty(text: &str) -> Zeroizing<String> {
    let mut mended = Zeroizing::new(String::with_capacity(text.len() + 1));
    for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        mended.push_str(line);
        mended.push('\n');
    }
    mended
}

/// PEM with its lines as RFC 7468 wants them, whatever became of them.
fn pem(text: &str) -> Result<Zeroizing<String>, String> {
    let no_key = || {
        "there is no private key in this; it begins with `-----BEGIN … PRIVATE KEY-----`, or with \
         `PuTTY-User-Key-File-`"
            .to_owned()
    };
    let cut = || "the private key is incomplete; its end is missing".to_owned();
    let (_, rest) = text.split_once("BEGIN ").ok_or_else(no_key)?;
    let (label, rest) = rest.split_once("PRIVATE KEY").ok_or_else(no_key)?;
    if label.len() > 20 || !label.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == ' ') {
        return Err(no_key());
    }
    let (body, _) = rest.split_once("END ").ok_or_else(cut)?;
    let label = format!("{label}PRIVATE KEY");
    let body = body.trim_matches(|sign: char| sign.is_whitespace() || "-–—‐‑".contains(sign));
    let mut mended = Zeroizing::new(String::with_capacity(body.len() + body.len() / LINE + 128));
    // Writing to a string cannot fail.
    let _ = writeln!(mended, "-----BEGIN {label}-----");
    for (at, sign) in base64_of(body, &mut mended).chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            mended.push('\n');
        }
        mended.push(sign);
    }
    let _ = write!(mended, "\n-----END {label}-----\n");
    Ok(mended)
}

/// The letters of the key itself; the headers of an encrypted key (RFC 1421 §4.6) are written to `head` before.
fn base64_of(body: &str, head: &mut String) -> Zeroizing<String> {
    let mut letters = Zeroizing::new(String::with_capacity(body.len()));
    let mut words = body.split_whitespace();
    while let Some(word) = words.next() {
        if let Some(header) = ["Proc-Type:", "DEK-Info:"].iter().find(|header| word.starts_with(**header)) {
            let value = match word.strip_prefix(header) {
                Some("") | None => words.next().unwrap_or_default(),
                Some(value) => value,
            };
            let _ = writeln!(head, "{header} {value}");
        } else {
            letters.extend(word.chars().filter(|sign| !matches!(sign, '"' | '\'' | '\\')));
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n";

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(normalise(text).as_deref().map(String::as_str), Ok(expect), "{text}");
    }

    #[test]
    fn what_copying_did_is_undone() {
        for text in [
            PLAIN.to_owned(),
            PLAIN.replace('\n', "\r\n"),
            PLAIN.replace('\n', "\r"),
            PLAIN.replace('\n', "\\n"),
            PLAIN.replace('\n', "\\r\\n"),
            PLAIN.replace('\n', ""),
            PLAIN.replace('\n', " "),
            PLAIN.replace('\n', "\n\n    "),
            PLAIN.replace("-----", "—"),
            format!("\u{feff}{PLAIN}"),
            format!("ï»¿{PLAIN}"),
            format!("  \"{}\"  ", PLAIN.trim_end()),
            format!("“{PLAIN}”"),
            format!("ÿþ{}", PLAIN.chars().flat_map(|sign| [sign, '\0']).collect::<String>()),
            format!("\u{fffd}\u{fffd}{}", PLAIN.chars().flat_map(|sign| [sign, '\0']).collect::<String>()),
            format!("Here is our key:\n{PLAIN}Regards, Ann\n"),
            PLAIN.replace("MC4CAQ", "MC4C\nAQ"),
        ] {
            check(&text, PLAIN);
        }
    }

    #[test]
    fn headers_of_an_encrypted_key_stay() {
        let encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\nAAAA\n\
                         -----END RSA PRIVATE KEY-----\n";
        check(encrypted, encrypted);
        check(&encrypted.replace('\n', " "), encrypted);
        check(&encrypted.replace("00FF\n", "00FF\n\n"), encrypted);
    }

    #[track_caller]
    fn check_refused(text: &str, expect: &str) {
        let said = normalise(text).expect_err(text);
        assert!(said.contains(expect), "{text}: {said}");
    }

    #[test]
    fn what_is_no_private_key_gets_its_name() {
        for (text, expect) in [
            ("", "is empty"),
            (" \"\" ", "is empty"),
            ("hunter2", "no private key in this"),
            ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "X.509"),
            ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", "the public key"),
            ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", "the public key"),
            ("ssh-rsa AAAAB3NzaC1yc2E ann@acme", "the public key"),
            ("ecdsa-sha2-nistp256 AAAA", "the public key"),
            ("ssh-ed25519-cert-v01@openssh.com AAAA", "certificate of OpenSSH"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n-----END PGP PRIVATE KEY BLOCK-----", "PGP"),
            ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/5\n", "ssh.com"),
            ("-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----", "DSA"),
            ("-----BEGIN PRIVATE KEY-----\nMC4C", "its end is missing"),
            (&"A".repeat(40_000), "too long"),
        ] {
            check_refused(text, expect);
        }
    }
}
