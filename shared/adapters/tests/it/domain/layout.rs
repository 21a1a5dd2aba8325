//! A version does not touch a table that a later one has written.

use super::{World, on_both_stores};
use domain::store::{LAYOUT, keys};
use domain::table::{Condition, Item, Table as _, Write};

on_both_stores! { a_table_of_a_later_version_is_refused }

async fn mark(world: &World, item: Item) {
    world.meter.write(&[Write::Put(item, Condition::Always)], None).await.unwrap();
}

async fn a_table_of_a_later_version_is_refused(world: World) {
    // Whoever is first marks it, and an older mark is understood.
    world.store.check_layout().await.unwrap();
    mark(&world, Item::new(keys::layout()).with("v", LAYOUT - 1)).await;
    world.store.check_layout().await.unwrap();
    mark(&world, Item::new(keys::layout()).with("v", LAYOUT + 1)).await;
    let refused = world.other_process().check_layout().await.unwrap_err().to_string();
    assert!(refused.contains("deploy a later one"), "{refused}");
    mark(&world, Item::new(keys::layout())).await;
    assert!(world.store.check_layout().await.is_err());
}
