//! Every message in every language says what it should, as plain text and as HTML.

use super::samples::{FINGERPRINT, bare, kinds, notice};
use domain::mail::{Language, MOST_REASONS, Notice, NoticeKind, render};
use mail_parser::MessageParser;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const CONSOLE: Option<&str> = Some("https://muster.example/console");

/// A message as its reader sees it.
struct Read {
    subject: String,
    plain: String,
    /// Without tags, and with characters instead of their escapes.
    html: String,
    source: String,
}

#[track_caller]
fn read(notice: &Notice, language: Language, console: Option<&str>) -> Read {
    let to = ["ann@acme.example".to_owned()];
    let message = render(notice, language, "muster@op.example", &to, "n1@op.example", console).unwrap();
    let parsed = MessageParser::new().parse(&message).unwrap();
    assert_eq!(parsed.text_body_count() + parsed.html_body_count(), 2);
    let source = parsed.body_html(0).unwrap().into_owned();
    Read {
        subject: parsed.subject().unwrap().to_owned(),
        plain: parsed.body_text(0).unwrap().into_owned(),
        html: without_tags(&source),
        source,
    }
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
    }
    for (escape, sign) in
        [("&#x2f;", "/"), ("&quot;", "\""), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
    {
        text = text.replace(escape, sign);
    }
    text
}

/// Every message, full and bare, with and without a console, in every language.
fn every_message(check: impl Fn(&Notice, Language, Option<&str>, &Read)) {
    for kind in kinds() {
        for notice in [notice(kind.clone()), bare(kind)] {
            for language in Language::ALL {
                for console in [CONSOLE, None] {
                    check(&notice, language, console, &read(&notice, language, console));
                }
            }
        }
    }
}

#[test]
fn both_forms_hold_the_facts() {
    every_message(|notice, language, console, read| {
        let about = format!("{} {language:?} {}", notice.kind.as_str(), read.plain);
        let facts = expected(notice, language, console);
        for fact in &facts {
            assert!(read.plain.contains(fact), "no {fact:?} in the text of {about}");
            assert!(read.html.contains(fact), "no {fact:?} in the HTML of {about}");
        }
        for text in [&read.subject, &read.plain, &read.html] {
            for sign in ["{{", "{%", "}}", "%}", "none", "undefined", "  ", "\u{fffd}"] {
                assert!(!text.replace('\n', "|").contains(sign), "{sign:?} in {about}");
            }
        }
        assert!(read.subject.contains("nightly") && read.subject.contains("acme/people"), "{}", read.subject);
    });
}

fn expected(notice: &Notice, language: Language, console: Option<&str>) -> Vec<String> {
    let mut facts: Vec<&str> = vec!["nightly", "acme", "people"];
    let (zone, german) = (notice.zone.is_some(), language == Language::De);
    facts.push(match (zone, german) {
        (true, true) => "24.11.2026, 02:30 Uhr (Europe/Berlin, UTC+01:00)",
        (true, false) => "24 November 2026, 02:30 (Europe/Berlin, UTC+01:00)",
        (false, true) => "24.11.2026, 01:30 Uhr (UTC)",
        (false, false) => "24 November 2026, 01:30 (UTC)",
    });
    facts.extend(match (&notice.kind, zone) {
        (NoticeKind::Missing { .. }, true) => Some("04:15"),
        (NoticeKind::Late { .. }, true) => Some("23:45"),
        (NoticeKind::Recovered { .. }, true) => Some("02:30"),
        (NoticeKind::KeyExpiring { .. }, true) => {
            Some(if german { "25.12.2026" } else { "25 December 2026" })
        }
        _ => None,
    });
    if matches!(notice.kind, NoticeKind::KeyExpiring { .. }) {
        facts.push(FINGERPRINT);
    }
    facts.extend(notice.run.as_deref());
    if notice.counts.is_some() {
        facts.extend(["11", "22", "33", "44", "55", "66", "77", "88"]);
    }
    facts.extend(
        notice
            .reasons
            .iter()
            .flat_map(|reason| [reason.code.what(), reason.code.remedy(), reason.code.as_str()]),
    );
    facts.push(match (console.is_some(), notice.run.is_some()) {
        (true, true) => "https://muster.example/console#/acme/people/runs/01jd0run",
        (true, false) => "https://muster.example/console#/acme/people/configurations/nightly",
        (false, _) => "/api/v1/tenants/acme/directories/people/",
    });
    facts.into_iter().map(str::to_owned).collect()
}

#[test]
fn html_brings_nothing_from_elsewhere_and_runs_nothing() {
    every_message(|notice, language, console, read| {
        let html = &read.source;
        assert!(html.starts_with("<!doctype html>"), "{html}");
        assert!(html.contains(&format!("<html lang=\"{}\">", language.as_str())), "{html}");
        assert!(html.contains("color-scheme") && html.contains("<table"), "{html}");
        for tag in ["<img", "<script", "<link", "<iframe", "<style", "url(", "src=", "color:#", "background"]
        {
            assert!(!html.contains(tag), "{tag} in {} {html}", notice.kind.as_str());
        }
        assert_eq!(html.matches("href=").count(), usize::from(console.is_some()), "{html}");
    });
}

#[test]
fn values_cannot_become_html() {
    let mut notice = notice(NoticeKind::KeyExpiring {
        fingerprint: "<img src=x>&amp;".to_owned(),
        expires: jiff::Timestamp::UNIX_EPOCH,
        days: 3,
    });
    notice.run = Some("\"><script>alert(1)</script>".to_owned());
    let read = read(&notice, Language::En, CONSOLE);
    assert!(!read.source.contains("<img") && !read.source.contains("<script"), "{}", read.source);
    assert!(read.html.contains("<img src=x>&amp;"), "{}", read.html);
    assert!(read.plain.contains("<img src=x>&amp;"), "{}", read.plain);
}

#[test]
fn people_are_told_whether_anybody_was_changed() {
    let held = read(&notice(NoticeKind::Held), Language::En, None).plain;
    assert!(held.contains("Nobody was changed yet") && held.contains("Would be deactivated: 44"), "{held}");
    assert!(held.contains("/runs/01jd0run/approve") && held.contains("/runs/01jd0run/discard"), "{held}");
    let failed = read(&notice(NoticeKind::Failed), Language::En, None).plain;
    assert!(
        !failed.contains("Nobody was changed") && failed.lines().any(|line| line == "Deactivated: 44"),
        "{failed}"
    );
    for (language, words) in
        [(Language::En, "Nobody was changed:"), (Language::De, "Niemand wurde geändert:")]
    {
        let failed = read(&bare(NoticeKind::Failed), language, None).plain;
        assert!(failed.contains(words), "{failed}");
    }
}

#[test]
fn reasons_beyond_five_are_left_to_the_report() {
    let mut notice = notice(NoticeKind::Rejections);
    let reason = notice.reasons[1];
    assert_eq!(read(&notice, Language::En, None).plain.matches("1234 rows").count(), 1);
    notice.reasons = vec![reason; 100];
    assert_eq!(read(&notice, Language::En, None).plain.matches("1234 rows").count(), MOST_REASONS);
}

#[test]
fn every_folder_has_every_language_and_is_in_use() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mail/templates");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(&folder) {
        let path = file.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let (message, rest) = path.split_once('/').unwrap_or(("", &path));
        found.entry(message.to_owned()).or_default().insert(rest.to_owned());
    }
    let in_languages = |names: &[&str]| -> BTreeSet<String> {
        let of =
            |language: Language| names.iter().map(move |name| format!("{}/{name}.txt", language.as_str()));
        Language::ALL.into_iter().flat_map(of).collect()
    };
    let mut expected: BTreeMap<String, BTreeSet<String>> =
        kinds().iter().map(|kind| (kind.as_str().to_owned(), in_languages(&["subject", "body"]))).collect();
    expected.insert("every".to_owned(), in_languages(&["facts", "reasons", "closing"]));
    expected.insert(String::new(), BTreeSet::from(["layout.html".to_owned()]));
    assert_eq!(found, expected);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A folder that another message's texts were put into by mistake would show here.
#[test]
fn no_two_messages_have_the_same_subject() {
    let mut subjects = BTreeSet::new();
    for kind in kinds() {
        for language in Language::ALL {
            let subject = read(&notice(kind.clone()), language, None).subject;
            assert!(subjects.insert(subject.clone()), "{subject}");
        }
    }
}
