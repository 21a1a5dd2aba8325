//! The log of changes: what changed since a time is looked up, in a directory whose clients ask for it.

use super::{World, first, on_both_stores, user};
use domain::directory::{Shown, Versions};
use domain::store::Kind;
use domain::table::Units;
use jiff::SignedDuration;
use scim::filter::Filter;
use serde_json::json;

on_both_stores! { what_changed_is_looked_up_once_somebody_asked changes_cost_a_write_only_where_they_are_logged old_questions_are_walked }

/// The ids that match, and what finding them cost, as a directory that was just opened answers.
async fn ask(world: &World, filter: &str) -> (Vec<String>, Units) {
    let directory = world.reopened().await;
    let filter = Filter::parse(filter, directory.resource_type(Kind::User).unwrap()).unwrap();
    let wanted = domain::directory::Wanted { filter: Some(&filter), ..first(100) };
    let (page, units) = world.cost(directory.list(Kind::User, &wanted)).await;
    (page.unwrap().resources.iter().map(|one| one.id.to_string()).collect(), units)
}

async fn touch(world: &World, id: &str, title: &str) -> Units {
    let directory = world.reopened().await;
    let patch = json!({ "Operations": [{ "op": "replace", "path": "title", "value": title }] });
    let patched = directory.patch(Kind::User, id, &Versions::Any, &patch, Shown::NOTHING);
    let (done, units) = world.cost(patched).await;
    done.unwrap();
    units
}

/// A directory of so many users whose log is complete.
async fn logged(world: &World, users: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for at in 0..users {
        ids.push(world.user(&format!("user{at:03}")).await);
    }
    ask(world, r#"meta.lastModified gt "2027-01-01T00:00:00Z""#).await;
    world.clock.advance(300);
    ids
}

async fn what_changed_is_looked_up_once_somebody_asked(world: World) {
    let ids = logged(&world, 40).await;
    let since = world.now();
    world.clock.advance(10);
    touch(&world, &ids[7], "first").await;
    touch(&world, &ids[7], "again").await;
    let new = world.reopened().await.create(Kind::User, user("new"), Shown::NOTHING).await.unwrap();
    let mut expected = vec![ids[7].clone(), new.id.to_string()];
    expected.sort();
    let (mut found, units) = ask(&world, &format!("meta.lastModified gt \"{since}\"")).await;
    found.sort();
    assert_eq!(found, expected);
    // Eight partitions of today and of tomorrow, and two records.
    assert!(units.reads() <= 8.0 + 1.0 + 1.0, "{units:?}");
    let both = format!("title eq \"again\" and meta.lastModified ge \"{since}\"");
    assert_eq!(ask(&world, &both).await.0, vec![ids[7].clone()]);
    let later = world.now() + SignedDuration::from_secs(1);
    assert_eq!(ask(&world, &format!("meta.lastModified gt \"{later}\"")).await.0, Vec::<String>::new());
}

async fn changes_cost_a_write_only_where_they_are_logged(world: World) {
    let id = world.user("ada").await;
    assert_eq!(touch(&world, &id, "one").await.writes, 1);
    logged(&world, 1).await;
    assert_eq!(touch(&world, &id, "two").await.writes, 2);
}

async fn old_questions_are_walked(world: World) {
    let ids = logged(&world, 3).await;
    for since in
        ["2020-01-01T00:00:00Z".to_owned(), (world.now() - SignedDuration::from_hours(24 * 8)).to_string()]
    {
        let (found, _) = ask(&world, &format!("meta.lastModified gt \"{since}\"")).await;
        assert_eq!(found.len(), ids.len());
    }
}
