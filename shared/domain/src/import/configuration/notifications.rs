//! Who is told about runs, and about what.

pub use crate::mail::Language;
use serde::{Deserialize, Serialize};

/// Who is told about the runs of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// Mail addresses.
    pub recipients: Vec<String>,
    /// About what.
    pub on: Vec<NotifyOn>,
    /// In which language.
    pub language: Language,
    /// From which share of rejected rows on a run that has finished is told of, in percent.
    pub rejected_percent: u32,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            recipients: Vec::new(),
            on: NotifyOn::ALL.to_vec(),
            language: Language::default(),
            rejected_percent: 10,
        }
    }
}

/// What somebody is told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotifyOn {
    /// A run has failed, or nothing is fetched any more as credentials were refused.
    Failed,
    /// A run waits for a decision.
    Held,
    /// A file did not come when it should have.
    Missing,
    /// A file was fetched much later than it should have been.
    Late,
    /// A run was finished after others had failed, or files were missing.
    Recovered,
    /// A run was finished, and many of its rows were rejected.
    Rejections,
    /// A PGP key is about to expire.
    KeyExpiring,
}

impl NotifyOn {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Failed,
        Self::Held,
        Self::Missing,
        Self::Late,
        Self::Recovered,
        Self::Rejections,
        Self::KeyExpiring,
    ];
}
