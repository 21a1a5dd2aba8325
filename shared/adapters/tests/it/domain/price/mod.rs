//! What a month costs: `docs/cost.md`, computed from counted request units and accesses, measured sizes, and the prices and
//! the workload in `infra/cost`.

mod bill;

use super::import::{file, people};
use super::{World, first, on_both_stores, user};
use async_trait::async_trait;
use bill::{Counted, Model};
use domain::directory::{Shown, Versions, Wanted};
use domain::import::engine::{Importer, Silent};
use domain::import::upload::Uploaded;
use domain::objects::{Entry, Object, ObjectError, Objects};
use domain::ports::Nobody;
use domain::store::Kind;
use domain::table::Units;
use scim::filter::Filter;
use serde_json::json;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

on_both_stores! {
    what_a_month_costs
}

const KEY: &str = "inbox/acme/people/default/people.csv";

/// Counts accesses to a bucket as S3 bills them.
struct Counting {
    objects: Arc<dyn Objects>,
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl Counting {
    fn read(&self) -> &dyn Objects {
        self.reads.fetch_add(1, Ordering::SeqCst);
        &*self.objects
    }

    fn write(&self) -> &dyn Objects {
        self.writes.fetch_add(1, Ordering::SeqCst);
        &*self.objects
    }
}

#[async_trait]
impl Objects for Counting {
    async fn fetch(&self, key: &str, version: Option<&str>) -> Result<Option<Object>, ObjectError> {
        self.read().fetch(key, version).await
    }

    async fn read_at(&self, key: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, ObjectError> {
        self.read().read_at(key, offset, length).await
    }

    async fn store(&self, key: &str, file: File) -> Result<(), ObjectError> {
        self.write().store(key, file).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, ObjectError> {
        self.write().list(prefix, after, limit).await
    }

    async fn remove(&self, key: &str, version: Option<&str>) -> Result<(), ObjectError> {
        // S3 takes nothing for it.
        self.objects.remove(key, version).await
    }

    async fn upload_url(&self, key: &str, seconds: u32) -> Result<Option<String>, ObjectError> {
        self.objects.upload_url(key, seconds).await
    }
}

/// A file that is put into the inbox and imported.
async fn import(world: &World, objects: &Arc<Counting>, text: &str) -> Units {
    objects.store(KEY, file(text)).await.unwrap();
    let importer = Importer::new(Arc::clone(&world.store), Arc::clone(objects) as _, Arc::new(Nobody));
    let (uploaded, units) = world.cost(Box::pin(importer.import_object(KEY, None, &Silent))).await;
    assert!(matches!(uploaded.unwrap(), Uploaded::Ended(_)));
    units
}

async fn find(world: &World, filter: &str) -> Units {
    let directory = world.directory();
    let filter = Filter::parse(filter, directory.resource_type(Kind::User).unwrap()).unwrap();
    let wanted = Wanted { filter: Some(&filter), ..first(100) };
    let (page, units) = world.cost(directory.list(Kind::User, &wanted)).await;
    page.unwrap();
    units
}

async fn count(world: &World, model: &Model) -> Counted {
    let users = model.workload("users") as usize;
    // From here on.
    world.ledger(|_| ());
    let secret = world.store.create_token(&world.id).await.unwrap().secret;
    // An instance that was not asked for a minute.
    let other = world.other_process();
    let (found, authenticating) = world
        .cost(async {
            other.authenticate(&secret).await.unwrap();
            other.open(&world.id).await
        })
        .await;
    found.unwrap();
    let id = world.user("ada").await;
    let asking = find(world, r#"userName eq "nobody""#).await;
    let finding = find(world, r#"userName eq "ada@acme.example""#).await;
    let inactive = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    });
    let directory = world.directory();
    let (patched, patching) =
        world.cost(directory.patch(Kind::User, &id, &Versions::Any, &inactive, Shown::ALL)).await;
    patched.unwrap();
    let before = world.ledger(|ledger| ledger.kept_bytes());
    world.create(Kind::User, user("grace")).await;
    let user_bytes = world.ledger(|ledger| ledger.kept_bytes()) - before;

    let objects = Arc::new(Counting {
        objects: Arc::clone(&world.objects) as _,
        reads: AtomicUsize::new(0),
        writes: AtomicUsize::new(0),
    });
    import(world, &objects, &people(users)).await;
    let kept = async || -> u64 {
        world.objects.list("", None, 1000).await.unwrap().iter().map(|entry| entry.size).sum()
    };
    let (bytes, table) = (kept().await, world.ledger(|ledger| ledger.kept_bytes()));
    objects.reads.store(0, Ordering::SeqCst);
    objects.writes.store(0, Ordering::SeqCst);
    let mut text = people(users);
    for at in 0..model.workload("changed_rows_a_day") as usize {
        text = text.replacen(&format!("\"U, {at}\""), &format!("\"V, {at}\""), 1);
    }
    let importing = import(world, &objects, &text).await;
    Counted {
        authenticating,
        asking,
        finding,
        patching,
        importing,
        user_bytes,
        run_bytes: world.ledger(|ledger| ledger.kept_bytes()) - table,
        object_reads: objects.reads.load(Ordering::SeqCst),
        object_writes: objects.writes.load(Ordering::SeqCst),
        object_bytes: kept().await - bytes,
    }
}

async fn what_a_month_costs(world: World) {
    let model = Model::read();
    let counted = count(&world, &model).await;
    let documented =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cost.md")).unwrap();
    let tables = [Model::counted_table(&counted), model.bill_table(&counted), model.growth_table(&counted)];
    let missing: Vec<String> = tables.into_iter().filter(|table| !documented.contains(table)).collect();
    assert!(missing.is_empty(), "docs/cost.md should have these tables:\n{}", missing.join("\n"));
}
