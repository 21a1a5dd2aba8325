//! The use cases, on both stores.

use super::{BASE, World, first, on_both_stores, user};
use domain::Error;
use domain::directory::{Directory, Resource, Shown, Versions, Wanted};
use domain::store::{DirectoryId, Kind, Name, Origin};
use scim::filter::Filter;
use serde_json::{Value, json};
use std::sync::Arc;

on_both_stores! {
    a_foreign_id_is_like_an_absent_one
    identifiers_are_free_after_a_delete
    a_rename_frees_the_old_name
    deleting_a_user_leaves_no_membership
    a_group_of_more_than_one_transaction
    filters_agree_with_a_walk
    a_change_that_changes_nothing_keeps_the_version
    the_password_is_not_kept
    whoever_can_be_created_can_be_deleted
}

async fn found(world: &World, kind: Kind, filter: &str) -> Vec<Value> {
    let directory = world.directory();
    let filter = Filter::parse(filter, directory.resource_type(kind).unwrap()).unwrap();
    let wanted = Wanted { filter: Some(&filter), shown: Shown::ALL, ..first(100) };
    let page = directory.list(kind, &wanted).await.unwrap();
    assert_eq!(page.total, Some(page.resources.len()));
    page.resources.iter().map(|one| Value::Object(directory.document(one).unwrap())).collect()
}

async fn a_foreign_id_is_like_an_absent_one(world: World) {
    let id = world.user("ada").await;
    let other = DirectoryId::new(world.id.tenant.clone(), Name::new("advocates").unwrap());
    world.store.create_directory(&other).await.unwrap();
    let opened = world.store.open(&other).await.unwrap();
    let other = Directory::new(Arc::clone(&world.store), opened, Origin::scim("other"), BASE);
    other.create(Kind::User, user("ada"), Shown::ALL).await.expect("the same name in another directory");
    let patch = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    assert!(matches!(other.get(Kind::User, &id, Shown::ALL).await, Err(Error::NotFound)));
    assert!(matches!(
        other.patch(Kind::User, &id, &Versions::Any, &patch, Shown::ALL).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        other.replace(Kind::User, &id, &Versions::Any, user("x"), Shown::ALL).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(other.delete(Kind::User, &id, &Versions::Any).await, Err(Error::NotFound)));
    let group = json!({ "displayName": "G", "members": [{ "value": id }] });
    assert!(matches!(other.create(Kind::Group, group, Shown::ALL).await, Err(Error::Refused(_))));
    assert!(matches!(world.directory().get(Kind::Group, &id, Shown::ALL).await, Err(Error::NotFound)));
    assert_eq!(world.directory().get(Kind::User, &id, Shown::ALL).await.unwrap().version, 1);
}

async fn identifiers_are_free_after_a_delete(world: World) {
    let mut body = user("ada");
    body["externalId"] = json!("4711");
    let id = world.create(Kind::User, body.clone()).await;
    world.directory().delete(Kind::User, &id, &Versions::Any).await.unwrap();
    assert!(matches!(world.directory().delete(Kind::User, &id, &Versions::Any).await, Err(Error::NotFound)));
    assert_eq!(found(&world, Kind::User, r#"externalId eq "4711""#).await, Vec::<Value>::new());
    world.create(Kind::User, body).await;
    assert_eq!(found(&world, Kind::User, r#"externalId eq "4711""#).await.len(), 1);
}

async fn a_rename_frees_the_old_name(world: World) {
    let id = world.user("ada").await;
    world.user("alan").await;
    let rename = |to: &str| json!({ "Operations": [{ "op": "replace", "path": "userName", "value": to }] });
    let taken = world
        .directory()
        .patch(Kind::User, &id, &Versions::Any, &rename("ALAN@acme.example"), Shown::ALL)
        .await;
    assert!(matches!(taken, Err(Error::NotUnique { .. })));
    world
        .directory()
        .patch(Kind::User, &id, &Versions::Any, &rename("grace@acme.example"), Shown::ALL)
        .await
        .unwrap();
    assert_eq!(found(&world, Kind::User, r#"userName eq "ada@acme.example""#).await.len(), 0);
    // Her mail is still the old name: it is found although the claim of that name is gone.
    assert_eq!(found(&world, Kind::User, r#"emails.value eq "ada@acme.example""#).await.len(), 1);
    let newcomer = world.user("ada").await;
    assert_eq!(found(&world, Kind::User, r#"emails.value eq "Ada@acme.example""#).await.len(), 2);
    assert_ne!(newcomer, id);
}

async fn deleting_a_user_leaves_no_membership(world: World) {
    let (ada, alan) = (world.user("ada").await, world.user("alan").await);
    let mut groups = Vec::new();
    for at in 0..3 {
        let members = json!([{ "value": ada }, { "value": alan }]);
        groups.push(
            world.create(Kind::Group, json!({ "displayName": format!("G{at}"), "members": members })).await,
        );
    }
    assert_eq!(found(&world, Kind::Group, &format!(r#"members eq "{ada}""#)).await.len(), 3);
    world.directory().delete(Kind::User, &ada, &Versions::Any).await.unwrap();
    for group in groups {
        let group = world.directory().get(Kind::Group, &group, Shown::ALL).await.unwrap();
        let group = world.directory().document(&group).unwrap();
        let reference = format!("{BASE}/Users/{alan}");
        let member = json!({ "value": alan, "type": "User", "$ref": reference, "display": "alan Muster" });
        assert_eq!(group["members"], json!([member]));
    }
    assert_eq!(found(&world, Kind::Group, &format!(r#"members eq "{ada}""#)).await.len(), 0);
}

async fn a_group_of_more_than_one_transaction(world: World) {
    let mut members = Vec::new();
    for at in 0..110 {
        members.push(json!({ "value": world.user(&format!("user{at}")).await }));
    }
    let group = world.create(Kind::Group, json!({ "displayName": "All", "members": members })).await;
    let count = |group: &Resource| group.members_shown();
    assert_eq!(count(&world.directory().get(Kind::Group, &group, Shown::ALL).await.unwrap()), Some(110));
    let none = json!({ "displayName": "All" });
    let replaced =
        world.directory().replace(Kind::Group, &group, &Versions::Any, none, Shown::ALL).await.unwrap();
    assert_eq!(count(&replaced), Some(0));
    world.directory().delete(Kind::Group, &group, &Versions::Any).await.unwrap();
    assert!(matches!(world.directory().get(Kind::Group, &group, Shown::ALL).await, Err(Error::NotFound)));
}

async fn filters_agree_with_a_walk(world: World) {
    for name in ["ada", "alan", "grace"] {
        let mut body = user(name);
        body["externalId"] = json!(format!("X-{name}"));
        world.create(Kind::User, body).await;
    }
    for (filter, expected) in [
        (r#"userName eq "ALAN@ACME.EXAMPLE""#, 1),
        (r#"userName eq "alan@acme.example" and active eq false"#, 0),
        (r#"externalId eq "X-ada""#, 1),
        (r#"externalId eq "x-ada""#, 0),
        (r#"userName eq "ada@acme.example" or userName eq "grace@acme.example""#, 2),
        (r#"emails[type eq "work"].value co "@acme""#, 3),
        (r#"not (userName sw "a")"#, 1),
        (r#"meta.created gt "2000-01-01T00:00:00Z""#, 3),
        (r#"id eq "nonsense""#, 0),
        (r#"urn:ietf:params:scim:schemas:extension:muster:2.0:User:lifecycle eq "mapped""#, 3),
    ] {
        assert_eq!(found(&world, Kind::User, filter).await.len(), expected, "{filter}");
    }
}

async fn a_change_that_changes_nothing_keeps_the_version(world: World) {
    let id = world.user("ada").await;
    let directory = world.directory();
    assert_eq!(
        directory.replace(Kind::User, &id, &Versions::Any, user("ada"), Shown::ALL).await.unwrap().version,
        1
    );
    let patch = json!({ "Operations": [{ "op": "replace", "path": "active", "value": true }] });
    assert_eq!(
        directory.patch(Kind::User, &id, &Versions::Any, &patch, Shown::ALL).await.unwrap().version,
        1
    );
}

async fn the_password_is_not_kept(world: World) {
    let mut body = user("ada");
    body["password"] = json!("correct horse battery staple");
    let created = world.directory().create(Kind::User, body, Shown::ALL).await.unwrap();
    let patch = json!({ "Operations": [{ "op": "replace", "path": "password", "value": "hunter2hunter2" }] });
    let patched = world
        .directory()
        .patch(Kind::User, &created.id.to_string(), &Versions::Any, &patch, Shown::ALL)
        .await
        .unwrap();
    assert_eq!(world.directory().document(&created).unwrap().get("password"), None);
    assert_eq!(world.directory().document(&patched).unwrap().get("password"), None);
    assert_eq!(patched.version, 1);
}

async fn whoever_can_be_created_can_be_deleted(world: World) {
    let with_mails = |count: usize| {
        let mails: Vec<Value> =
            (0..count).map(|at| json!({ "value": format!("ada{at}@acme.example") })).collect();
        json!({ "userName": "ada", "externalId": "4711", "emails": mails })
    };
    assert!(matches!(
        world.directory().create(Kind::User, with_mails(91), Shown::ALL).await,
        Err(Error::TooLarge(_))
    ));
    let id = world.create(Kind::User, with_mails(90)).await;
    for at in 0..20 {
        let group = json!({ "displayName": format!("G{at}"), "members": [{ "value": id }] });
        world.create(Kind::Group, group).await;
    }
    world.directory().delete(Kind::User, &id, &Versions::Any).await.unwrap();
    assert!(matches!(world.directory().get(Kind::User, &id, Shown::ALL).await, Err(Error::NotFound)));
    assert_eq!(found(&world, Kind::Group, &format!(r#"members eq "{id}""#)).await.len(), 0);
}
