//! The data folder: what lies where in it.
//!
//! ```text
//! muster-data/      mode 0700
//!   table.redb      every tenant, user, run and token hash; mode 0600
//!   objects/        inbox/… and runs/…
//!   admin.key       the operator's key; mode 0600
//!   demo.json       what the first start printed; mode 0600
//!   vault.key       seals passwords and private keys of sources; mode 0600
//!   mail/           what would be sent: one file for each message
//!   schemas/        {tenant}/{directory}/*.json: declared when `muster serve` starts
//!   control.sock    other commands talk to `muster serve` through it
//! ```

use crate::failure::Failure;
use domain::import::upload::INBOX;
use domain::store::{DirectoryId, Name};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A data folder that exists.
#[derive(Debug, Clone)]
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes the folder where there is none. One that exists keeps its mode, for it may hold other things.
    pub(crate) fn make(path: &Path) -> Result<Self, Failure> {
        let fail = |error: io::Error| {
            Failure::new(format!("the data folder {} cannot be used: {error}", path.display()))
        };
        make_private(path).map_err(fail)?;
        let folder = Self(path.canonicalize().map_err(fail)?);
        folder.check_table_is_not_lost()?;
        make_private(&folder.objects()).map_err(fail)?;
        folder.make_table_private().map_err(fail)?;
        Ok(folder)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn table(&self) -> PathBuf {
        self.0.join("table.redb")
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.0.join("objects")
    }

    pub(crate) fn admin_key(&self) -> PathBuf {
        self.0.join("admin.key")
    }

    pub(crate) fn demo(&self) -> PathBuf {
        self.0.join("demo.json")
    }

    /// The key that secrets are sealed with.
    pub(crate) fn vault_key(&self) -> PathBuf {
        self.0.join("vault.key")
    }

    /// The folder that mail is written into.
    pub(crate) fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }

    /// The folder of declared schemas; there need not be one.
    pub(crate) fn schemas(&self) -> PathBuf {
        self.0.join("schemas")
    }

    pub(crate) fn control(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// The folder of all inboxes.
    pub(crate) fn inboxes(&self) -> PathBuf {
        self.object(INBOX)
    }

    /// The file of an object.
    pub(crate) fn object(&self, key: &str) -> PathBuf {
        self.objects().join(key)
    }

    /// The folder whose files a configuration imports.
    pub(crate) fn inbox(&self, directory: &DirectoryId, configuration: &Name) -> PathBuf {
        self.object(&inbox_key(directory, configuration))
    }

    /// A table that is gone is never made anew beside what only it explains: users would be missed without a word.
    /// The table is made before either of these, so that no start that was cut off leaves them without it.
    fn check_table_is_not_lost(&self) -> Result<(), Failure> {
        let is_there = fs::metadata(self.table()).is_ok_and(|table| table.len() > 0);
        let witness = [self.demo(), self.object("runs")].into_iter().find(|path| path.exists());
        match witness {
            Some(witness) if !is_there => Err(Failure::new(format!(
                "the table {} is missing or empty, though {} is there; restore it, or remove the folder {} to start \
                 anew",
                shown(&self.table()),
                shown(&witness),
                shown(&self.0),
            ))),
            _ => Ok(()),
        }
    }

    /// The store makes its file with the usual mode, so it finds an empty one of the right mode.
    fn make_table_private(&self) -> io::Result<()> {
        OpenOptions::new().create(true).append(true).mode(0o600).open(self.table()).map(drop)
    }
}

/// `inbox/{tenant}/{directory}/{configuration}`.
pub(crate) fn inbox_key(directory: &DirectoryId, configuration: &Name) -> String {
    format!("{INBOX}{directory}/{configuration}")
}

/// A path as the person at the terminal would write it: from the working directory on, where it lies below.
pub(crate) fn shown(path: &Path) -> std::path::Display<'_> {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = here.ok().and_then(|here| path.strip_prefix(here).ok());
    below.unwrap_or(path).display()
}

/// Makes the folder whose files a configuration imports.
pub(crate) fn make_inbox(
    folder: &DataFolder,
    directory: &DirectoryId,
    configuration: &Name,
) -> io::Result<()> {
    fs::create_dir_all(folder.inbox(directory, configuration))
}

/// A configuration that is made over the admin API has an inbox from then on.
impl admin::Made for DataFolder {
    fn configuration(&self, directory: &DirectoryId, name: &Name) {
        if let Err(error) = make_inbox(self, directory, name) {
            let inbox = inbox_key(directory, name);
            tracing::warn!(%error, inbox, "the inbox folder cannot be made; make it, then files in it are imported");
        }
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(above)?.sync_all()
}
