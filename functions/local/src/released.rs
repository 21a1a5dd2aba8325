//! Sets free the imports and the pulls of a process that died.
//!
//! A directory belongs to its worker until a lease ends, a minute after the worker was last heard of. Whoever has the
//! data folder open knows more: nobody else can be working on it, so nobody needs to wait for that minute.

use crate::failure::Failure;
use domain::store::{DirectoryId, Store};
use jiff::Timestamp;

/// Ends the turns of workers that are gone; the server, or the next command, goes on with their runs.
pub(crate) async fn release(store: &Store) -> Result<(), Failure> {
    free_all(store).await.map_err(|error| Failure::caused("the runs of the last start cannot be read", error))
}

async fn free_all(store: &Store) -> Result<(), domain::Error> {
    for tenant in store.names(None).await? {
        for directory in store.names(Some(&tenant)).await? {
            store.end_lease(&DirectoryId::new(tenant.clone(), directory)).await?;
        }
    }
    for (directory, configuration) in store.due_pulls(Timestamp::MAX).await? {
        store.end_pull(&directory, &configuration).await?;
    }
    Ok(())
}
