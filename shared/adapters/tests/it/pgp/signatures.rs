//! What a configuration asks of signatures, and who can be a signer.

use super::kit::{ALICE, BOB, MOST, Person, Style, TABLE, literal, make, open_with, packed, sealed, time};
use ::domain::import::problem::Code;
use ::domain::pgp::{Opened, Pgp, PgpAlgorithm, Signatures, Unopened};
use ::pgp::composed::{ArmorOptions, MessageBuilder};
use ::pgp::crypto::hash::HashAlgorithm;
use ::pgp::packet::PacketTrait;
use ::pgp::packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData};
use ::pgp::types::{KeyDetails, Password, Timestamp};
use adapters::pgp::RPgp;
use std::sync::LazyLock;

static CAROL: LazyLock<Person> = LazyLock::new(|| make(PgpAlgorithm::Curve25519, "Carol").into());
/// Bob and Carol.
static KNOWN: LazyLock<Vec<String>> =
    LazyLock::new(|| vec![BOB.pair.public_key.clone(), "no key".to_owned(), CAROL.pair.public_key.clone()]);

fn ask(file: &[u8], asked: Signatures, signers: &[String]) -> Result<Opened, Unopened> {
    open_with(file, &[ALICE.secret()], asked, signers, MOST).0
}

/// What comes of a file for each of `ignore`, `verify` and `require`: a signer, nobody, or a refusal.
#[track_caller]
fn check(file: &[u8], signers: &[String], expected: [Result<Option<&str>, Code>; 3]) {
    let asked = [Signatures::Ignore, Signatures::Verify, Signatures::Require];
    for (asked, expected) in asked.into_iter().zip(expected) {
        let outcome = ask(file, asked, signers).map(|opened| opened.signer).map_err(|error| error.code);
        assert_eq!(outcome, expected.map(|signer| signer.map(str::to_owned)), "{asked:?}");
    }
}

/// A message for Alice with a signature that somebody makes of other bytes, or in another way.
fn signed_otherwise(bytes: &[u8], change: impl FnOnce(&mut SignatureConfig)) -> Vec<u8> {
    let key = &BOB.secret.primary_key;
    let mut config = SignatureConfig::v4(SignatureType::Binary, key.algorithm(), HashAlgorithm::Sha256);
    let created = Timestamp::from_secs(time("2026-06-01T00:00:00Z").as_second() as u32);
    config.hashed_subpackets = vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(created)).unwrap(),
        Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint())).unwrap(),
    ];
    change(&mut config);
    let signature = config.sign(key, &Password::empty(), bytes).unwrap();
    let mut inner = Vec::new();
    signature.to_writer_with_header(&mut inner).unwrap();
    inner.extend(literal(TABLE));
    sealed(&ALICE, &packed(&inner))
}

#[test]
fn who_has_signed() {
    let signed = |signed_by| Style { signed_by, ..Style::default() }.write(TABLE);
    let bob = Some(BOB.pair.fingerprint.as_str());
    check(&signed(vec![]), &KNOWN, [Ok(None), Ok(None), Err(Code::PgpSignatureMissing)]);
    check(&signed(vec![&BOB]), &KNOWN, [Ok(None), Ok(bob), Ok(bob)]);
    check(&signed(vec![&BOB]), &[], [Ok(None), Ok(None), Err(Code::PgpSignerUnknown)]);
    check(&signed(vec![&ALICE]), &KNOWN, [Ok(None), Ok(None), Err(Code::PgpSignerUnknown)]);
    check(&signed(vec![&ALICE, &BOB]), &KNOWN, [Ok(None), Ok(bob), Ok(bob)]);
    check(&signed(vec![&BOB, &ALICE]), &KNOWN, [Ok(None), Ok(bob), Ok(bob)]);
    let error = ask(&signed(vec![&ALICE]), Signatures::Require, &KNOWN).unwrap_err();
    assert_eq!(error.fact, format!("it is signed by {}", ALICE.pair.fingerprint));
}

#[test]
fn a_signature_over_text() {
    let text = b"mail\nbabs@acme.example\r\n";
    let style = Style { signed_by: vec![&BOB], text: true, ..Style::default() };
    let bob = Some(BOB.pair.fingerprint.as_str());
    check(&style.write(text), &KNOWN, [Ok(None), Ok(bob), Ok(bob)]);
}

#[test]
fn signatures_that_are_not_right() {
    let wrong = [Ok(None), Err(Code::PgpSignatureWrong), Err(Code::PgpSignatureWrong)];
    let bob = Some(BOB.pair.fingerprint.as_str());
    check(&signed_otherwise(TABLE, |_| {}), &KNOWN, [Ok(None), Ok(bob), Ok(bob)]);
    check(&signed_otherwise(b"other", |_| {}), &KNOWN, wrong);
    let at = |when: &str| {
        let created = Timestamp::from_secs(time(when).as_second() as u32);
        signed_otherwise(TABLE, |config| {
            config.hashed_subpackets[0] =
                Subpacket::regular(SubpacketData::SignatureCreationTime(created)).unwrap();
        })
    };
    check(&at("2025-12-31T23:59:59Z"), &KNOWN, wrong);
    check(&at("2026-01-01T00:00:00Z"), &KNOWN, [Ok(None), Ok(bob), Ok(bob)]);
    check(&at("2035-12-31T23:59:59Z"), &KNOWN, [Ok(None), Ok(bob), Ok(bob)]);
    check(&at("2036-01-01T00:00:00Z"), &KNOWN, wrong);
    let undated = signed_otherwise(TABLE, |config| drop(config.hashed_subpackets.remove(0)));
    check(&undated, &KNOWN, wrong);
    // One of another type says nothing about the contents.
    let mut inner = Vec::new();
    BOB.public.details.users[0].signatures[0].to_writer_with_header(&mut inner).unwrap();
    inner.extend(literal(TABLE));
    let missing = [Ok(None), Ok(None), Err(Code::PgpSignatureMissing)];
    check(&sealed(&ALICE, &inner), &KNOWN, missing);
}

#[test]
fn a_signer_is_named_by_the_fingerprint() {
    let windows = BOB.pair.public_key.replace('\n', " \r\n");
    for text in [&BOB.pair.public_key, &windows, &format!("\u{FEFF}\nHello,\n{windows}\nBob")] {
        assert_eq!(RPgp.signer(text).as_ref(), Ok(&BOB.pair.fingerprint));
    }
}

#[test]
fn who_cannot_be_a_signer() {
    let check = |text: &str, sentence: &str| {
        let error = RPgp.signer(text).unwrap_err();
        assert!(error.starts_with(sentence), "{error}");
    };
    check("", "There is no text.");
    check("mail;lastName\n", "This is no armoured public key");
    check(&Style::default().armoured(TABLE), "This is an encrypted message");
    check(&BOB.secret.to_armored_string(ArmorOptions::default()).unwrap(), "This is a private key.");
    check("ssh-ed25519 AAAA me@laptop", "This is no armoured public key");
    check("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "This is a key of another kind");
    let key = &BOB.pair.public_key;
    check(key.split_at(key.len() / 2).0, "The public key is damaged");
    check(&key.replacen('m', "*", 5), "The public key is damaged");
    check(&"x".repeat(2_000_000), "This is longer");
    let nothing = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n";
    check(nothing, "There is no public key in this block.");
}

#[test]
fn a_key_that_only_encrypts_is_no_signer() {
    let mut key = BOB.public.clone();
    // Without the owner's signatures nothing says that it signs.
    key.details.users.clear();
    let text = key.to_armored_string(ArmorOptions::default()).unwrap();
    let sentence = format!("The key {} cannot sign: its owner has not signed it.", BOB.pair.fingerprint);
    assert_eq!(RPgp.signer(&text), Err(sentence));
}

#[test]
fn a_revoked_key_is_no_signer() {
    let primary = &BOB.secret.primary_key;
    let mut config =
        SignatureConfig::v4(SignatureType::KeyRevocation, primary.algorithm(), HashAlgorithm::Sha256);
    let created = Timestamp::from_secs(time("2026-06-01T00:00:00Z").as_second() as u32);
    config.hashed_subpackets = vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(created)).unwrap(),
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint())).unwrap(),
    ];
    let mut key = BOB.public.clone();
    let revoked = config.sign_key(primary, &Password::empty(), primary.public_key()).unwrap();
    key.details.revocation_signatures.push(revoked);
    let text = key.to_armored_string(ArmorOptions::default()).unwrap();
    assert_eq!(
        RPgp.signer(&text),
        Err(format!("The key {} cannot sign: it was revoked.", BOB.pair.fingerprint))
    );
    let file = Style { signed_by: vec![&BOB], ..Style::default() }.write(TABLE);
    let wrong = [Ok(None), Err(Code::PgpSignatureWrong), Err(Code::PgpSignatureWrong)];
    check(&file, &[text], wrong);
}

#[test]
fn whose_signature_is_outside_of_the_encryption() {
    let mut builder = MessageBuilder::from_bytes("", TABLE);
    builder.sign(&BOB.secret.primary_key, Password::empty(), HashAlgorithm::Sha256);
    let signed = builder.to_vec(rand_core::OsRng).unwrap();
    let error = ask(&signed, Signatures::Require, &KNOWN).unwrap_err();
    assert_eq!(error.code, Code::PgpNotEncrypted);
}
