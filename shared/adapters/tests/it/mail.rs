//! The contract of the mail port, on a folder and on SES; and what each must do beyond it.

use crate::stores::{QUICK, StandingClock};
use adapters::aws::{Retries, at_endpoint};
use adapters::embedded::FolderMail;
use adapters::ses::SesMail;
use adapters::system::SystemRandom;
use domain::mail::{Language, Mail, MailError, Notice, NoticeKind, render};
use domain::ports::Clock;
use domain::store::{DirectoryId, Name};
use emulator::{Fault, Ses};
use jiff::SignedDuration;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const FROM: &str = "muster@op.example";

async fn ses() -> (SesMail, Ses) {
    let emulator = Ses::start();
    let config = at_endpoint(&emulator.endpoint(), emulator::ACCESS_KEY, emulator::SECRET_KEY).await;
    (SesMail::new(&config, Arc::new(SystemRandom)).with_retries(QUICK), emulator)
}

fn folder(path: &Path, clock: Arc<StandingClock>) -> FolderMail {
    FolderMail::new(path.to_owned(), clock, Arc::new(SystemRandom))
}

/// The messages in a folder, in the order of their names.
fn messages(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Runs a test with each adapter, and with what tells which messages it has sent.
async fn on_every_mail(test: impl AsyncFn(&dyn Mail, &dyn Fn() -> Vec<Vec<u8>>)) {
    eprintln!("in a folder");
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("below/mail");
    test(&folder(&path, StandingClock::new()), &|| messages(&path)).await;
    eprintln!("on SES");
    let (mail, emulator) = ses().await;
    test(&mail, &|| emulator.sent().into_iter().map(|sent| sent.message).collect()).await;
}

fn to(addresses: &[&str]) -> Vec<String> {
    addresses.iter().map(|&address| address.to_owned()).collect()
}

fn message(language: Language, to: &[String]) -> Vec<u8> {
    let notice = Notice {
        kind: NoticeKind::Held,
        directory: DirectoryId::demo().unwrap(),
        configuration: Name::new("nightly").unwrap(),
        at: StandingClock::new().now(),
        zone: None,
        run: None,
        counts: None,
        reasons: Vec::new(),
    };
    render(&notice, language, FROM, to, "n1@op.example", None).unwrap()
}

#[tokio::test]
async fn a_message_is_handed_over_byte_for_byte() {
    on_every_mail(async |mail, sent| {
        assert_eq!(sent(), Vec::<Vec<u8>>::new());
        let to = to(&["ann@acme.example", "it+muster@acme.example"]);
        let mut expected = vec![message(Language::En, &to), message(Language::De, &to)];
        for message in &expected {
            mail.send(FROM, &to, message).await.unwrap();
        }
        let mut found = sent();
        // Two of one moment have no order in a folder.
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn a_message_sent_twice_comes_twice() {
    on_every_mail(async |mail, sent| {
        let to = to(&["ann@acme.example"]);
        let message = message(Language::En, &to);
        mail.send(FROM, &to, &message).await.unwrap();
        mail.send(FROM, &to, &message).await.unwrap();
        assert_eq!(sent(), [message.clone(), message]);
    })
    .await;
}

#[tokio::test]
async fn files_are_named_by_their_time_and_for_their_owner_alone() {
    let place = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let mail = folder(place.path(), Arc::clone(&clock));
    let to = to(&["ann@acme.example"]);
    let (first, second) = (message(Language::De, &to), message(Language::En, &to));
    mail.send(FROM, &to, &first).await.unwrap();
    clock.advance(SignedDuration::from_millis(1));
    mail.send(FROM, &to, &second).await.unwrap();
    assert_eq!(messages(place.path()), [first, second]);
    for entry in std::fs::read_dir(place.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(name.starts_with("20270115T080000.00") && name.strip_suffix(".eml").is_some(), "{name}");
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_for_later() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mail = folder(&file.path().join("mail"), StandingClock::new());
    let refused = mail.send(FROM, &to(&["ann@acme.example"]), b"Subject: x\r\n\r\n").await;
    assert!(matches!(refused, Err(MailError::Later(_))), "{refused:?}");
}

#[tokio::test]
async fn ses_has_the_envelope_as_it_was_given() {
    let (mail, emulator) = ses().await;
    let hidden = to(&["ann@acme.example", "hidden@acme.example"]);
    mail.send(FROM, &hidden, &message(Language::En, &to(&["ann@acme.example"]))).await.unwrap();
    let sent = emulator.sent();
    assert_eq!((sent[0].from.as_str(), &sent[0].to), (FROM, &hidden));
}

#[tokio::test]
async fn ses_survives_faults_that_pass() {
    for (fault, copies) in [(Fault::Throttle, 1), (Fault::ServerError, 1), (Fault::LostReply, 3)] {
        let (mail, emulator) = ses().await;
        emulator.inject(fault, 2);
        let to = to(&["ann@acme.example"]);
        mail.send(FROM, &to, &message(Language::En, &to)).await.unwrap();
        assert_eq!((emulator.requests(), emulator.sent().len()), (3, copies), "{fault:?}");
    }
}

/// Whether a fault that does not pass means that the message is to be kept.
async fn check_lasting(fault: Fault, later: bool, most_requests: usize) {
    let (mail, emulator) = ses().await;
    let short = Retries { total: Duration::from_millis(20), ..QUICK };
    emulator.inject(fault, 1000);
    let to = to(&["ann@acme.example"]);
    let refused = mail.with_retries(short).send(FROM, &to, &message(Language::En, &to)).await.unwrap_err();
    assert_eq!(matches!(refused, MailError::Later(_)), later, "{fault:?}: {refused:?}");
    assert!(emulator.requests() <= most_requests, "{fault:?}: {} requests", emulator.requests());
    let words = format!("{refused} {refused:?}");
    assert!(!words.contains("acme") && !words.contains("op.example"), "an address in {words}");
}

#[tokio::test]
async fn ses_says_whether_it_is_worth_trying_again() {
    check_lasting(Fault::Throttle, true, 1000).await;
    check_lasting(Fault::ServerError, true, 1000).await;
    check_lasting(Fault::SendingPaused, true, 1).await;
    check_lasting(Fault::SenderNotVerified, true, 1).await;
    check_lasting(Fault::MessageRejected, false, 1).await;
}

#[tokio::test]
async fn ses_out_of_reach_is_for_later() {
    let (mail, emulator) = ses().await;
    drop(emulator);
    let short = Retries { total: Duration::from_millis(20), ..QUICK };
    let to = to(&["ann@acme.example"]);
    let refused = mail.with_retries(short).send(FROM, &to, &message(Language::En, &to)).await;
    assert!(matches!(refused, Err(MailError::Later(_))), "{refused:?}");
}

#[tokio::test]
async fn ses_refuses_what_is_no_message() {
    let (mail, emulator) = ses().await;
    for (from, to, message) in [
        (FROM, to(&["ann"]), b"Subject: x\r\n\r\n".as_slice()),
        (FROM, to(&["ann@acme.example"]), b"no header"),
        ("muster", to(&["ann@acme.example"]), b"Subject: x\r\n\r\n"),
        (FROM, vec!["ann@acme.example".to_owned(); 51], b"Subject: x\r\n\r\n"),
    ] {
        let refused = mail.send(from, &to, message).await;
        assert!(matches!(refused, Err(MailError::Refused(_))), "{refused:?}");
    }
    assert_eq!(emulator.sent(), []);
}
