//! Which algorithms are offered to a server.

use russh::keys::{Algorithm, HashAlg};
use russh::{Preferred, cipher, kex, mac};
use std::borrow::Cow;

/// Beside the defaults: what servers of the last decade may have alone.
const NISTP: [kex::Name; 3] = [kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521];
/// What only servers have that nobody has looked after; behind everything else.
const OLD_KEX: [kex::Name; 3] = [kex::DH_GEX_SHA1, kex::DH_G14_SHA1, kex::DH_G1_SHA1];
const OLD_CIPHERS: [cipher::Name; 3] = [cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC];
const OLD_MACS: [mac::Name; 2] = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];
/// SHA-1 as the hash of an RSA signature.
const OLD_RSA: Algorithm = Algorithm::Rsa { hash: None };

/// The algorithms for a server of which these pins are known.
pub(super) fn preferred(pins: &[String], legacy: bool) -> Preferred {
    let defaults = Preferred::DEFAULT;
    let mut kex = defaults.kex.to_vec();
    // In front of the names that are no algorithms but signals.
    let at = kex.iter().position(|name| name.as_ref().contains("ext-info")).unwrap_or(kex.len());
    let further = NISTP.iter().chain(OLD_KEX.iter().filter(|_| legacy));
    kex.splice(at..at, further.copied());
    let mut cipher = defaults.cipher.to_vec();
    let mut mac = defaults.mac.to_vec();
    if legacy {
        cipher.extend(OLD_CIPHERS);
        mac.extend(OLD_MACS);
    }
    let key = host_keys(pins, legacy);
    Preferred {
        kex: Cow::Owned(kex),
        key: Cow::Owned(key),
        cipher: Cow::Owned(cipher),
        mac: Cow::Owned(mac),
        ..defaults
    }
}

/// A server with several keys shows the one that is asked for first: it must be of a kind that is pinned, or the right
/// server would seem to be another one.
fn host_keys(pins: &[String], legacy: bool) -> Vec<Algorithm> {
    let all = Preferred::DEFAULT.key.to_vec();
    let kinds: Option<Vec<&str>> = pins.iter().map(|pin| pin.split_once(' ').map(|(kind, _)| kind)).collect();
    let kinds = kinds.filter(|kinds| !kinds.is_empty());
    let is_pinned = |algorithm: &Algorithm| {
        kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| is_of_kind(algorithm, kind)))
    };
    all.into_iter().filter(|algorithm| legacy || *algorithm != OLD_RSA).filter(is_pinned).collect()
}

fn is_of_kind(algorithm: &Algorithm, kind: &str) -> bool {
    match algorithm {
        Algorithm::Rsa { .. } => kind == "ssh-rsa",
        other => other.as_str() == kind,
    }
}

/// With which hash an RSA key signs, as far as the server says what it takes.
pub(super) fn rsa_hash(offered: Option<Option<HashAlg>>, legacy: bool) -> Option<HashAlg> {
    match offered {
        Some(hash) if hash.is_some() || legacy => hash,
        // A server that says nothing is an old one; SHA-1 is for those who asked for it.
        _ if legacy => None,
        _ => Some(HashAlg::Sha256),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pins: &[&str], legacy: bool) -> Vec<String> {
        let pins: Vec<String> = pins.iter().map(|pin| (*pin).to_owned()).collect();
        preferred(&pins, legacy).key.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn pins_decide_which_keys_are_asked_for() {
        assert_eq!(names(&["ssh-ed25519 AAAA"], false), ["ssh-ed25519"]);
        assert_eq!(names(&["ssh-rsa AAAA"], false), ["rsa-sha2-512", "rsa-sha2-256"]);
        assert_eq!(names(&["ssh-rsa AAAA"], true), ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]);
        assert_eq!(names(&["ecdsa-sha2-nistp256 AAAA", "ssh-rsa A"], false).len(), 3);
        assert_eq!(names(&["SHA256:abc", "ssh-rsa AAAA"], false).len(), 6);
        assert_eq!(names(&[], true).len(), 7);
    }

    #[test]
    fn old_algorithms_are_offered_only_where_asked_for() {
        let has = |legacy: bool| {
            let preferred = preferred(&[], legacy);
            (
                preferred.kex.contains(&kex::DH_G14_SHA1),
                preferred.cipher.contains(&cipher::AES_128_CBC),
                preferred.mac.contains(&mac::HMAC_SHA1),
                preferred.kex.contains(&kex::ECDH_SHA2_NISTP256),
            )
        };
        assert_eq!(has(false), (false, false, false, true));
        assert_eq!(has(true), (true, true, true, true));
    }
}
