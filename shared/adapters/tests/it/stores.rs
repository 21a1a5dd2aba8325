//! The stores that the tests run on, and the clock and the randomness that they are given.

use adapters::aws::{Retries, at_endpoint};
use adapters::dynamodb::DynamoTable;
use adapters::embedded::EmbeddedTable;
use adapters::system::SystemRandom;
use domain::ports::Clock;
use domain::table::{Item, Key, Table, TableError, Units, Write};
use emulator::DynamoDb;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// A clock that stands until it is moved.
pub(crate) struct StandingClock(Mutex<Timestamp>);

impl StandingClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap())))
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// An embedded table in a folder of its own.
pub(crate) fn embedded() -> (EmbeddedTable, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let table = EmbeddedTable::open(&folder.path().join("table.redb"), StandingClock::new()).unwrap();
    (table, folder)
}

/// Pauses short enough that no test waits for them.
pub(crate) const QUICK: Retries = Retries {
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(2),
    total: Duration::from_secs(20),
};

/// A table of an emulated DynamoDB.
pub(crate) async fn dynamodb() -> (DynamoTable, DynamoDb) {
    let emulator = DynamoDb::start();
    let config = at_endpoint(&emulator.endpoint(), emulator::ACCESS_KEY, emulator::SECRET_KEY).await;
    let table = DynamoTable::new(&config, emulator::TABLE, Arc::new(SystemRandom)).with_retries(QUICK);
    (table, emulator)
}

/// Runs a test of the contract on every table; the name of the one at work is printed should it fail.
pub(crate) async fn on_every_table(test: impl AsyncFn(Arc<dyn Table>)) {
    eprintln!("on the embedded table");
    let (table, _folder) = embedded();
    test(Arc::new(table)).await;
    eprintln!("on DynamoDB");
    let (table, _emulator) = dynamodb().await;
    test(Arc::new(table)).await;
}

/// A key in the partition `p`.
pub(crate) fn key(sort: &str) -> Key {
    Key::new("p", sort)
}

/// An item in the partition `p` that is so many bytes large, all told.
pub(crate) fn item_of(sort: &str, bytes: usize) -> Item {
    let empty = Item::new(key(sort)).with("x", "");
    let rest = bytes - empty.size();
    empty.with("x", "x".repeat(rest))
}

pub(crate) fn writes(units: u64) -> Units {
    Units { read_halves: 0, writes: units }
}

pub(crate) fn reads(units: f64) -> Units {
    Units::read(units)
}

#[track_caller]
pub(crate) fn assert_invalid<T: std::fmt::Debug>(result: Result<T, TableError>) {
    assert!(matches!(result, Err(TableError::Invalid(_))), "{result:?}");
}

#[track_caller]
pub(crate) fn assert_too_large<T: std::fmt::Debug>(result: Result<T, TableError>) {
    assert!(matches!(result, Err(TableError::TooLarge(_))), "{result:?}");
}

/// Writes without conditions, for the set-up of a test.
pub(crate) async fn put_all(table: &dyn Table, items: impl IntoIterator<Item = Item>) {
    let writes: Vec<Write> =
        items.into_iter().map(|item| Write::Put(item, domain::table::Condition::Always)).collect();
    for group in writes.chunks(8) {
        table.write(group, None).await.unwrap();
    }
}
