//! Fetches what is due, and hands it to the import engine: once for each time, whoever asks and however often.

use super::fetch::Fetched;
use super::server::Stopped;
use super::state::{
    BETWEEN_LOOKS, LOOKED_FOR, LastFile, Looking, MAX_ATTEMPTS, MAX_REFUSALS, PullState, Saved, WORKING,
    Wanted, Working,
};
use crate::error::{Causes, Error};
use crate::import::configuration::{After, Configuration, SftpSource};
use crate::import::engine::Importer;
use crate::import::problem::{Code, Problem};
use crate::import::run::{Provenance, Run, SourceFile, State, save_run, wait};
use crate::import::upload::{Folder, failure_report};
use crate::mail::{NoticeKind, Reason};
use crate::outbox::Happened;
use crate::pgp::Pgp;
use crate::ports::Pause;
use crate::remote::{Failed, RemoteFiles, SshKeys};
use crate::secret::Vault;
use crate::store::{DirectoryId, Name, Store};
use crate::table::Write;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Writing again beside somebody who changes the same configuration.
const MAX_LOSSES: usize = 16;
/// How much later than it was due a file may be fetched before somebody is told.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// Fetches files.
#[derive(Clone)]
pub struct Puller {
    pub(super) store: Arc<Store>,
    pub(super) importer: Importer,
    pub(super) remote: Arc<dyn RemoteFiles>,
    pub(super) keys: Arc<dyn SshKeys>,
    pub(super) pgp: Arc<dyn Pgp>,
    pub(super) vault: Vault,
    pub(super) pause: Arc<dyn Pause>,
}

/// What fetching needs from outside.
pub struct Reach {
    /// Connects to servers.
    pub remote: Arc<dyn RemoteFiles>,
    /// Reads keys of hosts.
    pub keys: Arc<dyn SshKeys>,
    /// Decrypts.
    pub pgp: Arc<dyn Pgp>,
    /// Opens secrets.
    pub vault: Vault,
    /// Lets time pass between two looks at a file.
    pub pause: Arc<dyn Pause>,
}

/// What looking after a configuration came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attended {
    /// Nothing was due, or another worker is at it.
    Nothing,
    /// The file is not there or not to be had, and is looked for again.
    LookedFor(Code),
    /// The file is here: its run waits for the import engine.
    Fetched(String),
    /// The file could not be had: its run has failed.
    Failed(String, Code),
}

/// Why a file is not fetched by hand.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    /// There is no such configuration.
    #[error("there is no such configuration")]
    NotFound,
    /// Its files are uploaded.
    #[error("files of this configuration are uploaded, not fetched; put one into its inbox")]
    Uploaded,
    /// A worker is at it.
    #[error("a file of this configuration is being fetched at this moment; its run is {0}")]
    Running(String),
    /// Something of ours failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Store {
    /// Begins to fetch a file by hand: the run waits for whoever attends the configuration next.
    ///
    /// # Errors
    /// See [`NotBegun`].
    pub async fn begin_pull(&self, id: &DirectoryId, name: &Name) -> Result<Run, NotBegun> {
        for _ in 0..MAX_LOSSES {
            let configuration = self.configuration(id, name).await?.ok_or(NotBegun::NotFound)?;
            configuration.source.sftp().ok_or(NotBegun::Uploaded)?;
            let saved = self.saved_pull(id, name).await?;
            if let Some(working) = &saved.state.working {
                return Err(NotBegun::Running(working.run.clone()));
            }
            let run = Run::queued(self, name.clone(), unknown());
            let working =
                Working { run: run.id.clone(), due: None, until: self.now(), attempts: 0, kept: false };
            let state = PullState { working: Some(working), ..saved.state.clone() };
            let writes = [saved.write(id, name, &state)?, save_run(id, &run, 0)?];
            match self.table.write(&writes, None).await.map_err(Error::from) {
                Ok(_) => return Ok(run),
                Err(Error::VersionConflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Unavailable("the pulls of the configuration kept changing".into()).into())
    }
}

/// The file of a run before it is found.
fn unknown() -> SourceFile {
    SourceFile { name: String::new(), size: 0, sha256: String::new() }
}

impl Puller {
    /// Fetches into this store, and hands files to this importer.
    pub fn new(store: Arc<Store>, importer: Importer, reach: Reach) -> Self {
        let Reach { remote, keys, pgp, vault, pause } = reach;
        Self { store, importer, remote, keys, pgp, vault, pause }
    }

    /// The configurations for which something is due.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn due(&self) -> Result<Vec<(DirectoryId, Name)>, Error> {
        self.store.due_pulls(self.store.now()).await
    }

    /// Does what is due for every configuration, one after the other until `is_over`; what came of each. One that fails is
    /// told of in the log, and keeps no other from its turn.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn attend_all(&self, is_over: impl Fn() -> bool + Send) -> Result<Vec<Attended>, Error> {
        let mut came = Vec::new();
        for (id, name) in self.store.due_pulls(self.store.now()).await? {
            if is_over() {
                break;
            }
            match self.attend(&id, &name).await {
                Ok(attended) => came.push(attended),
                Err(error) => {
                    let error = Causes(&error);
                    tracing::error!(directory = %id, configuration = %name, %error, "a pull was interrupted; it is tried again");
                }
            }
        }
        Ok(came)
    }

    /// Does what is due for a configuration, and nothing where nothing is: asking twice, late or at the same time as
    /// somebody else makes one run.
    ///
    /// # Errors
    /// Those of our own stores. What was begun is taken up again by whoever asks a quarter of an hour later.
    pub async fn attend(&self, id: &DirectoryId, name: &Name) -> Result<Attended, Error> {
        let Some(configuration) = self.store.configuration(id, name).await? else {
            return Ok(Attended::Nothing);
        };
        let saved = self.store.saved_pull(id, name).await?;
        let now = self.store.now();
        let schedule = configuration.schedule.as_ref();
        let (working, source) =
            match (saved.state.wanted(now, || self.store.timed_name()), configuration.source.sftp()) {
                (Wanted::File(working), Some(source)) => (working, source),
                (Wanted::Reminder, _) => {
                    self.store.remind(id, &configuration, &saved).await?;
                    return Ok(Attended::Nothing);
                }
                (Wanted::Passed, _) => {
                    let passed = saved.state.clone().passed(schedule, now);
                    self.write(&[saved.write(id, name, &passed)?]).await?;
                    return Ok(Attended::Nothing);
                }
                _ => return Ok(Attended::Nothing),
            };
        let begun = saved.state.clone().begun(working.clone(), schedule, now);
        if !self.write(&[saved.write(id, name, &begun)?]).await? {
            return Ok(Attended::Nothing);
        }
        let job = Job { puller: self, id, configuration: &configuration, source, working };
        let attended = match job.carry_out().await {
            // Another worker has taken it, or the configuration is gone.
            Err(Error::VersionConflict) => Attended::Nothing,
            attended => attended?,
        };
        tracing::info!(directory = %id, configuration = %name, ?attended, "attended");
        Ok(attended)
    }

    /// Whether it was written, rather than overtaken by somebody else.
    async fn write(&self, writes: &[Write]) -> Result<bool, Error> {
        match self.store.table.write(writes, None).await.map_err(Error::from) {
            Ok(_) => Ok(true),
            Err(Error::VersionConflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// One file that this worker is at.
struct Job<'a> {
    puller: &'a Puller,
    id: &'a DirectoryId,
    configuration: &'a Configuration,
    source: &'a SftpSource,
    working: Working,
}

impl Job<'_> {
    async fn carry_out(&self) -> Result<Attended, Error> {
        let (mut run, saves) = self.run().await?;
        if run.is_ended() {
            self.settle(saves, None, |state| state, Vec::new(), Vec::new()).await?;
            return Ok(Attended::Nothing);
        }
        if self.working.kept {
            run.noted.push(
                Problem::of_file(Code::SftpArchiveFailed)
                    .about("the worker was stopped meanwhile; see whether it is still there"),
            );
            return self.hand_over(run, saves, None).await;
        }
        if self.working.attempts > MAX_ATTEMPTS {
            return self.fail(run, saves, Problem::of_file(Code::RunBrokeOff), None).await;
        }
        let at = self.working.due.unwrap_or_else(|| self.puller.store.now());
        match self.puller.fetch(self.id, self.configuration, self.source, at).await {
            Ok(fetched) => self.keep(run, saves, fetched).await,
            Err(Stopped::Failed(failed)) => self.failed(run, saves, &failed).await,
            Err(Stopped::Error(error)) => Err(error),
        }
    }

    /// The run as it is saved, or as it will be, with the number of its saves.
    async fn run(&self) -> Result<(Run, i64), Error> {
        let store = &self.puller.store;
        if let Some(known) = store.stored_run(self.id, &self.working.run).await? {
            return Ok(known);
        }
        let queued = Run::queued(store, self.configuration.name.clone(), unknown());
        Ok((Run { id: self.working.run.clone(), ..queued }, 0))
    }

    /// Keeps a file that was fetched, clears its place on the server, and lets the engine import it.
    async fn keep(&self, mut run: Run, mut saves: i64, mut fetched: Fetched) -> Result<Attended, Error> {
        let store = &self.puller.store;
        let last = store.saved_pull(self.id, &self.configuration.name).await?.state.last;
        let folder = Folder::new(self.id, &run.id);
        self.puller.importer.objects.store(&folder.source(), fetched.file.try_clone()?).await?;
        run.source = fetched.source.clone();
        run.provenance = Some(Provenance { due: self.working.due, ..fetched.provenance.clone() });
        run.noted.extend(last.and_then(|last| older(&last, &fetched)));
        if self.source.after != After::Leave {
            // From here on the file on the server may be gone, and the copy is the only one.
            let writes = vec![save_run(self.id, &run, saves)?];
            let working = Working { kept: true, until: store.now() + WORKING, ..self.working.clone() };
            self.settle(saves, Some(working), |state| state, writes, Vec::new()).await?;
            saves += 1;
            run.noted.extend(fetched.clear(self.source.after, store.now()).await);
        }
        let file = LastFile { sha256: fetched.sha256.clone(), modified: fetched.provenance.modified };
        fetched.close().await;
        self.hand_over(run, saves, Some(file)).await
    }

    /// Lets the engine import a file that is kept.
    async fn hand_over(&self, run: Run, saves: i64, file: Option<LastFile>) -> Result<Attended, Error> {
        let store = &self.puller.store;
        let late = self.working.due.filter(|due| store.now().duration_since(*due) > LATE);
        let late =
            late.map(|due| Happened { run: Some(run.id.clone()), ..Happened::new(NoticeKind::Late { due }) });
        let happened: Vec<Happened> = late.into_iter().collect();
        let done = |state: PullState| PullState {
            looking: None,
            refusals: 0,
            paused_since: None,
            last: file.clone().or(state.last),
            ..state
        };
        let writes = vec![save_run(self.id, &run, saves)?, wait(self.id, &run.id)];
        self.settle(saves, None, done, writes, happened).await?;
        self.puller.importer.wake.wake(self.id).await?;
        Ok(Attended::Fetched(run.id))
    }

    /// A step was not passed: what may come right by itself is tried again for two hours, the rest fails at once.
    async fn failed(&self, run: Run, saves: i64, failed: &Failed) -> Result<Attended, Error> {
        let now = self.puller.store.now();
        if let Some(due) = self.working.due.filter(|_| may_come_right(failed.code)) {
            let end = due + LOOKED_FOR;
            if now < end {
                let next = (now + BETWEEN_LOOKS).min(end);
                let looking = Looking { due, next, code: failed.code };
                let again = |state: PullState| PullState { looking: Some(looking.clone()), ..state };
                self.settle(saves, None, again, Vec::new(), Vec::new()).await?;
                return Ok(Attended::LookedFor(failed.code));
            }
        }
        let fact = Some(&failed.fact).filter(|fact| !fact.is_empty());
        let step = failed.step.as_str();
        let problem = match fact {
            Some(fact) => Problem::of_file(failed.code).about(format_args!("step {step}, {fact}")),
            None => Problem::of_file(failed.code).about(format_args!("step {step}")),
        };
        self.fail(run, saves, problem, Some(failed.code)).await
    }

    /// Ends the run as failed, and tells of it.
    async fn fail(
        &self,
        mut run: Run,
        saves: i64,
        problem: Problem,
        seen: Option<Code>,
    ) -> Result<Attended, Error> {
        let store = &self.puller.store;
        let (now, code) = (store.now(), problem.code);
        let report = failure_report(&problem)?;
        self.puller.importer.objects.store(&Folder::new(self.id, &run.id).report(), report).await?;
        (run.state, run.problem, run.finished_at) = (State::Failed, Some(problem), Some(now));
        let refused = seen == Some(Code::SftpCredentialsRefused);
        let before = store.saved_pull(self.id, &self.configuration.name).await?.state;
        let pauses = refused && before.refusals + 1 >= MAX_REFUSALS && before.paused_since.is_none();
        let kind = match code {
            _ if pauses => NoticeKind::Paused,
            Code::SftpFileMissing if self.working.due.is_some() => NoticeKind::Missing { looked_until: now },
            _ => NoticeKind::Failed,
        };
        let cause = if pauses { Code::SftpPaused } else { code };
        let reasons = vec![Reason { code: cause, count: 1 }];
        let happened = Happened { kind, run: Some(run.id.clone()), counts: None, reasons };
        let done = |state: PullState| PullState {
            looking: None,
            refusals: if refused { state.refusals + 1 } else { state.refusals },
            paused_since: if pauses { Some(now) } else { state.paused_since },
            ..state
        };
        let writes = vec![save_run(self.id, &run, saves)?];
        self.settle(saves, None, done, writes, vec![happened]).await?;
        Ok(Attended::Failed(run.id, code))
    }

    /// Writes what came of the job together with the state, in which an administrator may have changed something
    /// meanwhile: `working` is what goes on, if anything does, `change` makes the rest of it, and `happened` is told. `saves` are
    /// those of the run as this job knows it.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where another worker has taken the job, or somebody has ended the run.
    async fn settle(
        &self,
        saves: i64,
        working: Option<Working>,
        change: impl Fn(PullState) -> PullState + Send + Sync,
        writes: Vec<Write>,
        happened: Vec<Happened>,
    ) -> Result<(), Error> {
        let (store, name) = (&self.puller.store, &self.configuration.name);
        for _ in 0..MAX_LOSSES {
            let saved: Saved = store.saved_pull(self.id, name).await?;
            if !saved.state.working.as_ref().is_some_and(|working| self.is_mine(working)) {
                return Err(Error::VersionConflict);
            }
            let stored = store.stored_run(self.id, &self.working.run).await?;
            if stored.map_or(0, |(_, saves)| saves) != saves {
                return Err(Error::VersionConflict);
            }
            let state = PullState { working: working.clone(), ..change(saved.state.clone()) };
            let notices = store.notices(self.id, self.configuration, happened.clone(), None).await?;
            let all = [writes.clone(), vec![saved.write(self.id, name, &state)?], notices].concat();
            if self.puller.write(&all).await? {
                return Ok(());
            }
        }
        Err(Error::Unavailable("the pulls of the configuration kept changing".into()))
    }

    fn is_mine(&self, working: &Working) -> bool {
        working.run == self.working.run && working.attempts == self.working.attempts
    }
}

/// Whether a step that failed may be passed a little later, without anybody doing anything.
fn may_come_right(code: Code) -> bool {
    matches!(
        code,
        Code::SftpFileMissing
            | Code::SftpFileUnfinished
            | Code::SftpMarkerWrong
            | Code::SftpNameUnknown
            | Code::SftpUnreachable
            | Code::SftpTimedOut
            | Code::SftpBrokeOff
    )
}

/// What is to be said about a file that was written before the one fetched last, and is another one.
fn older(last: &LastFile, fetched: &Fetched) -> Option<Problem> {
    let (now, then): (Timestamp, Timestamp) = (fetched.provenance.modified?, last.modified?);
    let is_older = now < then && last.sha256 != fetched.sha256;
    is_older.then(|| Problem::of_file(Code::FileOlder).about(format_args!("of {now}, after one of {then}")))
}
