//! Runs: what history keeps of one file, and how far it is.

pub use super::lease::LEASE_SECONDS;
pub(crate) use super::lease::{save_run, wait};

use super::problem::Problem;
use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Consistency, Cursor, Item, Query};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Days after its end during which a run can be reverted.
pub const REVERTIBLE_DAYS: i64 = 30;

/// One execution of a configuration on one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id; ids sort by time.
    pub id: String,
    /// The configuration that it follows.
    pub configuration: Name,
    /// How far it is.
    pub state: State,
    /// What became of the rows so far; of a plan that waits for a decision, what would become of them.
    pub counts: Counts,
    /// Rows planned, then rows applied.
    pub rows_done: u64,
    /// Rows of the file, once known.
    pub rows_total: u64,
    /// What was noticed about the file as a whole.
    pub warnings: Vec<Problem>,
    /// Why it failed, or why it waits for a decision.
    pub problem: Option<Problem>,
    /// The file; of a run that takes another one back, that run's.
    pub source: SourceFile,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What it is for.
    #[serde(default)]
    pub purpose: Purpose,
    /// The run that took this one back.
    #[serde(default)]
    pub reverted_by: Option<String>,
    /// What the file was read as: the name of its encoding.
    #[serde(default)]
    pub encoding: Option<String>,
    /// What the plan would do.
    #[serde(default)]
    pub(crate) planned: Counts,
    /// Users who would lose their access by the plan.
    #[serde(default)]
    pub(crate) removals: u64,
    /// The header of the file, to be told from the next one's.
    #[serde(default)]
    pub(crate) header: Vec<String>,
    /// Outcomes of so many parts of the plan are stored: where a successor goes on.
    #[serde(default)]
    pub(crate) parts_done: u32,
    /// Workers that took it and got no further.
    #[serde(default)]
    pub(crate) attempts: u32,
    /// The object of the inbox that it imports, with its version.
    #[serde(default)]
    pub(crate) object: Option<(String, String)>,
    /// Where its file was fetched.
    #[serde(default)]
    pub provenance: Option<Provenance>,
    /// What was noticed before the file was read.
    #[serde(default)]
    pub(crate) noted: Vec<Problem>,
}

/// Where a file was fetched, and by what it proved to be the right one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Host and port.
    pub server: String,
    /// Its path there.
    pub path: String,
    /// When it was written there.
    pub modified: Option<Timestamp>,
    /// What the server proved to be: type and fingerprint.
    pub host_key: String,
    /// The fingerprint of the PGP key that opened it.
    pub pgp_key: Option<String>,
    /// The fingerprint of who signed it, where that was checked.
    pub signer: Option<String>,
    /// When it was due; nothing where it was fetched by hand.
    pub due: Option<Timestamp>,
}

/// What a run is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To import its file.
    #[default]
    Import,
    /// To show what its file would do; it is imported when that is approved.
    Preview,
    /// To take another run back.
    Revert(String),
}

/// The file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The name that it was sent under.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Known, and nothing done yet.
    Queued,
    /// Its rows are being planned.
    Reading,
    /// The plan is complete and stored; nothing was written to the directory yet. The end of a run in test mode.
    Planned,
    /// The plan waits for a person's decision; nothing was written to the directory yet.
    Held,
    /// A person has decided that the plan is carried out.
    Approved,
    /// A person has decided that the plan is not carried out; nothing was written to the directory.
    Discarded,
    /// The plan is being carried out.
    Applying,
    /// Every row was applied.
    Finished,
    /// Every row has its outcome, and some were rejected.
    FinishedWithRejections,
    /// The file could not be imported; nothing was written to the directory.
    Failed,
    /// A person has stopped it. What it had applied by then stays, and can be taken back.
    Cancelled,
    /// It was finished, and another run has taken back what it did.
    Reverted,
}

impl Purpose {
    /// Whether it is to show what a file would do.
    pub(crate) fn is_preview(&self) -> bool {
        *self == Self::Preview
    }
}

impl Run {
    /// Whether nothing more will happen to it by itself or by a decision; a finished one may still be reverted.
    pub fn is_ended(&self) -> bool {
        self.finished_at.is_some()
    }

    /// Whether its plan waits for a decision.
    pub fn is_held(&self) -> bool {
        !self.is_ended() && (self.state == State::Held || self.is_shown())
    }

    /// Whether it is a preview whose plan is there.
    fn is_shown(&self) -> bool {
        self.purpose == Purpose::Preview && self.state == State::Planned
    }

    /// Whether it may have written to the directory.
    pub fn has_applied(&self) -> bool {
        matches!(
            self.state,
            State::Finished | State::FinishedWithRejections | State::Cancelled | State::Failed
        ) && self.parts_done > 0
    }
}

/// Outcomes by kind; every row of the file is in exactly one of them. Users who are missing from the file and were
/// deactivated for it have no row, and are counted beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Users that were created.
    pub created: u64,
    /// Users whose attributes changed.
    pub updated: u64,
    /// Users that were inactive and are active now.
    pub reactivated: u64,
    /// Users that were active and are inactive now.
    pub deactivated: u64,
    /// Users that were as the row says.
    pub unchanged: u64,
    /// Rows that were not applied.
    pub rejected: u64,
    /// Rows that say nothing: blank ones, and repetitions.
    pub ignored: u64,
    /// Users that were deleted, which only taking back a run does.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deleted: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Store {
    /// A run of a directory. 1 read unit for each 4 KB.
    pub async fn run(&self, directory: &DirectoryId, id: &str) -> Result<Option<Run>, Error> {
        Ok(self.stored_run(directory, id).await?.map(|(run, _)| run))
    }

    /// The latest runs of a directory, latest first.
    pub async fn latest_runs(&self, directory: &DirectoryId, limit: usize) -> Result<Vec<Run>, Error> {
        self.runs_before(directory, None, limit).await
    }

    /// Runs of a directory, latest first, begun before the run of this id.
    pub async fn runs_before(
        &self,
        directory: &DirectoryId,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Run>, Error> {
        let after = before.map(|run| Cursor { key: keys::run(directory, run), index: None });
        let mut query =
            Query { descending: true, limit: Some(limit), after, ..Query::partition(keys::runs(directory)) };
        let mut runs = Vec::new();
        while runs.len() < limit {
            let page = self.table.query(&query).await?.value;
            runs.extend(page.items.iter().map(run_of_item).collect::<Result<Vec<_>, _>>()?);
            let Some(next) = page.next else { break };
            (query.after, query.limit) = (Some(next), Some(limit.saturating_sub(runs.len()).max(1)));
        }
        Ok(runs)
    }

    /// A run with the number of its last save.
    pub(crate) async fn stored_run(
        &self,
        directory: &DirectoryId,
        id: &str,
    ) -> Result<Option<(Run, i64)>, Error> {
        let item = self.table.get(&keys::run(directory, id), Consistency::Strong).await?.value;
        let Some(item) = item else { return Ok(None) };
        Ok(Some((run_of_item(&item)?, item.number("n").unwrap_or_default())))
    }

    /// The run that an uploaded object started, by its id.
    pub(super) async fn run_of_object(
        &self,
        directory: &DirectoryId,
        object: &str,
        version: &str,
    ) -> Result<Option<String>, Error> {
        let key = keys::run_of_object(directory, object, version);
        let item = self.table.get(&key, Consistency::Strong).await?.value;
        Ok(item.and_then(|item| item.text("r").map(str::to_owned)))
    }
}

fn run_of_item(item: &Item) -> Result<Run, Error> {
    Ok(serde_json::from_str(item.text("j").ok_or_else(|| Error::fault("a run without its document"))?)?)
}
