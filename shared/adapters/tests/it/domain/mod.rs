//! The domain on both stores: what it answers, and what each access costs.

mod changes;
mod column_of_groups;
mod concurrency;
mod configurations;
mod cost;
mod crash;
mod crowd;
mod deciding;
mod dice;
mod directory;
mod export;
mod first_sign_in;
mod groups;
mod heat;
mod import;
mod layout;
mod ledger;
mod listing;
mod membership;
mod price;
mod pulls;
mod repeated;
mod roster;
mod settings;
mod simulation;
mod together;
mod token;

use adapters::dynamodb::DynamoTable;
use adapters::embedded::{EmbeddedTable, FolderObjects};
use adapters::system::SystemRandom;
use async_trait::async_trait;
use domain::directory::{Directory, Paging, Shown, Wanted};
use domain::import::configuration::Configuration;
use domain::import::engine::Importer;
use domain::ports::{Clock, Nobody};
use domain::store::{DirectoryId, Kind, Name, Origin, Store};
use domain::table::{Consistency, Item, Key, Page, Query, Read, Table, TableError, Units, Write};
use domain::tenant::Opened;
use jiff::Timestamp;
use ledger::Ledger;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// A clock that stands still until it is moved.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_800_000_000_000))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Adds up what passes through, and fails when it is told to.
pub(crate) struct Metered {
    table: Arc<dyn Table>,
    units: Mutex<Units>,
    ledger: Mutex<Option<Ledger>>,
    writes_until_death: AtomicI64,
}

impl Metered {
    fn pass<T>(&self, read: Read<T>) -> Read<T> {
        *self.units.lock().unwrap() += read.units;
        read
    }

    /// Lets so many more writes happen, and none after them: the process is dead for its store.
    pub(crate) fn die_after(&self, writes: i64) {
        self.writes_until_death.store(writes, Ordering::SeqCst);
    }

    pub(crate) fn revive(&self) {
        self.die_after(i64::MAX);
    }

    pub(crate) fn alive(&self) -> Result<(), TableError> {
        match self.writes_until_death.fetch_sub(1, Ordering::SeqCst) {
            left if left > 0 => Ok(()),
            _ => Err(TableError::Unavailable("killed by the test".into())),
        }
    }
}

#[async_trait]
impl Table for Metered {
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Read<Option<Item>>, TableError> {
        Ok(self.pass(self.table.get(key, consistency).await?))
    }

    async fn batch_get(
        &self,
        keys: &[Key],
        consistency: Consistency,
    ) -> Result<Read<Vec<Option<Item>>>, TableError> {
        Ok(self.pass(self.table.batch_get(keys, consistency).await?))
    }

    async fn query(&self, query: &Query) -> Result<Read<Page>, TableError> {
        Ok(self.pass(self.table.query(query).await?))
    }

    async fn write(&self, writes: &[Write], token: Option<&str>) -> Result<Units, TableError> {
        self.alive()?;
        let units = self.table.write(writes, token).await?;
        *self.units.lock().unwrap() += units;
        if let Some(ledger) = &mut *self.ledger.lock().unwrap() {
            ledger.add(writes);
        }
        Ok(units)
    }
}

/// A store with one directory, and everything that a test wants to look at.
pub(crate) struct World {
    pub(crate) store: Arc<Store>,
    pub(crate) meter: Arc<Metered>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) objects: Arc<FolderObjects>,
    pub(crate) opened: Arc<Opened>,
    pub(crate) id: DirectoryId,
    _folder: tempfile::TempDir,
    emulator: Option<emulator::DynamoDb>,
}

impl World {
    async fn on(
        table: Arc<dyn Table>,
        clock: Arc<ManualClock>,
        folder: tempfile::TempDir,
        emulator: Option<emulator::DynamoDb>,
    ) -> Self {
        let meter = Arc::new(Metered {
            table,
            units: Mutex::default(),
            ledger: Mutex::default(),
            writes_until_death: AtomicI64::new(i64::MAX),
        });
        let store =
            Arc::new(Store::new(Arc::clone(&meter) as _, Arc::clone(&clock) as _, Arc::new(SystemRandom)));
        let id = DirectoryId::demo().unwrap();
        store.create_directory(&id).await.unwrap();
        let configuration = Configuration::upload(Name::new("default").unwrap());
        store.create_configuration(&id, &configuration).await.unwrap();
        let objects = Arc::new(FolderObjects::new(folder.path().join("objects")));
        let opened = store.open(&id).await.unwrap();
        Self { store, meter, clock, objects, opened, id, _folder: folder, emulator }
    }

    pub(crate) async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new());
        let table = EmbeddedTable::open(&folder.path().join("table"), Arc::clone(&clock) as _).unwrap();
        Self::on(Arc::new(table), clock, folder, None).await
    }

    pub(crate) async fn dynamodb() -> Self {
        let emulator = emulator::DynamoDb::start();
        let config = adapters::aws::at_endpoint(&emulator.endpoint(), "test", "test").await;
        let table = DynamoTable::new(&config, "muster", Arc::new(SystemRandom));
        let folder = tempfile::tempdir().unwrap();
        Self::on(Arc::new(table), Arc::new(ManualClock::new()), folder, Some(emulator)).await
    }

    /// Another process on the same store: it remembers nothing of what the first one knows.
    pub(crate) fn other_process(&self) -> Arc<Store> {
        Arc::new(Store::new(
            Arc::clone(&self.meter) as _,
            Arc::clone(&self.clock) as _,
            Arc::new(SystemRandom),
        ))
    }

    pub(crate) fn directory(&self) -> Directory {
        self.directory_of(&self.store)
    }

    /// The directory as it is now, rather than as it was when the world began.
    pub(crate) async fn reopened(&self) -> Directory {
        let opened = self.store.open(&self.id).await.unwrap();
        Directory::new(Arc::clone(&self.store), opened, Origin::scim("test"), BASE)
    }

    pub(crate) fn directory_of(&self, store: &Arc<Store>) -> Directory {
        Directory::new(Arc::clone(store), Arc::clone(&self.opened), Origin::scim("test"), BASE)
    }

    pub(crate) fn importer(&self) -> Importer {
        Importer::new(Arc::clone(&self.store), Arc::clone(&self.objects) as _, Arc::new(Nobody))
    }

    /// Whether this is the slower store, on which less is tried.
    pub(crate) fn is_emulated(&self) -> bool {
        self.emulator.is_some()
    }

    /// The time that the clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the work cost.
    pub(crate) async fn cost<T>(&self, work: impl Future<Output = T>) -> (T, Units) {
        *self.meter.units.lock().unwrap() = Units::default();
        let done = work.await;
        (done, *self.meter.units.lock().unwrap())
    }

    /// Looks at what was written since the first look, which begins the ledger: most tests have no use for one.
    pub(crate) fn ledger<T>(&self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        look(self.meter.ledger.lock().unwrap().get_or_insert_default())
    }

    pub(crate) async fn user(&self, name: &str) -> String {
        self.create(Kind::User, user(name)).await
    }

    pub(crate) async fn create(&self, kind: Kind, body: Value) -> String {
        self.directory().create(kind, body, Shown::ALL).await.unwrap().id.to_string()
    }
}

/// What addresses begin with.
pub(crate) const BASE: &str = "https://scim.acme.example/scim/v2";

/// The first so many resources, their documents alone.
pub(crate) fn first(count: usize) -> Wanted<'static> {
    Wanted { filter: None, sort: None, paging: Paging::Offset { offset: 0, count }, shown: Shown::NOTHING }
}

/// A typical user: its item is just below 1 KB.
pub(crate) fn user(name: &str) -> Value {
    json!({
        "userName": format!("{name}@acme.example"),
        "name": { "givenName": name, "familyName": "Muster" },
        "emails": [{ "value": format!("{name}@acme.example"), "type": "work", "primary": true }],
        "title": "Engineer", "displayName": format!("{name} Muster"), "preferredLanguage": "de-DE",
    })
}

/// Runs a scenario on both stores.
macro_rules! on_both_stores {
    ($($name:ident)*) => {
        mod embedded {
            $(#[tokio::test] async fn $name() { super::$name(crate::domain::World::embedded().await).await; })*
        }
        mod dynamodb {
            $(#[tokio::test] async fn $name() { super::$name(crate::domain::World::dynamodb().await).await; })*
        }
    };
}
pub(crate) use on_both_stores;
