//! What is to be imported: made of the command's options, and handed to a running server as it is.

use crate::cli::Import;
use crate::failure::Failure;
use domain::store::{DirectoryId, Name};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// An import that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The file, as an absolute path.
    pub(crate) file: PathBuf,
    pub(crate) tenant: Name,
    pub(crate) directory: Name,
    pub(crate) configuration: Name,
    /// Only the plan is wanted.
    pub(crate) dry_run: bool,
    /// A plan that is held is carried out all the same.
    #[serde(default)]
    pub(crate) approve: bool,
}

impl Job {
    /// The job of a command line, if its file is there and can be read.
    pub(crate) fn of(options: &Import) -> Result<Self, Failure> {
        open(&options.file)?;
        let file = fs::canonicalize(&options.file).map_err(|error| unreadable(&options.file, &error))?;
        Ok(Self {
            file,
            tenant: options.tenant.clone(),
            directory: options.directory.clone(),
            configuration: options.configuration.clone(),
            dry_run: options.dry_run,
            approve: options.approve,
        })
    }

    /// Whose users the file brings.
    pub(crate) fn directory(&self) -> DirectoryId {
        DirectoryId::new(self.tenant.clone(), self.directory.clone())
    }

    /// The file.
    pub(crate) fn open(&self) -> Result<File, Failure> {
        open(&self.file)
    }
}

/// Opens a regular file: a pipe or a device could keep an import waiting for ever, and cannot be read twice.
fn open(path: &Path) -> Result<File, Failure> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        let text = format!("{} is a folder; name the CSV file in it", path.display());
        return Err(Failure::new(text));
    }
    if !metadata.is_file() {
        let text = format!("{} is no regular file; write the rows into one and import that", path.display());
        return Err(Failure::new(text));
    }
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::new(match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file {path}; see whether its path is right"),
        io::ErrorKind::PermissionDenied => {
            format!("{path} cannot be read: permission denied; allow this user to read it")
        }
        _ => format!("{path} cannot be read: {error}"),
    })
}
