//! People with keys, and messages as somebody else writes them.

use ::domain::pgp::{Opened, Pgp, PgpAlgorithm, PgpPair, PgpSecret, Signatures, Unopened};
use ::pgp::composed::{
    ArmorOptions, Deserializable, EncryptionSeipdV1, MessageBuilder, RawSessionKey, SignedPublicKey,
    SignedSecretKey,
};
use ::pgp::crypto::hash::HashAlgorithm;
use ::pgp::crypto::sym::SymmetricKeyAlgorithm;
use ::pgp::packet::{PacketTrait, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData};
use ::pgp::types::{CompressionAlgorithm, Password};
use adapters::pgp::RPgp;
use jiff::Timestamp;
use rand_core::OsRng;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::LazyLock;

pub(crate) const MOST: u64 = 1024 * 1024;
pub(crate) const TABLE: &[u8] = b"mail;lastName\nbabs@acme.example;Jensen\n";
const AES: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES256;

pub(crate) static ALICE: LazyLock<Person> = LazyLock::new(|| Person::new("Alice <alice@acme.example>"));
pub(crate) static BOB: LazyLock<Person> = LazyLock::new(|| Person::new("Bob <bob@acme.example>"));

/// Somebody with a key that we made.
pub(crate) struct Person {
    pub(crate) pair: PgpPair,
    pub(crate) secret: SignedSecretKey,
    pub(crate) public: SignedPublicKey,
}

impl Person {
    fn new(user_id: &str) -> Self {
        Self::from(make(PgpAlgorithm::Curve25519, user_id))
    }

    pub(crate) fn secret(&self) -> PgpSecret {
        let (fingerprint, private_key) = (self.pair.fingerprint.clone(), self.pair.private_key.clone());
        PgpSecret { fingerprint, private_key }
    }
}

impl From<PgpPair> for Person {
    fn from(pair: PgpPair) -> Self {
        let secret = SignedSecretKey::from_bytes(pair.private_key.as_slice()).unwrap();
        let public = SignedPublicKey::from_string(&pair.public_key).unwrap().0;
        Self { pair, secret, public }
    }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A key of 2026 that is valid for ten years.
pub(crate) fn make(algorithm: PgpAlgorithm, user_id: &str) -> PgpPair {
    RPgp.generate(algorithm, user_id, time("2026-01-01T00:00:00Z"), time("2036-01-01T00:00:00Z")).unwrap()
}

/// How somebody writes a message.
pub(crate) struct Style<'a> {
    pub(crate) to: Vec<&'a Person>,
    pub(crate) hidden: bool,
    pub(crate) packing: Option<CompressionAlgorithm>,
    pub(crate) signed_by: Vec<&'a Person>,
    pub(crate) hash: HashAlgorithm,
    pub(crate) piped: bool,
    pub(crate) text: bool,
}

impl Default for Style<'_> {
    fn default() -> Self {
        Self {
            to: vec![&ALICE],
            hidden: false,
            packing: None,
            signed_by: vec![],
            hash: HashAlgorithm::Sha256,
            piped: false,
            text: false,
        }
    }
}

impl Style<'_> {
    pub(crate) fn write(&self, bytes: &[u8]) -> Vec<u8> {
        if self.piped {
            self.pipe(bytes)
        } else {
            self.finish(MessageBuilder::from_bytes("users.csv", bytes.to_vec())).to_vec(OsRng).unwrap()
        }
    }

    /// What comes from a pipe, in parts.
    pub(crate) fn pipe(&self, bytes: impl Read) -> Vec<u8> {
        let mut builder = MessageBuilder::from_reader("users.csv", bytes);
        builder.partial_chunk_size(512).unwrap();
        self.finish(builder).to_vec(OsRng).unwrap()
    }

    pub(crate) fn armoured(&self, bytes: &[u8]) -> String {
        let builder = self.finish(MessageBuilder::from_bytes("users.csv", bytes.to_vec()));
        builder.to_armored_string(OsRng, ArmorOptions::default()).unwrap()
    }

    fn finish<'a, R: Read>(
        &'a self,
        builder: MessageBuilder<'a, R>,
    ) -> MessageBuilder<'a, R, EncryptionSeipdV1> {
        let mut builder = builder.seipd_v1(OsRng, AES);
        if let Some(packing) = self.packing {
            builder.compression(packing);
        }
        if self.text {
            builder.sign_text();
        }
        for person in &self.to {
            let key = &person.public.public_subkeys[0];
            if self.hidden {
                builder.encrypt_to_key_anonymous(OsRng, key).unwrap();
            } else {
                builder.encrypt_to_key(OsRng, key).unwrap();
            }
        }
        for person in &self.signed_by {
            builder.sign(&person.secret.primary_key, Password::empty(), self.hash);
        }
        builder
    }
}

/// A packet in the new form with a length of four bytes.
pub(crate) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0xC0 | tag, 0xFF];
    packet.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    packet.extend(body);
    packet
}

/// A literal packet: binary, without a name and a time.
pub(crate) fn literal(bytes: &[u8]) -> Vec<u8> {
    packet(11, &[b"b\0\0\0\0\0", bytes].concat())
}

/// A compressed packet that is not compressed.
pub(crate) fn packed(inner: &[u8]) -> Vec<u8> {
    packet(8, &[&[0], inner].concat())
}

/// Encrypts any packets.
pub(crate) fn sealed(to: &Person, inner: &[u8]) -> Vec<u8> {
    let key = AES.new_session_key(OsRng);
    let mut file = recipient(to, &key);
    let body = SymEncryptedProtectedData::encrypt_seipdv1(OsRng, AES, key.as_ref(), inner).unwrap();
    body.to_writer_with_header(&mut file).unwrap();
    file
}

/// The packet that lets somebody read what is encrypted with a key.
pub(crate) fn recipient(to: &Person, key: &RawSessionKey) -> Vec<u8> {
    let subkey = &to.public.public_subkeys[0];
    let mut file = Vec::new();
    let packet = PublicKeyEncryptedSessionKey::from_session_key_v3(OsRng, key, AES, subkey).unwrap();
    packet.to_writer_with_header(&mut file).unwrap();
    file
}

pub(crate) fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// Decrypts with Alice's key, and gives what was written.
pub(crate) fn open(bytes: &[u8]) -> (Result<Opened, Unopened>, Vec<u8>) {
    open_with(bytes, &[ALICE.secret()], Signatures::Ignore, &[], MOST)
}

pub(crate) fn open_with(
    bytes: &[u8],
    secrets: &[PgpSecret],
    signatures: Signatures,
    signers: &[String],
    most: u64,
) -> (Result<Opened, Unopened>, Vec<u8>) {
    let mut into = file(b"before");
    let opened = RPgp.decrypt(&mut file(bytes), secrets, signatures, signers, most, &mut into);
    let mut written = Vec::new();
    if let Ok(opened) = &opened {
        assert_eq!(into.stream_position().unwrap(), 6 + opened.bytes, "behind what was written");
    }
    into.seek(SeekFrom::Start(6)).unwrap();
    into.read_to_end(&mut written).unwrap();
    match &opened {
        Ok(opened) => assert_eq!(opened.bytes, written.len() as u64),
        Err(error) => assert_ne!(error.fact, "it cannot be made sense of", "a panic of rPGP's"),
    }
    (opened, written)
}
