//! Keys that we make.

use super::kit::{BOB, MOST, Person, Style, TABLE, make, open_with, time};
use ::domain::pgp::{Pgp, PgpAlgorithm, Signatures};
use ::pgp::crypto::aead::AeadAlgorithm;
use ::pgp::crypto::hash::HashAlgorithm;
use ::pgp::crypto::public_key::PublicKeyAlgorithm;
use ::pgp::crypto::sym::SymmetricKeyAlgorithm;
use ::pgp::types::{CompressionAlgorithm, KeyDetails, KeyVersion, PublicParams};
use adapters::pgp::RPgp;
use rsa_bits::bits;

/// The length of an RSA key, without a crate for its numbers.
mod rsa_bits {
    use ::pgp::ser::Serialize;
    use ::pgp::types::PublicParams;

    /// The first two bytes of its serialized modulus (RFC 9580 §3.2).
    pub(super) fn bits(params: &PublicParams) -> u16 {
        let bytes = params.to_bytes().unwrap();
        u16::from_be_bytes([bytes[0], bytes[1]])
    }
}

#[test]
fn what_a_key_says() {
    let key = &BOB.public;
    key.verify_bindings().unwrap();
    assert_eq!(BOB.pair.fingerprint, format!("{:X}", key.fingerprint()));
    assert_eq!(BOB.pair.fingerprint.len(), 40);
    let user = &key.details.users[0];
    assert_eq!(user.id.as_str(), Some("Bob <bob@acme.example>"));
    let (own, subkey) = (&user.signatures[0], &key.public_subkeys[0]);
    let lifetime = time("2036-01-01T00:00:00Z").as_second() - time("2026-01-01T00:00:00Z").as_second();
    for signature in [own, &subkey.signatures[0]] {
        assert_eq!(signature.key_expiration_time().map(|time| i64::from(time.as_secs())), Some(lifetime));
        let created = signature.created().map(|time| i64::from(time.as_secs()));
        assert_eq!(created, Some(time("2026-01-01T00:00:00Z").as_second()));
    }
    for created in [key.created_at(), subkey.created_at()] {
        assert_eq!(i64::from(created.as_secs()), time("2026-01-01T00:00:00Z").as_second());
    }
    assert_eq!((key.version(), subkey.version()), (KeyVersion::V4, KeyVersion::V4));
    assert!(own.key_flags().sign() && own.key_flags().certify() && !own.key_flags().encrypt_storage());
    let flags = subkey.signatures[0].key_flags();
    assert!(flags.encrypt_storage() && flags.encrypt_comms() && !flags.sign());
    let features = own.features().unwrap();
    assert!(features.seipd_v1() && !features.seipd_v2());
    assert_eq!(own.preferred_aead_algs(), &[] as &[(SymmetricKeyAlgorithm, AeadAlgorithm)]);
    assert_eq!(own.preferred_symmetric_algs()[0], SymmetricKeyAlgorithm::AES256);
    assert_eq!(own.preferred_hash_algs()[0], HashAlgorithm::Sha256);
    assert_eq!(own.preferred_compression_algs()[0], CompressionAlgorithm::ZLIB);
}

#[test]
fn kinds_that_old_programs_know() {
    let key = &BOB.public;
    assert_eq!(key.algorithm(), PublicKeyAlgorithm::EdDSALegacy);
    assert_eq!(key.public_subkeys[0].algorithm(), PublicKeyAlgorithm::ECDH);
    let rsa = Person::from(make(PgpAlgorithm::Rsa3072, "Rosa"));
    for params in [rsa.public.public_params(), rsa.public.public_subkeys[0].public_params()] {
        assert!(matches!(params, PublicParams::RSA(_)));
        assert_eq!(bits(params), 3072);
    }
    let file = Style { to: vec![&rsa], ..Style::default() }.write(TABLE);
    let (opened, written) = open_with(&file, &[rsa.secret()], Signatures::Ignore, &[], MOST);
    assert_eq!((opened.unwrap().key, written.as_slice()), (rsa.pair.fingerprint.clone(), TABLE));
}

#[test]
fn times_that_cannot_be() {
    let check = |created, expires, expected: &str| {
        let made = RPgp.generate(PgpAlgorithm::Curve25519, "A", time(created), time(expires));
        assert_eq!(made.err().as_deref(), Some(expected));
    };
    let same = "2026-01-01T00:00:00Z";
    check(
        same,
        same,
        "the key would expire at 2026-01-01T00:00:00Z, before it is made at 2026-01-01T00:00:00Z",
    );
    let late = "2107-01-01T00:00:00Z is outside of the years 1970 to 2106, which OpenPGP counts";
    check(same, "2107-01-01T00:00:00Z", late);
    let early = "1969-01-01T00:00:00Z is outside of the years 1970 to 2106, which OpenPGP counts";
    check("1969-01-01T00:00:00Z", same, early);
}

#[test]
fn a_key_that_expired_still_opens() {
    let (created, expires) = (time("2020-01-01T00:00:00Z"), time("2020-01-02T00:00:00Z"));
    let old = Person::from(RPgp.generate(PgpAlgorithm::Curve25519, "Old", created, expires).unwrap());
    let file = Style { to: vec![&old], ..Style::default() }.write(TABLE);
    assert_eq!(open_with(&file, &[old.secret()], Signatures::Ignore, &[], MOST).1, TABLE);
}
