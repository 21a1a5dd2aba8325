//! A notice of each kind, with all that it can have.

use domain::import::problem::Code;
use domain::import::run::Counts;
use domain::mail::{Notice, NoticeKind, Reason};
use domain::store::{DirectoryId, Name};
use jiff::Timestamp;

pub(super) const FINGERPRINT: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

pub(super) fn kinds() -> Vec<NoticeKind> {
    let key = |days| NoticeKind::KeyExpiring {
        fingerprint: FINGERPRINT.to_owned(),
        expires: moment("2026-12-24T23:00:00Z"),
        days,
    };
    vec![
        NoticeKind::Failed,
        NoticeKind::Held,
        NoticeKind::Missing { looked_until: moment("2026-11-24T03:15:00Z") },
        NoticeKind::Late { due: moment("2026-11-23T22:45:00Z") },
        NoticeKind::Recovered { since: moment("2026-11-20T01:30:00Z") },
        NoticeKind::Rejections,
        NoticeKind::Paused,
        key(30),
        key(1),
        key(0),
    ]
}

pub(super) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn notice(kind: NoticeKind) -> Notice {
    let reasons = [(Code::SftpUnreachable, 1), (Code::MailMissing, 1234), (Code::PgpForOthers, 0)];
    Notice {
        kind,
        directory: DirectoryId::new(Name::new("acme").unwrap(), Name::new("people").unwrap()),
        configuration: Name::new("nightly").unwrap(),
        at: moment("2026-11-24T01:30:00Z"),
        zone: Some("Europe/Berlin".to_owned()),
        run: Some("01jd0run".to_owned()),
        counts: Some(Counts {
            created: 11,
            updated: 22,
            reactivated: 33,
            deactivated: 44,
            unchanged: 55,
            rejected: 66,
            ignored: 77,
            deleted: 88,
        }),
        reasons: reasons.map(|(code, count)| Reason { code, count }).to_vec(),
    }
}

/// The same with nothing that it can do without.
pub(super) fn bare(kind: NoticeKind) -> Notice {
    Notice { zone: None, run: None, counts: None, reasons: Vec::new(), ..notice(kind) }
}
