//! The log of changes of a directory: which records were changed when, so that what has changed since a time is
//! looked up and not searched for.
//!
//! It costs a write for every change, so only a directory whose clients ask for changes pays for it: the first filter
//! on `meta.lastModified` walks over everything and starts the log. Other processes learn of that within a minute,
//! and so the log is complete from two minutes after it was started.

use super::Store;
use super::id::Id;
use super::keys::{self, Kind};
use super::name::DirectoryId;
use super::record::Record;
use super::update::Typed;
use crate::error::Error;
use crate::table::{Condition, Item, Query, TableError, Write};
use crate::tenant::{Opened, REMEMBERED_SECONDS};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};

/// How far back the log is asked; what is further back is most of a directory anyway.
const DAYS_ASKED: i64 = 7;
/// How long an entry stays.
const DAYS_KEPT: i64 = 9;
/// Partitions of a day: 8,000 changes a second.
const SHARDS: u32 = 8;
const DAY: i64 = 24 * 3600;
/// Queries and writes that are under way at the same time.
const AT_ONCE: usize = 16;

impl Store {
    /// Notes that these records are about to be written as they are: 1 write unit each, if the directory has a log.
    ///
    /// Before the write, so that no change is missing from the log. One that then does not happen is no harm: who
    /// asks the log looks at the record.
    pub(super) async fn note_changes(
        &self,
        directory: &DirectoryId,
        typed: Typed<'_>,
        records: impl Iterator<Item = &Record>,
    ) -> Result<(), Error> {
        if !typed.logged {
            return Ok(());
        }
        let items: Vec<Item> = records.map(|record| entry(directory, typed.kind, record)).collect();
        let writes: Vec<_> = items.into_iter().map(|item| self.note(item)).collect();
        Ok(futures::stream::iter(writes).buffer_unordered(AT_ONCE).try_collect().await?)
    }

    async fn note(&self, change: Item) -> Result<(), TableError> {
        self.table.write(&[Write::Put(change, Condition::Always)], None).await.map(drop)
    }

    /// The ids of the records that were changed since then, if the log knows: 0.5 read units for each of its
    /// partitions since that day, 8 a day, and for each 30 entries.
    pub(crate) async fn changed_since(
        &self,
        opened: &Opened,
        kind: Kind,
        since: Timestamp,
    ) -> Result<Option<Vec<Id>>, Error> {
        let now = self.now();
        let complete =
            opened.logged_since.map(|start| start + SignedDuration::from_secs(2 * REMEMBERED_SECONDS));
        let known = complete.is_some_and(|complete| complete <= since);
        if !known || now.as_second() - since.as_second() > DAYS_ASKED * DAY {
            return Ok(None);
        }
        // Records may be ahead of our clock by what other processes' clocks are.
        let days = since.as_second().div_euclid(DAY)..=now.as_second().div_euclid(DAY) + 1;
        let partitions =
            days.flat_map(|day| (0..SHARDS).map(move |shard| keys::changes(&opened.id, kind, day, shard)));
        let from = Some(keys::change_sort(since, None));
        let query = |partition| Query { from: from.clone(), ..Query::partition(partition) };
        let queries: Vec<_> = partitions.map(|partition| self.whole(query(partition))).collect();
        let found: Vec<Vec<Item>> = futures::stream::iter(queries).buffered(AT_ONCE).try_collect().await?;
        Ok(Some(found.iter().flatten().filter_map(|item| keys::id_of_change(&item.key.sort)).collect()))
    }

    /// Starts the log of a directory; one that has begun goes on.
    pub(crate) async fn start_log(&self, id: &DirectoryId) -> Result<(), Error> {
        let Some(mut entry) = self.directory(id).await? else { return Ok(()) };
        if entry.logged_since.is_some() {
            return Ok(());
        }
        entry.logged_since = Some(self.now());
        match self.table.write(&[entry.replacing()?], None).await {
            // Whoever changed the directory meanwhile: the next question starts it.
            Ok(_) | Err(TableError::Cancelled(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.opened.forget(id);
        Ok(())
    }
}

fn entry(directory: &DirectoryId, kind: Kind, record: &Record) -> Item {
    let day = record.modified.as_second().div_euclid(DAY);
    let partition = keys::changes(directory, kind, day, record.id.seat().block % SHARDS);
    let mut item =
        Item::new(crate::table::Key::new(partition, keys::change_sort(record.modified, Some(record.id))));
    item.expires = Some(record.modified.as_second() + DAYS_KEPT * DAY);
    item
}
