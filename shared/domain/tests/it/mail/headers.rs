//! Headers hold what they should and nothing else, whatever the values are.

use super::samples::{kinds, moment, notice};
use domain::mail::{Language, MOST_RECIPIENTS, Notice, NoticeKind, address, render};
use mail_parser::{Address, MessageParser};
use proptest::prelude::*;

const FROM: &str = "muster@op.example";
const ID: &str = "n1@op.example";

fn names(message: &[u8]) -> Vec<String> {
    let parsed = MessageParser::new().parse(message).unwrap();
    parsed.headers().iter().map(|header| header.name().to_owned()).collect()
}

fn addresses(list: Option<&Address<'_>>) -> Vec<String> {
    list.unwrap().iter().map(|address| address.address().unwrap().to_owned()).collect()
}

/// The message has these recipients, and the headers of every message.
fn check(message: &[u8], from: &str, to: &[String], id: &str) {
    let expected = [
        "Date",
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "X-Muster-Notice",
        "MIME-Version",
        "Content-Type",
    ];
    assert_eq!(names(message), expected);
    let parsed = MessageParser::new().parse(message).unwrap();
    assert_eq!(addresses(parsed.from()), [from]);
    assert_eq!(addresses(parsed.to()), to);
    assert_eq!(parsed.message_id(), Some(id));
    assert_eq!(parsed.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(parsed.parts.len(), 3);
    // RFC 5322 §2.1.1, and RFC 5321 §2.3.8: no line end but CR LF.
    assert!(message.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
    let bare = message.windows(2).any(|two| (two[1] == b'\n') != (two[0] == b'\r'));
    assert!(!bare, "a line end that is no CR LF");
    assert!(message.is_ascii());
}

#[test]
fn a_message_has_the_headers_of_a_message() {
    let to: Vec<String> =
        (0..MOST_RECIPIENTS).map(|number| format!("someone.{number}@acme.example")).collect();
    for kind in kinds() {
        for language in Language::ALL {
            let message = render(&notice(kind.clone()), language, FROM, &to, ID, None).unwrap();
            check(&message, FROM, &to, ID);
            let text = String::from_utf8(message.clone()).unwrap();
            assert!(text.starts_with("Date: Tue, 24 Nov 2026 01:30:00 +0000\r\n"), "{text}");
            let again = render(&notice(kind.clone()), language, FROM, &to, ID, None).unwrap();
            assert_eq!(message, again, "the same twice");
        }
    }
}

#[track_caller]
fn check_refused(from: &str, to: &[&str], id: &str) {
    let to: Vec<String> = to.iter().map(|&to| to.to_owned()).collect();
    let refused = render(&notice(NoticeKind::Held), Language::En, from, &to, id, None).unwrap_err();
    assert!(!refused.to_string().contains("evil"), "{refused}");
}

#[test]
fn what_can_stand_in_no_header_is_refused() {
    check_refused("evil", &["a@b.example"], ID);
    check_refused(FROM, &[], ID);
    check_refused(FROM, &["a@b.example", "evil@b.example\r\nBcc: c@d.example"], ID);
    check_refused(FROM, &["evil@b.example, c@d.example"], ID);
    check_refused(FROM, &["a@b.example"; MOST_RECIPIENTS + 1], ID);
    check_refused(FROM, &["a@b.example"], "evil> x@b");
    check_refused(FROM, &["a@b.example"], "");
}

/// Any text, often with what breaks headers.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z<>@,;:\"\\\\=?_.\r\n\t \0-]{0,40}",
        Just("x\r\nBcc: victim@evil.example\r\n\r\nbody".to_owned()),
        Just("=?utf-8?Q?=0D=0ABcc:_a@b.example?=".to_owned()),
        Just("{{ directory }}{% if %}".to_owned()),
    ]
}

fn any_address() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\\.[a-z0-9=?_]{1,5}){0,2}@[a-z0-9]{1,8}(\\.[a-z0-9]([a-z-]{0,5}[a-z])?){0,3}"
        .prop_filter("only what may be written to", |text| address(text).is_ok())
}

fn any_notice() -> impl Strategy<Value = Notice> {
    let any_kind = (0..kinds().len(), any_text(), any::<i64>()).prop_map(|(place, fingerprint, days)| {
        match kinds().swap_remove(place) {
            NoticeKind::KeyExpiring { expires, .. } => NoticeKind::KeyExpiring { fingerprint, expires, days },
            kind => kind,
        }
    });
    let optional = || proptest::option::of(any_text());
    (any_kind, optional(), optional(), -377_705_023_201_i64..=253_402_207_200).prop_map(
        |(kind, zone, run, second)| {
            let at = jiff::Timestamp::from_second(second).unwrap_or(moment("2026-11-24T01:30:00Z"));
            Notice { zone, run, at, ..notice(kind) }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_value_makes_a_header(
        notice in any_notice(),
        german in any::<bool>(),
        from in any_address(),
        to in proptest::collection::vec(any_address(), 1..5),
        id in any_address(),
        console in proptest::option::of(any_text().prop_map(|text| format!("https://{text}"))),
    ) {
        let language = if german { Language::De } else { Language::En };
        let message = render(&notice, language, &from, &to, &id, console.as_deref()).unwrap();
        check(&message, &from, &to, &id);
    }

    #[test]
    fn any_text_for_an_address_is_refused_or_read_back(texts in proptest::collection::vec(any_text(), 3)) {
        let to = [texts[1].clone()];
        let rendered = render(&notice(NoticeKind::Failed), Language::De, &texts[0], &to, &texts[2], None);
        let good = texts.iter().all(|text| address(text).is_ok());
        prop_assert_eq!(rendered.is_ok(), good);
        for text in texts.iter().filter(|text| address(text).is_ok()) {
            let to = [text.clone()];
            let message = render(&notice(NoticeKind::Failed), Language::De, text, &to, text, None).unwrap();
            check(&message, text, &to, text);
        }
    }
}
