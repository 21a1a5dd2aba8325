//! Where the objects of imports are, and how a run begins.

use super::engine::{Importer, Progress};
use super::lease::{save_run, wait};
use super::run::{Counts, Purpose, Run, SourceFile, State};

pub(crate) use super::rejected::report_of_file as failure_report;
use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Item, Write};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Seek as _};

/// Objects of the inbox that are listed at once.
const LISTED_AT_ONCE: usize = 1000;
/// The prefix of everything that is put in to be imported.
pub const INBOX: &str = "inbox/";

/// An object in the inbox: `inbox/{tenant}/{directory}/{configuration}/{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxObject {
    /// Whose users it brings.
    pub directory: DirectoryId,
    /// How it is read.
    pub configuration: Name,
    /// What the sender called it.
    pub name: String,
}

impl InboxObject {
    /// What this key names, if it is an inbox object's.
    pub fn parse(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix(INBOX)?.splitn(4, '/');
        let mut name = || Name::new(parts.next()?).ok();
        let (tenant, directory, configuration) = (name()?, name()?, name()?);
        let name = parts.next().filter(|name| !name.is_empty() && !name.ends_with('/'))?;
        Some(Self { directory: DirectoryId::new(tenant, directory), configuration, name: name.to_owned() })
    }
}

/// What the event of an object came to.
#[derive(Debug)]
pub enum Uploaded {
    /// The run that it started has ended: by this call, or by an earlier one.
    Ended(Run),
    /// The run waits for a person's decision.
    Held(Run),
    /// The run waits for its turn: another worker is at it, or at one before it, or was woken to go on.
    Waiting(Run),
    /// The object is gone, and no run knows of it.
    Gone,
    /// The key names no directory and configuration that exist.
    Unroutable,
}

impl Uploaded {
    fn of(run: Run) -> Self {
        if run.is_ended() {
            Self::Ended(run)
        } else if run.is_held() {
            Self::Held(run)
        } else {
            Self::Waiting(run)
        }
    }
}

impl Importer {
    /// Imports an object of the inbox, after the runs of its directory that came before. The same key and version
    /// always mean the same run: begun by the first call, taken over where its worker died, and left alone once it has
    /// ended.
    pub async fn import_object(
        &self,
        key: &str,
        version: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Uploaded, Error> {
        let Some(inbox) = InboxObject::parse(key) else { return Ok(Uploaded::Unroutable) };
        let run = match self.run_of(&inbox, key, version).await? {
            Ok(run) => run,
            Err(answer) => return Ok(answer),
        };
        self.see_through(&inbox.directory, &run, progress).await.map(Uploaded::of)
    }

    /// Imports a file that lies at hand.
    pub async fn import_file(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
        name: &str,
        file: File,
        progress: &dyn Progress,
    ) -> Result<Run, Error> {
        let run = self.begin(directory, configuration, Purpose::Import, name, file).await?;
        self.see_through(directory, &run.id, progress).await
    }

    /// Begins a run of a file and wakes a worker for it.
    pub async fn begin(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
        purpose: Purpose,
        name: &str,
        mut file: File,
    ) -> Result<Run, Error> {
        let run =
            Run { purpose, ..Run::queued(&self.store, configuration.clone(), fingerprint(&mut file, name)?) };
        self.objects.store(&Folder::new(directory, &run.id).source(), file).await?;
        let writes = [save_run(directory, &run, 0)?, wait(directory, &run.id)];
        self.store.table.write(&writes, None).await?;
        self.wake.wake(directory).await?;
        Ok(run)
    }

    /// Imports what lies in the inbox and has no run yet, as its event was lost, and goes on with what was left. Names of
    /// keys that lead nowhere are passed over. How many directories and objects were looked at.
    pub async fn sweep(&self, progress: &dyn Progress) -> Result<usize, Error> {
        let mut looked_at = 0;
        for directory in self.store.directories_with_waiting_runs().await? {
            looked_at += 1;
            self.work(&directory, progress).await?;
        }
        let mut after: Option<String> = None;
        loop {
            let entries = self.objects.list(INBOX, after.as_deref(), LISTED_AT_ONCE).await?;
            let Some(last) = entries.last() else { return Ok(looked_at) };
            after = Some(last.key.clone());
            for entry in entries {
                if progress.is_out_of_time() {
                    return Ok(looked_at);
                }
                looked_at += 1;
                self.import_object(&entry.key, None, progress).await?;
            }
        }
    }

    /// Works until a run has ended or is held, or somebody else is at it.
    pub(super) async fn see_through(
        &self,
        directory: &DirectoryId,
        run: &str,
        progress: &dyn Progress,
    ) -> Result<Run, Error> {
        let current = || async {
            let run = self.store.run(directory, run).await?;
            run.ok_or_else(|| Error::fault("an object points to a run that does not exist"))
        };
        let before = current().await?;
        if before.is_ended() {
            // A worker that died between the two leaves it there.
            self.clear_inbox(&before).await?;
            return Ok(before);
        }
        if !before.is_held() {
            self.work(directory, progress).await?;
        }
        current().await
    }

    /// The run of an object: known already, or begun now. Otherwise why there is none.
    async fn run_of(
        &self,
        inbox: &InboxObject,
        key: &str,
        version: Option<&str>,
    ) -> Result<Result<String, Uploaded>, Error> {
        let InboxObject { directory, configuration, name } = inbox;
        if let Some(version) = version
            && let Some(run) = self.store.run_of_object(directory, key, version).await?
        {
            return Ok(Ok(run));
        }
        if self.store.configuration(directory, configuration).await?.is_none() {
            return Ok(Err(Uploaded::Unroutable));
        }
        let Some(object) = self.objects.fetch(key, version).await? else { return Ok(Err(Uploaded::Gone)) };
        let (mut file, version) = (object.file, object.version);
        if let Some(run) = self.store.run_of_object(directory, key, &version).await? {
            return Ok(Ok(run));
        }
        let run = Run {
            object: Some((key.to_owned(), version.clone())),
            ..Run::queued(&self.store, configuration.clone(), fingerprint(&mut file, name)?)
        };
        let source = Folder::new(directory, &run.id).source();
        self.objects.store(&source, file).await?;
        let claim = Item::new(keys::run_of_object(directory, key, &version)).with("r", run.id.clone());
        let claim = Write::Put(claim, Condition::Absent);
        let writes = [save_run(directory, &run, 0)?, claim, wait(directory, &run.id)];
        match self.store.table.write(&writes, None).await.map_err(Error::from) {
            Ok(_) => Ok(Ok(run.id)),
            Err(Error::VersionConflict) => {
                self.objects.remove(&source, None).await?;
                let known = self.store.run_of_object(directory, key, &version).await?;
                known.map(Ok).ok_or_else(|| Error::fault("an object's run has vanished"))
            }
            Err(error) => Err(error),
        }
    }
}

impl Run {
    /// A new run, which nobody knows of yet.
    pub(crate) fn queued(store: &Store, configuration: Name, source: SourceFile) -> Self {
        Self {
            id: store.timed_name(),
            configuration,
            state: State::Queued,
            counts: Counts::default(),
            rows_done: 0,
            rows_total: 0,
            warnings: Vec::new(),
            problem: None,
            source,
            created_at: store.now(),
            finished_at: None,
            purpose: Purpose::Import,
            reverted_by: None,
            encoding: None,
            planned: Counts::default(),
            removals: 0,
            header: Vec::new(),
            parts_done: 0,
            attempts: 0,
            object: None,
            provenance: None,
            noted: Vec::new(),
        }
    }
}

/// The objects of a run: `runs/{tenant}/{directory}/{run}/…`.
pub struct Folder(String);

impl Folder {
    /// The folder of this run.
    pub fn new(directory: &DirectoryId, run: &str) -> Self {
        Self(format!("runs/{directory}/{run}"))
    }

    /// The file as it came.
    pub fn source(&self) -> String {
        format!("{}/source", self.0)
    }

    /// The plan: lines of JSON, see [`super::plan::PlanRow`].
    pub fn plan(&self) -> String {
        format!("{}/plan", self.0)
    }

    /// The rows with problems, as CSV.
    pub fn report(&self) -> String {
        format!("{}/report.csv", self.0)
    }

    /// What was changed: lines of JSON, see [`super::apply::Applied`].
    pub fn changes(&self) -> String {
        format!("{}/changes", self.0)
    }

    /// Whose rows were applied, and to whom; see [`super::manifest`].
    pub(super) fn manifest(&self) -> String {
        format!("{}/manifest", self.0)
    }

    /// The part of the manifest that planning knows.
    pub(super) fn entries(&self) -> String {
        format!("{}/entries", self.0)
    }

    pub(super) fn changes_part(&self, part: u32) -> String {
        format!("{}/changes.{part:06}", self.0)
    }
}

/// What tells a file from another one. Reads all of it, and leaves it at its beginning.
///
/// # Errors
/// Where it cannot be read.
pub fn fingerprint(file: &mut File, name: &str) -> Result<SourceFile, Error> {
    file.rewind()?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        size += read as u64;
    }
    file.rewind()?;
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(SourceFile { name: name.to_owned(), size, sha256: text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_the_inbox_name_an_upload() {
        let parsed = InboxObject::parse("inbox/acme/people/default/März/users 1.csv").unwrap();
        assert_eq!(parsed.directory.to_string(), "acme/people");
        assert_eq!((parsed.configuration.as_str(), parsed.name.as_str()), ("default", "März/users 1.csv"));
        for key in [
            "",
            "inbox/",
            "inbox/acme/people/default",
            "inbox/acme/people/default/",
            "runs/acme/people/default/x",
            "inbox/acme/../default/x",
            "inbox/ACME/people/default/x",
            "inbox//people/default/x",
            "inbox/a/b/c/d/",
        ] {
            assert_eq!(InboxObject::parse(key), None, "{key}");
        }
    }
}
