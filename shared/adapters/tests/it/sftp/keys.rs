//! Private keys as `ssh-keygen`, `openssl` and `puttygen` wrote them, and as people send them.

use adapters::sftp::Keys;
use domain::remote::{PrivateKey, SshKey, SshKeys};
use proptest::prelude::*;
use zeroize::Zeroizing;

const PASSPHRASE: &str = "swordfish";

macro_rules! key_file {
    ($name:literal) => {
        include_str!(concat!("key-files/", $name))
    };
}

fn inspect(text: &str, passphrase: Option<&str>) -> Result<SshKey, String> {
    let passphrase = passphrase.map(|words| Zeroizing::new(words.to_owned()));
    Keys.inspect(&PrivateKey { text: Zeroizing::new(text.to_owned()), passphrase })
}

#[track_caller]
fn check(text: &str, passphrase: Option<&str>, kind: &str, bits: u32, fingerprint: &str) {
    let key = inspect(text, passphrase).unwrap();
    assert_eq!((key.kind.as_str(), key.bits, key.fingerprint.as_str()), (kind, bits, fingerprint));
}

const ED25519: &str = "SHA256:ECHP18sd+5+FbkZHG1vpCSKBNWjNrkcw+T3BHwMMcY8";
const ENCRYPTED: &str = "SHA256:M7nnehdtKsYApmx+uQ3T1D4XuSnIep3rKrZvwW7JUp4";
const RSA: &str = "SHA256:pVhc4Gj3infnZ8hAHDF/4uq6Q1qVIP6YNbd4Rv3nXOM";
const ECDSA: &str = "SHA256:GENlsD8Napdav++MuR4ZSyw7Kx/d3ivOD1Vqvwjb6s8";

#[test]
fn keys_without_a_passphrase() {
    for text in [key_file!("ed25519"), key_file!("ed25519.ppk2"), key_file!("ed25519.ppk3")] {
        check(text, None, "ssh-ed25519", 256, ED25519);
        // A passphrase that is not needed is passed over.
        check(text, Some(PASSPHRASE), "ssh-ed25519", 256, ED25519);
    }
    for text in [key_file!("rsa.pkcs1"), key_file!("rsa.pkcs8")] {
        check(text, None, "ssh-rsa", 2048, RSA);
    }
    check(key_file!("ecdsa.sec1"), None, "ecdsa-sha2-nistp256", 256, ECDSA);
}

const WITH_PASSPHRASE: [(&str, &str); 6] = [
    (key_file!("ed25519.encrypted"), ENCRYPTED),
    (key_file!("ed25519.ppk2.encrypted"), ED25519),
    (key_file!("ed25519.ppk3.encrypted"), ED25519),
    (key_file!("rsa.pkcs1.aes128"), RSA),
    (key_file!("rsa.pkcs8.encrypted"), RSA),
    (key_file!("rsa.scrypt.encrypted"), RSA),
];

#[test]
fn keys_with_a_passphrase() {
    for (text, fingerprint) in WITH_PASSPHRASE {
        assert_eq!(inspect(text, Some(PASSPHRASE)).unwrap().fingerprint, fingerprint, "{text}");
        let missing = inspect(text, None).unwrap_err();
        assert!(missing.contains("is encrypted; send its passphrase"), "{missing}");
        assert_eq!(inspect(text, Some("")).unwrap_err(), missing);
        let wrong = inspect(text, Some("sword")).unwrap_err();
        assert!(wrong.contains("does not open the private key"), "{wrong}");
    }
}

#[test]
fn the_public_half_is_a_line_for_authorized_keys() {
    let key = inspect(key_file!("rsa.pkcs1"), None).unwrap();
    assert_eq!(key.public_key, key_file!("rsa.pkcs1.pub").trim_end());
    let key = inspect(key_file!("ecdsa.sec1"), None).unwrap();
    assert_eq!(key.public_key, key_file!("ecdsa.pub").trim_end());
}

#[test]
fn what_copying_did_to_a_key_is_undone() {
    for text in
        [key_file!("ed25519"), key_file!("rsa.pkcs1"), key_file!("rsa.pkcs8"), key_file!("ecdsa.sec1")]
    {
        let expect = inspect(text, None).unwrap();
        for sent in [
            text.replace('\n', "\r\n"),
            text.replace('\n', ""),
            text.replace('\n', " "),
            text.replace('\n', "\\n"),
            text.replace('\n', "\n\t  "),
            format!("\u{feff}{text}"),
            format!("\"{}\"", text.replace('\n', "\\n")),
            text.chars().flat_map(|sign| [sign, '\0']).collect(),
        ] {
            assert_eq!(inspect(&sent, None).as_ref(), Ok(&expect), "{sent}");
        }
    }
    let sent = key_file!("rsa.pkcs1.aes128").replace('\n', " ");
    assert_eq!(inspect(&sent, Some(PASSPHRASE)).unwrap().fingerprint, RSA);
    let sent = format!("\u{feff}{}", key_file!("ed25519.ppk2.encrypted").replace('\n', "\r\n  "));
    assert_eq!(inspect(&sent, Some(PASSPHRASE)).unwrap().fingerprint, ED25519);
}

#[track_caller]
fn check_refused(text: &str, passphrase: Option<&str>, expect: &str) {
    let said = inspect(text, passphrase).unwrap_err();
    assert!(said.contains(expect), "{said}");
}

#[test]
fn what_cannot_be_used_is_told_in_words() {
    check_refused(key_file!("rsa1024.pkcs1"), None, "RSA with 1024 bits");
    check_refused(key_file!("rsa.pkcs1.aes256"), Some(PASSPHRASE), "encrypted in an old way");
    check_refused(key_file!("rsa.pkcs1.pub"), None, "the public key");
    check_refused(&key_file!("rsa.pkcs1").replace("MII", "MIJ"), None, "damaged");
    let cut: String = key_file!("ed25519").lines().filter(|line| !line.contains("END")).collect();
    check_refused(&cut, None, "its end is missing");
    let dear = key_file!("ed25519.ppk3.encrypted").replace("Memory: 1024", "Memory: 4194304");
    check_refused(&dear, Some(PASSPHRASE), "more rounds or memory");
}

#[test]
fn a_new_key_can_be_read_again() {
    let (text, key) = Keys.generate();
    assert_eq!(inspect(&text, None).as_ref(), Ok(&key));
    assert_eq!((key.kind.as_str(), key.bits), ("ssh-ed25519", 256));
    assert!(key.public_key.starts_with("ssh-ed25519 AAAA"));
    assert_ne!(Keys.generate().1, key);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_a_key_or_gets_words(text in any::<String>(), passphrase in any::<Option<String>>()) {
        let _ = inspect(&text, passphrase.as_deref());
    }

    #[test]
    fn any_damage_to_a_key_gets_words(
        which in 0..5_usize,
        at in 40..1600_usize,
        put in "[A-Za-z0-9+/= \n:-]{0,8}",
    ) {
        let text = [
            key_file!("ed25519"), key_file!("rsa.pkcs1"), key_file!("rsa.pkcs8"), key_file!("ecdsa.sec1"), key_file!("ed25519.ppk2"),
        ][which];
        let at = at % text.len();
        let mut damaged = text.to_owned();
        damaged.replace_range(at..(at + put.len()).min(text.len()), &put);
        let _ = inspect(&damaged, None);
    }
}
