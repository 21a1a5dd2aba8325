//! Which algorithms are offered to a server, in the order in which they are liked.

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, cipher, kex, mac};
use std::borrow::Cow;

/// Algorithms that are refused unless a source asks for old ones: SHA-1 in the key exchange.
const LEGACY_KEX: [kex::Name; 3] = [kex::DH_G14_SHA1, kex::DH_GEX_SHA1, kex::DH_G1_SHA1];
const LEGACY_CIPHERS: [cipher::Name; 3] = [cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC];
const LEGACY_MACS: [mac::Name; 2] = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];
/// Safe, and the only ones of some servers in America's public service; `russh` leaves them out by default.
const NIST_KEX: [kex::Name; 3] = [kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521];

/// What is offered, with these kinds of host keys.
pub(super) fn offered(host_keys: &[Algorithm], legacy: bool) -> Preferred {
    let safe = Preferred::DEFAULT;
    let mut key_exchange = NIST_KEX.to_vec();
    key_exchange.splice(0..0, safe.kex.iter().copied().take_while(|name| *name != kex::DH_GEX_SHA256));
    key_exchange.extend(safe.kex.iter().copied().skip_while(|name| *name != kex::DH_GEX_SHA256));
    let mut ciphers = safe.cipher.to_vec();
    let mut macs = safe.mac.to_vec();
    if legacy {
        key_exchange.extend(LEGACY_KEX);
        ciphers.extend(LEGACY_CIPHERS);
        macs.extend(LEGACY_MACS);
    }
    Preferred {
        kex: Cow::Owned(key_exchange),
        key: Cow::Owned(host_keys.to_vec()),
        cipher: Cow::Owned(ciphers),
        mac: Cow::Owned(macs),
        ..safe
    }
}

/// The kinds of host keys that are asked for: with pins, those of the pins, as a server that has several keys would show
/// another one than the one that is trusted. A fingerprint does not say of which kind it is.
pub(super) fn host_keys(pins: &[String], legacy: bool) -> Vec<Algorithm> {
    let all = [
        Algorithm::Ed25519,
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
        Algorithm::Rsa { hash: None },
    ];
    let any = pins.is_empty() || has_fingerprints(pins);
    let wanted =
        |algorithm: &Algorithm| any || pins.iter().any(|pin| pin.split(' ').next() == Some(kind(algorithm)));
    let allowed = |algorithm: &Algorithm| legacy || *algorithm != Algorithm::Rsa { hash: None };
    all.into_iter().filter(|algorithm| allowed(algorithm) && wanted(algorithm)).collect()
}

/// Whether there is a pin of which nobody knows the kind of key.
pub(super) fn has_fingerprints(pins: &[String]) -> bool {
    pins.iter().any(|pin| pin.starts_with("SHA256:"))
}

/// The kind of key that signs like this: one of RSA is called `ssh-rsa` whatever it signs with (RFC 8332 §3).
pub(super) fn kind(algorithm: &Algorithm) -> &str {
    if matches!(algorithm, Algorithm::Rsa { .. }) { "ssh-rsa" } else { algorithm.as_str() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pins: &[&str], legacy: bool, expect: &[&str]) {
        let pins: Vec<_> = pins.iter().map(|pin| (*pin).to_owned()).collect();
        let names: Vec<_> = host_keys(&pins, legacy).iter().map(|name| name.as_str().to_owned()).collect();
        assert_eq!(names, expect);
    }

    #[test]
    fn pins_decide_which_keys_of_a_host_are_offered() {
        let safe = [
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "rsa-sha2-512",
            "rsa-sha2-256",
        ];
        check(&[], false, &safe);
        check(&["SHA256:x", "ssh-rsa AAAA"], false, &safe);
        check(&["ssh-rsa AAAA"], false, &["rsa-sha2-512", "rsa-sha2-256"]);
        check(&["ssh-rsa AAAA"], true, &["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]);
        check(&["ssh-ed25519 AAAA"], true, &["ssh-ed25519"]);
        check(
            &["ecdsa-sha2-nistp384 AAAA", "ssh-ed25519 AAAA"],
            true,
            &["ssh-ed25519", "ecdsa-sha2-nistp384"],
        );
    }

    #[test]
    fn old_algorithms_only_where_asked_for() {
        let sha1 =
            |offer: &Preferred| offer.kex.contains(&kex::DH_G14_SHA1) || offer.mac.contains(&mac::HMAC_SHA1);
        let safe = offered(&[], false);
        assert!(!sha1(&safe) && !safe.cipher.contains(&cipher::AES_128_CBC));
        assert!(
            safe.kex.contains(&kex::ECDH_SHA2_NISTP256)
                && safe.kex.first() == Some(&kex::MLKEM768X25519_SHA256)
        );
        let old = offered(&[], true);
        assert!(sha1(&old) && old.cipher.contains(&cipher::AES_128_CBC));
        assert!(safe.kex.iter().all(|name| old.kex.contains(name)));
    }
}
