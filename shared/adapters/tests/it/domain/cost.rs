//! The table of access patterns in `domain::store::keys`, counted.

use super::crowd::{add_each, patch, remove_each, values};
use super::{World, first, on_both_stores, user};
use domain::directory::{Paging, Shown, Versions, Wanted};
use domain::store::{Id, Kind, keys};
use domain::table::{Consistency, Table as _, Units};
use domain::tenant::Bearer;
use scim::filter::Filter;
use scim::sort::Sort;
use serde_json::{Value, json};
use std::collections::HashSet;

on_both_stores! {
    creating_a_user
    reading_a_user
    looking_a_user_up
    changing_a_user
    deleting_a_user
    memberships
    one_member_of_a_group_of_any_size
    many_members_at_once
    the_groups_of_a_user
    looking_up_in_a_directory_of_any_size
    listing
    pages_by_cursor
    walking_and_sorting
    authenticating
    starting
}

#[track_caller]
fn check(units: Units, reads: f64, writes: u64) {
    assert_eq!((units.reads(), units.writes), (reads, writes));
}

async fn find(world: &World, filter: &str, expected: usize) -> Units {
    find_of(world, Kind::User, filter, expected).await
}

async fn find_of(world: &World, kind: Kind, filter: &str, expected: usize) -> Units {
    let directory = world.directory();
    let filter = Filter::parse(filter, directory.resource_type(kind).unwrap()).unwrap();
    let wanted = Wanted { filter: Some(&filter), ..first(100) };
    let (page, units) = world.cost(directory.list(kind, &wanted)).await;
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
    let member = world.user("alan").await;
    world.group("Staff", std::slice::from_ref(&member)).await;
    let (_, units) = world.cost(directory.delete(Kind::User, &member, &Versions::Any)).await;
    // Its groups are looked for before and after.
    check(units, 3.0, 6 + 3);
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
    let others = world.group("Others", &[ada, alan.clone()]).await;
    let rename = patch(json!([{ "op": "replace", "path": "displayName", "value": "Turing" }]));
    let (_, units) =
        world.cost(directory.patch(Kind::User, &alan, &Versions::Any, &rename, Shown::NOTHING)).await;
    check(units, 1.0 + 0.5, 1 + 2);
    let (_, units) = world.cost(directory.delete(Kind::Group, &others, &Versions::Any)).await;
    check(units, 2.0 + 2.0, 6 + 2 * 3);
}

/// Adds or removes members without asking to see the others.
async fn members(world: &World, group: &str, body: &Value) -> Units {
    let directory = world.directory();
    let (done, units) =
        world.cost(directory.patch(Kind::Group, group, &Versions::Any, body, Shown::NOTHING)).await;
    done.unwrap();
    units
}

async fn one_member_of_a_group_of_any_size(world: World) {
    let sizes: &[usize] = if world.is_emulated() { &[10, 300] } else { &[10, 1_000, 10_000] };
    let users = world.crowd(sizes[sizes.len() - 1] + sizes.len()).await;
    let (users, newcomers) = users.split_at(sizes[sizes.len() - 1]);
    for (size, newcomer) in sizes.iter().zip(newcomers) {
        let group = world.group(&format!("{size}"), &users[..*size]).await;
        let newcomer = std::slice::from_ref(newcomer);
        // The group, whether it is a member, and the member.
        check(members(&world, &group, &add_each(newcomer)).await, 3.0, 5 + 2);
        check(members(&world, &group, &add_each(newcomer)).await, 2.0, 0);
        check(members(&world, &group, &remove_each(newcomer)).await, 2.0, 3 + 2);
        check(members(&world, &group, &remove_each(newcomer)).await, 2.0, 0);
    }
    // Whoever joins for the first time is written, to say so; afterwards it is only checked, which costs the same.
    let mut body = user("large");
    body["title"] = json!("x".repeat(2_000));
    let large = world.create(Kind::User, body).await;
    for (name, says_so) in [("A", false), ("B", true)] {
        assert_eq!(is_grouped(&world, &large).await, says_so);
        let group = world.group(name, &[]).await;
        check(members(&world, &group, &add_each(std::slice::from_ref(&large))).await, 3.0, 3 + 6 + 2);
    }
}

/// Whether the item of a user says that it was in a group.
async fn is_grouped(world: &World, user: &str) -> bool {
    let key = keys::seat(&world.id, Kind::User, Id::parse(user).unwrap().seat());
    let item = world.meter.get(&key, Consistency::Strong).await.unwrap().value.unwrap();
    item.number("b") == Some(1)
}

async fn many_members_at_once(world: World) {
    let users = world.crowd(146).await;
    let group = world.group("Staff", &[]).await;
    let (some, many) = users.split_at(46);
    let units = members(&world, &group, &add_each(some)).await;
    check(units, 1.0 + 2.0 * 46.0, 46 * 5 + 2);
    // Of more than 46 there is a journal: its item and index entry come and go with a write of the group each, and each
    // part checks the group.
    let units = members(&world, &group, &add_each(many)).await;
    let parts = 100_u64.div_ceil(46);
    // Everybody is read to be refused, and again when it is carried out, as is the group, and the journal itself.
    check(units, 3.0 + 4.0 * 100.0, 100 * 5 + 2 + (4 + 1) + 2 * parts + 2 + (4 + 1));
}

async fn the_groups_of_a_user(world: World) {
    let users = world.crowd(4).await;
    let directory = world.directory();
    let inner = world.group("Inner", &users[1..]).await;
    world.group("Second", &users[2..3]).await;
    let outer = world.group("Outer", &users[3..]).await;
    let around = world.group("Around", std::slice::from_ref(&outer)).await;
    // In none: the user. In groups: also where they are noted, each of them, and what is noted of each that is in one.
    for (user, groups, reads) in [(0, 0, 0.5), (1, 1, 1.5), (2, 2, 2.0), (3, 3, 3.0)] {
        let (found, units) = world.cost(directory.get(Kind::User, &users[user], Shown::ALL)).await;
        assert_eq!(values(&directory.document(&found.unwrap()).unwrap(), "groups").len(), groups);
        check(units, reads, 0);
        let (_, units) = world.cost(directory.get(Kind::User, &users[user], Shown::NOTHING)).await;
        check(units, 0.5, 0);
    }
    // The members, and all that a GET of each of them reads.
    check(find(&world, &format!("groups.value eq \"{inner}\""), 3).await, 0.5 + 1.5 + 2.0 + 3.0, 0);
    // There is a group in between.
    check(find(&world, &format!("groups.value eq \"{around}\""), 1).await, 0.5 + 0.5 + 3.0, 0);
    // Where it is noted, and both groups with their members.
    check(find_of(&world, Kind::Group, &format!("members eq \"{}\"", users[2]), 2).await, 0.5 + 2.0 * 1.0, 0);
}

async fn looking_up_in_a_directory_of_any_size(world: World) {
    let sizes = if world.is_emulated() { [40, 200] } else { [100, 1_000] };
    let mut costs: Vec<Vec<Units>> = Vec::new();
    let chosen = world.crowd(30).await;
    let group = world.group("Staff", &chosen[..3]).await;
    let (one, two) = (&chosen[0], &chosen[29]);
    let alone = [
        ("id", format!("id eq \"{one}\"")),
        ("userName", "userName eq \"user00001@acme.example\"".to_owned()),
        ("externalId", "externalId eq \"X-00001\"".to_owned()),
        ("emails.value", "emails.value eq \"user00001@acme.example\"".to_owned()),
        ("groups.value", format!("groups.value eq \"{group}\" and id eq \"{two}\"")),
    ];
    for (size, number) in sizes.into_iter().zip(1..) {
        world.crowd(size).await;
        for at in 0..size / 20 {
            world.group(&format!("{number}.{at}"), &[]).await;
        }
        let mut units = Vec::new();
        for (name, filter) in &alone {
            let expected = usize::from(*name != "groups.value");
            units.push(find(&world, filter, expected).await);
            units.push(find(&world, &format!("active eq true and {filter}"), expected).await);
            units.push(find(&world, &format!("({filter}) or externalId eq \"X-00007\""), expected + 1).await);
        }
        units.push(find(&world, &format!("groups.value eq \"{group}\""), 3).await);
        for (filter, expected) in [
            ("displayName eq \"staff\"".to_owned(), 1),
            (format!("members eq \"{one}\""), 1),
            (format!("id eq \"{group}\" and members eq \"{one}\""), 1),
            (format!("members eq \"{one}\" or displayName eq \"1.0\""), 2),
        ] {
            units.push(find_of(&world, Kind::Group, &filter, expected).await);
        }
        costs.push(units);
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0].iter().all(|units| units.reads() <= 6.0), "{:?}", costs[0]);
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

async fn pages_by_cursor(world: World) {
    let count = if world.is_emulated() { 200 } else { 1_000 };
    let users = world.crowd(count).await;
    let directory = world.directory();
    let (mut position, mut costs, mut seen) = (None, Vec::new(), Vec::new());
    loop {
        let wanted = Wanted { paging: Paging::After { position, count: 20 }, ..first(0) };
        let (page, units) = world.cost(directory.list(Kind::User, &wanted)).await;
        let page = page.unwrap();
        costs.push(units.reads());
        seen.extend(page.resources.iter().map(|one| one.id.to_string()));
        let Some(next) = page.next else { break };
        position = Some(next);
    }
    assert_eq!(seen, users);
    let blocks = |users: &[String]| {
        users.iter().map(|id| Id::parse(id).unwrap().seat().block).collect::<HashSet<_>>().len()
    };
    let (first, last) = (costs[0], costs.len() - 1);
    // What is read of a block is rounded up, and a page may begin in one, and end in the next or one behind it.
    for (page, cost) in users.chunks(20).zip(&costs[..last]) {
        let rounded = 0.5 * blocks(page).max(blocks(&users[..20])) as f64;
        assert!((cost - first).abs() <= rounded, "{} blocks: {costs:?}", blocks(&users));
    }
    let (_, _, by_index) = page(&world, count / 2, 20).await;
    assert!((by_index.reads() - costs[costs.len() / 2]).abs() <= 0.5, "{by_index:?}");
}

async fn walking_and_sorting(world: World) {
    for at in 0..120 {
        world.user(&format!("user{at:03}")).await;
    }
    let directory = world.directory();
    let walk = find(&world, "title eq \"Nobody\"", 0).await;
    // The blocks and their last seats, and what 120 users take: an eighth of a unit for 1 KB.
    check(walk, 1.0 + 8.0, 0);
    let users = directory.resource_type(Kind::User).unwrap();
    let sort = Sort::parse(Some("userName"), None, users).unwrap();
    let wanted = Wanted { sort: sort.as_ref(), ..first(10) };
    let (_, units) = world.cost(directory.list(Kind::User, &wanted)).await;
    // The walk, and the page once more.
    check(units, walk.reads() + 10.0 * 0.5, 0);
}

async fn authenticating(world: World) {
    let token = world.store.create_token(&world.id).await.unwrap();
    let (found, units) = world.cost(world.store.authenticate(&token.secret)).await;
    assert_eq!(found.unwrap(), Bearer::Known(std::sync::Arc::new(token.token)));
    check(units, 1.0, 0);
    let (_, units) = world.cost(world.store.authenticate(&token.secret)).await;
    check(units, 0.0, 0);
}

async fn starting(world: World) {
    let (new, units) = world.cost(world.store.check_layout()).await;
    new.unwrap();
    check(units, 0.5, 1);
    let (known, units) = world.cost(world.store.check_layout()).await;
    known.unwrap();
    check(units, 0.5, 0);
}
