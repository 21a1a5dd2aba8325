//! The key of the deployment on a laptop: a file of mode 0600 beside the table, made where there is none.

use domain::ports::Random;
use domain::secret::OwnKey;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the file cannot be used")]
    Io(#[from] io::Error),
    /// The file is no key. It is never replaced: what was sealed with the one before would be lost for good.
    #[error("the file has not the 32 bytes of a key; restore it, or remove it and send all secrets again")]
    Damaged,
    /// Others can read it.
    #[error("others can read the file; take that from them with chmod 600")]
    Open,
}

/// The key in this file.
///
/// # Errors
/// See [`KeyFileError`].
pub fn open_key_file(path: &Path, random: Arc<dyn Random>) -> Result<OwnKey, KeyFileError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => {
            if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
                return Err(KeyFileError::Open);
            }
            Zeroizing::new(bytes)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path, random.as_ref())?,
        Err(error) => return Err(error.into()),
    };
    let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyFileError::Damaged)?;
    Ok(OwnKey::new(Zeroizing::new(key), random))
}

/// Whole on the disk before anything is sealed with it.
fn make(path: &Path, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let mut key = Zeroizing::new(vec![0; 32]);
    random.fill(&mut key);
    let folder = path.parent().unwrap_or(Path::new("."));
    // Temporary files have mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&key)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {
            File::open(folder)?.sync_all()?;
            Ok(key)
        }
        // Another process was quicker: its key counts.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(Zeroizing::new(fs::read(path)?))
        }
        Err(error) => Err(error.error.into()),
    }
}
