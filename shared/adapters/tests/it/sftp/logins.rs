//! Ways of logging in, each tried at most once.

use super::server::{account, check_failed, connect, password, pins, private_key, refused};
use adapters::sftp::Sftp;
use domain::import::problem::Code;
use domain::remote::{RemoteFiles, Server, Step};
use emulator::{Quirk, SFTP_USER, SftpServer, SftpSetup, sftp_fingerprint};

const KEY: &str = include_str!("key-files/ed25519");
const PUBLIC: &str = include_str!("key-files/ed25519.pub");
const STRANGER: &str = include_str!("key-files/rsa.pkcs1");

fn with_password() -> SftpSetup {
    SftpSetup { password: Some("swordfish".into()), ..SftpSetup::default() }
}

fn with_both() -> SftpSetup {
    SftpSetup { public_key: Some(PUBLIC.into()), wants_both: true, ..with_password() }
}

fn with_questions(questions: &[(&'static str, bool)]) -> SftpSetup {
    SftpSetup { questions: questions.to_vec(), ..with_password() }
}

fn guest(server: &SftpServer) -> Server {
    Server { host_keys: pins(server.host_key()), ..account(server.port(), SFTP_USER) }
}

/// Logs in, and tells how it went and how often something was tried.
async fn check(
    setup: SftpSetup,
    words: Option<&str>,
    key: Option<&str>,
    tries: usize,
    expect: Result<&str, (Code, &str)>,
) {
    let server = SftpServer::start(setup);
    let guest = Server {
        password: words.and_then(password),
        private_key: key.and_then(private_key),
        ..guest(&server)
    };
    let (session, noted) = connect(&guest).await;
    match (session, expect) {
        (Ok(session), Ok(how)) => {
            session.close().await;
            assert_eq!(noted.fact(Step::Authenticate), format!("muster with {how}"));
        }
        (Err(failed), Err((code, fact))) => {
            check_failed(&failed, Step::Authenticate, code, fact);
            assert_eq!(noted.steps(), Step::ALL[..5]);
            assert!(!failed.fact.contains("swordfish") && !failed.fact.contains("PRIVATE"), "{failed:?}");
        }
        (session, expect) => panic!("{:?} instead of {expect:?} after {noted:?}", session.err()),
    }
    assert_eq!(server.logins(), tries);
}

#[tokio::test]
async fn what_the_server_takes_is_given() {
    check(with_password(), Some("swordfish"), None, 1, Ok("password")).await;
    check(with_both(), Some("swordfish"), Some(KEY), 2, Ok("key and password")).await;
    let key = SftpSetup { public_key: Some(PUBLIC.into()), ..SftpSetup::default() };
    check(key.clone(), None, Some(KEY), 1, Ok("key")).await;
    // A password that the server has no use for is not sent.
    check(key, Some("swordfish"), Some(KEY), 1, Ok("key")).await;
    // Nor is a key.
    check(with_password(), Some("swordfish"), Some(KEY), 1, Ok("password")).await;
    let either = SftpSetup { public_key: Some(PUBLIC.into()), ..with_password() };
    check(either.clone(), Some("swordfish"), Some(KEY), 1, Ok("key")).await;
    check(either, Some("swordfish"), Some(STRANGER), 2, Ok("password")).await;
    let asks = with_questions(&[("Password: ", false)]);
    check(asks, Some("swordfish"), None, 1, Ok("keyboard-interactive")).await;
}

#[tokio::test]
async fn what_is_wrong_is_tried_once() {
    let refused = |fact| Err((Code::SftpCredentialsRefused, fact));
    check(with_password(), Some("sword"), None, 1, refused("tried password; the server takes password"))
        .await;
    check(with_password(), None, Some(KEY), 0, refused("tried nothing; the server takes password")).await;
    check(with_both(), None, Some(KEY), 1, refused("tried key (key was right); the server takes password"))
        .await;
    check(with_both(), Some("sword"), Some(KEY), 2, refused("tried key, password (key was right)")).await;
    check(with_both(), Some("swordfish"), None, 0, refused("the server takes publickey")).await;
    let asks = with_questions(&[("Password: ", false)]);
    check(asks, Some("sword"), None, 1, refused("tried keyboard-interactive")).await;
    let two = with_questions(&[("Password: ", false), ("Code from your\u{1b}[2J phone: ", true)]);
    let fact = "it asks for more than a password: “Password:”, “Code from your [2J phone:”";
    check(two, Some("swordfish"), None, 0, refused(fact)).await;
    // An answer that everybody may see is not a password.
    check(with_questions(&[("Who? ", true)]), Some("swordfish"), None, 0, refused("“Who?”")).await;
    let rude = SftpSetup { quirk: Some(Quirk::HangsUpOnPassword), ..with_password() };
    check(rude, Some("swordfish"), None, 1, refused("tried password; the server takes password")).await;
    // Nothing was tried: this is no refusal, and is tried again the next time.
    let gone = SftpSetup { quirk: Some(Quirk::HangsUpAtLogin), ..with_password() };
    check(gone, Some("swordfish"), None, 0, Err((Code::SftpBrokeOff, "before anybody could log in"))).await;
    check(with_password(), None, None, 0, Err((Code::SftpCredentialsMissing, "for the account muster")))
        .await;
}

#[tokio::test]
async fn nothing_is_sent_to_a_host_that_is_not_trusted() {
    let server = SftpServer::start(SftpSetup { host_key: 2, ..with_password() });
    let other = Server {
        host_keys: vec![sftp_fingerprint(1)],
        password: password("swordfish"),
        ..account(server.port(), SFTP_USER)
    };
    let (failed, noted) = refused(&other).await;
    let fact =
        format!("trusted is {}; the server has ssh-ed25519 {}", sftp_fingerprint(1), sftp_fingerprint(2));
    check_failed(&failed, Step::HostKey, Code::SftpHostKeyChanged, &fact);
    assert_eq!(noted.steps(), Step::ALL[..4]);
    let (failed, _) = refused(&Server { host_keys: Vec::new(), ..other }).await;
    check_failed(&failed, Step::HostKey, Code::SftpHostKeyUntrusted, server.host_key());
    assert_eq!(server.logins(), 0);

    // Two pins, of which one fits: an old and a new key.
    let both = vec![sftp_fingerprint(1), server.host_key().to_owned()];
    let guest =
        Server { host_keys: both, password: password("swordfish"), ..account(server.port(), SFTP_USER) };
    connect(&guest).await.0.map(drop).unwrap();
}

#[tokio::test]
async fn inside_networks_are_closed_unless_they_are_allowed() {
    let server = SftpServer::start(with_password());
    for (host, what) in [
        ("127.0.0.1", "a loopback address"),
        ("localhost", "a loopback address"),
        ("127.1", "a loopback address"),
        ("0x7f.0.0.1", "a loopback address"),
        ("0177.0.0.1", "a loopback address"),
        ("2130706433", "a loopback address"),
        ("0x7f000001", "a loopback address"),
        ("0", "an address of this host"),
        ("::1", "a loopback address"),
        ("::ffff:127.0.0.1", "a loopback address"),
        ("10.0.0.7", "a private address"),
        ("169.254.169.254", "a link-local address"),
        ("0xa9fea9fe", "a link-local address"),
    ] {
        let guest = Server { host: host.into(), ..guest(&server) };
        let mut noted = super::server::Noted::default();
        let failed = Sftp::default().connect(&guest, &mut noted).await.err().unwrap();
        check_failed(&failed, Step::Resolve, Code::SftpAddressForbidden, &format!("{host} is {what}"));
        assert_eq!(noted.steps(), []);
    }
    // What is allowed is allowed in every notation.
    for host in ["localhost", "127.1", "2130706433", "::ffff:127.0.0.1"] {
        let guest = Server { host: host.into(), password: password("swordfish"), ..guest(&server) };
        let (session, noted) = connect(&guest).await;
        assert!(session.is_ok(), "{host}: {:?}", session.err());
        assert_eq!(noted.fact(Step::Resolve), "127.0.0.1", "{host}");
    }
}

#[tokio::test]
async fn hosts_that_are_not_there() {
    for host in ["", "no such host", "nobody.invalid", "nul\0.example", "files.acme.example:22"] {
        let (failed, _) = refused(&Server { host: host.into(), ..account(22, SFTP_USER) }).await;
        check_failed(&failed, Step::Resolve, Code::SftpNameUnknown, "");
    }
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (failed, noted) = refused(&account(port, SFTP_USER)).await;
    check_failed(&failed, Step::Connect, Code::SftpUnreachable, "connection refused");
    assert_eq!(noted.steps(), [Step::Resolve]);
}
