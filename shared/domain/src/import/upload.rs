//! Where the objects of imports are, and how a run begins.

use super::configuration::Configuration;
use super::engine::{Importer, Progress};
use super::run::{Counts, Lease, Run, SourceFile, State, Taken};
use crate::error::Error;
use crate::store::{DirectoryId, Name};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Seek as _};

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
    /// The run that it started, at its end: by this call, or by an earlier one.
    Ended(Run),
    /// Another worker is at it; ask again when that one has ended or died.
    Busy(Run),
    /// The object is gone, and no run knows of it.
    Gone,
    /// The key names no directory and configuration that exist.
    Unroutable,
}

impl Importer {
    /// Imports an object of the inbox. The same key and version always mean the same run: begun by the first
    /// call, taken over where its worker died, and left alone once it has ended.
    pub async fn import_object(
        &self,
        key: &str,
        version: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Uploaded, Error> {
        let Some(inbox) = InboxObject::parse(key) else { return Ok(Uploaded::Unroutable) };
        if let Some(version) = version
            && let Some(known) = self.known(&inbox, key, version, progress).await?
        {
            return Ok(known);
        }
        let Some(configuration) = self.store.configuration(&inbox.directory, &inbox.configuration).await?
        else {
            return Ok(Uploaded::Unroutable);
        };
        let Some(object) = self.objects.fetch(key, version).await? else { return Ok(Uploaded::Gone) };
        let mut lease = self.queue(&inbox.directory, &configuration, &inbox.name, object.file).await?;
        match lease.create(Some((key, &object.version))).await {
            Ok(()) => Ok(Uploaded::Ended(self.execute(lease, progress).await?)),
            Err(Error::VersionConflict) => {
                self.objects.remove(&Folder::of(&lease).source()).await?;
                let known = self.known(&inbox, key, &object.version, progress).await?;
                known.ok_or_else(|| Error::fault("an object's run has vanished"))
            }
            Err(error) => Err(error),
        }
    }

    /// Imports a file that lies at hand.
    pub async fn import_file(
        &self,
        directory: &DirectoryId,
        configuration: &Configuration,
        name: &str,
        file: File,
        progress: &dyn Progress,
    ) -> Result<Run, Error> {
        let mut lease = self.queue(directory, configuration, name, file).await?;
        lease.create(None).await?;
        self.execute(lease, progress).await
    }

    /// Goes on with the run of an object, if it has one.
    async fn known(
        &self,
        inbox: &InboxObject,
        key: &str,
        version: &str,
        progress: &dyn Progress,
    ) -> Result<Option<Uploaded>, Error> {
        let Some(run) = self.store.run_of_object(&inbox.directory, key, version).await? else {
            return Ok(None);
        };
        Ok(Some(match self.store.take_run(&inbox.directory, &run).await? {
            Taken::Mine(lease) => Uploaded::Ended(self.execute(lease, progress).await?),
            Taken::Ended(run) => Uploaded::Ended(run),
            Taken::Busy(run) => Uploaded::Busy(run),
        }))
    }

    /// A new run whose source is stored, but which nobody knows of yet.
    async fn queue(
        &self,
        directory: &DirectoryId,
        configuration: &Configuration,
        name: &str,
        mut file: File,
    ) -> Result<Lease, Error> {
        let (size, sha256) = fingerprint(&mut file)?;
        let run = Run {
            id: self.store.timed_name(),
            configuration: configuration.name.clone(),
            state: State::Queued,
            counts: Counts::default(),
            rows_done: 0,
            rows_total: 0,
            warnings: Vec::new(),
            problem: None,
            source: SourceFile { name: name.to_owned(), size, sha256 },
            created_at: self.store.now(),
            finished_at: None,
            parts_done: 0,
        };
        let lease = Lease::of_new(std::sync::Arc::clone(&self.store), directory.clone(), run);
        self.objects.store(&Folder::of(&lease).source(), file).await?;
        Ok(lease)
    }
}

/// The objects of a run: `runs/{tenant}/{directory}/{run}/…`.
pub struct Folder(String);

impl Folder {
    /// The folder of this run.
    pub fn new(directory: &DirectoryId, run: &str) -> Self {
        Self(format!("runs/{directory}/{run}"))
    }

    pub(super) fn of(lease: &Lease) -> Self {
        Self::new(&lease.directory, &lease.run.id)
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

    pub(super) fn changes_part(&self, part: u32) -> String {
        format!("{}/changes.{part:06}", self.0)
    }
}

fn fingerprint(file: &mut File) -> Result<(u64, String), Error> {
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
    Ok((size, text))
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
