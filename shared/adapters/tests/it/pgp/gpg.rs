//! gpg imports our keys, and we open what it writes.

use super::kit::{ALICE, BOB, MOST, Person, TABLE, make, open_with};
use crate::real::wanted;
use ::domain::import::problem::Code;
use ::domain::pgp::{Pgp, PgpAlgorithm, Signatures};
use adapters::pgp::RPgp;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// gpg with a keyring of its own. Its clock stands in the middle of 2026, when our keys are valid.
struct Gpg {
    home: TempDir,
}

impl Gpg {
    /// With the public keys of these people; `None` where gpg is not installed.
    fn knowing(people: &[&Person]) -> Option<Self> {
        if !wanted("gpg") {
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let gpg = Self { home };
        for person in people {
            gpg.run(&["--import"], person.pair.public_key.as_bytes());
        }
        Some(gpg)
    }

    fn try_run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .command("gpg")
            .args([
                "--batch",
                "--yes",
                "--no-tty",
                "--quiet",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "",
            ])
            .args(["--faked-system-time", "20260601T000000!", "--trust-model", "always"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // What is written must not wait for what is read.
        std::thread::scope(|scope| {
            scope.spawn(move || drop(stdin.write_all(input)));
            child.wait_with_output().unwrap()
        })
    }

    #[track_caller]
    fn run(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.try_run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Encrypts a file, as the administrator is told to.
    #[track_caller]
    fn encrypt(&self, arguments: &[&str], bytes: &[u8]) -> Vec<u8> {
        let (from, to) = (self.home.path().join("users.csv"), self.home.path().join("users.csv.pgp"));
        std::fs::write(&from, bytes).unwrap();
        let arguments = [&["-o", text(&to)], arguments, &["-e", text(&from)]].concat();
        self.run(&arguments, b"");
        std::fs::read(&to).unwrap()
    }

    /// Makes a key that signs, and gives its fingerprint and its public half.
    fn signer(&self, name: &str, kind: &str) -> (String, String) {
        self.run(&["--quick-generate-key", name, kind, "sign", "never"], b"");
        let listed = String::from_utf8(self.run(&["--with-colons", "--list-keys", name], b"")).unwrap();
        let line = listed.lines().find(|line| line.starts_with("fpr:")).unwrap();
        let fingerprint = line.split(':').nth(9).unwrap().to_owned();
        let public = String::from_utf8(self.run(&["--armor", "--export", name], b"")).unwrap();
        (fingerprint, public)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("--homedir").arg(self.home.path());
        command
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // Its agent would outlive it.
        let _ = self.command("gpgconf").args(["--kill", "all"]).output();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn long() -> Vec<u8> {
    (0..40_000_u32).flat_map(|row| format!("{row};babs@acme.example\n").into_bytes()).collect()
}

/// Files in every form that gpg has, for a key.
#[track_caller]
fn forms(person: &Person) {
    let Some(gpg) = Gpg::knowing(&[person, &BOB]) else { return };
    let to = person.pair.fingerprint.as_str();
    let check = |file: &[u8], plaintext: &[u8], form: &[&str]| {
        let (opened, written) = open_with(file, &[person.secret()], Signatures::Ignore, &[], 10 * MOST);
        assert_eq!(opened.map(|opened| opened.key).as_deref(), Ok(to), "{form:?}");
        assert!(written == plaintext, "{form:?}");
    };
    let mut forms: Vec<Vec<&str>> = vec![
        vec!["-r", to],
        vec!["--armor", "-r", to],
        vec!["-z", "0", "-r", to],
        vec!["--compress-algo", "zip", "-r", to],
        vec!["--compress-algo", "zlib", "-z", "9", "-r", to],
        vec!["--compress-algo", "bzip2", "-r", to],
        vec!["-r", &BOB.pair.fingerprint, "-r", to],
        vec!["-R", to],
        vec!["-R", &BOB.pair.fingerprint, "-R", to, "--armor"],
        vec!["--textmode", "-r", to],
        vec!["--cipher-algo", "AES128", "-r", to],
        vec!["--cipher-algo", "CAMELLIA256", "-r", to],
        vec!["--passphrase", "secret", "-c", "-r", to],
        vec!["--rfc4880", "-r", to],
        vec!["--set-filename", "other.csv", "--for-your-eyes-only", "-r", to],
    ];
    if String::from_utf8_lossy(&gpg.run(&["--dump-options"], b"")).contains("--force-ocb") {
        forms.push(vec!["--force-ocb", "-r", to]);
        forms.push(vec!["--force-ocb", "--chunk-size", "10", "--armor", "-r", to]);
    }
    for form in &forms {
        for plaintext in [TABLE, b"", &long()] {
            // Text goes out with the line ends of the network.
            let windows = String::from_utf8_lossy(plaintext).replace('\n', "\r\n");
            let expected = if form.contains(&"--textmode") { windows.as_bytes() } else { plaintext };
            check(&gpg.encrypt(form, plaintext), expected, form);
        }
        let piped = gpg.run(&[form.as_slice(), &["-e"]].concat(), TABLE);
        if !form.contains(&"--textmode") {
            check(&piped, TABLE, form);
        }
    }
}

#[test]
fn forms_for_a_key_of_curve25519() {
    forms(&ALICE);
}

#[test]
fn forms_for_a_key_of_rsa() {
    forms(&make(PgpAlgorithm::Rsa3072, "Rosa <rosa@acme.example>").into());
}

#[test]
fn gpg_knows_what_our_keys_are() {
    let Some(gpg) = Gpg::knowing(&[&ALICE]) else { return };
    let listed = String::from_utf8(gpg.run(&["--with-colons", "--list-keys"], b"")).unwrap();
    let fields = |kind: &str| -> Vec<String> {
        let line = listed.lines().find(|line| line.starts_with(kind)).unwrap();
        line.split(':').map(str::to_owned).collect()
    };
    // 2026-01-01 and 2036-01-01.
    for kind in ["pub", "sub"] {
        assert_eq!(fields(kind)[5..7], ["1767225600", "2082758400"], "{listed}");
    }
    assert_eq!((fields("pub")[11].as_str(), fields("sub")[11].as_str()), ("scESC", "e"), "{listed}");
    assert_eq!(fields("fpr")[9], ALICE.pair.fingerprint);
    // The private half too, should somebody have to read a file by hand.
    gpg.run(&["--import"], &ALICE.pair.private_key);
    let encrypted = gpg.encrypt(&["-r", &ALICE.pair.fingerprint], TABLE);
    assert_eq!(gpg.run(&["-d"], &encrypted), TABLE);
}

#[test]
fn only_a_password() {
    let Some(gpg) = Gpg::knowing(&[]) else { return };
    let file = gpg.run(&["--passphrase", "secret", "-c"], TABLE);
    let (opened, _) = open_with(&file, &[ALICE.secret()], Signatures::Ignore, &[], MOST);
    assert_eq!(opened.unwrap_err().code, Code::PgpPassword);
}

#[test]
fn not_encrypted_by_gpg() {
    let Some(gpg) = Gpg::knowing(&[]) else { return };
    gpg.signer("Signer", "ed25519");
    for form in [
        ["--store"].as_slice(),
        &["-s"],
        &["-s", "--armor"],
        &["--clearsign"],
        &["-b", "--armor"],
        &["--export", "--armor"],
    ] {
        let file = gpg.run(form, TABLE);
        let (opened, _) = open_with(&file, &[ALICE.secret()], Signatures::Ignore, &[], MOST);
        assert_eq!(opened.unwrap_err().code, Code::PgpNotEncrypted, "{form:?}");
    }
}

#[test]
fn signed_by_gpg() {
    let Some(gpg) = Gpg::knowing(&[&ALICE]) else { return };
    let to = ALICE.pair.fingerprint.as_str();
    for kind in ["ed25519", "rsa3072", "nistp256"] {
        let name = format!("Signer {kind}");
        let (fingerprint, public) = gpg.signer(&name, kind);
        assert_eq!(RPgp.signer(&public).as_ref(), Ok(&fingerprint), "{kind}");
        let ask = |file: &[u8], signers: &[String]| {
            let (opened, _) = open_with(file, &[ALICE.secret()], Signatures::Require, signers, 10 * MOST);
            opened.map(|opened| opened.signer).map_err(|error| error.code)
        };
        let signers = [public];
        for form in [
            ["-s"].as_slice(),
            &["-s", "--armor", "-z", "0"],
            &["-s", "--textmode"],
            &["-s", "--digest-algo", "SHA512"],
        ] {
            let form = [form, &["-u", &name, "-r", to]].concat();
            for plaintext in [TABLE, &long()] {
                let file = gpg.encrypt(&form, plaintext);
                assert_eq!(ask(&file, &signers), Ok(Some(fingerprint.clone())), "{form:?}");
                assert_eq!(ask(&file, &[]), Err(Code::PgpSignerUnknown), "{form:?}");
            }
        }
        assert_eq!(ask(&gpg.encrypt(&["-r", to], TABLE), &signers), Err(Code::PgpSignatureMissing));
        if kind == "rsa3072" {
            let weak = gpg.encrypt(&["-s", "--digest-algo", "SHA1", "-u", &name, "-r", to], TABLE);
            assert_eq!(ask(&weak, &signers), Err(Code::PgpSignatureWrong));
        }
        // With a subkey that signs, as many have.
        gpg.run(&["--quick-add-key", &fingerprint, "ed25519", "sign", "never"], b"");
        let signers = [String::from_utf8(gpg.run(&["--armor", "--export", &name], b"")).unwrap()];
        let file = gpg.encrypt(&["-s", "-u", &name, "-r", to], TABLE);
        assert_eq!(ask(&file, &signers), Ok(Some(fingerprint.clone())), "{kind} with a subkey");
    }
}

#[test]
fn a_key_of_gpg_that_only_encrypts() {
    let Some(gpg) = Gpg::knowing(&[]) else { return };
    gpg.run(&["--quick-generate-key", "Nobody", "ed25519", "cert", "never"], b"");
    let public = String::from_utf8(gpg.run(&["--armor", "--export", "Nobody"], b"")).unwrap();
    let error = RPgp.signer(&public).unwrap_err();
    assert!(error.ends_with("cannot sign: it is made only for encrypting."), "{error}");
}
