//! Whatever is changed or cut off is noticed, and no bytes at all make it panic.

use super::kit::{ALICE, BOB, Person, Style, TABLE, literal, open, open_with, sealed};
use super::opened::ocb;
use ::domain::import::problem::Code;
use ::domain::pgp::{Pgp, Signatures};
use ::pgp::types::CompressionAlgorithm;
use adapters::pgp::RPgp;
use proptest::prelude::*;

/// Messages of each kind.
fn messages() -> Vec<Vec<u8>> {
    let zlib = Style { packing: Some(CompressionAlgorithm::ZLIB), ..Style::default() };
    let bzip2 = Style { packing: Some(CompressionAlgorithm::BZip2), piped: true, ..Style::default() };
    let signed = Style { signed_by: vec![&BOB], ..Style::default() };
    vec![
        Style::default().write(TABLE),
        zlib.write(TABLE),
        bzip2.write(TABLE),
        signed.write(TABLE),
        ocb(&literal(TABLE), 0),
    ]
}

#[test]
fn a_change_at_any_place() {
    for file in messages() {
        // The packet of the recipient, with its length in its second byte.
        let head = 2 + usize::from(file[1]);
        for place in 0..file.len() {
            for change in [0x01, 0x10, 0x80, 0xFF] {
                let mut changed = file.clone();
                changed[place] ^= change;
                let (opened, written) = open(&changed);
                match opened {
                    // The head is not protected: what is changed there may mean the same, or another recipient.
                    Ok(_) => assert!(place < head && written == TABLE, "{place} {change}"),
                    Err(error) if place >= head => {
                        assert_eq!(error.code, Code::PgpDamaged, "{place} {change}: {}", error.fact);
                    }
                    Err(_) => {}
                }
            }
        }
    }
}

#[test]
fn a_cut_at_any_place() {
    for file in messages() {
        for length in 0..file.len() {
            let error = open(&file[..length]).0.unwrap_err();
            assert_eq!(error.code, Code::PgpDamaged, "{length}: {}", error.fact);
        }
    }
}

#[test]
fn a_cut_in_the_armour() {
    let armour = Style::default().armoured(TABLE);
    let body = armour.rfind("-----END").unwrap();
    for length in 8..armour.trim_end().len() {
        let error = open(&armour.as_bytes()[..length]).0.unwrap_err();
        assert_eq!(error.code, Code::PgpDamaged, "{length}: {}", error.fact);
    }
    for place in 30..body {
        let mut changed = armour.clone().into_bytes();
        changed[place] = b'*';
        match open(&changed) {
            (Ok(_), written) => assert_eq!(written, TABLE, "{place}"),
            (Err(error), _) => assert_eq!(error.code, Code::PgpDamaged, "{place}: {}", error.fact),
        }
    }
}

#[test]
fn a_large_file_changed_at_its_end() {
    let text = TABLE.repeat(20_000);
    for style in [Style::default(), Style { packing: Some(CompressionAlgorithm::ZIP), ..Style::default() }] {
        let file = style.write(&text);
        for from_end in [1, 21, 22, 23, 5000, 40_000] {
            let mut changed = file.clone();
            let place = changed.len().saturating_sub(from_end).max(200);
            changed[place] ^= 1;
            let (opened, _) = open(&changed);
            assert_eq!(opened.unwrap_err().code, Code::PgpDamaged, "{from_end}");
        }
    }
}

#[track_caller]
fn survives(file: &[u8], person: &Person) {
    let secrets = [person.secret()];
    let signers = [BOB.pair.public_key.clone()];
    let _ = open_with(file, &secrets, Signatures::Verify, &signers, 10_000);
    if let Err(error) = RPgp.decrypt_beginning(file, &secrets) {
        assert_ne!(error.fact, "it cannot be made sense of", "a panic of rPGP's");
    }
    if let Err(error) = RPgp.signer(&String::from_utf8_lossy(file)) {
        assert_ne!(error, "The public key cannot be read; export and copy it again.", "a panic of rPGP's");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(file in proptest::collection::vec(any::<u8>(), 0..2000)) {
        survives(&file, &ALICE);
    }

    #[test]
    fn any_packets(packets in proptest::collection::vec((1_u8..22, proptest::collection::vec(any::<u8>(), 0..80)), 0..6)) {
        let packets: Vec<u8> = packets.iter().flat_map(|(tag, body)| super::kit::packet(*tag, body)).collect();
        survives(&packets, &ALICE);
        survives(&sealed(&ALICE, &packets), &ALICE);
    }

    #[test]
    fn a_message_that_was_changed(
        kind in 0_usize..5,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = messages().swap_remove(kind);
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        survives(&file, &ALICE);
        file.truncate(cut.index(file.len()));
        survives(&file, &ALICE);
    }

    #[test]
    fn a_key_that_was_changed(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), "[A-Za-z0-9+/=\n -]"), 1..4),
    ) {
        let mut key = BOB.pair.public_key.clone().into_bytes();
        for (place, letter) in changes {
            let place = place.index(key.len());
            key[place] = letter.as_bytes()[0];
        }
        survives(&key, &ALICE);
    }
}
