//! Whose turn it is to import into a directory: one worker at a time, and one run after the other in the order in
//! which they came. A worker that died is succeeded when its lease is over, and one that only seemed dead cannot
//! save any more: each save is conditional on the lease's number.

use super::run::Run;
use crate::error::Error;
use crate::store::{DirectoryId, Store, keys};
use crate::table::{Condition, Consistency, Item, Query, Source, TableError, Write};
use jiff::Timestamp;
use std::sync::Arc;

/// How long a worker is believed to be alive after it last wrote down how far it is.
pub const LEASE_SECONDS: i64 = 60;
/// How old a lease becomes before its holder renews it.
const RENEW_AFTER_SECONDS: i64 = 20;
/// Waiting runs that are listed at once.
const MAX_LISTED: usize = 1000;

/// The turn of one worker.
pub(super) struct Lease {
    store: Arc<Store>,
    pub(super) directory: DirectoryId,
    /// The fencing token: each worker's is greater than those before.
    fence: i64,
    renewed: Timestamp,
    /// Whether the worker before did not give the turn up: it died at the run that waits longest.
    inherited: bool,
}

/// A run in the hands of the worker whose turn it is.
pub(super) struct Work {
    pub(super) lease: Lease,
    /// The run as last saved, or as it will be.
    pub(super) run: Run,
    /// Counts its saves.
    saves: i64,
}

impl Lease {
    /// The writes that keep the turn for another minute, or give it up.
    fn write(&self, until: i64) -> Write {
        let item = Item::new(keys::import_lease(&self.directory)).with("n", self.fence).with("u", until);
        Write::Put(item, Condition::Equals("n".to_owned(), self.fence.into()))
    }

    fn renewal(&self, now: Timestamp) -> Write {
        self.write(now.as_millisecond() + LEASE_SECONDS * 1000)
    }

    /// Keeps the turn for another minute. 1 write unit.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where another worker has it.
    pub(super) async fn renew(&mut self) -> Result<(), Error> {
        let now = self.store.now();
        self.store.table.write(&[self.renewal(now)], None).await?;
        self.renewed = now;
        Ok(())
    }

    /// Gives the turn up. 1 write unit. Where another worker has it already, that is so anyway.
    pub(super) async fn release(self) -> Result<(), Error> {
        match self.store.table.write(&[self.write(0)], None).await {
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The run that has waited longest. 1 read unit, and 1 for each 4 KB of it.
    pub(super) async fn next(self) -> Result<Result<Work, Self>, Error> {
        loop {
            let Some(id) = self.store.first_waiting(&self.directory).await? else { return Ok(Err(self)) };
            let saves = match self.store.stored_run(&self.directory, &id).await? {
                Some((run, saves)) if !run.is_ended() && !run.is_held() => {
                    return Ok(Ok(Work { lease: self, run, saves }));
                }
                Some((_, saves)) => Some(saves),
                None => None,
            };
            // A decision came between: it waits for nobody.
            self.store.no_longer_waits(&self.directory, &id, saves).await?;
        }
    }
}

impl Work {
    /// Saves the run and renews the turn: 4 write units, 2 more for each KB of the run beyond the first.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where another worker has the turn, or somebody has decided about the run.
    pub(super) async fn save(&mut self) -> Result<(), Error> {
        self.save_with(Vec::new()).await
    }

    /// Saves the run together with what goes with it; one that has ended or is held waits no longer.
    pub(super) async fn save_with(&mut self, mut further: Vec<Write>) -> Result<(), Error> {
        let store = &self.lease.store;
        let now = store.now();
        if self.run.is_ended() || self.run.is_held() {
            let waiting = keys::waiting_run(&self.lease.directory, &self.run.id);
            further.push(Write::Delete(waiting, Condition::Always));
        }
        further.push(save_run(&self.lease.directory, &self.run, self.saves)?);
        further.push(self.lease.renewal(now));
        store.table.write(&further, None).await?;
        self.saves += 1;
        self.lease.renewed = now;
        Ok(())
    }

    /// Saves the run if the lease has become old.
    pub(super) async fn keep(&mut self) -> Result<(), Error> {
        if self.lease.store.now().as_second() - self.lease.renewed.as_second() >= RENEW_AFTER_SECONDS {
            self.save().await?;
        }
        Ok(())
    }

    /// Whether the worker before died at this run; told once.
    pub(super) fn succeeds_a_dead_worker(&mut self) -> bool {
        std::mem::take(&mut self.lease.inherited)
    }

    /// Whether somebody wants the run to end. 1 read unit.
    pub(super) async fn is_cancelled(&self) -> Result<bool, Error> {
        let key = keys::cancellation(&self.lease.directory, &self.run.id);
        Ok(self.lease.store.table.get(&key, Consistency::Strong).await?.value.is_some())
    }
}

/// The write that saves a run which was saved so many times before.
pub(crate) fn save_run(directory: &DirectoryId, run: &Run, saves: i64) -> Result<Write, Error> {
    let item =
        Item::new(keys::run(directory, &run.id)).with("n", saves + 1).with("j", serde_json::to_string(run)?);
    let condition = match saves {
        0 => Condition::Absent,
        saves => Condition::Equals("n".to_owned(), saves.into()),
    };
    Ok(Write::Put(item, condition))
}

/// The write by which a run waits for a worker.
pub(crate) fn wait(directory: &DirectoryId, run: &str) -> Write {
    let mut item = Item::new(keys::waiting_run(directory, run));
    item.index = Some(keys::waiting_run_index(directory, run));
    Write::Put(item, Condition::Always)
}

impl Store {
    /// Takes the turn in a directory, unless a worker has it who may be alive. 1 read and 1 write unit.
    pub(super) async fn take_lease(
        self: &Arc<Self>,
        directory: &DirectoryId,
    ) -> Result<Option<Lease>, Error> {
        let item = self.table.get(&keys::import_lease(directory), Consistency::Strong).await?.value;
        let now = self.now();
        let number = |name| item.as_ref().and_then(|item| item.number(name));
        if number("u").is_some_and(|until| until > now.as_millisecond()) {
            return Ok(None);
        }
        let before = number("n");
        let lease = Lease {
            store: Arc::clone(self),
            directory: directory.clone(),
            fence: before.unwrap_or_default() + 1,
            renewed: now,
            inherited: number("u").is_some_and(|until| until != 0),
        };
        let condition = match before {
            Some(before) => Condition::Equals("n".to_owned(), before.into()),
            None => Condition::Absent,
        };
        let Write::Put(item, _) = lease.renewal(now) else { return Ok(None) };
        match self.table.write(&[Write::Put(item, condition)], None).await {
            Ok(_) => Ok(Some(lease)),
            Err(TableError::Cancelled(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends the turn in a directory, for whoever knows that its worker is dead.
    pub async fn end_lease(&self, directory: &DirectoryId) -> Result<(), Error> {
        let item = self.table.get(&keys::import_lease(directory), Consistency::Strong).await?.value;
        let Some(item) = item.filter(|item| item.number("u") != Some(0)) else { return Ok(()) };
        let fence = item.number("n").unwrap_or_default();
        let write = Write::Put(item.with("u", 0), Condition::Equals("n".to_owned(), fence.into()));
        match self.table.write(&[write], None).await {
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes that a worker failed at a run: 1 read and 1 write unit. Where somebody else has saved it, that is news enough.
    pub(super) async fn note_attempt(&self, directory: &DirectoryId, run: &str) -> Result<(), Error> {
        let Some((mut run, saves)) = self.stored_run(directory, run).await? else { return Ok(()) };
        run.attempts += 1;
        match self.table.write(&[save_run(directory, &run, saves)?], None).await {
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The directories in which runs wait for a worker, or have one: 0.5 read units for each 4 KB of them. It may
    /// miss one of the last moments.
    pub async fn directories_with_waiting_runs(&self) -> Result<Vec<DirectoryId>, Error> {
        let query =
            Query { source: Source::Index, limit: Some(MAX_LISTED), ..Query::partition(keys::WAITING_RUNS) };
        let mut found = Vec::new();
        for item in self.table.query(&query).await?.value.items {
            let directory = item.index.as_ref().and_then(|index| keys::directory_of_waiting(&index.sort));
            found.extend(directory.filter(|directory| found.last() != Some(directory)));
        }
        Ok(found)
    }

    /// Whether a run of a directory waits for a worker, or has one: 1 read unit.
    pub(super) async fn first_waiting(&self, directory: &DirectoryId) -> Result<Option<String>, Error> {
        let query = Query {
            limit: Some(1),
            consistency: Consistency::Strong,
            ..Query::partition(keys::waiting_runs(directory))
        };
        Ok(self.table.query(&query).await?.value.items.pop().map(|item| item.key.sort))
    }

    /// Unless the run was saved since: then it may have begun to wait again.
    async fn no_longer_waits(
        &self,
        directory: &DirectoryId,
        run: &str,
        saves: Option<i64>,
    ) -> Result<(), Error> {
        let same = saves.map_or(Condition::Absent, |saves| Condition::Equals("n".to_owned(), saves.into()));
        let writes = [
            Write::Delete(keys::waiting_run(directory, run), Condition::Always),
            Write::Check(keys::run(directory, run), same),
        ];
        match self.table.write(&writes, None).await {
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
