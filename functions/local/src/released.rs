//! Sets free the runs of a process that died.
//!
//! A run belongs to its worker until a lease ends, a minute after the worker was last heard of. Whoever has the
//! data folder open knows more: nobody else can be working on it, so nobody needs to wait for that minute.

use crate::data_folder::DataFolder;
use crate::failure::Failure;
use crate::inbox;
use domain::import::upload::InboxObject;
use domain::store::{DirectoryId, Store};
use std::collections::BTreeSet;

/// Frees the unfinished runs whose file still lies in the inbox; the watcher, or the same command again, takes them up.
pub(crate) async fn release(folder: &DataFolder, store: &Store) -> Result<(), Failure> {
    let found = inbox::files(folder).map_err(|error| Failure::caused("the inbox cannot be read", error))?;
    let objects = found.files.into_iter().filter_map(|file| InboxObject::parse(&file.key));
    let directories: BTreeSet<DirectoryId> = objects.map(|object| object.directory).collect();
    for directory in &directories {
        let freed = store.end_leases(directory).await;
        freed.map_err(|error| Failure::caused("the runs of the last start cannot be read", error))?;
    }
    Ok(())
}
