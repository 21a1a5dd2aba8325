//! What is shown of runs: pages of the list, pages of a plan, the report.

use super::engine::Importer;
use super::plan::{Action, Values};
use super::problem::Problem;
use super::run::{Run, State};
use super::upload::Folder;
use crate::error::Error;
use crate::objects::Object;
use crate::store::{DirectoryId, Name, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Runs that are looked at for one page of the list.
const MAX_LOOKED_AT: usize = 1000;
/// Runs that are read at once.
const RUNS_AT_ONCE: usize = 100;
/// Bytes of a plan that are read at once.
const CHUNK_BYTES: usize = 256 * 1024;
/// Bytes of a plan that are looked at for one page.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Which runs are wanted.
#[derive(Debug, Clone, Default)]
pub struct WantedRuns {
    /// Those of this configuration.
    pub configuration: Option<Name>,
    /// Those in this state.
    pub state: Option<State>,
}

/// A row of a plan as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownRow {
    /// The physical line on which the row begins; 0 for a user who is in no row.
    pub line: u64,
    /// What is to be done.
    pub action: Action,
    /// Whom it concerns; nobody yet for a user that is to be created.
    pub user: Option<String>,
    /// What changes, by SCIM path.
    #[serde(default)]
    pub changes: BTreeMap<String, Values>,
    /// Why it is rejected, or what was noticed about it.
    #[serde(default)]
    pub problems: Vec<Problem>,
}

/// A page of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanPage {
    /// Its rows; fewer than wanted, or none, where much had to be passed over.
    pub rows: Vec<ShownRow>,
    /// Where the next page begins, in bytes of the plan; none at its end.
    pub next: Option<u64>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum NoPage {
    /// The run has no plan, or not yet.
    #[error("the run has no plan")]
    NoPlan,
    /// No row begins there.
    #[error("no row begins there")]
    NoRow,
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Store {
    /// A page of the runs of a directory, latest first, begun before the run `before`; and before which run the next
    /// page begins, if there may be more. A page looks at a thousand runs at most, and may then be shorter than wanted.
    pub async fn page_of_runs(
        &self,
        directory: &DirectoryId,
        wanted: &WantedRuns,
        before: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Run>, Option<String>), Error> {
        let (mut found, mut last, mut looked_at) = (Vec::new(), before.map(str::to_owned), 0);
        while looked_at < MAX_LOOKED_AT {
            let runs = self.runs_before(directory, last.as_deref(), RUNS_AT_ONCE).await?;
            let is_end = runs.len() < RUNS_AT_ONCE;
            looked_at += runs.len();
            for run in runs {
                if found.len() == limit {
                    return Ok((found, last));
                }
                last = Some(run.id.clone());
                if wanted.is(&run) {
                    found.push(run);
                }
            }
            if is_end {
                return Ok((found, None));
            }
        }
        Ok((found, last))
    }
}

impl WantedRuns {
    fn is(&self, run: &Run) -> bool {
        self.configuration.as_ref().is_none_or(|name| *name == run.configuration)
            && self.state.is_none_or(|state| state == run.state)
    }
}

impl Importer {
    /// Where runs are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The report of a run, once there is one.
    pub async fn report(&self, directory: &DirectoryId, run: &str) -> Result<Option<Object>, Error> {
        Ok(self.objects.fetch(&Folder::new(directory, run).report(), None).await?)
    }

    /// Rows of the plan of a run, from this byte on, those of one action or all. Looks at 8 MB of the plan at most.
    ///
    /// # Errors
    /// [`NoPage`] where there is no plan, or where no row begins.
    pub async fn page_of_plan(
        &self,
        directory: &DirectoryId,
        run: &str,
        from: u64,
        limit: usize,
        action: Option<Action>,
    ) -> Result<PlanPage, NoPage> {
        let key = Folder::new(directory, run).plan();
        let mut pieces = Pieces { buffer: Vec::new(), used: 0, at: from };
        // The byte before tells whether a row begins here.
        let before = from.saturating_sub(1);
        let first = self.objects.read_at(&key, before, CHUNK_BYTES).await.map_err(Error::from)?;
        let mut first = first.ok_or(NoPage::NoPlan)?;
        if from > 0 {
            if first.first() != Some(&b'\n') {
                return Err(NoPage::NoRow);
            }
            first.remove(0);
        }
        let mut read = first.len();
        pieces.buffer = first;
        let mut rows = Vec::new();
        loop {
            while let Some(line) = pieces.line() {
                let row: ShownRow = serde_json::from_slice(line).map_err(Error::from)?;
                if action.is_none_or(|action| action == row.action) {
                    rows.push(row);
                }
                pieces.pass();
                if rows.len() == limit {
                    return Ok(PlanPage { rows, next: self.more(&key, &pieces).await?.then_some(pieces.at) });
                }
            }
            if read >= MAX_PAGE_BYTES && !pieces.is_in_a_row(from) {
                return Ok(PlanPage { rows, next: Some(pieces.at) });
            }
            let end = pieces.end();
            let more = self.objects.read_at(&key, end, CHUNK_BYTES).await.map_err(Error::from)?;
            let more = more.filter(|more| !more.is_empty());
            let Some(more) = more else { return Ok(PlanPage { rows, next: None }) };
            read += more.len();
            pieces.append(&more);
        }
    }

    /// Whether the plan goes on behind what was passed.
    async fn more(&self, key: &str, pieces: &Pieces) -> Result<bool, Error> {
        if pieces.used < pieces.buffer.len() {
            return Ok(true);
        }
        let next = self.objects.read_at(key, pieces.at, 1).await?;
        Ok(next.is_some_and(|next| !next.is_empty()))
    }
}

/// A plan that comes in pieces, cut into its lines.
struct Pieces {
    buffer: Vec<u8>,
    /// Bytes of the buffer that were passed.
    used: usize,
    /// Where in the plan that is.
    at: u64,
}

impl Pieces {
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// The line that comes next, if all of it is there.
    fn line(&self) -> Option<&[u8]> {
        let rest = self.rest();
        rest.get(..memchr::memchr(b'\n', rest)?)
    }

    /// Goes on behind that line.
    fn pass(&mut self) {
        let length = self.line().map_or(0, |line| line.len() + 1);
        self.used += length;
        self.at += length as u64;
    }

    /// Where in the plan the buffer ends.
    fn end(&self) -> u64 {
        self.at + self.rest().len() as u64
    }

    /// Whether nothing but the beginning of one row was read: it has to be read to its end.
    fn is_in_a_row(&self, from: u64) -> bool {
        self.at == from
    }

    fn append(&mut self, more: &[u8]) {
        self.buffer.drain(..self.used);
        self.used = 0;
        self.buffer.extend_from_slice(more);
    }
}
