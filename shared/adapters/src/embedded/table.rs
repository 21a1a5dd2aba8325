//! The table in one file.

use super::query;
use super::schema::{ENTRIES, ITEMS};
use super::transaction::{Prepared, StoreError, Tables, Unreadable};
use super::writer::{Writer, unavailable};
use super::{codec, keys};
use crate::billing;
use crate::table_rules::{self, Range};
use async_trait::async_trait;
use domain::ports::Clock;
use domain::table::{Consistency, Item, Key, Page, Query, Read, Source, Table, TableError, Units, Write};
use redb::{Builder, Database, DatabaseError, ReadOnlyTable, ReadableDatabase};
use std::any::Any;
use std::cell::Cell;
use std::fs::File;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Once};

/// Bytes of pages that the store keeps in memory: enough for the claims and most records of 100,000 users, so that
/// looking up any of them costs what it costs in a small directory. The system's page cache holds the rest.
const CACHE_BYTES: usize = 128 * 1024 * 1024;

/// Why a table file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("another process is using the table file")]
    InUse,
    /// It cannot be read or written, is damaged, or is no table file.
    #[error("the table file cannot be opened")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The store met something in the file that it never wrote.
#[derive(Debug, thiserror::Error)]
#[error("it is damaged ({0}); restore it from a backup")]
struct Damaged(String);

/// The table port on one file. A write that was acknowledged is on the disk; reads see every acknowledged write,
/// whatever their [`Consistency`].
///
/// Dropping it waits for the writes that were handed in, and then lets other processes open the file.
pub struct EmbeddedTable {
    // Dropped first, for the thread shares the database.
    writer: Writer,
    database: Arc<Database>,
}

impl std::fmt::Debug for EmbeddedTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EmbeddedTable").finish_non_exhaustive()
    }
}

impl EmbeddedTable {
    /// Opens the file, making it where there is none; its folder must exist. After a crash the file is checked and
    /// mended first. `clock` ends the life of idempotency tokens.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        // Nothing that the store was working on is seen again after a panic, so that none of it can be half changed.
        let opened = quietly(AssertUnwindSafe(|| Self::open_whole(path, clock)));
        opened.unwrap_or_else(|panic| Err(OpenError::Failed(Box::new(Damaged(words(panic.as_ref()))))))
    }

    /// Panics on some files that are damaged: the store takes what it reads for what it wrote.
    fn open_whole(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let database =
            Builder::new().set_cache_size(CACHE_BYTES).create(path).map_err(|error| match error {
                DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
                other => OpenError::Failed(Box::new(other)),
            })?;
        make_tables(&database).map_err(|error| OpenError::Failed(Box::new(error)))?;
        sync_folder(path).map_err(|error| OpenError::Failed(Box::new(error)))?;
        let database = Arc::new(database);
        let writer = Writer::start(Arc::clone(&database), clock)
            .map_err(|error| OpenError::Failed(Box::new(error)))?;
        Ok(Self { writer, database })
    }

    fn items(&self) -> Result<ReadOnlyTable<&'static [u8], &'static [u8]>, redb::Error> {
        Ok(self.database.begin_read()?.open_table(ITEMS)?)
    }

    fn entries(&self) -> Result<ReadOnlyTable<&'static [u8], ()>, redb::Error> {
        Ok(self.database.begin_read()?.open_table(ENTRIES)?)
    }

    fn page(&self, query: &Query, range: &Range<'_>) -> Result<Read<Page>, StoreError> {
        match query.source {
            Source::Table => query::items(&self.items()?, query, range),
            Source::Index => query::entries(&self.entries()?, query, range),
        }
    }
}

// Reads are done in place: they take microseconds from memory, less than handing them to another thread would.
#[async_trait]
impl Table for EmbeddedTable {
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Read<Option<Item>>, TableError> {
        table_rules::check_key(key)?;
        let items = self.items().map_err(unavailable)?;
        read(&items, key, consistency).map_err(unavailable)
    }

    async fn batch_get(
        &self,
        keys: &[Key],
        consistency: Consistency,
    ) -> Result<Read<Vec<Option<Item>>>, TableError> {
        table_rules::check_batch(keys)?;
        let items = self.items().map_err(unavailable)?;
        let mut batch = Read { value: Vec::with_capacity(keys.len()), units: Units::default() };
        for key in keys {
            let one = read(&items, key, consistency).map_err(unavailable)?;
            batch.value.push(one.value);
            batch.units += one.units;
        }
        Ok(batch)
    }

    async fn query(&self, query: &Query) -> Result<Read<Page>, TableError> {
        match table_rules::check_query(query)? {
            Range::Nothing => Ok(table_rules::empty_page()),
            range @ Range::Between(..) => self.page(query, &range).map_err(unavailable),
        }
    }

    async fn write(&self, writes: &[Write], token: Option<&str>) -> Result<Units, TableError> {
        table_rules::check_writes(writes, token)?;
        self.writer.write(Prepared::new(writes, token)).await
    }
}

fn read(
    items: &ReadOnlyTable<&'static [u8], &'static [u8]>,
    key: &Key,
    consistency: Consistency,
) -> Result<Read<Option<Item>>, StoreError> {
    let Some(value) = items.get(keys::of_item(key).as_slice())? else {
        return Ok(Read { value: None, units: billing::read(0, consistency) });
    };
    let item = codec::decode(key.clone(), value.value()).ok_or(Unreadable)?;
    let units = billing::read(item.size(), consistency);
    Ok(Read { value: Some(item), units })
}

/// Readers may come before the first write, and find no tables otherwise.
fn make_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    Tables::open(&transaction)?;
    Ok(transaction.commit()?)
}

/// A file that was just made lasts only once its folder is on the disk, too.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

thread_local! {
    /// Whether this thread is opening a file, and a panic is no fault of ours to tell of.
    static OPENING: Cell<bool> = const { Cell::new(false) };
}

/// Catches a panic of `work` on this thread without a word on stderr. The process has one hook for all its threads:
/// it is therefore not exchanged for the time of a call, but once, for one that knows whose panic it is told of.
fn quietly<T>(work: impl FnOnce() -> T + panic::UnwindSafe) -> Result<T, Box<dyn Any + Send>> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !OPENING.get() {
                usual(info);
            }
        }));
    });
    OPENING.set(true);
    let result = panic::catch_unwind(work);
    OPENING.set(false);
    result
}

/// The first line of what a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    text.lines().next().unwrap_or("unknown cause").to_owned()
}
