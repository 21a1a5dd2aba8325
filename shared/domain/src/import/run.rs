//! Runs: what history keeps of one file, and the lease by which one worker at a time works on it.

use super::problem::Problem;
use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, Query, Write};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a worker is believed to be alive after it last wrote down how far it is.
pub const LEASE_SECONDS: i64 = 60;
/// Runs among which unfinished ones are looked for.
const LATEST_RUNS: usize = 32;
/// How old a lease becomes before its holder renews it.
const RENEW_AFTER_SECONDS: i64 = 20;

/// One execution of a configuration on one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id; ids sort by time.
    pub id: String,
    /// The configuration that it follows.
    pub configuration: Name,
    /// How far it is.
    pub state: State,
    /// What became of the rows, so far.
    pub counts: Counts,
    /// Rows planned, then rows applied.
    pub rows_done: u64,
    /// Rows of the file, once known.
    pub rows_total: u64,
    /// What was noticed about the file as a whole.
    pub warnings: Vec<Problem>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// The file.
    pub source: SourceFile,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Outcomes of so many parts of the plan are stored: where a successor goes on.
    pub parts_done: u32,
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
    /// The plan is complete and stored; nothing was written to the directory yet.
    Planned,
    /// The plan is being carried out.
    Applying,
    /// Every row was applied.
    Finished,
    /// Every row has its outcome, and some were rejected.
    FinishedWithRejections,
    /// The file could not be imported; nothing was written to the directory.
    Failed,
}

impl State {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::FinishedWithRejections | Self::Failed)
    }
}

/// Outcomes by kind; every row of the file is in exactly one of them.
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
}

/// A run in the hands of the one worker that may go on with it.
pub(crate) struct Lease {
    store: Arc<Store>,
    /// The directory that the run imports into.
    pub(crate) directory: DirectoryId,
    /// The run as last saved, or as it will be.
    pub(crate) run: Run,
    version: i64,
    renewed: Timestamp,
}

/// What taking a run came to.
pub(crate) enum Taken {
    /// It is the caller's now.
    Mine(Lease),
    /// It has ended.
    Ended(Run),
    /// Another worker is at it.
    Busy(Run),
}

impl Lease {
    /// A run that has just been created; nobody else knows of it until it is first saved.
    pub(crate) fn of_new(store: Arc<Store>, directory: DirectoryId, run: Run) -> Self {
        let renewed = store.now();
        Self { store, directory, run, version: 0, renewed }
    }

    /// Saves the run for the first time, together with the claim of the object that it reads.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where that object has a run already.
    pub(crate) async fn create(&mut self, object: Option<(&str, &str)>) -> Result<(), Error> {
        let mut writes = vec![self.write(self.store.now())?];
        writes.extend(object.map(|(key, version)| {
            let claim = Item::new(keys::run_of_object(&self.directory, key, version));
            Write::Put(claim.with("r", self.run.id.clone()), Condition::Absent)
        }));
        self.store.table.write(&writes, None).await?;
        self.version += 1;
        Ok(())
    }

    /// Saves the run and renews the lease. 1 write unit for each KB.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where another worker took the run because this one seemed dead.
    pub(crate) async fn save(&mut self) -> Result<(), Error> {
        let now = self.store.now();
        self.store.table.write(&[self.write(now)?], None).await?;
        self.version += 1;
        self.renewed = now;
        Ok(())
    }

    /// Saves the run if the lease has become old.
    pub(crate) async fn keep(&mut self) -> Result<(), Error> {
        if self.store.now().as_second() - self.renewed.as_second() >= RENEW_AFTER_SECONDS {
            self.save().await?;
        }
        Ok(())
    }

    fn write(&self, now: Timestamp) -> Result<Write, Error> {
        let until = if self.run.state.is_final() { 0 } else { now.as_millisecond() + LEASE_SECONDS * 1000 };
        let item = Item::new(keys::run(&self.directory, &self.run.id))
            .with("n", self.version + 1)
            .with("u", until)
            .with("j", serde_json::to_string(&self.run)?);
        let condition = match self.version {
            0 => Condition::Absent,
            version => Condition::Equals("n".to_owned(), version.into()),
        };
        Ok(Write::Put(item, condition))
    }
}

impl Store {
    /// A run of a directory. 1 read unit for each 4 KB.
    pub async fn run(&self, directory: &DirectoryId, id: &str) -> Result<Option<Run>, Error> {
        let Some(item) = self.table.get(&keys::run(directory, id), Consistency::Strong).await?.value else {
            return Ok(None);
        };
        run_of_item(&item).map(Some)
    }

    /// The latest runs of a directory, latest first.
    pub async fn latest_runs(&self, directory: &DirectoryId, limit: usize) -> Result<Vec<Run>, Error> {
        let query = Query { descending: true, limit: Some(limit), ..Query::partition(keys::runs(directory)) };
        self.table.query(&query).await?.value.items.iter().map(run_of_item).collect()
    }

    /// Ends the leases of a directory's unfinished runs, for whoever knows that their workers are dead. As one
    /// worker imports one file at a time, they are among the latest runs.
    pub async fn end_leases(&self, directory: &DirectoryId) -> Result<(), Error> {
        let query =
            Query { descending: true, limit: Some(LATEST_RUNS), ..Query::partition(keys::runs(directory)) };
        for item in self.table.query(&query).await?.value.items {
            let Some(saves) = item.number("n").filter(|_| item.number("u") != Some(0)) else { continue };
            let unchanged = Condition::Equals("n".to_owned(), saves.into());
            self.table.write(&[Write::Put(item.with("u", 0), unchanged)], None).await?;
        }
        Ok(())
    }

    /// The run that an uploaded object started, by its id.
    pub(crate) async fn run_of_object(
        &self,
        directory: &DirectoryId,
        object: &str,
        version: &str,
    ) -> Result<Option<String>, Error> {
        let key = keys::run_of_object(directory, object, version);
        let item = self.table.get(&key, Consistency::Strong).await?.value;
        Ok(item.and_then(|item| item.text("r").map(str::to_owned)))
    }

    /// Takes a run that nobody is working on.
    pub(crate) async fn take_run(
        self: &Arc<Self>,
        directory: &DirectoryId,
        id: &str,
    ) -> Result<Taken, Error> {
        let item = self.table.get(&keys::run(directory, id), Consistency::Strong).await?.value;
        let item = item.ok_or_else(|| Error::fault("an object points to a run that does not exist"))?;
        let run = run_of_item(&item)?;
        let now = self.now();
        if run.state.is_final() {
            return Ok(Taken::Ended(run));
        }
        if item.number("u").is_some_and(|until| until > now.as_millisecond()) {
            return Ok(Taken::Busy(run));
        }
        let version = item.number("n").unwrap_or_default();
        let mut lease =
            Lease { store: Arc::clone(self), directory: directory.clone(), run, version, renewed: now };
        match lease.save().await {
            Ok(()) => Ok(Taken::Mine(lease)),
            Err(Error::VersionConflict) => Ok(Taken::Busy(lease.run)),
            Err(error) => Err(error),
        }
    }
}

fn run_of_item(item: &Item) -> Result<Run, Error> {
    Ok(serde_json::from_str(item.text("j").ok_or_else(|| Error::fault("a run without its document"))?)?)
}
