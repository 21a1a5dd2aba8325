//! How hot keys become: what `docs/scale.md` says of it. A partition of DynamoDB takes 1,000 write units a second, whatever
//! the table takes as a whole; everything that is written under one partition key lies in one.
//!
//! The code that writes is the real one, on the embedded store, which is handed the same items as DynamoDB; time is what
//! is made up: what was written one after the other is spread evenly over as many seconds as the rate needs.

use super::World;
use super::import::{file, people};
use domain::import::configuration::Configuration;
use domain::import::engine::Silent;
use domain::import::run::{Counts, State};
use domain::import::upload::Uploaded;
use domain::objects::Objects as _;
use domain::store::{DirectoryId, Name};
use std::collections::HashMap;

/// Write units a second.
const LIMIT: u64 = 1_000;
const USERS: usize = 20_000;
/// What one directory takes.
const NEW_USERS_A_SECOND: usize = 2_000;
const CHANGED_USERS_A_SECOND: usize = 4_000;
/// Directories whose files come at once.
const DIRECTORIES: usize = 48;
/// 100,000 schedules in an hour, ten times over.
const FILES_A_SECOND: usize = 280;

/// What was written since the last look, in order: each partition with its units.
fn written(world: &World) -> Vec<(String, u64)> {
    let all = world.ledger(|ledger| std::mem::take(&mut ledger.written));
    all.into_iter().map(|one| (one.partition, one.units)).collect()
}

/// The hottest partition of any second.
fn hottest_second(written: &[(String, u64)], seconds: usize) -> (String, u64) {
    let each = written.chunks(written.len().div_ceil(seconds)).map(|second| {
        let mut heat: HashMap<String, u64> = HashMap::new();
        for (partition, units) in second {
            *heat.entry(partition.clone()).or_default() += units;
        }
        heat.into_iter().max_by_key(|(_, units)| *units).unwrap()
    });
    each.max_by_key(|(_, units)| *units).unwrap()
}

async fn import(world: &World, text: &str) -> Counts {
    let name = Name::new("default").unwrap();
    let importer = world.importer();
    let run = importer.import_file(&world.id, &name, "people.csv", file(text), &Silent);
    Box::pin(run).await.unwrap().counts
}

#[tokio::test]
async fn an_import_heats_no_partition_above_its_limit() {
    let world = World::embedded().await;
    written(&world);
    let text = people(USERS);
    assert_eq!(import(&world, &text).await.created, USERS as u64);
    let new = hottest_second(&written(&world), USERS / NEW_USERS_A_SECOND);
    assert_eq!(import(&world, &text.replace("Müller", "Maier")).await.updated, USERS as u64);
    let changed = hottest_second(&written(&world), USERS / CHANGED_USERS_A_SECOND);
    println!("{NEW_USERS_A_SECOND} new users a second: {new:?}");
    println!("{CHANGED_USERS_A_SECOND} changed users a second: {changed:?}");
    assert!(new.1 <= LIMIT, "{new:?}");
    assert!(changed.1 <= LIMIT, "{changed:?}");
}

/// What belongs to nobody in particular is written by all: lists of what waits.
#[tokio::test]
async fn files_of_all_tenants_heat_no_partition_above_its_limit() {
    let world = World::embedded().await;
    let mut directories = Vec::new();
    for at in 0..DIRECTORIES {
        let tenant = Name::new(&format!("tenant{at}")).unwrap();
        let id = DirectoryId { tenant, directory: world.id.directory.clone() };
        world.store.create_directory(&id).await.unwrap();
        let configuration = Configuration::upload(Name::new("default").unwrap());
        world.store.create_configuration(&id, &configuration).await.unwrap();
        directories.push(id);
    }
    written(&world);
    for id in &directories {
        let key = format!("inbox/{id}/default/people.csv");
        world.objects.store(&key, file(&people(3))).await.unwrap();
        let uploaded = Box::pin(world.importer().import_object(&key, None, &Silent)).await.unwrap();
        assert!(matches!(uploaded, Uploaded::Ended(run) if run.state == State::Finished));
    }
    let (partition, units) = hottest_second(&written(&world), 1);
    let a_second = units as usize * FILES_A_SECOND / DIRECTORIES;
    println!("{FILES_A_SECOND} files a second: {partition:?}, {a_second}");
    assert!(a_second as u64 <= LIMIT, "{partition}: {a_second}");
}
