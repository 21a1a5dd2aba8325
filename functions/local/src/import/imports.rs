//! Carries out imports on the open data folder, one at a time and away from the threads that answer requests.

use super::job::Job;
use super::noted;
use super::outcome::Outcome;
use crate::data_folder::{DataFolder, shown};
use crate::failure::Failure;
use crate::inbox;
use crate::pulls::Fetching;
use crate::serve::Stop;
use adapters::embedded::FolderObjects;
use async_trait::async_trait;
use domain::error::Causes;
use domain::import::configuration::Configuration;
use domain::import::decide::Undecided;
use domain::import::engine::{Importer, Progress};
use domain::import::plan::PlanRow;
use domain::import::planning::Preview;
use domain::import::run::{Run, State};
use domain::import::upload::{Folder, InboxObject, Uploaded};
use domain::objects::Objects as _;
use domain::ports::Wake;
use domain::store::{DirectoryId, Store};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Rows of a plan that are shown.
const SHOWN_ROWS: usize = 50;

/// The imports of a data folder.
pub(crate) struct Imports {
    folder: DataFolder,
    store: Arc<Store>,
    objects: Arc<FolderObjects>,
    importer: Importer,
    fetching: Arc<Fetching>,
    /// The directories in which runs wait, for the worker of the server.
    woken: Mutex<Option<UnboundedReceiver<DirectoryId>>>,
    // One after the other: who waits here need not ask again and again whether the turn of a directory is free.
    turn: Mutex<()>,
}

/// Wakes the worker of this process, if it has one.
struct Bell(UnboundedSender<DirectoryId>);

#[async_trait]
impl Wake for Bell {
    async fn wake(&self, directory: &DirectoryId) -> Result<(), domain::Error> {
        // Without a server nobody listens, and the command that asks works itself.
        let _ = self.0.send(directory.clone());
        Ok(())
    }
}

/// What importing an object of the inbox came to.
pub(crate) enum ObjectImport {
    /// The run has ended, and the object is removed from the inbox, as the run keeps its own copy; or it is held.
    Stopped(Box<Run>),
    /// It was taken out again.
    Gone,
    /// A run that was cut off is not free yet.
    Busy,
    /// No such tenant, directory or configuration.
    Unroutable,
}

impl Imports {
    /// Of this folder.
    ///
    /// # Errors
    /// Where the environment or the folder keep files from being fetched.
    pub(crate) fn new(folder: DataFolder, store: Arc<Store>) -> Result<Self, Failure> {
        let objects = Arc::new(FolderObjects::new(folder.objects()));
        let (bell, woken) = unbounded_channel();
        let importer = Importer::new(Arc::clone(&store), Arc::clone(&objects) as _, Arc::new(Bell(bell)));
        let fetching = Arc::new(Fetching::new(&folder, &store, importer.clone())?);
        let woken = Mutex::new(Some(woken));
        Ok(Self { folder, store, objects, importer, fetching, woken, turn: Mutex::default() })
    }

    /// What fetches files.
    pub(crate) fn fetching(&self) -> &Arc<Fetching> {
        &self.fetching
    }

    /// What imports into this folder.
    pub(crate) fn importer(&self) -> &Importer {
        &self.importer
    }

    /// What it imports into.
    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Carries out runs that wait, those left by a process that died first, until the server stops. `tell` hears of
    /// each that has ended or is held.
    pub(crate) async fn work(
        self: Arc<Self>,
        mut stop: Stop,
        tell: impl Fn(&Run) + Send + Sync + Clone + 'static,
    ) {
        let Some(mut woken) = self.woken.lock().await.take() else { return };
        let left = self.store.directories_with_waiting_runs().await;
        for directory in left.unwrap_or_default() {
            self.work_in(directory, tell.clone()).await;
        }
        loop {
            let directory = tokio::select! {
                directory = woken.recv() => directory,
                () = stop.stopping() => None,
            };
            let Some(directory) = directory else { return };
            self.work_in(directory, tell.clone()).await;
        }
    }

    async fn work_in(self: &Arc<Self>, directory: DirectoryId, tell: impl Fn(&Run) + Send + Sync + 'static) {
        let _turn = self.turn.lock().await;
        let importer = self.importer.clone();
        let done = apart(async move || importer.work(&directory, &Telling(tell)).await).await;
        match done {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = %Causes(&error), "a run was interrupted; it goes on when the next one comes");
            }
            Err(failure) => tracing::error!(%failure, "a run was interrupted"),
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// Does what a command asked for.
    pub(crate) async fn carry_out(
        self: &Arc<Self>,
        job: &Job,
        progress: Arc<dyn Progress>,
    ) -> Result<Outcome, Failure> {
        let configuration = self.configuration(job).await?;
        let mut file = job.open()?;
        if job.dry_run {
            return self.plan(job, configuration, file, progress).await;
        }
        let _turn = self.turn.lock().await;
        let (imports, wanted) = (Arc::clone(self), job.clone());
        let key = apart(async move || inbox::put(&imports.folder, &wanted, &mut file))
            .await?
            .map_err(|error| Failure::caused("the file cannot be copied into the inbox", error))?;
        match self.take(&key, Arc::clone(&progress)).await? {
            ObjectImport::Stopped(run) if run.is_held() && job.approve => {
                self.approve(job, &key, &run, progress).await
            }
            ObjectImport::Stopped(run) => self.outcome(&key, *run),
            ObjectImport::Gone => Err(Failure::new("the file was taken out of the inbox; import it again")),
            ObjectImport::Busy => {
                Err(Failure::new("the file is being imported already; wait a minute, then try again"))
            }
            ObjectImport::Unroutable => Err(Failure::new("the configuration was removed meanwhile")),
        }
    }

    /// Imports an object of the inbox, and removes it when its run has ended.
    pub(crate) async fn object(
        self: &Arc<Self>,
        key: &str,
        progress: Arc<dyn Progress>,
    ) -> Result<ObjectImport, Failure> {
        let _turn = self.turn.lock().await;
        self.take(key, progress).await
    }

    /// Where the report of a run is, if it has one.
    pub(crate) fn report_of(&self, key: &str, run: &str) -> Option<PathBuf> {
        let directory = InboxObject::parse(key)?.directory;
        Some(self.folder.object(&Folder::new(&directory, run).report())).filter(|report| report.is_file())
    }

    async fn configuration(&self, job: &Job) -> Result<Configuration, Failure> {
        let directory = job.directory();
        let unread = |error| Failure::caused("the configuration cannot be read", error);
        if !self.store.directory_exists(&directory).await.map_err(unread)? {
            let text = format!(
                "there is no directory {directory} in {}; name one with --tenant and --directory",
                shown(self.folder.path())
            );
            return Err(Failure::new(text));
        }
        let found = self.store.configuration(&directory, &job.configuration).await.map_err(unread)?;
        found.ok_or_else(|| {
            let name = &job.configuration;
            Failure::new(format!(
                "{directory} has no import configuration {name}; name one with --configuration"
            ))
        })
    }

    async fn plan(
        &self,
        job: &Job,
        configuration: Configuration,
        file: File,
        progress: Arc<dyn Progress>,
    ) -> Result<Outcome, Failure> {
        let (importer, directory) = (self.importer.clone(), job.directory());
        let preview =
            apart(async move || importer.preview(&directory, &configuration, file, progress.as_ref()).await)
                .await?
                .map_err(|error| Failure::caused("the file cannot be planned", error))?;
        match preview {
            Ok(Preview { plan, counts, mut warnings, hold, .. }) => {
                warnings.extend(hold);
                let rows =
                    first_rows(plan).map_err(|error| Failure::caused("the plan cannot be read", error))?;
                Ok(Outcome::planned(counts, warnings, rows))
            }
            Err(problem) => Ok(Outcome::refused(problem)),
        }
    }

    /// Imports the version of the object that is there now: what is put under its name later is another import.
    async fn take(&self, key: &str, progress: Arc<dyn Progress>) -> Result<ObjectImport, Failure> {
        let unfinished = |error: domain::Error| {
            Failure::caused("the import was cut off; the same command again goes on where it stopped", error)
        };
        let Some(version) = self.version(key).await? else { return Ok(ObjectImport::Gone) };
        let (importer, object, of) = (self.importer.clone(), key.to_owned(), version.clone());
        let uploaded =
            apart(async move || importer.import_object(&object, Some(&of), progress.as_ref()).await).await?;
        match uploaded.map_err(unfinished)? {
            Uploaded::Ended(run) | Uploaded::Held(run) => Ok(ObjectImport::Stopped(Box::new(run))),
            Uploaded::Waiting(_) => Ok(ObjectImport::Busy),
            Uploaded::Gone => Ok(ObjectImport::Gone),
            Uploaded::Unroutable => Ok(ObjectImport::Unroutable),
        }
    }

    async fn version(&self, key: &str) -> Result<Option<String>, Failure> {
        let object = self.objects.fetch(key, None).await;
        let object =
            object.map_err(|error| Failure::caused("the file in the inbox cannot be read", error))?;
        Ok(object.map(|object| object.version))
    }

    /// Lets a held plan be carried out.
    async fn approve(
        &self,
        job: &Job,
        key: &str,
        run: &Run,
        progress: Arc<dyn Progress>,
    ) -> Result<Outcome, Failure> {
        let directory = job.directory();
        let refused = |error: Undecided| Failure::caused("the plan cannot be approved", error);
        self.importer.approve(&directory, &run.id).await.map_err(refused)?;
        let (importer, of) = (self.importer.clone(), directory.clone());
        let worked = apart(async move || importer.work(&of, progress.as_ref()).await).await?;
        worked.map_err(|error| {
            Failure::caused("the import was cut off; it goes on at the next start", error)
        })?;
        let run = self.store.run(&directory, &run.id).await;
        let run = run.map_err(|error| Failure::caused("the run cannot be read", error))?;
        self.outcome(key, run.ok_or_else(|| Failure::new("the run is gone"))?)
    }

    fn outcome(&self, key: &str, run: Run) -> Result<Outcome, Failure> {
        let report = self.report_of(key, &run.id);
        let unread = |error: csv::Error| Failure::caused("the report cannot be read", error);
        let noted = report.as_deref().map(noted::first).transpose().map_err(unread)?;
        Ok(Outcome::of(run, report, noted.unwrap_or_default()))
    }
}

/// Reading and comparing rows keeps a thread busy: not one that answers requests.
async fn apart<T: Send + 'static>(work: impl AsyncFnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let runtime = Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work())).await;
    done.map_err(|error| {
        Failure::caused("the import ended unexpectedly; the same command again goes on", error)
    })
}

/// Tells of runs that have ended or are held.
struct Telling<T>(T);

impl<T: Fn(&Run) + Send + Sync> Progress for Telling<T> {
    fn rows(&self, _: State, _: u64, _: u64) {}

    fn stopped(&self, _: &DirectoryId, run: &Run) {
        (self.0)(run);
    }
}

fn first_rows(mut plan: File) -> Result<Vec<PlanRow>, domain::Error> {
    plan.rewind()?;
    BufReader::new(plan).lines().take(SHOWN_ROWS).map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}
