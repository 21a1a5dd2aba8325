//! Makes keys. rPGP's own builder signs with the system's time and knows no expiry, so the signatures are put together here.

use std::panic::resume_unwind;
use std::thread;

use domain::pgp::{PgpAlgorithm, PgpPair};
use jiff::Timestamp;
use pgp::composed::{ArmorOptions, KeyType, SignedKeyDetails, SignedSecretKey, SignedSecretSubKey};
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::errors::Result;
use pgp::packet::{
    Features, KeyFlags, PacketTrait as _, PubKeyInner, PublicKey, PublicSubkey, SecretKey, SecretSubkey,
    SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
};
use pgp::ser::Serialize as _;
use pgp::types::{
    CompressionAlgorithm, Duration, KeyDetails as _, KeyVersion, PacketHeaderVersion, Password,
    Timestamp as Seconds,
};
use rand_core::OsRng;
use zeroize::Zeroizing;

/// A pair for encrypting: a primary key that signs and certifies, and a subkey that encrypts.
pub(super) fn generate(
    algorithm: PgpAlgorithm,
    user_id: &str,
    created: Timestamp,
    expires: Timestamp,
) -> std::result::Result<PgpPair, String> {
    let times = Times::new(created, expires)?;
    make(algorithm, user_id, times).map_err(|error| format!("no key could be made: {error}"))
}

/// When a key was made and how long it lives, as OpenPGP counts (RFC 9580 §5.2.3.13).
#[derive(Clone, Copy)]
struct Times {
    created: Seconds,
    lifetime: Duration,
}

impl Times {
    fn new(created: Timestamp, expires: Timestamp) -> std::result::Result<Self, String> {
        let seconds = |time: Timestamp| {
            u32::try_from(time.as_second())
                .map_err(|_| format!("{time} is outside of the years 1970 to 2106, which OpenPGP counts"))
        };
        let (from, to) = (seconds(created)?, seconds(expires)?);
        match to.checked_sub(from) {
            // A lifetime of zero would mean for ever.
            None | Some(0) => {
                Err(format!("the key would expire at {expires}, before it is made at {created}"))
            }
            Some(lifetime) => {
                Ok(Self { created: Seconds::from_secs(from), lifetime: Duration::from_secs(lifetime) })
            }
        }
    }
}

fn make(algorithm: PgpAlgorithm, user_id: &str, times: Times) -> Result<PgpPair> {
    let (signs, encrypts) = match algorithm {
        PgpAlgorithm::Rsa3072 => (KeyType::Rsa(3072), KeyType::Rsa(3072)),
        // The kinds that RFC 9580 added in their place are unknown to gpg 2.2 and 2.4.
        PgpAlgorithm::Curve25519 => (KeyType::Ed25519Legacy, KeyType::ECDH(ECCCurve::Curve25519Legacy)),
    };
    // Primes of RSA take seconds to find, so both keys are looked for at once.
    let (primary, subkey) = thread::scope(|scope| {
        let subkey = scope.spawn(|| encrypts.generate(OsRng));
        (signs.generate(OsRng), subkey.join())
    });
    let (public, secret) = primary?;
    let inner = PubKeyInner::new(KeyVersion::V4, signs.to_alg(), times.created, None, public)?;
    let primary = SecretKey::new(PublicKey::from_inner(inner)?, secret)?;
    let (public, secret) = subkey.unwrap_or_else(|panic| resume_unwind(panic))?;
    let inner = PubKeyInner::new(KeyVersion::V4, encrypts.to_alg(), times.created, None, public)?;
    let subkey = SecretSubkey::new(PublicSubkey::from_inner(inner)?, secret)?;

    let user = UserId::from_str(PacketHeaderVersion::New, user_id)?;
    let certified = certify(&primary, &user, times)?;
    let bound = bind(&primary, &subkey, times)?;
    let details = SignedKeyDetails::new(vec![], vec![], vec![user.into_signed(certified)], vec![]);
    let subkey = SignedSecretSubKey::new(subkey, vec![bound]);
    let key = SignedSecretKey::new(primary, details, vec![], vec![subkey]);
    Ok(PgpPair {
        fingerprint: format!("{:X}", key.primary_key.fingerprint()),
        public_key: key.to_public_key().to_armored_string(ArmorOptions::default())?,
        private_key: Zeroizing::new(key.to_bytes()?),
    })
}

/// The signature of the primary key over its user id, with what whoever encrypts should prefer. No AEAD among it: gpg 2.4
/// would write packets that only it can read.
fn certify(primary: &SecretKey, user: &UserId, times: Times) -> Result<pgp::packet::Signature> {
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut features = Features::default();
    features.set_seipd_v1(true);
    let mut config = config(primary, SignatureType::CertPositive, flags, times)?;
    let ciphers =
        [SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES192, SymmetricKeyAlgorithm::AES128];
    let hashes = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];
    let packing = [CompressionAlgorithm::ZLIB, CompressionAlgorithm::ZIP, CompressionAlgorithm::Uncompressed];
    for data in [
        SubpacketData::IsPrimary(true),
        SubpacketData::PreferredSymmetricAlgorithms(ciphers.into_iter().collect()),
        SubpacketData::PreferredHashAlgorithms(hashes.into_iter().collect()),
        SubpacketData::PreferredCompressionAlgorithms(packing.into_iter().collect()),
        SubpacketData::Features(features),
    ] {
        config.hashed_subpackets.push(Subpacket::regular(data)?);
    }
    config.sign_certification(primary, primary.public_key(), &Password::empty(), user.tag(), user)
}

/// The signature that makes the subkey one of the primary key's (RFC 9580 §5.2.1, type 0x18).
fn bind(primary: &SecretKey, subkey: &SecretSubkey, times: Times) -> Result<pgp::packet::Signature> {
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    let config = config(primary, SignatureType::SubkeyBinding, flags, times)?;
    config.sign_subkey_binding(primary, primary.public_key(), &Password::empty(), subkey.public_key())
}

/// What both signatures say.
fn config(
    primary: &SecretKey,
    kind: SignatureType,
    flags: KeyFlags,
    times: Times,
) -> Result<SignatureConfig> {
    let mut config = SignatureConfig::v4(kind, primary.algorithm(), HashAlgorithm::Sha256);
    config.hashed_subpackets = vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(times.created))?,
        Subpacket::regular(SubpacketData::KeyExpirationTime(times.lifetime))?,
        Subpacket::regular(SubpacketData::KeyFlags(flags))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint()))?,
    ];
    config.unhashed_subpackets =
        vec![Subpacket::regular(SubpacketData::IssuerKeyId(primary.legacy_key_id()))?];
    Ok(config)
}
