//! What it costs to decrypt a private key. Whoever writes the file says how often a passphrase is hashed and in how much
//! memory, so that one of a few hundred bytes can ask for days, or for all memory there is.

use russh::keys::ssh_key::{Kdf, PrivateKey};

/// Rounds of bcrypt, of which OpenSSH takes 24.
const MAX_BCRYPT_ROUNDS: u32 = 512;
/// Passes of Argon2, of which PuTTY takes about 20.
const MAX_ARGON2_PASSES: u32 = 256;
/// KiB of memory for Argon2, of which PuTTY takes 8,192.
const MAX_ARGON2_KIB: u32 = 128 * 1024;
/// What `passes × KiB` may come to: about two seconds.
const MAX_ARGON2_WORK: u64 = 2 * 1024 * 1024;
/// Lanes of Argon2, of which PuTTY takes one.
const MAX_ARGON2_LANES: u32 = 16;
/// Rounds of PBKDF2, of which OpenSSL takes 2,048, and careful people a million.
const MAX_PBKDF2_ROUNDS: u64 = 2_000_000;
/// Bytes of memory for scrypt, `128 × N × r × p` (RFC 7914 §2), of which OpenSSL takes 16 MiB.
const MAX_SCRYPT_BYTES: u64 = 128 * 1024 * 1024;

/// The identifier of scrypt (RFC 7914 §7), 1.3.6.1.4.1.11591.4.11, as DER has it.
const SCRYPT: &[u8] = &[0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];

/// Whether an encrypted key of OpenSSH can be decrypted in reasonable time.
pub(super) fn openssh_is_cheap(key: &PrivateKey) -> bool {
    match key.kdf() {
        Kdf::Bcrypt { rounds, .. } => *rounds <= MAX_BCRYPT_ROUNDS,
        _ => true,
    }
}

/// Whether a key of PuTTY's can be decrypted in reasonable time and memory.
pub(super) fn putty_is_cheap(text: &str) -> bool {
    let number = |header: &str| {
        let written = text.lines().filter_map(|line| line.strip_prefix(header));
        // A header that stands there twice counts once, and which of them depends on the reader: the largest.
        written.map(|value| value.trim().parse::<u32>().unwrap_or(u32::MAX)).max().unwrap_or(0)
    };
    let (kib, passes) = (number("Argon2-Memory:"), number("Argon2-Passes:"));
    kib <= MAX_ARGON2_KIB
        && passes <= MAX_ARGON2_PASSES
        && number("Argon2-Parallelism:") <= MAX_ARGON2_LANES
        && u64::from(kib) * u64::from(passes) <= MAX_ARGON2_WORK
}

/// Whether an `EncryptedPrivateKeyInfo` of PKCS#8 (RFC 5958 §3) can be decrypted in reasonable time and memory.
pub(super) fn pkcs8_is_cheap(der: &[u8]) -> bool {
    let mut numbers = Vec::new();
    // The algorithm is the first of the two elements.
    let Some((_, algorithm)) =
        element(der).and_then(|(_, content, _)| element(content)).map(|(tag, inner, _)| (tag, inner))
    else {
        return false;
    };
    integers(algorithm, 0, &mut numbers);
    if algorithm.windows(SCRYPT.len()).any(|part| part == SCRYPT) {
        let memory = numbers.iter().take(3).fold(128_u64, |product, number| product.saturating_mul(*number));
        return memory <= MAX_SCRYPT_BYTES;
    }
    numbers.iter().all(|number| *number <= MAX_PBKDF2_ROUNDS)
}

/// Collects the integers of a DER value, to the depth of four that PBES2 (RFC 8018 §6.2) needs.
fn integers(mut der: &[u8], depth: u8, into: &mut Vec<u64>) {
    while let Some((tag, content, rest)) = element(der) {
        match tag {
            0x02 => into.push(number(content)),
            0x30 if depth < 4 => integers(content, depth + 1, into),
            _ => {}
        }
        der = rest;
    }
}

fn number(content: &[u8]) -> u64 {
    content.iter().fold(0_u64, |number, byte| number.saturating_mul(256).saturating_add(u64::from(*byte)))
}

/// The first element of a DER text: its tag, its content, and what is behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, short], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(short - 0x80))?;
            (usize::try_from(number(length)).ok()?, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SEQUENCE { SEQUENCE { … }, OCTET STRING }` around the parts of an algorithm.
    fn pkcs8(parts: &[&[u8]]) -> Vec<u8> {
        let inner = parts.concat();
        let algorithm = [&[0x30, inner.len() as u8], inner.as_slice()].concat();
        let whole = [algorithm.as_slice(), &[0x04, 0x00]].concat();
        [&[0x30, whole.len() as u8], whole.as_slice()].concat()
    }

    #[track_caller]
    fn check(parts: &[&[u8]], expect: bool) {
        assert_eq!(pkcs8_is_cheap(&pkcs8(parts)), expect, "{parts:?}");
    }

    #[test]
    fn what_pkcs8_costs() {
        check(&[&[0x02, 0x02, 0x08, 0x00]], true);
        check(&[&[0x02, 0x03, 0x1e, 0x84, 0x80]], true);
        check(&[&[0x02, 0x03, 0x1e, 0x84, 0x81]], false);
        check(&[&[0x30, 0x06, 0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]], false);
        // scrypt with 16 MiB, and with 2 GiB.
        check(&[SCRYPT, &[0x02, 0x02, 0x40, 0x00, 0x02, 0x01, 0x08, 0x02, 0x01, 0x01]], true);
        check(&[SCRYPT, &[0x02, 0x03, 0x20, 0x00, 0x00, 0x02, 0x01, 0x08, 0x02, 0x01, 0x01]], false);
        assert!(!pkcs8_is_cheap(&[]));
        assert!(!pkcs8_is_cheap(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]));
    }

    #[test]
    fn what_putty_costs() {
        for (text, expect) in [
            ("Argon2-Memory: 8192\nArgon2-Passes: 21\nArgon2-Parallelism: 1\n", true),
            ("Argon2-Memory: 4194304\nArgon2-Passes: 1\n", false),
            ("Argon2-Memory: 8192\nArgon2-Passes: 100000\n", false),
            ("Argon2-Memory: 8192\nArgon2-Memory: 4194304\n", false),
            ("Argon2-Memory: x\n", false),
            ("Argon2-Parallelism: 17\n", false),
            ("Argon2-Memory: 131072\nArgon2-Passes: 17\n", false),
            ("Encryption: none\n", true),
        ] {
            assert_eq!(putty_is_cheap(text), expect, "{text}");
        }
    }
}
