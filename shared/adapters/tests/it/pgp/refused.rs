//! What is not decrypted, and what is said of it.

use super::kit::{
    ALICE, BOB, MOST, Style, TABLE, literal, open, open_with, packed, packet, recipient, sealed,
};
use ::domain::import::problem::Code;
use ::domain::pgp::{Pgp, PgpSecret, Signatures, Unopened};
use ::pgp::composed::{ArmorOptions, MessageBuilder};
use ::pgp::crypto::hash::HashAlgorithm;
use ::pgp::crypto::sym::SymmetricKeyAlgorithm;
use ::pgp::types::{CompressionAlgorithm, KeyDetails, Password, StringToKey};
use adapters::pgp::RPgp;
use rand_core::OsRng;
use std::io::Read;
use zeroize::Zeroizing;

#[track_caller]
fn check(file: impl AsRef<[u8]>, code: Code, fact: &str) {
    let (opened, _) = open(file.as_ref());
    assert_eq!(opened, Err(Unopened { code, fact: fact.to_owned() }));
}

#[test]
fn what_is_not_encrypted() {
    let check = |file: &[u8], fact| check(file, Code::PgpNotEncrypted, fact);
    check(TABLE, "it seems to be plain text");
    check(b"\xEF\xBB\xBFmail\n", "it seems to be plain text");
    check("Élan;Nom\nÉtat;Ängström\n".as_bytes(), "it seems to be plain text");
    check(b"\xC4rger;Stra\xDFe\r\n\xD6l;M\xFCller\r\n", "it seems to be plain text");
    check(b"\xFF\xFEm\0a\0i\0l\0", "it seems to be plain text in UTF-16");
    check(b"PK\x03\x04\x14\0\0\0", "it seems to be a zip archive or a workbook");
    check(b"\x1F\x8B\x08\0", "it seems to be a gzip file");
    check(b"\x7FELF\x02\x01\0\0\0", "it is nothing that OpenPGP knows");
    check(b"-----BEGIN CERTIFICATE-----\nMIIB\n", "it is a key or certificate of another kind");
    let public = ALICE.pair.public_key.as_bytes();
    check(public, "it is a public key of OpenPGP");
    check(&ALICE.pair.private_key, "it is a private key of OpenPGP, which should not have left its owner");
    let armoured = ALICE.secret.to_armored_string(ArmorOptions::default()).unwrap();
    check(armoured.as_bytes(), "it is a private key of OpenPGP, which should not have left its owner");
    check(b"-----BEGIN PGP SIGNATURE-----\n\niHUE\n", "it is a signature without the file");
    check(b"-----BEGIN PGP SIGNED MESSAGE-----\n\na\n", "it is text that is signed and not encrypted");
}

#[test]
fn what_is_only_signed_or_packed() {
    let not_encrypted = |build: &dyn Fn(&mut MessageBuilder<'_, _>), fact, inside| {
        let build = || {
            let mut builder = MessageBuilder::from_bytes("", TABLE);
            build(&mut builder);
            builder
        };
        check(build().to_vec(OsRng).unwrap(), Code::PgpNotEncrypted, fact);
        // The armour does not say what is in it.
        let armoured = build().to_armored_string(OsRng, ArmorOptions::default()).unwrap();
        check(armoured, Code::PgpNotEncrypted, inside);
    };
    let inside = "it is signed or packed and not encrypted";
    not_encrypted(&|_| {}, "it is packed by OpenPGP and not encrypted", inside);
    let zip = |builder: &mut MessageBuilder<'_, _>| {
        builder.compression(CompressionAlgorithm::ZIP);
    };
    not_encrypted(&zip, "it is compressed by OpenPGP and not encrypted", inside);
    let signed = MessageBuilder::from_bytes("", TABLE);
    let mut signed = signed;
    signed.sign(&ALICE.secret.primary_key, Password::empty(), HashAlgorithm::Sha256);
    check(signed.to_vec(OsRng).unwrap(), Code::PgpNotEncrypted, "it is signed and not encrypted");
}

#[test]
fn what_is_for_somebody_else() {
    let id = BOB.public.public_subkeys[0].key.legacy_key_id().to_string().to_uppercase();
    let for_bob = Style { to: vec![&BOB], ..Style::default() };
    check(for_bob.write(TABLE), Code::PgpForOthers, &format!("it is for {id}"));
    check(for_bob.armoured(TABLE), Code::PgpForOthers, &format!("it is for {id}"));
    let hidden = Style { hidden: true, ..for_bob };
    check(hidden.write(TABLE), Code::PgpForOthers, "it is for somebody who is not named");
    let many = Style { to: vec![&BOB; 11], ..Style::default() };
    let names = [id.as_str(); 8].join(", ");
    check(many.write(TABLE), Code::PgpForOthers, &format!("it is for {names}, 3 more"));
}

#[test]
fn hidden_recipients_are_tried_only_so_often() {
    let many = Style { to: vec![&BOB; 128], hidden: true, ..Style::default() };
    assert_eq!(open(&many.write(TABLE)).0.unwrap_err().code, Code::PgpForOthers);
    // A head as long as this would never end.
    let key = SymmetricKeyAlgorithm::AES256.new_session_key(OsRng);
    let head = recipient(&BOB, &key).repeat(3000);
    let error = open(&[head, literal(TABLE)].concat()).0.unwrap_err();
    assert_eq!(error.code, Code::PgpUnsupported, "{}", error.fact);
}

#[test]
fn our_own_keys() {
    let file = Style::default().write(TABLE);
    let with = |secrets: &[PgpSecret]| open_with(&file, secrets, Signatures::Ignore, &[], MOST).0;
    assert_eq!(with(&[]).unwrap_err().code, Code::PgpNoKeys);
    let broken = || PgpSecret { fingerprint: "AB12".to_owned(), private_key: Zeroizing::new(vec![1, 2, 3]) };
    let error = with(&[broken()]).unwrap_err();
    assert_eq!(error.code, Code::PgpForOthers);
    assert!(error.fact.ends_with("; of the keys here, AB12 cannot be read"), "{}", error.fact);
    assert_eq!(with(&[broken(), BOB.secret(), ALICE.secret()]).unwrap().key, ALICE.pair.fingerprint);
}

#[test]
fn a_password() {
    let by_password = |to_alice: bool| {
        let mut builder =
            MessageBuilder::from_bytes("", TABLE).seipd_v1(OsRng, SymmetricKeyAlgorithm::AES256);
        let kind = StringToKey::new_default(OsRng);
        builder.encrypt_with_password(kind, &"secret".into()).unwrap();
        if to_alice {
            builder.encrypt_to_key(OsRng, &ALICE.public.public_subkeys[0]).unwrap();
        }
        builder.to_vec(OsRng).unwrap()
    };
    check(by_password(false), Code::PgpPassword, "");
    assert_eq!(open(&by_password(true)).1, TABLE);
}

#[test]
fn no_proof_of_integrity() {
    let key = SymmetricKeyAlgorithm::AES256.new_session_key(OsRng);
    check([recipient(&ALICE, &key), packet(9, &[7; 60])].concat(), Code::PgpUnprotected, "");
    check(packet(9, &[7; 60]), Code::PgpUnprotected, "");
}

#[test]
fn too_many_layers() {
    let twice = packed(&packed(&literal(TABLE)));
    check(sealed(&ALICE, &twice), Code::PgpNested, "it is packed twice");
    let again = sealed(&ALICE, &literal(TABLE));
    check(sealed(&ALICE, &again), Code::PgpNested, "it is encrypted twice");
    check(sealed(&ALICE, &packed(&again)), Code::PgpNested, "it is encrypted twice");
    let inside = "what is in it is encrypted again";
    check(sealed(&ALICE, &literal(&again)), Code::PgpNested, inside);
    check(Style::default().write(Style::default().armoured(TABLE).as_bytes()), Code::PgpNested, inside);
    let deep = (0..2000).fold(literal(TABLE), |inner, _| packed(&inner));
    check(sealed(&ALICE, &deep), Code::PgpNested, "it is packed twice");
}

#[test]
fn more_than_may_come() {
    for length in [MOST - 1, MOST, MOST + 1, MOST + 100_000] {
        let style = Style { packing: Some(CompressionAlgorithm::ZLIB), ..Style::default() };
        for file in
            [style.pipe(std::io::repeat(b' ').take(length)), style.write(&vec![b' '; length as usize])]
        {
            let (opened, written) = open(&file);
            assert_eq!(written.len() as u64, length.min(MOST));
            match opened {
                Ok(opened) => assert_eq!(opened.bytes, length),
                Err(error) => assert_eq!((error.code, length > MOST), (Code::PgpTooLarge, true)),
            }
        }
    }
}

#[test]
fn bombs() {
    let packings = [CompressionAlgorithm::ZIP, CompressionAlgorithm::ZLIB, CompressionAlgorithm::BZip2];
    for packing in packings {
        let style = Style { packing: Some(packing), ..Style::default() };
        let bomb = style.pipe(std::io::repeat(0).take(200 * MOST));
        let (opened, written) = open(&bomb);
        assert_eq!(opened.unwrap_err().code, Code::PgpTooLarge, "{packing:?}");
        assert_eq!(written.len() as u64, MOST);
    }
    // What expands around the contents, and not in them.
    let padding = [literal(TABLE), packet(21, &vec![0; 4 * MOST as usize])].concat();
    assert_eq!(open(&sealed(&ALICE, &packed(&padding))).0.unwrap_err().code, Code::PgpUnsupported);
    let signatures = [packet(4, &[3; 13]).repeat(100_000), literal(TABLE)].concat();
    assert_eq!(open(&sealed(&ALICE, &signatures)).0.unwrap_err().code, Code::PgpUnsupported);
}

#[test]
fn packing_that_nobody_knows() {
    let unknown = packet(8, &[77, 1, 2, 3]);
    assert_eq!(open(&sealed(&ALICE, &unknown)).0.unwrap_err().code, Code::PgpUnsupported);
}

#[test]
fn more_or_less_than_one_message() {
    check(b"", Code::PgpDamaged, "it is empty");
    let none = sealed(&ALICE, &packet(10, b"PGP"));
    check(none, Code::PgpDamaged, "it ends before its contents");
    let two = sealed(&ALICE, &literal(TABLE).repeat(2));
    check(two, Code::PgpDamaged, "it holds a second message");
    check(Style::default().write(TABLE).repeat(2), Code::PgpDamaged, "it holds a second message");
    let key = sealed(&ALICE, &[literal(TABLE), packet(6, b"key")].concat());
    check(key, Code::PgpDamaged, "it holds a packet of an unexpected kind, PublicKey");
}

#[test]
fn a_beginning_of_which_nothing_can_be_had() {
    let check = |file: &[u8], code| {
        let error = RPgp.decrypt_beginning(file, &[ALICE.secret()]).unwrap_err();
        assert_eq!(error.code, code, "{}", error.fact);
    };
    check(TABLE, Code::PgpNotEncrypted);
    check(&Style { to: vec![&BOB], ..Style::default() }.write(TABLE), Code::PgpForOthers);
    check(&Style::default().write(TABLE)[..150], Code::PgpDamaged);
    check(b"-----BEGIN PGP MESS", Code::PgpDamaged);
}
