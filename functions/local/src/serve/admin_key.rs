//! The operator's key: from the environment, or made once and kept in the data folder.

use crate::data_folder::DataFolder;
use crate::failure::Failure;
use crate::private_file;
use adapters::config::Config;
use adapters::system::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ports::Random as _;

/// What the key begins with, so that a leaked one is recognised. The hyphen tells it apart from a token of a region.
const PREFIX: &str = "muster_admin-";

/// The key, and where it is from.
#[derive(Debug, Clone)]
pub(super) struct AdminKey {
    pub(super) key: String,
    pub(super) source: Source,
}

/// Where a key is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// `MUSTER_ADMIN_KEY`.
    Environment,
    /// The data folder.
    Kept,
    /// It was made just now, and is kept in the data folder.
    Made,
}

/// `MUSTER_ADMIN_KEY`, or the folder's own key.
pub(super) fn of(folder: &DataFolder) -> Result<AdminKey, Failure> {
    let config = Config::from_process();
    if let Some(key) = config.admin_key().map_err(|error| Failure::new(error.to_string()))? {
        return Ok(AdminKey { key, source: Source::Environment });
    }
    let path = folder.admin_key();
    let kept =
        private_file::read(&path).map_err(|error| Failure::caused("admin.key cannot be read", error))?;
    if let Some(kept) = kept {
        let key = String::from_utf8_lossy(&kept).trim().to_owned();
        let damaged =
            || Failure::new(format!("{} is empty; remove it to have a new one made", path.display()));
        return if key.is_empty() { Err(damaged()) } else { Ok(AdminKey { key, source: Source::Kept }) };
    }
    let mut random = [0; 32];
    SystemRandom.fill(&mut random);
    let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
    private_file::write(&path, format!("{key}\n").as_bytes())
        .map_err(|error| Failure::caused("admin.key cannot be written", error))?;
    Ok(AdminKey { key, source: Source::Made })
}
