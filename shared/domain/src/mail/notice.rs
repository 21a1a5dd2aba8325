//! What a message is about.

use crate::import::problem::Code;
use crate::import::run::Counts;
use crate::store::{DirectoryId, Name};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Reasons that a message shows at most; the report has them all.
pub const MOST_REASONS: usize = 5;

/// A language that there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Its tag of RFC 5646, which is the name of its folder as well.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }
}

/// Something that the recipients of a configuration should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is.
    #[serde(flatten)]
    pub kind: NoticeKind,
    /// The directory that it is about.
    pub directory: DirectoryId,
    /// The configuration that it is about.
    pub configuration: Name,
    /// When it came about; the date of the message.
    pub at: Timestamp,
    /// The IANA zone in which times are told; UTC without one, or with one that is unknown.
    pub zone: Option<String>,
    /// The run that it is about, by its id.
    pub run: Option<String>,
    /// What became of the rows; of a run that is held, what would become of them. `None` where no row was applied.
    pub counts: Option<Counts>,
    /// Why, the most frequent first. Of more than [`MOST_REASONS`], the others are not shown.
    pub reasons: Vec<Reason>,
}

/// A kind of problem, and how often it was met. Its words are those of the table of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind.
    pub code: Code,
    /// Rows with it; 0 or 1 where it is about the file as a whole.
    pub count: u64,
}

/// What a notice says. The name of each is that of its folder of templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A run has failed.
    Failed,
    /// A run waits for a person's decision.
    Held,
    /// No file came.
    Missing {
        /// When it was looked for the last time.
        looked_until: Timestamp,
    },
    /// A file was fetched much later than it should have been.
    Late {
        /// When it should have been.
        due: Timestamp,
    },
    /// An import went well again after others had not.
    Recovered {
        /// Since when they had not.
        since: Timestamp,
    },
    /// A run is finished, and some rows were rejected.
    Rejections,
    /// Nothing is fetched any more, as the server has refused the credentials too often.
    Paused,
    /// A PGP key of the configuration runs out soon, or has run out.
    KeyExpiring {
        /// Its fingerprint.
        fingerprint: String,
        /// When it runs out.
        expires: Timestamp,
        /// Days until then, as the sender counts them; none or less once it has run out.
        days: i64,
    },
}

impl NoticeKind {
    /// Its name, as in its serialized form.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Missing { .. } => "missing",
            Self::Late { .. } => "late",
            Self::Recovered { .. } => "recovered",
            Self::Rejections => "rejections",
            Self::Paused => "paused",
            Self::KeyExpiring { .. } => "key-expiring",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_stored_with_its_kind_beside_its_facts() {
        let notice = Notice {
            kind: NoticeKind::KeyExpiring {
                fingerprint: "AB".to_owned(),
                expires: Timestamp::UNIX_EPOCH,
                days: -3,
            },
            directory: DirectoryId::demo().unwrap(),
            configuration: Name::new("nightly").unwrap(),
            at: Timestamp::UNIX_EPOCH,
            zone: None,
            run: None,
            counts: Some(Counts::default()),
            reasons: vec![Reason { code: Code::FileEmpty, count: 1 }],
        };
        let stored = serde_json::to_value(&notice).unwrap();
        assert_eq!(stored["kind"], notice.kind.as_str());
        assert_eq!(stored["days"], -3);
        assert_eq!(serde_json::from_value::<Notice>(stored).unwrap(), notice);
    }
}
