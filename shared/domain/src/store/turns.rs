//! Writers of one process take turns on a record that many of them change at once, as groups are: each would lose
//! to all the others otherwise. Between processes the condition on the record decides.

use super::id::Id;
use super::name::DirectoryId;
use futures::lock::{Mutex as AsyncMutex, OwnedMutexGuard};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

type Turn = Arc<AsyncMutex<()>>;

/// The records that are being changed, each with those who wait for it.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<(DirectoryId, Id), Turn>>);

impl Turns {
    /// Waits until nobody else of this process changes the record.
    pub(crate) async fn take(&self, directory: &DirectoryId, record: Id) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Who is not waited for is forgotten; there are no more entries than requests.
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(turns.entry((directory.clone(), record)).or_default())
        };
        turn.lock_owned().await
    }
}
