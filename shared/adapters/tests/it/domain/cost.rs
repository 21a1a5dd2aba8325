//! The table of access patterns in `domain::store::keys`, counted.

use super::{World, first, on_both_stores, user};
use domain::directory::{Paging, Shown, Versions, Wanted};
use domain::store::Kind;
use domain::table::Units;
use domain::tenant::Bearer;
use scim::filter::Filter;
use serde_json::{Value, json};

on_both_stores! {
    creating_a_user
    reading_a_user
    looking_a_user_up
    changing_a_user
    deleting_a_user
    memberships
    listing
    authenticating
}

#[track_caller]
fn check(units: Units, reads: f64, writes: u64) {
    assert_eq!((units.reads(), units.writes), (reads, writes));
}

async fn find(world: &World, filter: &str, expected: usize) -> Units {
    let directory = world.directory();
    let filter = Filter::parse(filter, directory.resource_type(Kind::User).unwrap()).unwrap();
    let wanted = Wanted { filter: Some(&filter), ..first(100) };
    let (page, units) = world.cost(directory.list(Kind::User, &wanted)).await;
    assert_eq!(page.unwrap().total, Some(expected));
    units
}

async fn page(world: &World, offset: usize, count: usize) -> (usize, usize, Units) {
    let wanted = Wanted { paging: Paging::Offset { offset, count }, ..first(0) };
    let directory = world.directory();
    let (page, units) = world.cost(directory.list(Kind::User, &wanted)).await;
    let page = page.unwrap();
    (page.total.unwrap(), page.resources.len(), units)
}

async fn creating_a_user(world: World) {
    world.user("first").await;
    let directory = world.directory();
    let (_, units) = world.cost(directory.create(Kind::User, user("ada"), Shown::ALL)).await;
    check(units, 0.0, 4);
    let mut with_external_id = user("grace");
    with_external_id["externalId"] = json!("4711");
    let (_, units) = world.cost(directory.create(Kind::User, with_external_id, Shown::ALL)).await;
    check(units, 0.0, 6);
    let mut with_another_mail = user("alan");
    with_another_mail["emails"][0]["value"] = json!("a.turing@acme.example");
    let (_, units) = world.cost(directory.create(Kind::User, with_another_mail, Shown::ALL)).await;
    check(units, 0.0, 6);
}

async fn reading_a_user(world: World) {
    let id = world.user("ada").await;
    let directory = world.directory();
    let (_, units) = world.cost(directory.get(Kind::User, &id, Shown::ALL)).await;
    check(units, 0.5, 0);
    let (missing, units) =
        world.cost(directory.get(Kind::User, "00000000-0ffe-8abc-8abc-0123456789ab", Shown::ALL)).await;
    assert!(missing.is_err());
    check(units, 1.5, 0);
}

async fn looking_a_user_up(world: World) {
    let mut body = user("ada");
    body["externalId"] = json!("4711");
    world.create(Kind::User, body).await;
    check(find(&world, r#"userName eq "ADA@acme.example""#, 1).await, 1.0, 0);
    check(find(&world, r#"userName eq "nobody""#, 0).await, 1.5, 0);
    check(find(&world, r#"externalId eq "4711""#, 1).await, 1.0, 0);
    check(find(&world, r#"emails[type eq "work"].value eq "ada@acme.example""#, 1).await, 1.5, 0);
}

async fn changing_a_user(world: World) {
    let id = world.user("ada").await;
    let directory = world.directory();
    let patch = |value: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": value }],
        })
    };
    let deactivate = patch(json!({ "active": false }));
    let (_, units) =
        world.cost(directory.patch(Kind::User, &id, &Versions::Any, &deactivate, Shown::ALL)).await;
    check(units, 1.0, 1);
    let (_, units) =
        world.cost(directory.patch(Kind::User, &id, &Versions::Any, &deactivate, Shown::ALL)).await;
    check(units, 1.0, 0);
    let rename = patch(json!({ "userName": "ada@acme.example2" }));
    let no_mail = patch(json!({ "emails": [] }));
    world.cost(directory.patch(Kind::User, &id, &Versions::Any, &no_mail, Shown::ALL)).await.0.unwrap();
    let (_, units) = world.cost(directory.patch(Kind::User, &id, &Versions::Any, &rename, Shown::ALL)).await;
    check(units, 1.0, 6);
}

async fn deleting_a_user(world: World) {
    let id = world.user("ada").await;
    let directory = world.directory();
    let (_, units) = world.cost(directory.delete(Kind::User, &id, &Versions::Any)).await;
    check(units, 2.0, 6);
}

async fn memberships(world: World) {
    let (ada, alan) = (world.user("ada").await, world.user("alan").await);
    let group =
        world.create(Kind::Group, json!({ "displayName": "Staff", "members": [{ "value": ada }] })).await;
    let directory = world.directory();
    let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": alan }] }] });
    let (_, units) = world.cost(directory.patch(Kind::Group, &group, &Versions::Any, &add, Shown::ALL)).await;
    assert_eq!(units.writes, 5 + 2);
    let remove =
        json!({ "Operations": [{ "op": "remove", "path": format!("members[value eq \"{ada}\"]") }] });
    let (_, units) =
        world.cost(directory.patch(Kind::Group, &group, &Versions::Any, &remove, Shown::ALL)).await;
    assert_eq!(units.writes, 3 + 2);
    let (_, units) = world.cost(directory.get(Kind::Group, &group, Shown::ALL)).await;
    check(units, 1.0, 0);
    let (_, units) = world.cost(directory.get(Kind::Group, &group, Shown::NOTHING)).await;
    check(units, 0.5, 0);
}

async fn listing(world: World) {
    for at in 0..120 {
        world.user(&format!("user{at:03}")).await;
    }
    let (total, shown, units) = page(&world, 0, 10).await;
    assert_eq!((total, shown), (120, 10));
    // The blocks, the frontier of the open one, and ten users of less than 1 KB.
    assert!(units.reads() <= 1.0 + 1.5, "{units:?}");
    let (_, shown, middle) = page(&world, 60, 10).await;
    assert_eq!(shown, 10);
    assert_eq!(middle, units, "the middle costs what the start costs");
    let (_, shown, units) = page(&world, 0, 0).await;
    assert_eq!(shown, 0);
    check(units, 1.0, 0);
}

async fn authenticating(world: World) {
    let token = world.store.create_token(&world.id).await.unwrap();
    let (found, units) = world.cost(world.store.authenticate(&token.secret)).await;
    assert_eq!(found.unwrap(), Bearer::Known(std::sync::Arc::new(token.token)));
    check(units, 1.0, 0);
    let (_, units) = world.cost(world.store.authenticate(&token.secret)).await;
    check(units, 0.0, 0);
}
