//! How fast the embedded table is: gets, single puts, and transactions of many concurrent writers who share commits.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "Criterion's macros document nothing; a failure ends the run"
)]

use adapters::embedded::EmbeddedTable;
use adapters::system::SystemClock;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::table::{Condition, Consistency, Item, Key, Query, Table, Write};
use futures::future::join_all;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::{Builder, Runtime};

const WRITERS: u64 = 64;
const EACH: u64 = 50;
const ITEMS: u64 = 10_000;

fn item(kind: &str, place: u64) -> Item {
    Item::new(Key::new(format!("{kind}/{place:012}"), "item"))
        .indexed(Key::new("list", format!("{kind}/{place:012}")))
        .with("body", "x".repeat(700))
        .with("version", 1)
}

fn claim(kind: &str, place: u64) -> Item {
    Item::new(Key::new(format!("{kind}/claim/{place:012}"), "claim")).with("of", format!("{place:012}"))
}

/// Three items: a user, its claim, its entry in the history.
async fn transact(table: &EmbeddedTable, place: u64) {
    let writes = [
        Write::Put(item("user", place), Condition::Absent),
        Write::Put(claim("name", place), Condition::Absent),
        Write::Put(claim("audit", place), Condition::Always),
    ];
    table.write(&writes, None).await.unwrap();
}

async fn transact_concurrently(table: &Arc<EmbeddedTable>, next: &Arc<AtomicU64>) {
    let writers = (0..WRITERS).map(|_| {
        let (table, next) = (Arc::clone(table), Arc::clone(next));
        tokio::spawn(async move {
            for _ in 0..EACH {
                transact(&table, next.fetch_add(1, Ordering::Relaxed)).await;
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

fn table(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.redb");
    let table = Arc::new(EmbeddedTable::open(&path, Arc::new(SystemClock)).unwrap());
    let runtime = runtime();
    let next = Arc::new(AtomicU64::new(ITEMS));
    let fill: Vec<Write> =
        (0..ITEMS).map(|place| Write::Put(item("user", place), Condition::Always)).collect();
    for group in fill.chunks(100) {
        runtime.block_on(table.write(group, None)).unwrap();
    }
    let mut place = 0;
    criterion.bench_function("get", |bencher| {
        bencher.iter(|| {
            place = (place + 7919) % ITEMS;
            let key = Key::new(format!("user/{place:012}"), "item");
            black_box(runtime.block_on(table.get(&key, Consistency::Strong)).unwrap())
        });
    });
    criterion.bench_function("query of 100", |bencher| {
        let query =
            Query { limit: Some(100), source: domain::table::Source::Index, ..Query::partition("list") };
        bencher.iter(|| black_box(runtime.block_on(table.query(&query)).unwrap()));
    });
    criterion.bench_function("put", |bencher| {
        bencher.iter(|| {
            let put = [Write::Put(item("single", next.fetch_add(1, Ordering::Relaxed)), Condition::Absent)];
            black_box(runtime.block_on(table.write(&put, None)).unwrap())
        });
    });
    let mut group = criterion.benchmark_group("concurrent");
    group.sample_size(10).throughput(Throughput::Elements(WRITERS * EACH));
    group.bench_function("transactions of 3 items from 64 writers", |bencher| {
        bencher.iter(|| runtime.block_on(transact_concurrently(&table, &next)));
    });
    group.finish();
}

criterion_group!(benches, table);
criterion_main!(benches);
