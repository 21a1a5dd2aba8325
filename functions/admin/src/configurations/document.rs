//! A configuration as it is shown, and as a body says it.

use super::source::{PgpPolicy, Schedule, Source};
use crate::error::Problem;
use axum::http::StatusCode;
use domain::import::configuration::{self as kept, ConfigurationEntry};
use domain::import::{format, mapping};
use domain::pull::PullState;
use domain::store::Name;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Runs to come that are shown.
const NEXT_RUNS: usize = 5;
/// Members that are shown and never set: a document that was read may be sent back as it is.
const SHOWN_ONLY: [&str; 6] = ["version", "created_at", "modified_at", "next_runs", "warnings", "paused"];

/// How files are read and whom their users belong to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Configuration {
    /// 1 to 63 of `a-z`, `0-9` and `-`, beginning with a letter or a digit.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,62}$", examples("default"))]
    name: String,
    source: Source,
    /// What has to be done to a file before it is read: `none`, `pgp`.
    #[schema(value_type = String)]
    decryption: kept::Decryption,
    pgp: Option<PgpPolicy>,
    format: Format,
    /// Column to target. A target is one of the names of the template or a SCIM path, or
    /// `{"target", "values", "otherwise"}` where values mean something else. A column that bears a target's name needs no
    /// entry.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    mapping: mapping::Mapping,
    /// By what a row finds its user, the first that finds one deciding: `externalId`, `userName`, `mail`.
    #[schema(value_type = Vec<String>)]
    match_on: Vec<kept::MatchOn>,
    /// `upsert`, or `full`: users whom this configuration has brought and who are missing from a file are deactivated.
    #[schema(value_type = String)]
    mode: kept::Mode,
    limits: Limits,
    /// The access level of the users it brings; null for the directory's.
    access_level: Option<String>,
    /// Null in this version.
    application: Option<String>,
    /// When files are fetched from an SFTP server; null for only by hand.
    schedule: Option<Schedule>,
    notifications: Option<Notifications>,
    /// Whether it only plans and reports, and never applies.
    test_mode: bool,
    /// Counts the changes; the entity tag is made of it.
    #[schema(read_only)]
    version: i64,
    #[schema(read_only, format = DateTime)]
    created_at: String,
    #[schema(read_only, format = DateTime)]
    modified_at: String,
    /// When files will be fetched; nothing without a schedule.
    #[schema(read_only)]
    next_runs: Vec<String>,
    /// What should be looked at.
    #[schema(read_only)]
    warnings: Vec<String>,
    /// Whether nothing is fetched until somebody has looked.
    #[schema(read_only)]
    paused: bool,
}

/// How a file is read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Format {
    /// `auto`, or one ASCII character.
    #[schema(value_type = String, required = false)]
    delimiter: format::Delimiter,
    /// `auto`, or the label of an encoding.
    #[schema(value_type = String, required = false)]
    encoding: format::Encoding,
    /// `by-name`, or `template-order`.
    #[schema(value_type = String, required = false)]
    columns: format::Columns,
    /// Lines above the header.
    #[schema(required = false)]
    skip_lines: u32,
    /// `leave`, or `clear`: an empty cell removes the value.
    #[schema(value_type = String, required = false)]
    empty_cells: format::EmptyCells,
}

/// How much may happen before somebody is asked; null for no such limit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Limits {
    /// Users who lose their access, in percent of the users that the file is about.
    #[schema(maximum = 100)]
    removals_percent: Option<u32>,
    /// Users who lose their access.
    removals_count: Option<u32>,
    /// Rows that are rejected, in percent of all.
    #[schema(maximum = 100)]
    rejected_percent: Option<u32>,
}

/// Who is told about runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notifications {
    /// Mail addresses, at most 20.
    #[schema(required = false)]
    recipients: Vec<String>,
    /// `failed`, `held`, `missing`, `late`, `recovered`, `rejections`, `key-expiring`; all of them where they are left out.
    #[schema(value_type = Vec<String>, required = false)]
    on: Vec<kept::NotifyOn>,
    /// `en`, `de`.
    #[schema(value_type = String, required = false)]
    language: domain::mail::Language,
    /// From which share of rejected rows on a run that has finished is told of, in percent.
    #[schema(required = false, maximum = 100)]
    rejected_percent: u32,
}

impl Configuration {
    /// What is shown of a configuration, with how far its pulls are.
    // Taken apart without a rest, so that no member can be forgotten here.
    pub(super) fn new(entry: ConfigurationEntry, pulls: &PullState, now: Timestamp) -> Self {
        let (next_runs, warnings) =
            (next_runs(&entry.document, pulls, now), warnings(&entry.document, pulls, now));
        let ConfigurationEntry { document, version, created, modified } = entry;
        let kept::Configuration {
            name,
            source,
            decryption,
            pgp,
            format: format::Format { delimiter, encoding, columns, skip_lines, empty_cells },
            mapping,
            match_on,
            mode,
            limits: kept::Limits { removals_percent, removals_count, rejected_percent },
            access_level,
            application: kept::Later,
            schedule,
            notifications,
            test_mode,
        } = document;
        Self {
            name: name.into(),
            source: source.into(),
            decryption,
            pgp: pgp.map(PgpPolicy::from),
            format: Format { delimiter, encoding, columns, skip_lines, empty_cells },
            mapping,
            match_on,
            mode,
            limits: Limits { removals_percent, removals_count, rejected_percent },
            access_level,
            application: None,
            schedule: schedule.map(Schedule::from),
            notifications: notifications.map(Notifications::from),
            test_mode,
            version,
            created_at: created.to_string(),
            modified_at: modified.to_string(),
            next_runs,
            warnings,
            paused: pulls.paused_since.is_some(),
        }
    }
}

impl From<kept::Notifications> for Notifications {
    fn from(notifications: kept::Notifications) -> Self {
        let kept::Notifications { recipients, on, language, rejected_percent } = notifications;
        Self { recipients, on, language, rejected_percent }
    }
}

/// The next five times, each with the offset that its zone has then.
fn next_runs(document: &kept::Configuration, pulls: &PullState, now: Timestamp) -> Vec<String> {
    let Some(schedule) = document.schedule.as_ref().filter(|_| pulls.paused_since.is_none()) else {
        return Vec::new();
    };
    let times = schedule.next_times(now, NEXT_RUNS);
    times.iter().map(|time| time.strftime("%FT%T%:z").to_string()).collect()
}

fn warnings(document: &kept::Configuration, pulls: &PullState, now: Timestamp) -> Vec<String> {
    let Some(source) = document.source.sftp() else { return Vec::new() };
    let mut warnings = document.schedule.as_ref().map(|schedule| schedule.warnings(now)).unwrap_or_default();
    if source.host_keys.is_empty() {
        warnings.push(
            "Nothing is fetched until the key of the server is in host_keys; Test Access shows it."
                .to_owned(),
        );
    }
    if let Some(since) = pulls.paused_since {
        warnings.push(format!(
            "Nothing is fetched since {since}, as the server refused the credentials three times in a row; correct them, or \
             fetch by hand when they are right."
        ));
    }
    warnings
}

/// The members of a body that can be set.
///
/// # Errors
/// 400 for a body that is no object.
pub(super) fn settable(body: Value) -> Result<Map<String, Value>, Problem> {
    let Value::Object(mut members) = body else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "send a JSON object"));
    };
    members.retain(|member, _| !SHOWN_ONLY.contains(&member.as_str()));
    Ok(members)
}

/// Refuses a body that bears another name than the path.
pub(super) fn keeps_name(members: &Map<String, Value>, name: &Name) -> Result<(), Problem> {
    match members.get("name") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if text == name.as_str() => Ok(()),
        Some(_) => Err(Problem::field("name", "a configuration keeps its name; leave it out")),
    }
}

/// What keeps a configuration that is in order from being kept.
pub(super) fn unkept(error: domain::Error) -> Problem {
    match error {
        domain::Error::NotFound => super::absent(),
        domain::Error::PreconditionFailed => super::version::another(),
        domain::Error::TooLarge(_) => {
            let detail = "a configuration has at most 400 KB; map fewer columns or values";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).at("mapping")
        }
        error => error.into(),
    }
}

/// Why a change was not made.
pub(crate) struct Unkept(pub(crate) Problem);

impl From<domain::Error> for Unkept {
    fn from(error: domain::Error) -> Self {
        Self(unkept(error))
    }
}
