//! OpenSSH's `sshd`: what it shows, lets in and refuses.

use super::server::{account, check_failed, connect, contents, pins, private_key, refused, session};
use super::sshd::{self, SFTP, USER};
use domain::import::problem::Code;
use domain::remote::{RemoteKind, Server, Step};
use std::ops::Deref;

const KEY: &str = include_str!("key-files/ed25519");
const RSA: &str = include_str!("key-files/rsa.pkcs1");

/// A server that two keys open.
struct Sshd(sshd::Sshd);

impl Deref for Sshd {
    type Target = sshd::Sshd;

    fn deref(&self) -> &sshd::Sshd {
        &self.0
    }
}

impl Sshd {
    fn start(lines: &str) -> Option<Self> {
        Self::without_sftp(&format!("{SFTP}\n{lines}"))
    }

    fn without_sftp(lines: &str) -> Option<Self> {
        let keys = [include_str!("key-files/ed25519.pub"), include_str!("key-files/rsa.pkcs1.pub")].concat();
        sshd::Sshd::start(&keys, lines).map(Self)
    }

    fn account(&self) -> Server {
        let host_keys = pins(&self.host_key("ed25519"));
        Server { host_keys, private_key: private_key(KEY), ..account(self.port, &USER) }
    }
}

#[tokio::test]
async fn from_the_name_to_a_file() {
    let Some(sshd) = Sshd::start("") else { return };
    let (session, noted) = connect(&sshd.account()).await;
    let mut session = session.unwrap_or_else(|failed| panic!("{failed:?} after {noted:?}"));
    assert_eq!(noted.steps(), Step::ALL[..6]);
    assert_eq!(noted.fact(Step::Resolve), "127.0.0.1");
    assert_eq!(noted.fact(Step::Connect), format!("127.0.0.1:{}", sshd.port));
    assert!(noted.fact(Step::Banner).starts_with("SSH-2.0-OpenSSH_"), "{noted:?}");
    assert!(noted.fact(Step::Algorithms).contains(", ssh-ed25519, "), "{noted:?}");
    assert!(noted.fact(Step::HostKey).starts_with("ssh-ed25519 SHA256:"), "{noted:?}");
    assert_eq!(session.host_key(), noted.fact(Step::HostKey));
    assert_eq!(noted.fact(Step::Authenticate), format!("{} with key", *USER));

    let wanted: Vec<u8> = (0..5_000_000_u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(sshd.path("users.csv"), &wanted).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", sshd.path("link.csv")).unwrap();
    let path = sshd.text("users.csv");
    assert_eq!(contents(&mut *session, &path, u64::MAX).await.unwrap(), wanted);
    for most in [0, 1, 32_768, 32_769, 4_999_999, 5_000_000, 5_000_001] {
        let read = contents(&mut *session, &path, most).await.unwrap();
        assert!(read == wanted[..wanted.len().min(most as usize)], "{most}");
    }
    let listed = session.list(&sshd.text(""), 100).await.unwrap();
    let found = listed.iter().find(|entry| entry.name == "users.csv").unwrap();
    assert_eq!((found.kind, found.size), (RemoteKind::File, Some(5_000_000)));
    assert!(found.modified.is_some());
    assert_eq!(session.look(&path).await.unwrap().as_ref(), Some(found));
    let link = listed.iter().find(|entry| entry.name == "link.csv").unwrap();
    assert_eq!(link.kind, RemoteKind::Link);
    assert!(listed.iter().all(|entry| !entry.name.starts_with('.')));
    session.close().await;
}

#[tokio::test]
async fn what_is_done_with_a_file_afterwards() {
    let Some(sshd) = Sshd::start("") else { return };
    let mut session = session(&sshd.account()).await;
    let (file, folder) = (sshd.text("users.csv"), sshd.text("archive"));
    std::fs::write(sshd.path("users.csv"), "x").unwrap();
    session.make_folder(&folder).await.unwrap();
    session.make_folder(&folder).await.unwrap();
    let archived = format!("{folder}/users.csv");
    session.rename(&file, &archived).await.unwrap();
    assert_eq!(session.look(&file).await.unwrap(), None);
    std::fs::write(sshd.path("users.csv"), "y").unwrap();
    let failed = session.rename(&file, &archived).await.unwrap_err();
    check_failed(&failed, Step::Archive, Code::SftpArchiveFailed, "there is something at");
    assert_eq!(contents(&mut *session, &archived, 10).await.unwrap(), b"x");
    session.remove(&archived).await.unwrap();
    check_failed(
        &session.remove(&archived).await.unwrap_err(),
        Step::Archive,
        Code::SftpFileMissing,
        "No such file",
    );
    let failed = session.make_folder(&file).await.unwrap_err();
    check_failed(&failed, Step::Archive, Code::SftpArchiveFailed, "");
    let failed = session.list(&sshd.text("nowhere"), 10).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpFolderMissing, "No such file");
    let failed = session.list(&sshd.text(""), 3).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpTooManyFiles, "more than 3");
    let failed = contents(&mut *session, &sshd.text("nothing"), 10).await.unwrap_err();
    check_failed(&failed, Step::Read, Code::SftpFileMissing, "No such file");
}

#[tokio::test]
async fn pins_decide_which_key_the_server_shows() {
    let Some(sshd) = Sshd::start("") else { return };
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let line = sshd.host_key(kind);
        let server = Server { host_keys: pins(&format!("files {line}")), ..sshd.account() };
        let session = session(&server).await;
        assert!(session.host_key().contains(kind), "{}", session.host_key());
        let hash = session.host_key().split(' ').nth(1).unwrap().to_owned();
        // A fingerprint alone does not say of which kind it is, and the server shows another key first.
        let server = Server { host_keys: pins(&hash), ..sshd.account() };
        assert!(super::server::session(&server).await.host_key().contains(kind));
    }
}

#[tokio::test]
async fn a_host_that_is_not_trusted_is_shown() {
    let Some(sshd) = Sshd::start("") else { return };
    let (failed, noted) = refused(&Server { host_keys: Vec::new(), ..sshd.account() }).await;
    let line = sshd.host_key("ed25519").split(' ').take(2).collect::<Vec<_>>().join(" ");
    check_failed(&failed, Step::HostKey, Code::SftpHostKeyUntrusted, &line);
    assert!(failed.fact.starts_with("ssh-ed25519 SHA256:"), "{failed:?}");
    assert_eq!(noted.steps(), Step::ALL[..4]);

    // Another key of the same kind, and one of a kind that this server has not.
    let other = pins(include_str!("key-files/ed25519.pub"));
    let (failed, _) = refused(&Server { host_keys: other, ..sshd.account() }).await;
    check_failed(&failed, Step::HostKey, Code::SftpHostKeyChanged, "trusted is ssh-ed25519 SHA256:ECHP18sd");
    assert!(failed.fact.contains("the server has ssh-ed25519 SHA256:"), "{failed:?}");
    // A fingerprint that fits none of them.
    let other = pins("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let (failed, _) = refused(&Server { host_keys: other, ..sshd.account() }).await;
    check_failed(&failed, Step::HostKey, Code::SftpHostKeyChanged, "the server has ssh-ed25519 SHA256:");
    let Some(ed25519) = Sshd::start("HostKeyAlgorithms ssh-ed25519") else { return };
    let other = pins(include_str!("key-files/ecdsa.pub"));
    let (failed, noted) = refused(&Server { host_keys: other, ..ed25519.account() }).await;
    check_failed(
        &failed,
        Step::HostKey,
        Code::SftpHostKeyChanged,
        "trusted is ecdsa-sha2-nistp256 SHA256:GENlsD8N",
    );
    assert!(failed.fact.contains("the server has ssh-ed25519 SHA256:"), "{failed:?}");
    assert_eq!(noted.steps(), Step::ALL[..4]);
}

#[tokio::test]
async fn keys_that_log_in() {
    // Asked for its algorithms, OpenSSH 9.2 tells all that it knows, whatever it was told to accept.
    for lines in ["", "PubkeyAcceptedAlgorithms rsa-sha2-512"] {
        let Some(sshd) = Sshd::start(lines) else { return };
        session(&Server { private_key: private_key(RSA), ..sshd.account() }).await;
    }
}

#[tokio::test]
async fn keys_that_do_not() {
    let Some(sshd) = Sshd::start("") else { return };
    let stranger =
        Server { private_key: private_key(include_str!("key-files/ecdsa.sec1")), ..sshd.account() };
    let (failed, noted) = refused(&stranger).await;
    check_failed(
        &failed,
        Step::Authenticate,
        Code::SftpCredentialsRefused,
        "tried key; the server takes publickey",
    );
    assert_eq!(noted.steps(), Step::ALL[..5]);
    let (failed, noted) =
        refused(&Server { private_key: private_key("ssh-rsa AAAA"), ..sshd.account() }).await;
    check_failed(&failed, Step::Authenticate, Code::SftpKeyUnusable, "the public key");
    assert_eq!(noted.steps(), []);
    let (failed, noted) = refused(&Server { private_key: None, ..sshd.account() }).await;
    check_failed(&failed, Step::Authenticate, Code::SftpCredentialsMissing, "for the account");
    assert_eq!(noted.steps(), Step::ALL[..5]);
}

#[tokio::test]
async fn an_account_without_sftp() {
    let Some(sshd) = Sshd::without_sftp("") else { return };
    let (failed, noted) = refused(&sshd.account()).await;
    check_failed(&failed, Step::OpenFolder, Code::SftpNotOffered, "refuses the subsystem");
    assert_eq!(noted.steps(), Step::ALL[..6]);
}

#[tokio::test]
async fn algorithms_of_old() {
    let old = "KexAlgorithms diffie-hellman-group14-sha1\nCiphers aes128-cbc\nMACs hmac-sha1\n\
               HostKeyAlgorithms ssh-rsa";
    let Some(sshd) = Sshd::start(old) else { return };
    let server = Server {
        host_keys: pins(&sshd.host_key("rsa")),
        private_key: private_key(RSA),
        legacy_algorithms: true,
        ..sshd.account()
    };
    let (session, noted) = connect(&server).await;
    let mut session = session.unwrap_or_else(|failed| panic!("{failed:?} after {noted:?}"));
    let agreed = "diffie-hellman-group14-sha1, ssh-rsa, aes128-cbc, hmac-sha1";
    assert_eq!(noted.fact(Step::Algorithms), agreed);
    std::fs::write(sshd.path("users.csv"), "x").unwrap();
    assert_eq!(contents(&mut *session, &sshd.text("users.csv"), 10).await.unwrap(), b"x");
    let (failed, noted) = refused(&Server { legacy_algorithms: false, ..server }).await;
    check_failed(
        &failed,
        Step::Algorithms,
        Code::SftpNoCommonAlgorithms,
        "the server has diffie-hellman-group14-sha1",
    );
    assert!(failed.fact.starts_with("key exchange: Muster has mlkem768x25519-sha256, "), "{failed:?}");
    assert_eq!(noted.steps(), Step::ALL[..3]);
}

#[tokio::test]
async fn algorithms_of_public_service() {
    for curve in ["nistp256", "nistp384", "nistp521"] {
        let lines = format!("KexAlgorithms ecdh-sha2-{curve}\nCiphers aes256-ctr\nMACs hmac-sha2-256");
        let Some(sshd) = Sshd::start(&lines) else { return };
        session(&sshd.account()).await;
    }
}
