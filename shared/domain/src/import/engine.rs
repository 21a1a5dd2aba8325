//! Carries out runs, from the file to the report: read, plan, apply, each of them stored before the next, so that a
//! run which was cut off goes on where it stopped.

use super::apply::{Applied, Applier};
use super::codes::Code;
use super::configuration::Configuration;
use super::lease::{Lease, Work};
use super::parts::Parts;
use super::planning::Preview;
use super::problem::{Problem, Severity};
use super::run::{Purpose, Run, State};
use super::upload::Folder;
use crate::error::Error;
use crate::objects::Objects;
use crate::ports::Wake;
use crate::store::{DirectoryId, Kind, Store};
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::sync::Arc;

/// Workers that may fail at a run one after the other without getting any further, before it is given up.
const MAX_ATTEMPTS: u32 = 5;

/// Is told how far a run is, and tells how long it may go on.
pub trait Progress: Send + Sync {
    /// So many rows of the total are planned (while reading) or applied.
    fn rows(&self, state: State, done: u64, total: u64);

    /// Whether the worker has to stop soon: it then leaves the rest to another one.
    fn is_out_of_time(&self) -> bool {
        false
    }

    /// A run has ended, or waits for a decision.
    fn stopped(&self, _directory: &DirectoryId, _run: &Run) {}
}

/// Tells nobody, and has all the time.
pub struct Silent;

impl Progress for Silent {
    fn rows(&self, _: State, _: u64, _: u64) {}
}

/// Imports files.
#[derive(Clone)]
pub struct Importer {
    pub(crate) store: Arc<Store>,
    pub(crate) objects: Arc<dyn Objects>,
    pub(crate) wake: Arc<dyn Wake>,
}

/// What a worker came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// No run waits any more.
    Idle,
    /// Another worker is at it, and will do what waits.
    Busy,
    /// Its time was over; another worker was woken for the rest.
    OutOfTime,
}

/// Whether a run can be left to another worker now.
#[derive(PartialEq, Eq)]
pub(super) enum Step {
    Done,
    OutOfTime,
}

impl Importer {
    /// Imports into this store, keeps files in these objects, and wakes workers this way.
    pub fn new(store: Arc<Store>, objects: Arc<dyn Objects>, wake: Arc<dyn Wake>) -> Self {
        Self { store, objects, wake }
    }

    /// The plan of a file, and nothing else: neither a run nor any change.
    ///
    /// # Errors
    /// The outer error is the store's; the inner one says why the file cannot be imported.
    pub async fn preview(
        &self,
        directory: &DirectoryId,
        configuration: &Configuration,
        file: File,
        progress: &dyn Progress,
    ) -> Result<Result<Preview, Problem>, Error> {
        self.plan(directory, configuration, file, None, progress).await
    }

    /// Carries out the runs of a directory that wait, the oldest first, until none is left.
    ///
    /// # Errors
    /// Those of the stores. The run stays as it was last saved, for the next worker.
    pub async fn work(&self, directory: &DirectoryId, progress: &dyn Progress) -> Result<Worked, Error> {
        loop {
            let Some(mut lease) = self.store.take_lease(directory).await? else { return Ok(Worked::Busy) };
            loop {
                let work = match lease.next().await? {
                    Ok(work) => work,
                    Err(idle) => {
                        lease = idle;
                        break;
                    }
                };
                match self.work_on(work, progress).await? {
                    Some((of_work, Step::Done)) => lease = of_work,
                    Some((of_work, Step::OutOfTime)) => {
                        of_work.release().await?;
                        self.wake.wake(directory).await?;
                        return Ok(Worked::OutOfTime);
                    }
                    None => return Ok(Worked::Busy),
                }
            }
            lease.release().await?;
            // A run that came in the last moment found the turn taken, and relies on this look.
            if self.store.first_waiting(directory).await?.is_none() {
                return Ok(Worked::Idle);
            }
        }
    }

    /// One run; `None` where another worker has taken the turn.
    async fn work_on(&self, mut work: Work, progress: &dyn Progress) -> Result<Option<(Lease, Step)>, Error> {
        let done = self.execute(&mut work, progress).await;
        let Work { mut lease, run, .. } = work;
        match done {
            Ok(step) => {
                if step == Step::Done {
                    progress.stopped(&lease.directory, &run);
                }
                Ok(Some((lease, step)))
            }
            // Somebody has decided about the run, or this worker was too slow.
            Err(Error::VersionConflict) => match lease.renew().await {
                Ok(()) => Ok(Some((lease, Step::Done))),
                Err(Error::VersionConflict) => Ok(None),
                Err(error) => Err(error),
            },
            Err(error) => {
                // Should that fail as well, the lease runs out by itself.
                let _ = self.store.note_attempt(&lease.directory, &run.id).await;
                let _ = lease.release().await;
                Err(error)
            }
        }
    }

    async fn execute(&self, work: &mut Work, progress: &dyn Progress) -> Result<Step, Error> {
        if work.succeeds_a_dead_worker() {
            work.run.attempts += 1;
            work.save().await?;
        }
        let configuration = self.store.configuration(&work.lease.directory, &work.run.configuration).await?;
        if work.run.attempts >= MAX_ATTEMPTS {
            return self.give_up(work, configuration.as_ref()).await;
        }
        let Some(configuration) = configuration else {
            return self.fail(work, None, Problem::of_file(Code::ConfigurationGone)).await;
        };
        if work.is_cancelled().await? {
            if work.run.parts_done == 0 {
                work.run.counts = work.run.planned.without_changes();
            }
            return self.finish(work, &configuration, State::Cancelled).await;
        }
        if matches!(work.run.state, State::Queued | State::Reading)
            && !self.read(work, &configuration, progress).await?
        {
            return Ok(Step::Done);
        }
        self.apply(work, &configuration, progress).await
    }

    /// Makes the plan; whether it is to be carried out.
    async fn read(
        &self,
        work: &mut Work,
        configuration: &Configuration,
        progress: &dyn Progress,
    ) -> Result<bool, Error> {
        work.run.state = State::Reading;
        let planned = match work.run.purpose.clone() {
            Purpose::Revert(of) => self.plan_revert(work, &of).await?,
            Purpose::Import | Purpose::Preview => self.plan_file(work, configuration, progress).await?,
        };
        let preview = match planned {
            Ok(preview) => preview,
            Err(problem) => return self.fail(work, Some(configuration), problem).await.map(|_| false),
        };
        let folder = Folder::new(&work.lease.directory, &work.run.id);
        let idle = preview.counts.changes() == 0 && preview.rebound == 0;
        self.objects.store(&folder.plan(), preview.plan).await?;
        self.objects.store(&folder.entries(), preview.entries).await?;
        let run = &mut work.run;
        (run.planned, run.counts, run.rows_done) = (preview.counts, preview.counts, 0);
        let (holds, noted): (Vec<Problem>, Vec<Problem>) =
            run.noted.iter().cloned().partition(|problem| problem.code.severity() == Severity::RunHeld);
        run.warnings = noted.into_iter().chain(preview.warnings).collect();
        (run.removals, run.problem) = (preview.removals, preview.hold.or(holds.into_iter().next()));
        (run.encoding, run.header, run.state) = (Some(preview.encoding), preview.header, State::Planned);
        let waits = run.purpose == Purpose::Preview || run.problem.is_some();
        if configuration.test_mode || waits {
            if configuration.test_mode {
                run.finished_at = Some(self.store.now());
            } else if run.purpose != Purpose::Preview {
                run.state = State::Held;
            }
            self.store_report(work, configuration, Vec::new()).await?;
            self.save_telling(work, Some(configuration), Vec::new()).await?;
            return Ok(false);
        }
        if !idle {
            work.run.counts = work.run.planned.without_changes();
            work.save().await?;
        }
        Ok(true)
    }

    async fn plan_file(
        &self,
        work: &mut Work,
        configuration: &Configuration,
        progress: &dyn Progress,
    ) -> Result<Result<Preview, Problem>, Error> {
        let directory = work.lease.directory.clone();
        let file = self.near(&Folder::new(&directory, &work.run.id).source()).await?;
        self.plan(&directory, configuration, file, Some(work), progress).await
    }

    /// Applies the parts of the plan that are not yet done; each is stored before the next begins.
    async fn apply(
        &self,
        work: &mut Work,
        configuration: &Configuration,
        progress: &dyn Progress,
    ) -> Result<Step, Error> {
        if work.run.state == State::Approved {
            work.run.counts = work.run.planned.without_changes();
            work.run.problem = None;
        }
        let directory = work.lease.directory.clone();
        let folder = Folder::new(&directory, &work.run.id);
        let opened = self.store.open(&directory).await?;
        let applier = Applier {
            store: &self.store,
            opened: &opened,
            directory: &directory,
            configuration: &configuration.name,
            run: &work.run.id.clone(),
            reverts: matches!(work.run.purpose, Purpose::Revert(_)),
            users: opened.typed(Kind::User)?,
            groups: opened.typed(Kind::Group)?,
        };
        let mut parts = Parts::of(self.near(&folder.plan()).await?)?;
        let mut part = 0;
        while let Some(rows) = parts.next()? {
            part += 1;
            if part <= work.run.parts_done {
                continue;
            }
            let applied = applier.apply(rows.planned).await?;
            for one in &applied {
                work.run.counts.count(one.action);
            }
            self.objects.store(&folder.changes_part(part), lines_of(&applied)?).await?;
            let run = &mut work.run;
            (run.rows_done, run.parts_done, run.state, run.attempts) = (rows.end, part, State::Applying, 0);
            work.save().await?;
            progress.rows(State::Applying, work.run.rows_done, work.run.rows_total.max(rows.end));
            if work.is_cancelled().await? {
                return self.finish(work, configuration, State::Cancelled).await;
            }
            if progress.is_out_of_time() {
                return Ok(Step::OutOfTime);
            }
        }
        let state = match work.run.counts.rejected {
            0 => State::Finished,
            _ => State::FinishedWithRejections,
        };
        self.finish(work, configuration, state).await
    }

    pub(super) async fn near(&self, key: &str) -> Result<File, Error> {
        let object = self.objects.fetch(key, None).await?;
        Ok(object.ok_or_else(|| Error::fault("an object of a run is missing"))?.file)
    }
}

fn lines_of(applied: &[Applied]) -> Result<File, Error> {
    let mut file = BufWriter::new(tempfile::tempfile()?);
    for one in applied {
        serde_json::to_writer(&mut file, one)?;
        file.write_all(b"\n")?;
    }
    let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}
