//! Servers that stall, lie, flood, or are none. Where one stalls, the clock stands still, and jumps ahead when everybody
//! waits; so it does when the kernel takes its time with much data, so that it runs where files are read.

use super::server::{account, check_failed, connect, contents, password, pins, refused, session};
use domain::import::problem::Code;
use domain::remote::{RemoteKind, RemoteSession, Server, Step};
use emulator::{Quirk, SFTP_USER, SftpServer, SftpSetup};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

fn setup(quirk: Quirk) -> SftpSetup {
    let file = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
    SftpSetup {
        password: Some("swordfish".into()),
        files: BTreeMap::from([
            ("/out/users.csv".to_owned(), file),
            ("/out/sub/a.csv".to_owned(), Vec::new()),
        ]),
        links: vec!["/out/link.csv".to_owned()],
        quirk: Some(quirk),
        ..SftpSetup::default()
    }
}

fn guest(server: &SftpServer) -> Server {
    let host_keys = pins(server.host_key());
    Server { host_keys, password: password("swordfish"), ..account(server.port(), SFTP_USER) }
}

/// Connects to a server that never lets anybody so far, and tells how long that took.
async fn check(quirk: Quirk, passed: usize, code: Code, fact: &str) -> Duration {
    let server = SftpServer::start_here(setup(quirk)).await;
    let began = Instant::now();
    let (failed, noted) = refused(&guest(&server)).await;
    check_failed(&failed, Step::ALL[passed], code, fact);
    assert_eq!(noted.steps(), Step::ALL[..passed]);
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn what_does_not_speak_ssh() {
    let nginx = b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n";
    for words in [
        b"220 Welcome to ProFTPD\r\n".as_slice(),
        nginx,
        b"* OK IMAP4\r\n",
        b"+OK POP3\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
    ] {
        // These wait for us to speak as they do, and are not waited for.
        let took = check(Quirk::Says(words), 2, Code::SftpNotSsh, "it says: ").await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        check(Quirk::SaysAndHangsUp(words), 2, Code::SftpNotSsh, "it says: ").await;
    }
    check(Quirk::Says(nginx), 2, Code::SftpNotSsh, "it says: HTTP/1.1 400 Bad Request  Server: nginx").await;
    check(Quirk::SaysAndHangsUp(b"go away\n"), 2, Code::SftpNotSsh, "it says: go away").await;
    check(Quirk::SaysAndHangsUp(b"SSH-1.5-OldSSH\r\n"), 2, Code::SftpNotSsh, "it says: SSH-1.5-OldSSH").await;
    check(Quirk::SaysAndHangsUp(b"\x1b[2J\xff\x00\n"), 2, Code::SftpNotSsh, "it says:  [2J").await;
    check(Quirk::SaysAndHangsUp(&[b'x'; 16_000]), 2, Code::SftpNotSsh, "xxx…").await;
    check(Quirk::SaysAndHangsUp(&[b'\n'; 16_000]), 2, Code::SftpNotSsh, "it says: ").await;
    check(Quirk::SaysAndHangsUp(b""), 2, Code::SftpBrokeOff, "hung up without a word").await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stalls_is_left() {
    let seconds = Duration::from_secs;
    let took = check(Quirk::Says(b""), 2, Code::SftpTimedOut, "20 seconds were waited for its banner").await;
    assert!((seconds(20)..seconds(21)).contains(&took), "{took:?}");
    let took = check(Quirk::Says(b"SSH-2.0-Slow\r\n"), 3, Code::SftpTimedOut, "for the key exchange").await;
    assert!((seconds(20)..seconds(21)).contains(&took), "{took:?}");
    let took = check(Quirk::StallsAtLogin, 5, Code::SftpTimedOut, "20 seconds were waited for").await;
    assert!((seconds(20)..seconds(21)).contains(&took), "{took:?}");
    let took =
        check(Quirk::StallsAtSubsystem, 6, Code::SftpTimedOut, "30 seconds were waited for SFTP").await;
    assert!((seconds(30)..seconds(31)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn what_breaks_the_key_exchange() {
    check(Quirk::SaysAndHangsUp(b"SSH-2.0-Odd\r\n"), 3, Code::SftpBrokeOff, "it hung up").await;
    // A packet of four gigabytes, and one of nothing.
    check(Quirk::Says(b"SSH-2.0-Odd\r\n\xff\xff\xff\xff\x04aaaaaaaa"), 3, Code::SftpBrokeOff, "").await;
    check(Quirk::Says(b"SSH-2.0-Odd\r\n\x00\x00\x00\x00\x00\x00\x00\x00"), 3, Code::SftpBrokeOff, "").await;
}

#[tokio::test]
async fn what_is_no_sftp() {
    check(Quirk::RefusesSubsystem, 6, Code::SftpNotOffered, "refuses the subsystem sftp").await;
    check(Quirk::SaysInsteadOfSftp(b"Welcome, Ann!\n"), 6, Code::SftpNotOffered, "not SFTP; a greeting")
        .await;
    // The version that nobody speaks any more.
    check(
        Quirk::SaysInsteadOfSftp(b"\0\0\0\x05\x02\0\0\0\x02"),
        6,
        Code::SftpNotOffered,
        "version 2 of SFTP",
    )
    .await;
}

async fn open(quirk: Quirk) -> (SftpServer, Box<dyn RemoteSession>) {
    let server = SftpServer::start_here(setup(quirk)).await;
    let session = session(&guest(&server)).await;
    (server, session)
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_does_not_come() {
    let (_server, mut session) = open(Quirk::StallsAtList).await;
    let began = Instant::now();
    let failed = session.list("/out", 10).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpTimedOut, "30 seconds");
    assert!(began.elapsed() < Duration::from_secs(31));
}

#[tokio::test]
async fn folders_that_have_no_end() {
    let (_server, mut session) = open(Quirk::EmptyLists).await;
    let failed = session.list("/out", 10).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpBrokeOff, "lists nothing");
    let (_server, mut session) = open(Quirk::Entries(100_000)).await;
    assert_eq!(session.list("/out", 100_000).await.unwrap().len(), 100_000);
    let failed = session.list("/out", 99_999).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpTooManyFiles, "more than 99999");
    let failed = session.list("/out", 1_000).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpTooManyFiles, "more than 1000");
    let failed = session.list("/elsewhere", 10).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpFolderMissing, "No such file");
}

#[tokio::test]
async fn names_that_lead_away_are_passed_over() {
    let (_server, mut session) = open(Quirk::NamesThatLeadAway).await;
    let listed = session.list("/out", 10).await.unwrap();
    let found: Vec<_> = listed.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
    let expect =
        [("sub", RemoteKind::Folder), ("users.csv", RemoteKind::File), ("link.csv", RemoteKind::Link)];
    assert_eq!(found, expect);
    assert_eq!(session.look("/out/link.csv").await.unwrap().unwrap().kind, RemoteKind::Link);
    assert_eq!(session.look("/out/none.csv").await.unwrap(), None);
    // They count, or a server could send them for ever.
    let failed = session.list("/out", 3).await.unwrap_err();
    check_failed(&failed, Step::OpenFolder, Code::SftpTooManyFiles, "more than 3");
}

#[tokio::test]
async fn sizes_are_not_believed() {
    for told in [0, 17, u64::MAX] {
        let (_server, mut session) = open(Quirk::LiesAboutSize(told)).await;
        assert_eq!(session.look("/out/users.csv").await.unwrap().unwrap().size, Some(told));
        assert_eq!(contents(&mut *session, "/out/users.csv", u64::MAX).await.unwrap().len(), 300_000);
    }
    let (_server, mut session) = open(Quirk::Grows).await;
    assert_eq!(contents(&mut *session, "/out/users.csv", 3_000_001).await.unwrap().len(), 3_000_001);
}

#[tokio::test]
async fn short_answers_are_put_together() {
    let whole: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
    for most in [600, 1_000, 32_767] {
        let (_server, mut session) = open(Quirk::Crumbs(most)).await;
        assert!(contents(&mut *session, "/out/users.csv", u64::MAX).await.unwrap() == whole, "{most}");
        assert!(
            contents(&mut *session, "/out/users.csv", 70_001).await.unwrap() == whole[..70_001],
            "{most}"
        );
    }
    let (_server, mut session) = open(Quirk::Crumbs(1)).await;
    let failed = contents(&mut *session, "/out/users.csv", u64::MAX).await.unwrap_err();
    check_failed(&failed, Step::Read, Code::SftpBrokeOff, "in crumbs");
    let (_server, mut session) = open(Quirk::TooMuch).await;
    let failed = contents(&mut *session, "/out/users.csv", u64::MAX).await.unwrap_err();
    check_failed(&failed, Step::Read, Code::SftpBrokeOff, "more than it was asked for");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_stops() {
    let (_server, mut session) = open(Quirk::StallsAt(100_000)).await;
    let began = Instant::now();
    let failed = contents(&mut *session, "/out/users.csv", u64::MAX).await.unwrap_err();
    check_failed(&failed, Step::Read, Code::SftpTimedOut, "30 seconds were waited for an answer");
    assert!(began.elapsed() < Duration::from_secs(31), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_ends_within_a_file() {
    let (_server, mut session) = open(Quirk::HangsUpAt(100_000)).await;
    let failed = contents(&mut *session, "/out/users.csv", u64::MAX).await.unwrap_err();
    check_failed(&failed, Step::Read, Code::SftpBrokeOff, "the connection is gone");
    let failed = session.look("/out/users.csv").await.unwrap_err();
    check_failed(&failed, Step::SizeAndTime, Code::SftpBrokeOff, "the connection is gone");
    session.close().await;
}

#[tokio::test]
async fn what_may_not_be_changed() {
    let (server, mut session) = open(Quirk::ReadOnly).await;
    let file = "/out/users.csv";
    let before = server.files();
    let denied = |failed| check_failed(&failed, Step::Archive, Code::SftpDenied, "Permission denied");
    denied(session.rename(file, "/out/archived.csv").await.unwrap_err());
    denied(session.remove(file).await.unwrap_err());
    denied(session.make_folder("/archive").await.unwrap_err());
    session.make_folder("/out").await.unwrap();
    let failed = session.rename(file, "/out/link.csv").await.unwrap_err();
    check_failed(
        &failed,
        Step::Archive,
        Code::SftpArchiveFailed,
        "there is something at /out/link.csv already",
    );
    assert_eq!(server.files(), before);
    let failed = session.remove("/out/nothing.csv").await.unwrap_err();
    denied(failed);
    let (session, _) = connect(&guest(&server)).await;
    session.unwrap().close().await;
}
