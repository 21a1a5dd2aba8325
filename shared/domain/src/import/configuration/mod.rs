//! Import configurations: how a file is read and whom its users belong to. A document of the administrator;
//! fields that this version does not act on are refused by name rather than kept without effect.

mod check;
mod document;
mod later;
mod notifications;
mod remote_url;
mod schedule;
mod source;
mod stored;

pub use later::Later;
pub use notifications::{Language, Notifications, NotifyOn};
pub use remote_url::RemoteUrl;
pub use schedule::{Day, Schedule, TimeOfDay, Zone};
pub use source::{
    After, Authentication, AuthenticationKind, Decryption, PgpPolicy, SealedKey, SecretMember, SftpSource,
    Source,
};
pub use stored::ConfigurationEntry;

use super::format::Format;
use super::mapping::Mapping;
use crate::store::Name;
use serde::{Deserialize, Serialize};

/// A configuration document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Its name in URLs and object keys.
    pub name: Name,
    /// Where files come from.
    #[serde(default)]
    pub source: Source,
    /// What has to be done to a file before it can be read.
    #[serde(default)]
    pub decryption: Decryption,
    /// How files are decrypted with PGP.
    #[serde(default)]
    pub pgp: Option<PgpPolicy>,
    /// How they are read.
    #[serde(default)]
    pub format: Format,
    /// Which column means what; columns that bear a target's name need no entry.
    #[serde(default)]
    pub mapping: Mapping,
    /// By what a row finds its user, the first that finds one deciding.
    #[serde(default = "match_on")]
    pub match_on: Vec<MatchOn>,
    /// What it means to be in no row.
    #[serde(default)]
    pub mode: Mode,
    /// How much may happen without asking.
    #[serde(default)]
    pub limits: Limits,
    /// The access level that the users get whom it brings; none for the directory's.
    #[serde(default)]
    pub access_level: Option<String>,
    /// The application that its users are for.
    #[serde(default)]
    pub application: Later,
    /// When files are fetched.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// Who is told about its runs.
    #[serde(default)]
    pub notifications: Option<Notifications>,
    /// Whether it only plans and reports, and never applies.
    #[serde(default)]
    pub test_mode: bool,
}

/// What it means for a user to be in no row of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nothing.
    #[default]
    Upsert,
    /// Users that this configuration has brought are deactivated.
    Full,
}

/// How much a run may do before somebody is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Users who lose their access, in percent of the users that the file is about; null for no such limit.
    pub removals_percent: Option<u32>,
    /// Users who lose their access; null for no such limit.
    pub removals_count: Option<u32>,
    /// Rows that are rejected, in percent of all; null for no such limit.
    pub rejected_percent: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { removals_percent: Some(10), removals_count: Some(50), rejected_percent: Some(100) }
    }
}

/// Removals that are always allowed: a small directory could not change at all otherwise.
const LEAST_REMOVALS: u64 = 5;

impl Limits {
    /// How many of `base` users may lose their access without asking: the lower of both limits, and at least five;
    /// `None` where there is no limit.
    pub fn removals_allowed(&self, base: u64) -> Option<u64> {
        let percent = self.removals_percent.map(|percent| base * u64::from(percent) / 100);
        let lowest = percent.into_iter().chain(self.removals_count.map(u64::from)).min()?;
        Some(lowest.max(LEAST_REMOVALS))
    }
}

/// What tells that a row and a user are the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchOn {
    /// `uid`.
    ExternalId,
    /// `loginName`, or the mail that stands for it.
    UserName,
    /// `mail`.
    Mail,
}

fn match_on() -> Vec<MatchOn> {
    vec![MatchOn::ExternalId, MatchOn::UserName, MatchOn::Mail]
}

impl Configuration {
    /// An upload configuration that follows the S rules and nothing else.
    pub fn upload(name: Name) -> Self {
        Self {
            name,
            source: Source::Upload,
            decryption: Decryption::default(),
            pgp: None,
            format: Format::default(),
            mapping: Mapping::default(),
            match_on: match_on(),
            mode: Mode::default(),
            limits: Limits::default(),
            access_level: None,
            application: Later,
            schedule: None,
            notifications: None,
            test_mode: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_document_means_the_defaults() {
        let short: Configuration = serde_json::from_str(r#"{"name":"default"}"#).unwrap();
        assert_eq!(short, Configuration::upload(Name::new("default").unwrap()));
        let whole = serde_json::to_string(&short).unwrap();
        assert_eq!(serde_json::from_str::<Configuration>(&whole).unwrap(), short);
    }

    #[test]
    fn what_has_no_effect_is_refused_by_name() {
        for (document, field) in [
            (r#"{"name":"x","limits":{"removals":1}}"#, "removals"),
            (r#"{"name":"x","source":{"kind":"sftp","url":"sftp://x"}}"#, "name the file"),
            (r#"{"name":"x","source":{"kind":"upload","url":"x"}}"#, "nothing but its kind"),
            (r#"{"name":"x","decryption":"zip"}"#, "zip"),
            (r#"{"name":"x","application":"portal"}"#, "not part of this version"),
            (r#"{"name":"x","schedule":{"time":"02:30"}}"#, "timezone"),
            (r#"{"name":"X"}"#, "a name is"),
        ] {
            let error = serde_json::from_str::<Configuration>(document).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
