//! Pins from whatever an administrator has at hand.

use adapters::sftp::Keys;
use domain::remote::SshKeys;
use proptest::prelude::*;

const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK08c7EQw9GuJRSYhRZ69QtPLKXLo00lK4kVHAEkBTKc";
const HASH: &str = "SHA256:ECHP18sd+5+FbkZHG1vpCSKBNWjNrkcw+T3BHwMMcY8";

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    assert_eq!(Keys.pins(text), Ok(expect.iter().map(|pin| (*pin).to_owned()).collect()), "{text}");
}

#[test]
fn whatever_holds_a_key() {
    let rsa = include_str!("key-files/rsa.pkcs1.pub").trim_end();
    let ecdsa = include_str!("key-files/ecdsa.pub").trim_end();
    check(ED25519, &[ED25519]);
    check(&format!("\u{feff}  \n{ED25519} root@files\r\n"), &[ED25519]);
    check(&format!("files.acme.example,192.0.2.7 {ED25519}"), &[ED25519]);
    check(&format!("[files.acme.example]:2222 {ED25519} a comment of words"), &[ED25519]);
    check(&format!("|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= {ED25519}"), &[ED25519]);
    check(
        &format!(
            "# files:22 SSH-2.0-OpenSSH_9.2\nfiles {rsa}\n# files:22\nfiles {ecdsa}\n\nfiles {ED25519}\n"
        ),
        &[rsa, ecdsa, ED25519],
    );
    check(&format!("{ED25519}\n{ED25519} again"), &[ED25519]);
    check(HASH, &[HASH]);
    check(&format!("{HASH}="), &[HASH]);
    check(&format!("256 {HASH} root@files (ED25519)"), &[HASH]);
    check(&format!("ED25519 key fingerprint is {HASH}"), &[HASH]);
    check(&format!("`{HASH}`"), &[HASH]);
}

#[track_caller]
fn check_refused(text: &str, expect: &str) {
    let said = Keys.pins(text).unwrap_err();
    assert!(said.contains(expect), "{text}: {said}");
}

#[test]
fn what_is_no_pin_gets_words() {
    check_refused("", "there is no key of a host");
    check_refused("# only a comment\n\n", "there is no key of a host");
    check_refused(&format!("{ED25519}\n@revoked files {ED25519}"), "line 2: this key is marked as revoked");
    check_refused(&format!("@cert-authority *.acme.example {ED25519}"), "certificates of hosts");
    check_refused("MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "with MD5 is not safe");
    check_refused("2048 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48 (RSA)", "with MD5 is not safe");
    check_refused("SHA256:tooshort", "43 letters and digits");
    check_refused(include_str!("key-files/ed25519"), "a private key");
    check_refused("ssh-ed25519", "neither a public key");
    check_refused("files.acme.example", "neither a public key");
    check_refused("ssh-ed25519 AAAA", "is damaged");
    check_refused(&ED25519.replace("ssh-ed25519", "ssh-rsa"), "says ssh-rsa");
    check_refused("ssh-ed25519-cert-v01@openssh.com AAAA", "a certificate");
    check_refused(&"x".repeat(70_000), "more than 16 keys");
}

proptest! {
    #[test]
    fn any_text_is_a_pin_or_gets_words(text in any::<String>()) {
        let _ = Keys.pins(&text);
    }

    #[test]
    fn any_line_of_a_kind_is_a_pin_or_gets_words(kind in "(ssh|sk|ecdsa)-[a-z0-9@.-]{0,24}", rest in "[ A-Za-z0-9+/=]{0,200}") {
        let _ = Keys.pins(&format!("{kind} {rest}"));
    }
}
