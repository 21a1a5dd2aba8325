//! Mail in a folder: one file for each message, which any mail program opens.

use super::objects::make_folders;
use async_trait::async_trait;
use domain::mail::{Mail, MailError};
use domain::ports::{Clock, Random};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Of chance, in the name of a file.
const ID_BYTES: usize = 8;

/// The port of mail on a folder: `<time>-<id>.eml`, in the order of sending, for the owner alone to read. Nobody is
/// written to.
#[derive(Clone)]
pub struct FolderMail {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl FolderMail {
    /// In this folder, which is made when first needed. `random` keeps two files apart.
    pub fn new(folder: PathBuf, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { folder, clock, random }
    }

    fn name(&self) -> String {
        let mut name = self.clock.now().strftime("%Y%m%dT%H%M%S%.3fZ-").to_string();
        let mut id = [0; ID_BYTES];
        self.random.fill(&mut id);
        for byte in id {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name + ".eml"
    }
}

#[async_trait]
impl Mail for FolderMail {
    async fn send(&self, _: &str, _: &[String], message: &[u8]) -> Result<(), MailError> {
        let (folder, name, message) = (self.folder.clone(), self.name(), message.to_vec());
        match tokio::task::spawn_blocking(move || store(&folder, &name, &message)).await {
            Ok(stored) => stored.map_err(|error| MailError::Later(Box::new(error))),
            Err(ended) => Err(MailError::Later(Box::new(ended))),
        }
    }
}

/// The whole file beside its place, onto the disk, then to its place; temporary files are for their owner alone.
fn store(folder: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    make_folders(folder)?;
    let mut temporary = NamedTempFile::with_prefix_in(".", folder)?;
    temporary.write_all(message)?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(folder.join(name)).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}
