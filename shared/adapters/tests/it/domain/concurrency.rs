//! Many at once: one wins, nobody is doubled, nothing is lost.

use super::{World, first, on_both_stores, user};
use domain::Error;
use domain::directory::{Shown, Versions};
use domain::store::Kind;
use futures::future::join_all;
use serde_json::json;

on_both_stores! { one_user_name_has_one_user concurrent_members_are_all_kept concurrent_creates_are_all_listed a_member_deleted_meanwhile_is_refused a_member_deleted_while_it_is_added_is_in_no_group }

async fn one_user_name_has_one_user(world: World) {
    let other = world.other_process();
    let directories = [world.directory(), world.directory_of(&other)];
    let tries = (0..12).map(|at| {
        let mut body = user("ada");
        let name = if at % 3 == 0 { "ADA@Acme.Example" } else { "ada@acme.example" };
        body["userName"] = json!(name);
        directories[at % 2].create(Kind::User, body, Shown::ALL)
    });
    let outcomes = join_all(tries).await;
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::NotUnique { .. }))).count();
    assert_eq!((outcomes.iter().filter(|outcome| outcome.is_ok()).count(), refused), (1, 11));
    let wanted = first(10);
    assert_eq!(world.directory().list(Kind::User, &wanted).await.unwrap().total, Some(1));
}

async fn concurrent_creates_are_all_listed(world: World) {
    let other = world.other_process();
    let directories = [world.directory(), world.directory_of(&other)];
    let created = join_all(
        (0..40).map(|at| directories[at % 2].create(Kind::User, user(&format!("user{at}")), Shown::ALL)),
    )
    .await;
    assert!(created.iter().all(Result::is_ok), "{:?}", created.iter().find(|one| one.is_err()));
    let wanted = first(100);
    let page = world.directory().list(Kind::User, &wanted).await.unwrap();
    assert_eq!((page.total, page.resources.len()), (Some(40), 40));
}

async fn concurrent_members_are_all_kept(world: World) {
    let group = world.create(Kind::Group, json!({ "displayName": "Staff" })).await;
    let mut users = Vec::new();
    for at in 0..8 {
        users.push(world.user(&format!("user{at}")).await);
    }
    let directory = world.directory();
    let changes = users.iter().map(|id| {
        let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": id }] }] });
        let (directory, group) = (directory.clone(), group.clone());
        async move { directory.patch(Kind::Group, &group, &Versions::Any, &add, Shown::ALL).await }
    });
    assert!(join_all(changes).await.iter().all(Result::is_ok));
    let found = world.directory().get(Kind::Group, &group, Shown::ALL).await.unwrap();
    assert_eq!(found.members_shown(), Some(8));
}

async fn a_member_deleted_meanwhile_is_refused(world: World) {
    let ada = world.user("ada").await;
    world.directory().delete(Kind::User, &ada, &Versions::Any).await.unwrap();
    let body = json!({ "displayName": "Staff", "members": [{ "value": ada }] });
    assert!(matches!(world.directory().create(Kind::Group, body, Shown::ALL).await, Err(Error::Refused(_))));
}

async fn a_member_deleted_while_it_is_added_is_in_no_group(world: World) {
    let group = world.create(Kind::Group, json!({ "displayName": "Staff" })).await;
    for at in 0..20 {
        let user = world.user(&format!("user{at}")).await;
        let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": user }] }] });
        let (adding, deleting) = (world.directory(), world.directory());
        let added = adding.patch(Kind::Group, &group, &Versions::Any, &add, Shown::ALL);
        let deleted = deleting.delete(Kind::User, &user, &Versions::Any);
        let (_, deleted) = futures::join!(added, deleted);
        deleted.unwrap();
        let found = world.directory().get(Kind::Group, &group, Shown::ALL).await.unwrap();
        assert_eq!(found.members_shown(), Some(0));
    }
}
