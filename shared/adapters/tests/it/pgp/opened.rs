//! What somebody else has encrypted comes out as it went in.

use super::kit::{ALICE, BOB, Style, TABLE, literal, open, open_with, packed, packet, recipient, sealed};
use ::domain::pgp::{Pgp, Signatures};
use ::pgp::bytes::BytesMut;
use ::pgp::composed::MessageBuilder;
use ::pgp::crypto::aead::{AeadAlgorithm, ChunkSize};
use ::pgp::crypto::sym::SymmetricKeyAlgorithm;
use ::pgp::types::CompressionAlgorithm;
use adapters::pgp::RPgp;
use rand_core::OsRng;

#[track_caller]
fn check(file: &[u8], plaintext: &[u8]) {
    let (opened, written) = open(file);
    let opened = opened.unwrap();
    assert_eq!(opened.key, ALICE.pair.fingerprint);
    assert!(written == plaintext, "{} bytes for {}", written.len(), plaintext.len());
}

fn long() -> Vec<u8> {
    (0..300_000_u32)
        .flat_map(|row| format!("row {};", row.wrapping_mul(2_654_435_761)).into_bytes())
        .take(900_000)
        .collect()
}

#[test]
fn however_it_was_written() {
    let packings = [
        None,
        Some(CompressionAlgorithm::Uncompressed),
        Some(CompressionAlgorithm::ZIP),
        Some(CompressionAlgorithm::ZLIB),
        Some(CompressionAlgorithm::BZip2),
    ];
    for text in [b"".to_vec(), b"a".to_vec(), TABLE.to_vec(), long()] {
        for packing in packings {
            for piped in [false, true] {
                for signed_by in [vec![], vec![&*BOB]] {
                    let style = Style { packing, signed_by, piped, ..Style::default() };
                    check(&style.write(&text), &text);
                }
            }
        }
    }
}

#[test]
fn whoever_else_it_is_for() {
    for to in [vec![&*ALICE, &*BOB], vec![&*BOB, &*ALICE]] {
        for hidden in [false, true] {
            check(&Style { to: to.clone(), hidden, ..Style::default() }.write(TABLE), TABLE);
        }
    }
}

#[test]
fn the_key_that_opened_it_is_named() {
    let secrets = [ALICE.secret(), BOB.secret()];
    let style = Style { to: vec![&BOB], hidden: true, ..Style::default() };
    let (opened, _) = open_with(&style.write(TABLE), &secrets, Signatures::Ignore, &[], 1000);
    let opened = opened.unwrap();
    assert_eq!(opened.key, BOB.pair.fingerprint);
    assert_eq!((opened.signer, opened.name), (None, None));
}

#[test]
fn the_name_inside_is_told_without_its_control_characters() {
    let named = |name: &[u8]| {
        let body = [b"b", [name.len() as u8].as_slice(), name, b"\0\0\0\0", TABLE].concat();
        open(&sealed(&ALICE, &packet(11, &body))).0.unwrap().name
    };
    assert_eq!(named(b"users.csv").as_deref(), Some("users.csv"));
    assert_eq!(named(b"us\x1B[2Jers\n.csv").as_deref(), Some("us[2Jers.csv"));
    assert_eq!(named(b"_CONSOLE"), None);
    assert_eq!(named(b""), None);
}

#[test]
fn whatever_happened_to_its_armour() {
    let armour = Style::default().armoured(TABLE);
    let windows = armour.replace('\n', "\r\n");
    let checksum = |line: &str| line.len() == 5 && line.starts_with('=');
    let without_checksum: Vec<&str> = armour.lines().filter(|line| !checksum(line)).collect();
    for text in [
        armour.clone(),
        windows.clone(),
        format!("\u{FEFF}{windows}"),
        format!("\r\n\r\n  \n{windows}"),
        format!("Please find our users below.\n\n{armour}\nKind regards\n"),
        armour.replace('\n', " \n"),
        without_checksum.join("\n"),
        armour.replacen('\n', "\nVersion: GnuPG v2\nComment: of the HR system\n", 1),
        armour.trim_end().to_owned(),
        format!("{armour}\n\n"),
    ] {
        check(text.as_bytes(), TABLE);
    }
}

#[test]
fn packets_that_say_nothing_are_passed_over() {
    let (marker, padding, private) = (packet(10, b"PGP"), packet(21, &[7; 300]), packet(60, b"?"));
    let body = packed(&[marker.clone(), literal(TABLE), padding.clone()].concat());
    let inner = [padding.clone(), body, private].concat();
    check(&[marker, sealed(&ALICE, &inner), padding].concat(), TABLE);
}

/// As `--force-ocb` of gpg 2.4 writes it: the packet of `LibrePGP` §5.16, in blocks of 2^(6 + `size`) bytes.
pub(super) fn ocb(inner: &[u8], size: u8) -> Vec<u8> {
    let (cipher, mode) = (SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Ocb);
    let key = cipher.new_session_key(OsRng);
    let start = [0x5A_u8; 15];
    let seal = |index: u64, more: &[u8], bytes: &[u8]| {
        let mut nonce = start;
        for (place, byte) in nonce[7..].iter_mut().zip(index.to_be_bytes()) {
            *place ^= byte;
        }
        let head = [0xD4, 1, u8::from(cipher), u8::from(mode), size];
        let data = [head.as_slice(), &index.to_be_bytes(), more].concat();
        let mut buffer = BytesMut::from(bytes);
        mode.encrypt_in_place(&cipher, key.as_ref(), &nonce, &data, &mut buffer).unwrap();
        buffer.to_vec()
    };
    let mut body = [&[1, u8::from(cipher), u8::from(mode), size], start.as_slice()].concat();
    let mut blocks = 0;
    for block in inner.chunks(64 << size) {
        body.extend(seal(blocks, &[], block));
        blocks += 1;
    }
    body.extend(seal(blocks, &(inner.len() as u64).to_be_bytes(), &[]));
    [recipient(&ALICE, &key), packet(20, &body)].concat()
}

#[test]
fn the_packets_of_gpg_2_4() {
    for size in [0, 4, 16] {
        for text in [TABLE.to_vec(), long()] {
            check(&ocb(&literal(&text), size), &text);
            check(&ocb(&packed(&literal(&text)), size), &text);
        }
    }
}

#[test]
fn the_packets_of_rfc_9580() {
    for mode in [AeadAlgorithm::Ocb, AeadAlgorithm::Eax, AeadAlgorithm::Gcm] {
        for text in [TABLE.to_vec(), long()] {
            let builder = MessageBuilder::from_bytes("", text.clone());
            let cipher = SymmetricKeyAlgorithm::AES256;
            let mut builder = builder.seipd_v2(OsRng, cipher, mode, ChunkSize::default());
            builder.encrypt_to_key(OsRng, &ALICE.public.public_subkeys[0]).unwrap();
            check(&builder.to_vec(OsRng).unwrap(), &text);
        }
    }
}

#[test]
fn a_beginning_shows_what_is_in_it() {
    let text = long();
    for packing in [None, Some(CompressionAlgorithm::ZLIB)] {
        let style = Style { packing, ..Style::default() };
        for file in [style.write(&text), style.armoured(&text).into_bytes()] {
            for length in [200_000, 64 * 1024] {
                let shown = RPgp.decrypt_beginning(&file[..length], &[ALICE.secret()]).unwrap();
                assert!(text.starts_with(&shown) && shown.len() <= 64 * 1024);
                assert!(shown.len() >= 16 * 1024, "{} of {length}, {packing:?}", shown.len());
            }
        }
    }
    let whole = Style::default().write(TABLE);
    assert_eq!(RPgp.decrypt_beginning(&whole, &[ALICE.secret()]).unwrap(), TABLE);
}
