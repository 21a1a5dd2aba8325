//! Sets free the runs of a process that died.
//!
//! A run belongs to its worker until a lease ends, a minute after the worker was last heard of. Whoever has the
//! data folder open knows more: nobody else can be working on it, so nobody needs to wait for that minute.

use crate::data_folder::DataFolder;
use crate::failure::Failure;
use crate::inbox;
use domain::import::upload::InboxObject;
use domain::store::{DirectoryId, Store, keys};
use domain::table::{Condition, Consistency, Table, Write};
use std::collections::BTreeSet;

/// Runs looked at for each directory. One process imports one file at a time, so an unfinished run is among the latest.
const LATEST: usize = 32;

/// Frees the unfinished runs whose file still lies in the inbox; the watcher, or the same command again, takes them up.
pub(crate) async fn release(folder: &DataFolder, store: &Store, table: &dyn Table) -> Result<(), Failure> {
    let found = inbox::files(folder).map_err(|error| Failure::caused("the inbox cannot be read", error))?;
    let directories: BTreeSet<DirectoryId> = found
        .into_iter()
        .filter_map(|file| InboxObject::parse(&file.key))
        .map(|object| object.directory)
        .collect();
    for directory in &directories {
        for run in store.latest_runs(directory, LATEST).await.map_err(unreleased)? {
            if !run.state.is_final() {
                end_lease(table, directory, &run.id).await.map_err(|error| unreleased(error.into()))?;
            }
        }
    }
    Ok(())
}

/// Sets the end of the lease (`u`) to the beginning of time; `n` counts the saves of the run.
async fn end_lease(
    table: &dyn Table,
    directory: &DirectoryId,
    run: &str,
) -> Result<(), domain::table::TableError> {
    let Some(item) = table.get(&keys::run(directory, run), Consistency::Strong).await?.value else {
        return Ok(());
    };
    let Some(saves) = item.number("n") else { return Ok(()) };
    let unchanged = Condition::Equals("n".to_owned(), saves.into());
    table.write(&[Write::Put(item.with("u", 0), unchanged)], None).await?;
    Ok(())
}

fn unreleased(error: domain::Error) -> Failure {
    Failure::caused("the runs of the last start cannot be read", error)
}
