//! What a person may say to a run: approve its plan, discard it, cancel it, take it back.

use super::codes::Code;
use super::engine::Importer;
use super::format::Encoding;
use super::lease::{save_run, wait};
use super::run::{Counts, Purpose, REVERTIBLE_DAYS, Run, State};
use crate::error::Error;
use crate::store::{DirectoryId, Store, keys};
use crate::table::{Condition, Item, Write};

/// Deciding again about a run that was saved in between; each loss means that it went on.
const MAX_LOSSES: usize = 16;
/// Seconds of a day.
const DAY: i64 = 24 * 3600;

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// There is no such run.
    #[error("there is no such run")]
    NoSuchRun,
    /// The run is in a state in which that makes no sense; the text says why, and what can be done instead.
    #[error("{0}")]
    NotNow(&'static str),
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Importer {
    /// Lets a held plan be carried out, exactly as it is. A guessed encoding is kept for the configuration's later files.
    ///
    /// # Errors
    /// [`Undecided::NotNow`] where the run waits for no decision, or a later file of its configuration was applied since.
    pub async fn approve(&self, directory: &DirectoryId, run: &str) -> Result<Run, Undecided> {
        let current = self.store.run(directory, run).await?.ok_or(Undecided::NoSuchRun)?;
        if current.is_held() {
            self.check_is_latest(directory, &current).await?;
            self.pin_encoding(directory, &current).await?;
        }
        let approved = self
            .store
            .decide(directory, run, |run| {
                if !run.is_held() {
                    return Err(Undecided::NotNow(match run.state {
                        State::Approved | State::Applying => "the run is approved already",
                        State::Queued | State::Reading => "the run has no plan yet; wait until it is held",
                        _ => "the run waits for no decision",
                    }));
                }
                run.state = State::Approved;
                run.purpose = Purpose::Import;
                Ok(Waits::Yes)
            })
            .await?;
        self.wake.wake(directory).await?;
        Ok(approved)
    }

    /// An older file after a newer one would turn users back.
    async fn check_is_latest(&self, directory: &DirectoryId, run: &Run) -> Result<(), Undecided> {
        let last = self.store.last_applied(directory, &run.configuration).await?;
        if last.is_some_and(|last| last.run > run.id) {
            let text = "a later file of this configuration was applied since; discard the run, and send the file again \
                        if it is wanted after all";
            return Err(Undecided::NotNow(text));
        }
        Ok(())
    }

    async fn pin_encoding(&self, directory: &DirectoryId, run: &Run) -> Result<(), Error> {
        let guessed = run.problem.as_ref().is_some_and(|problem| problem.code == Code::EncodingGuessed);
        let Some(encoding) = run.encoding.as_ref().filter(|_| guessed) else { return Ok(()) };
        let charset = serde_json::from_value(serde_json::Value::from(encoding.as_str()))?;
        self.store.pin_encoding(directory, &run.configuration, Encoding::Named(charset)).await
    }

    /// Ends a held run without carrying its plan out.
    ///
    /// # Errors
    /// [`Undecided::NotNow`] where the run waits for no decision.
    pub async fn discard(&self, directory: &DirectoryId, run: &str) -> Result<Run, Undecided> {
        let now = self.store.now();
        let discarded = self
            .store
            .decide(directory, run, |run| {
                if !run.is_held() {
                    return Err(Undecided::NotNow(
                        "the run waits for no decision; one that is under way can be cancelled",
                    ));
                }
                run.state = State::Discarded;
                run.counts = Counts::default();
                run.finished_at = Some(now);
                Ok(Waits::No)
            })
            .await?;
        self.clear_inbox(&discarded).await?;
        Ok(discarded)
    }

    /// Ends a run: at once where nobody works at it, else when its worker next saves it. What it has applied by then
    /// stays.
    ///
    /// # Errors
    /// [`Undecided::NotNow`] where it has ended already.
    pub async fn cancel(&self, directory: &DirectoryId, run: &str) -> Result<Run, Undecided> {
        let current = self.store.run(directory, run).await?.ok_or(Undecided::NoSuchRun)?;
        if current.is_ended() {
            return Err(Undecided::NotNow(
                "the run has ended; what it has changed can be taken back with revert",
            ));
        }
        if current.is_held() {
            return self.discard(directory, run).await;
        }
        // The worker looks for this; where none is alive, the next one does.
        let mut wish = Item::new(keys::cancellation(directory, run));
        wish.expires = Some(self.store.now().as_second() + REVERTIBLE_DAYS * DAY);
        self.store.table.write(&[Write::Put(wish, Condition::Always)], None).await.map_err(Error::from)?;
        self.wake.wake(directory).await?;
        Ok(self.store.run(directory, run).await?.unwrap_or(current))
    }

    /// Begins a run that takes back what a run has changed, as far as nobody has changed it since.
    ///
    /// # Errors
    /// [`Undecided::NotNow`] where the run has changed nothing, was taken back already, or ended more than 30 days ago.
    pub async fn revert(&self, directory: &DirectoryId, run: &str) -> Result<Run, Undecided> {
        let of = self.store.run(directory, run).await?.ok_or(Undecided::NoSuchRun)?;
        let ended = of.finished_at.ok_or(Undecided::NotNow("the run has not ended; it can be cancelled"))?;
        if of.reverted_by.is_some() {
            return Err(Undecided::NotNow("the run was taken back already"));
        }
        if !of.has_applied() {
            return Err(Undecided::NotNow("the run has changed nothing"));
        }
        let now = self.store.now();
        if now.as_second() - ended.as_second() > REVERTIBLE_DAYS * DAY {
            return Err(Undecided::NotNow("a run can be taken back for 30 days"));
        }
        let purpose = Purpose::Revert(of.id.clone());
        let begun = Run { purpose, ..Run::queued(&self.store, of.configuration.clone(), of.source.clone()) };
        let writes = [save_run(directory, &begun, 0)?, wait(directory, &begun.id)];
        self.store.table.write(&writes, None).await.map_err(Error::from)?;
        self.wake.wake(directory).await?;
        Ok(begun)
    }
}

/// Whether a run waits for a worker from now on.
enum Waits {
    Yes,
    No,
}

impl Store {
    /// Changes a run as it is saved now, and says whether it waits for a worker.
    async fn decide(
        &self,
        directory: &DirectoryId,
        id: &str,
        decision: impl Fn(&mut Run) -> Result<Waits, Undecided>,
    ) -> Result<Run, Undecided> {
        for _ in 0..MAX_LOSSES {
            let (mut run, saves) = self.stored_run(directory, id).await?.ok_or(Undecided::NoSuchRun)?;
            let waiting = match decision(&mut run)? {
                Waits::Yes => wait(directory, id),
                Waits::No => Write::Delete(keys::waiting_run(directory, id), Condition::Always),
            };
            let writes = [save_run(directory, &run, saves)?, waiting];
            match self.table.write(&writes, None).await.map_err(Error::from) {
                Ok(_) => return Ok(run),
                Err(Error::VersionConflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Unavailable("the run kept changing".into()).into())
    }

    /// The write that marks a run as taken back by another one; none where it is gone.
    pub(super) async fn reverted(
        &self,
        directory: &DirectoryId,
        id: &str,
        by: &str,
    ) -> Result<Option<Write>, Error> {
        let Some((mut run, saves)) = self.stored_run(directory, id).await? else { return Ok(None) };
        run.state = State::Reverted;
        run.reverted_by = Some(by.to_owned());
        save_run(directory, &run, saves).map(Some)
    }
}
