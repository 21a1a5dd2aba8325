//! What a host may prove to be: pins, from whatever an administrator has at hand.

use super::keys::{fingerprint, line};
use russh::keys::{PublicKey, parse_public_key_base64};

/// Bytes of a text with pins beyond which it is something else.
const MAX_BYTES: usize = 64 * 1024;
/// Pins that one host may have: some kinds of keys, the old and the new ones.
const MAX_PINS: usize = 16;
/// Letters of a SHA-256 in base64, without the `=` at its end.
const SHA256_LETTERS: usize = 43;

/// Reads pins from lines of `known_hosts`, the output of `ssh-keyscan` or `ssh-keygen -l`, public keys, or fingerprints;
/// each comes as `kind base64` or `SHA256:…`, once. Blank lines and comments are passed over.
///
/// # Errors
/// A sentence for the sender, with the number of the line.
pub(super) fn read(text: &str) -> Result<Vec<String>, String> {
    if text.len() > MAX_BYTES {
        return Err(too_many());
    }
    let mut pins = Vec::new();
    let text = text.trim_start_matches('\u{feff}');
    for (at, written) in text.lines().enumerate() {
        let written = written.trim().trim_matches(['"', '\'', '`']);
        if written.is_empty() || written.starts_with('#') {
            continue;
        }
        let pin = pin(written).map_err(|words| format!("line {}: {words}", at + 1))?;
        if !pins.contains(&pin) {
            pins.push(pin);
        }
        if pins.len() > MAX_PINS {
            return Err(too_many());
        }
    }
    if pins.is_empty() {
        return Err(
            "there is no key of a host in this; send a line of known_hosts, the output of ssh-keyscan, \
                    a public key, or a fingerprint that begins with SHA256:"
                .into(),
        );
    }
    Ok(pins)
}

fn too_many() -> String {
    format!("these are more than {MAX_PINS} keys; send only the lines of this host")
}

fn pin(written: &str) -> Result<String, String> {
    match written.split_whitespace().next() {
        Some("@revoked") => {
            return Err(
                "this key is marked as revoked, so that nobody trusts it any more; send the present one"
                    .into(),
            );
        }
        Some("@cert-authority") => {
            return Err("certificates of hosts are not checked here; send the key of the host itself".into());
        }
        _ => {}
    }
    if written.contains("PRIVATE KEY") {
        return Err(
            "this is a private key, which must never leave its owner; send the public key of the host".into(),
        );
    }
    if let Some(hash) = written.split_whitespace().find_map(|word| word.strip_prefix("SHA256:")) {
        return sha256(hash);
    }
    if written.split_whitespace().any(is_md5) {
        return Err("a fingerprint with MD5 is not safe; send the one that begins with SHA256:".into());
    }
    public_key(written).map(|key| line(&key))
}

fn sha256(hash: &str) -> Result<String, String> {
    let hash = hash.trim_end_matches('=');
    let fits = hash.len() == SHA256_LETTERS
        && hash.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '/'));
    if fits {
        Ok(format!("SHA256:{hash}"))
    } else {
        Err(format!(
            "a fingerprint has {SHA256_LETTERS} letters and digits after SHA256:, and this one has not"
        ))
    }
}

/// `MD5:` or sixteen pairs of hexadecimal digits with colons between them.
fn is_md5(word: &str) -> bool {
    let pairs = word.strip_prefix("MD5:").unwrap_or(word);
    word.starts_with("MD5:")
        || (pairs.split(':').count() == 16
            && pairs
                .split(':')
                .all(|pair| pair.len() == 2 && pair.chars().all(|sign| sign.is_ascii_hexdigit())))
}

/// `[hosts] kind base64 [comment]`; the hosts are not looked at, as the pin is for the host of the source.
fn public_key(written: &str) -> Result<PublicKey, String> {
    let words: Vec<&str> = written.split_whitespace().take(3).collect();
    let (kind, letters) = match words.as_slice() {
        [kind, letters, ..] if is_kind(kind) => (*kind, *letters),
        [_, kind, letters] if is_kind(kind) => (*kind, *letters),
        _ => {
            return Err(
                "this is neither a public key such as `ssh-ed25519 AAAA…`, nor a fingerprint such as \
                        `SHA256:…`"
                    .into(),
            );
        }
    };
    if kind.contains("-cert-") {
        return Err("this is a certificate; send the key of the host itself".into());
    }
    let key = parse_public_key_base64(letters)
        .map_err(|_| "the key is damaged, or incomplete; copy the whole line".to_owned())?;
    if key.algorithm().as_str() != kind {
        return Err(format!(
            "the line says {}, and the key in it is another one; copy the whole line again",
            shown(kind)
        ));
    }
    // Whoever trusts the key of a host must be able to compare it.
    if fingerprint(&key).is_empty() || line(&key).is_empty() {
        return Err("the key cannot be read".into());
    }
    Ok(key)
}

fn is_kind(word: &str) -> bool {
    word.starts_with("ssh-") || word.starts_with("ecdsa-sha2-") || word.starts_with("sk-")
}

fn shown(kind: &str) -> String {
    kind.chars().filter(char::is_ascii_graphic).take(40).collect()
}
