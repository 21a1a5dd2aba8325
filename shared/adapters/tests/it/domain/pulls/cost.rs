//! What a night costs in request units, counted: the rows of the table in `domain::store::keys` that speak of pulls.

use super::super::{World, on_both_stores};
use super::{FILE, Night, expect};
use domain::import::engine::Silent;
use domain::import::run::State;
use domain::pull::puller::Attended;
use serde_json::json;

on_both_stores! {
    what_a_night_costs
}

async fn what_a_night_costs(world: World) {
    let night = Night::new(world, json!({})).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    expect(&night.night().await, State::Finished, None);
    let (world, id) = (&night.world, &night.world.id);
    // The event comes although nothing is due.
    let (_, units) = world.cost(night.attend()).await;
    assert_eq!((units.reads(), units.writes), (2.0, 0), "nothing");
    let (due, units) = world.cost(world.store.due_pulls(world.now())).await;
    assert!(due.unwrap().is_empty());
    assert_eq!((units.reads(), units.writes), (8.0, 0), "looking what is due");
    // The same file as the night before.
    night.until_due().await;
    let (came, units) = world.cost(night.attend()).await;
    assert!(matches!(came, Attended::Fetched(_)));
    assert_eq!((units.reads(), units.writes), (6.0, 12), "fetched");
    let importer = world.importer();
    let (_, units) = world.cost(Box::pin(importer.work(id, &Silent))).await;
    assert_eq!((units.reads(), units.writes), (12.0, 11), "imported");
    // No file: looked for nine times, and told once.
    night.remote.take("/out/users.csv");
    night.until_due().await;
    let (came, units) = world.cost(night.attend()).await;
    assert!(matches!(came, Attended::LookedFor(_)));
    assert_eq!((units.reads(), units.writes), (5.0, 6), "looked for");
    let units = loop {
        world.clock.advance(15 * 60);
        let (came, units) = world.cost(night.attend()).await;
        if matches!(came, Attended::Failed(..)) {
            break units;
        }
    };
    assert_eq!((units.reads(), units.writes), (7.0, 14), "missing");
    let (told, units) = world.cost(night.mail()).await;
    assert_eq!(told, ["missing"]);
    assert_eq!((units.reads(), units.writes), (1.5, 5), "mail");
}
