//! Any bytes as a file that comes, as what is in an encrypted file, and as a signer's key: what is opened was read to its
//! end and is no more than was allowed, and nothing else happens than a refusal. A panic of rPGP's, from which the adapter
//! protects whoever calls it, ends the fuzzer.
#![no_main]

use std::io::{Seek as _, Write as _};
use std::sync::LazyLock;

use adapters::pgp::RPgp;
use domain::pgp::{Pgp as _, PgpAlgorithm, PgpPair, PgpSecret, Signatures};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use pgp::composed::{Deserializable as _, RawSessionKey, SignedPublicKey};
use pgp::crypto::sym::SymmetricKeyAlgorithm::AES128;
use pgp::packet::{PacketTrait as _, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData};
use rand_core::OsRng;

const MOST: u64 = 64 * 1024;

/// Who the files are for.
static PAIR: LazyLock<PgpPair> = LazyLock::new(|| {
    let (created, expires) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(4_000_000_000).expect("a time"));
    RPgp.generate(PgpAlgorithm::Curve25519, "fuzz", created, expires).expect("a key")
});

/// The key of each file that is made here, and the packet that lets the pair open it.
static HEAD: LazyLock<(RawSessionKey, Vec<u8>)> = LazyLock::new(|| {
    let (public, _) = SignedPublicKey::from_string(&PAIR.public_key).expect("ours");
    let (key, mut head) = (AES128.new_session_key(OsRng), Vec::new());
    let packet =
        PublicKeyEncryptedSessionKey::from_session_key_v3(OsRng, &key, AES128, &public.public_subkeys[0]);
    packet.expect("encrypts").to_writer_with_header(&mut head).expect("to memory");
    (key, head)
});

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    let (key, head) = &*HEAD;
    let mut file = head.clone();
    let body = SymEncryptedProtectedData::encrypt_seipdv1(OsRng, AES128, key.as_ref(), bytes);
    body.expect("encrypts").to_writer_with_header(&mut file).expect("to memory");
    check(&file);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = RPgp.signer(text);
    }
});

fn check(bytes: &[u8]) {
    let secrets =
        [PgpSecret { fingerprint: PAIR.fingerprint.clone(), private_key: PAIR.private_key.clone() }];
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("to a temporary file");
    let mut into = tempfile::tempfile().expect("a temporary file");
    let signers = [PAIR.public_key.clone()];
    let opened = RPgp.decrypt(&mut file, &secrets, Signatures::Verify, &signers, MOST, &mut into);
    assert!(into.seek(std::io::SeekFrom::End(0)).expect("seeks") <= MOST);
    let beginning = RPgp.decrypt_beginning(bytes, &secrets);
    if let Ok(opened) = opened {
        assert_eq!(into.stream_position().expect("a place"), opened.bytes);
        assert_eq!(beginning.expect("what is whole has a beginning").len() as u64, opened.bytes);
    }
}
