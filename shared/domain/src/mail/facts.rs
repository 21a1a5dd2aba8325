//! What the templates are told of a notice, by name. Every name is always there, and none where it does not apply: a name
//! that is misspelt in a template is an error.

use super::{Language, MOST_REASONS, Notice, NoticeKind, Reason};
use crate::import::run::Counts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Value, context};

/// Characters of a value at most. Ours are far shorter.
const MOST_CHARS: usize = 500;

/// What the templates are told.
pub(super) fn facts(notice: &Notice, language: Language, console: Option<&str>) -> Value {
    let clock = Clock::of(notice, language);
    let moments = moments(&notice.kind);
    let configuration_path = configuration_path(notice);
    context! {
        tenant => notice.directory.tenant.as_str(),
        directory => notice.directory.to_string(),
        directory_name => notice.directory.directory.as_str(),
        configuration => notice.configuration.as_str(),
        run => notice.run.as_deref().map(one_line),
        at => clock.shows(notice.at),
        looked_until => moments.looked_until.map(|moment| clock.shows(moment)),
        due => moments.due.map(|moment| clock.shows(moment)),
        since => moments.since.map(|moment| clock.shows(moment)),
        expires => moments.expires.map(|moment| clock.shows(moment)),
        fingerprint => fingerprint(&notice.kind).map(one_line),
        days => days(&notice.kind),
        counts => notice.counts.map(counts),
        changes => notice.counts.is_some_and(|counts| changes(counts) > 0),
        planned => notice.kind == NoticeKind::Held,
        reasons => notice.reasons.iter().take(MOST_REASONS).map(reason).collect::<Value>(),
        link => console.and_then(|console| link(notice, console)),
        place => run_path(notice).unwrap_or_else(|| configuration_path.clone()),
        configuration_path => configuration_path,
    }
}

/// The moments that only some notices have.
#[derive(Default)]
struct Moments {
    looked_until: Option<Timestamp>,
    due: Option<Timestamp>,
    since: Option<Timestamp>,
    expires: Option<Timestamp>,
}

fn moments(kind: &NoticeKind) -> Moments {
    let none = Moments::default();
    match kind {
        NoticeKind::Missing { looked_until } => Moments { looked_until: Some(*looked_until), ..none },
        NoticeKind::Late { due } => Moments { due: Some(*due), ..none },
        NoticeKind::Recovered { since } => Moments { since: Some(*since), ..none },
        NoticeKind::KeyExpiring { expires, .. } => Moments { expires: Some(*expires), ..none },
        NoticeKind::Failed | NoticeKind::Held | NoticeKind::Rejections | NoticeKind::Paused => none,
    }
}

fn fingerprint(kind: &NoticeKind) -> Option<&str> {
    if let NoticeKind::KeyExpiring { fingerprint, .. } = kind { Some(fingerprint) } else { None }
}

fn days(kind: &NoticeKind) -> Option<i64> {
    if let NoticeKind::KeyExpiring { days, .. } = kind { Some(*days) } else { None }
}

fn counts(counts: Counts) -> Value {
    context! {
        created => counts.created,
        updated => counts.updated,
        reactivated => counts.reactivated,
        deactivated => counts.deactivated,
        deleted => counts.deleted,
        unchanged => counts.unchanged,
        rejected => counts.rejected,
        ignored => counts.ignored,
    }
}

fn changes(counts: Counts) -> u64 {
    [counts.created, counts.updated, counts.reactivated, counts.deactivated, counts.deleted]
        .into_iter()
        .fold(0, u64::saturating_add)
}

fn reason(reason: &Reason) -> Value {
    context! {
        what => reason.code.what(),
        remedy => reason.code.remedy(),
        code => reason.code.as_str(),
        count => reason.count,
    }
}

/// Where the admin API has the configuration.
fn configuration_path(notice: &Notice) -> String {
    format!("{}/configurations/{}", directory_path(notice), notice.configuration)
}

/// Where the admin API has the run.
fn run_path(notice: &Notice) -> Option<String> {
    let run = notice.run.as_deref().map(one_line)?;
    Some(format!("{}/runs/{run}", directory_path(notice)))
}

fn directory_path(notice: &Notice) -> String {
    let id = &notice.directory;
    format!("/api/v1/tenants/{}/directories/{}", id.tenant, id.directory)
}

/// Where the console shows the run or the configuration. What it is follows the `#`: the server is never asked for it, and
/// a console that does not know the place opens all the same.
fn link(notice: &Notice, console: &str) -> Option<String> {
    let console = one_line(console);
    if !(console.starts_with("https://") || console.starts_with("http://")) {
        return None;
    }
    let place = match notice.run.as_deref().map(one_line) {
        Some(run) => format!("runs/{run}"),
        None => format!("configurations/{}", notice.configuration),
    };
    Some(format!("{}#/{}/{place}", console.trim_end_matches('/'), notice.directory))
}

/// How times are told.
struct Clock {
    zone: TimeZone,
    name: String,
    language: Language,
}

impl Clock {
    fn of(notice: &Notice, language: Language) -> Self {
        let zone = notice.zone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
        let name = zone.iana_name().unwrap_or("UTC").to_owned();
        Self { zone, name, language }
    }

    /// A moment, to the minute, with its zone and how far that is from UTC: at night there may be two of an hour.
    fn shows(&self, moment: Timestamp) -> String {
        let there = moment.to_zoned(self.zone.clone());
        let time = match self.language {
            Language::En => there.strftime("%-d %B %Y, %H:%M"),
            Language::De => there.strftime("%d.%m.%Y, %H:%M Uhr"),
        };
        if self.name == "UTC" {
            format!("{time} (UTC)")
        } else {
            format!("{time} ({}, UTC{})", self.name, there.strftime("%:z"))
        }
    }
}

/// On one line and not endless, whatever it was.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .take(MOST_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DirectoryId, Name};

    fn notice(zone: Option<&str>, run: Option<&str>) -> Notice {
        Notice {
            kind: NoticeKind::Failed,
            directory: DirectoryId::demo().unwrap(),
            configuration: Name::new("nightly").unwrap(),
            at: "2026-10-25T00:30:00Z".parse().unwrap(),
            zone: zone.map(str::to_owned),
            run: run.map(str::to_owned),
            counts: None,
            reasons: Vec::new(),
        }
    }

    #[track_caller]
    fn check_time(zone: Option<&str>, language: Language, expect: &str) {
        let notice = notice(zone, None);
        assert_eq!(Clock::of(&notice, language).shows(notice.at), expect);
    }

    #[test]
    fn times_are_told_in_their_zone() {
        check_time(Some("Europe/Berlin"), Language::En, "25 October 2026, 02:30 (Europe/Berlin, UTC+02:00)");
        check_time(
            Some("America/New_York"),
            Language::De,
            "24.10.2026, 20:30 Uhr (America/New_York, UTC-04:00)",
        );
        check_time(
            Some("Asia/Kathmandu"),
            Language::En,
            "25 October 2026, 06:15 (Asia/Kathmandu, UTC+05:45)",
        );
        for unknown in [None, Some("UTC"), Some(""), Some("Europe/Atlantis"), Some("../../etc/passwd")] {
            check_time(unknown, Language::En, "25 October 2026, 00:30 (UTC)");
        }
    }

    #[track_caller]
    fn check_link(run: Option<&str>, console: &str, expect: Option<&str>) {
        assert_eq!(link(&notice(None, run), console).as_deref(), expect, "{console}");
    }

    #[test]
    fn links_lead_to_the_console_alone() {
        check_link(
            Some("01abc"),
            "https://m.example/console",
            Some("https://m.example/console#/acme/people/runs/01abc"),
        );
        check_link(
            None,
            "http://localhost:8080/console/",
            Some("http://localhost:8080/console#/acme/people/configurations/nightly"),
        );
        check_link(None, "javascript:alert(1)", None);
        check_link(None, "", None);
    }
}
