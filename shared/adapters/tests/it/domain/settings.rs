//! Settings, hosts and declared schemas of a directory: who changes them, who sees them when, and what they forbid.

use super::crowd::{found_ids, patch, set};
use super::{BASE, World, on_both_stores, user};
use domain::Error;
use domain::directory::{Directory, Shown, Versions};
use domain::store::{DirectoryId, Kind, Name, Origin, Store, TypeName};
use domain::table::Units;
use domain::tenant::{REMEMBERED_SECONDS, Settings, Undeclarable};
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;

on_both_stores! {
    changes_by_two_processes_are_all_kept
    a_host_leads_to_one_directory
    a_directory_is_remembered_for_a_minute
    schemas_may_grow_under_resources
    unique_values_of_declared_types
    two_processes_race_for_a_value
    what_can_be_created_of_a_declared_type_can_be_deleted
    a_unique_attribute_of_an_extension
}

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const DEVICE: &str = "urn:example:params:Device:1.0";
const BADGE: &str = "urn:example:params:Badge:1.0";

fn schema(urn: &str, attributes: Value) -> Value {
    json!({ "schemas": [SCHEMA], "id": urn, "name": "Name", "description": "D.", "attributes": attributes })
}

fn device_type() -> Value {
    json!({ "schemas": [RESOURCE_TYPE], "name": "Device", "endpoint": "/Devices", "schema": DEVICE })
}

/// A serial number without regard to case, a code with regard to it, and any number of labels: nobody else has them.
fn devices() -> Vec<Value> {
    let unique = |name: &str, more: Value| {
        let mut attribute = json!({ "name": name, "type": "string", "uniqueness": "server" });
        attribute.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        attribute
    };
    let attributes = json!([
        unique("serial", json!({})),
        unique("code", json!({ "caseExact": true })),
        unique("labels", json!({ "multiValued": true })),
        { "name": "room", "type": "string" },
    ]);
    vec![schema(DEVICE, attributes), device_type()]
}

fn device() -> Kind {
    Kind::Custom(TypeName::new("device").unwrap())
}

/// The directory as a process sees it now.
async fn opened(world: &World, store: &Arc<Store>) -> Directory {
    let opened = store.open(&world.id).await.unwrap();
    Directory::new(Arc::clone(store), opened, Origin::scim("test"), BASE)
}

async fn another_directory(world: &World) -> DirectoryId {
    let other = DirectoryId::new(world.id.tenant.clone(), Name::new("advocates").unwrap());
    world.store.create_directory(&other).await.unwrap();
    other
}

async fn set_hosts(store: &Store, id: &DirectoryId, hosts: &[&str]) -> Result<(), Error> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let change = |old: &Settings| Ok(Settings { hosts: hosts.clone(), ..old.clone() });
    store.change_settings::<Error>(id, change).await.map(drop)
}

async fn changes_by_two_processes_are_all_kept(world: World) {
    let other = world.other_process();
    let stores = [&world.store, &other];
    let changes = (0..8).map(|at| {
        let role = format!("Role {at}");
        let change = move |old: &Settings| {
            let mut next = old.clone();
            next.roles.push(role.clone());
            Ok::<_, Error>(next)
        };
        let (store, id) = (stores[at % 2], &world.id);
        async move { store.change_settings(id, change).await }
    });
    assert!(join_all(changes).await.iter().all(Result::is_ok));
    let mut roles = world.store.directory(&world.id).await.unwrap().unwrap().settings.roles;
    roles.sort();
    let mut expected: Vec<String> = (0..8).map(|at| format!("Role {at}")).collect();
    expected.insert(0, "Administrator".to_owned());
    expected.push("User".to_owned());
    assert_eq!(roles, expected);
    let unchanged = |old: &Settings| Ok::<_, Error>(old.clone());
    let (_, units) = world.cost(world.store.change_settings(&world.id, unchanged)).await;
    assert_eq!((units.reads(), units.writes), (1.0, 0), "what changes nothing writes nothing");
    let nowhere = DirectoryId::new(world.id.tenant.clone(), Name::new("nowhere").unwrap());
    assert!(matches!(world.store.change_settings(&nowhere, unchanged).await, Err(Error::NotFound)));
    let refused = |_: &Settings| Err::<Settings, _>(Error::PreconditionFailed);
    assert!(matches!(world.store.change_settings(&world.id, refused).await, Err(Error::PreconditionFailed)));
}

async fn a_host_leads_to_one_directory(world: World) {
    const HOST: &str = "scim.acme.example";
    let second = another_directory(&world).await;
    let other = world.other_process();
    let races = futures::join!(
        set_hosts(&world.store, &world.id, &[HOST, "a.example"]),
        set_hosts(&other, &second, &[HOST, "b.example"]),
    );
    let (winner, loser) = match races {
        (Ok(()), Err(error)) => (&world.id, (&second, error)),
        (Err(error), Ok(())) => (&second, (&world.id, error)),
        both => panic!("{both:?}"),
    };
    let (loser, error) = loser;
    assert!(matches!(&error, Error::NotUnique { attribute, .. } if attribute == "hosts"), "{error}");
    let kept = world.store.directory(loser).await.unwrap().unwrap().settings.hosts;
    assert_eq!(kept, Vec::<String>::new(), "all or nothing");
    let lead = |host: &'static str| {
        let (store, other) = (&world.store, &other);
        async move {
            let here = store.directory_of_host(host).await.unwrap();
            (here, other.directory_of_host(host).await.unwrap())
        }
    };
    assert_eq!(lead("SCIM.acme.example").await, (Some(winner.clone()), Some(winner.clone())));
    assert_eq!(lead("nowhere.example").await, (None, None));
    let (_, units) = world.cost(lead(HOST)).await;
    assert!(units.reads() <= 1.0);
    let (_, units) = world.cost(lead(HOST)).await;
    assert_eq!(units, Units::default(), "remembered");
    set_hosts(&world.store, winner, &[]).await.unwrap();
    set_hosts(&world.store, loser, &[HOST]).await.unwrap();
    assert_eq!(lead(HOST).await, (Some(loser.clone()), Some(winner.clone())), "elsewhere a minute later");
    world.clock.advance(REMEMBERED_SECONDS);
    assert_eq!(lead(HOST).await, (Some(loser.clone()), Some(loser.clone())));
}

async fn a_directory_is_remembered_for_a_minute(world: World) {
    let other = world.other_process();
    let (_, units) = world.cost(other.open(&world.id)).await;
    assert_eq!((units.reads(), units.writes), (2.0, 0), "the directory, and what was declared for it");
    let (_, units) = world.cost(other.open(&world.id)).await;
    assert_eq!(units, Units::default());
    let limit = |old: &Settings| {
        let mut next = old.clone();
        next.policies.default_access_level = Some("guest".to_owned());
        Ok::<_, Error>(next)
    };
    world.store.change_settings(&world.id, limit).await.unwrap();
    let level = async |store: &Arc<Store>, name: &str| {
        let directory = opened(&world, store).await;
        let created = directory.create(Kind::User, user(name), Shown::NOTHING).await.unwrap();
        let document = directory.document(&created).unwrap();
        document["urn:ietf:params:scim:schemas:extension:muster:2.0:User"]["accessLevel"].clone()
    };
    assert_eq!(level(&world.store, "a").await, "guest", "at once in the same process");
    assert_eq!(level(&other, "b").await, "member", "still remembered");
    world.clock.advance(REMEMBERED_SECONDS - 1);
    assert_eq!(level(&other, "c").await, "member");
    world.clock.advance(1);
    assert_eq!(level(&other, "d").await, "guest", "a minute later everywhere");
}

async fn schemas_may_grow_under_resources(world: World) {
    let declare = |documents: Vec<Value>, withdrawn: &[&str]| {
        let withdrawn: Vec<String> = withdrawn.iter().map(|name| (*name).to_owned()).collect();
        let (store, id) = (&world.store, &world.id);
        async move { store.declare(id, &documents, &withdrawn).await }
    };
    let named = |attributes: Value| schema(DEVICE, attributes);
    assert!(opened(&world, &world.store).await.resource_type(device()).is_err());
    declare(devices(), &[]).await.unwrap();
    assert_eq!(world.store.declarations(&world.id).await.unwrap().len(), 2);
    // Nobody is there yet: everything may change, and go.
    declare(vec![], &[&DEVICE.to_lowercase(), "device"]).await.unwrap();
    assert!(opened(&world, &world.store).await.resource_type(device()).is_err());
    let alone = declare(vec![device_type()], &[]).await;
    assert!(matches!(alone, Err(Undeclarable::Document(_))), "a type without its schema: {alone:?}");
    declare(devices(), &[]).await.unwrap();
    let directory = opened(&world, &world.store).await;
    let one = directory.create(device(), json!({ "serial": "S1" }), Shown::ALL).await.unwrap().id.to_string();
    let mut grown = devices();
    let more = json!({ "name": "colour", "type": "string" });
    grown[0]["attributes"].as_array_mut().unwrap().push(more);
    declare(grown.clone(), &[]).await.unwrap();
    let required = |name: &str| json!({ "name": name, "type": "string", "required": true });
    let mut demanding = grown.clone();
    demanding[0]["attributes"].as_array_mut().unwrap().push(required("owner"));
    let mut exact = grown.clone();
    exact[0]["attributes"][0]["caseExact"] = json!(true);
    for (documents, withdrawn) in [
        (vec![], vec!["device", "urn:example:params:device:1.0"]),
        (vec![named(json!([{ "name": "serial", "type": "string" }]))], vec![]),
        (demanding, vec![]),
        (exact, vec![]),
    ] {
        let refused = declare(documents.clone(), &withdrawn).await;
        let in_use =
            matches!(&refused, Err(Undeclarable::InUse { resource_type, .. }) if resource_type == "Device");
        assert!(in_use, "{documents:?} {withdrawn:?}: {refused:?}");
    }
    let directory = opened(&world, &world.store).await;
    let colour = patch(json!([{ "op": "add", "path": "colour", "value": "red" }]));
    directory.patch(device(), &one, &Versions::Any, &colour, Shown::ALL).await.unwrap();
    directory.delete(device(), &one, &Versions::Any).await.unwrap();
    declare(vec![], &["device", "urn:example:params:device:1.0"]).await.unwrap();
    assert_eq!(world.store.declarations(&world.id).await.unwrap(), Vec::<Value>::new());
}

/// Who has this value of a device.
async fn holders(directory: &Directory, filter: &str) -> usize {
    found_ids(directory, device(), filter).await.len()
}

async fn unique_values_of_declared_types(world: World) {
    world.store.declare(&world.id, &devices(), &[]).await.unwrap();
    let directory = opened(&world, &world.store).await;
    let create = |body: Value| directory.create(device(), body, Shown::ALL);
    let taken = |outcome: Result<_, Error>, attribute: &str| match outcome {
        Err(Error::NotUnique { attribute: of, holder: Some(_) }) => assert_eq!(of, attribute),
        other => panic!("{other:?}"),
    };
    let one = create(json!({ "serial": "Ä1", "code": "x", "labels": ["red", "blue"] })).await.unwrap();
    let two = create(json!({ "serial": "Ä2", "code": "X", "labels": [] })).await.unwrap();
    let (one, two) = (one.id.to_string(), two.id.to_string());
    taken(create(json!({ "serial": "ä1" })).await, "serial");
    taken(create(json!({ "serial": "Ä3", "code": "x" })).await, "code");
    taken(create(json!({ "serial": "Ä3", "labels": ["green", "BLUE"] })).await, "labels");
    assert_eq!(holders(&directory, "serial eq \"Ä3\"").await, 0, "nothing of it is left");
    assert_eq!(holders(&directory, "labels eq \"green\"").await, 0);
    let change = |id: &str, path: &str, value: Value| {
        let body = patch(json!([{ "op": "replace", "path": path, "value": value }]));
        let (directory, id) = (directory.clone(), id.to_owned());
        async move { directory.patch(device(), &id, &Versions::Any, &body, Shown::ALL).await }
    };
    taken(change(&two, "labels", json!(["blue"])).await, "labels");
    taken(change(&two, "serial", json!("Ä1")).await, "serial");
    change(&one, "serial", json!("ä1")).await.expect("its own in another spelling");
    change(&one, "serial", json!("ä9")).await.unwrap();
    change(&two, "serial", json!("Ä1")).await.expect("it was given back");
    change(&one, "labels", json!(["red", "pink"])).await.unwrap();
    change(&two, "labels", json!(["blue"])).await.expect("it was given back");
    for (filter, count) in [
        ("serial eq \"Ä9\"", 1),
        ("serial eq \"ä1\"", 1),
        ("code eq \"x\"", 1),
        ("code eq \"x\" or code eq \"X\"", 2),
        ("labels eq \"Pink\"", 1),
        ("labels eq \"blue\" and serial eq \"ä9\"", 0),
        ("room eq \"1\" or labels eq \"blue\"", 1),
    ] {
        assert_eq!(holders(&directory, filter).await, count, "{filter}");
    }
    directory.delete(device(), &one, &Versions::Any).await.unwrap();
    create(json!({ "serial": "Ä9", "code": "x", "labels": ["RED", "pink", "Pink"] }))
        .await
        .expect("all free");
    // What others are called is nobody's concern: claims are by type and attribute.
    create(json!({ "serial": "x", "code": "red", "labels": ["ä9"] })).await.unwrap();
}

async fn two_processes_race_for_a_value(world: World) {
    world.store.declare(&world.id, &devices(), &[]).await.unwrap();
    let directories = [opened(&world, &world.store).await, opened(&world, &world.other_process()).await];
    let tries = (0..8).map(|at| {
        let label = if at % 3 == 0 { "SPARE" } else { "spare" };
        directories[at % 2].create(device(), json!({ "labels": [format!("l{at}"), label] }), Shown::ALL)
    });
    let outcomes = join_all(tries).await;
    let refused = outcomes.iter().filter(|one| matches!(one, Err(Error::NotUnique { .. }))).count();
    assert_eq!((outcomes.iter().filter(|one| one.is_ok()).count(), refused), (1, 7));
    let mut ids = Vec::new();
    for at in 0..6 {
        let body = json!({ "labels": [format!("m{at}")] });
        ids.push(directories[at % 2].create(device(), body, Shown::ALL).await.unwrap().id.to_string());
    }
    let want = patch(json!([{ "op": "add", "path": "labels", "value": ["Wanted"] }]));
    let (want, directories) = (&want, &directories);
    let tries = ids.iter().enumerate().map(|(at, id)| async move {
        directories[at % 2].patch(device(), id, &Versions::Any, want, Shown::ALL).await
    });
    let outcomes = join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(holders(&directories[0], "labels eq \"wanted\"").await, 1);
}

async fn what_can_be_created_of_a_declared_type_can_be_deleted(world: World) {
    world.store.declare(&world.id, &devices(), &[]).await.unwrap();
    let directory = opened(&world, &world.store).await;
    let labelled = |count: usize| {
        let labels: Vec<String> = (0..count).map(|at| format!("label {at}")).collect();
        json!({ "serial": "S", "code": "C", "externalId": "E", "labels": labels })
    };
    let mut most = 0;
    for count in (80..=100).rev() {
        match directory.create(device(), labelled(count), Shown::ALL).await {
            Ok(created) => {
                let id = created.id.to_string();
                let deleted = directory.delete(device(), &id, &Versions::Any).await;
                assert!(deleted.is_ok(), "{count}: {deleted:?}");
                most = most.max(count);
            }
            Err(error) => assert!(matches!(error, Error::TooLarge(_)), "{count}: {error}"),
        }
    }
    assert_eq!(most, 95, "and serial and code");
}

async fn a_unique_attribute_of_an_extension(world: World) {
    let number = json!([{ "name": "number", "type": "string", "uniqueness": "server" }]);
    let extension = json!([{ "schema": BADGE, "required": false }]);
    let users = json!({ "schemas": [RESOURCE_TYPE], "name": "User", "schemaExtensions": extension });
    world.store.declare(&world.id, &[schema(BADGE, number), users], &[]).await.unwrap();
    let directory = opened(&world, &world.store).await;
    let with = |name: &str, number: &str| {
        let mut body = user(name);
        body[BADGE] = json!({ "number": number });
        body
    };
    let ada = directory.create(Kind::User, with("ada", "N1"), Shown::ALL).await.unwrap().id.to_string();
    let second = directory.create(Kind::User, with("alan", "n1"), Shown::ALL).await;
    assert!(
        matches!(&second, Err(Error::NotUnique { attribute, .. }) if attribute.ends_with("Badge:1.0:number"))
    );
    let (found, units) =
        world.cost(found_ids(&directory, Kind::User, &format!("{BADGE}:number eq \"n1\""))).await;
    assert_eq!(found, set(std::slice::from_ref(&ada)));
    assert_eq!(units, Units::read(1.0), "the claim and the user");
    directory.replace(Kind::User, &ada, &Versions::Any, user("ada"), Shown::ALL).await.unwrap();
    directory
        .create(Kind::User, with("alan", "n1"), Shown::ALL)
        .await
        .expect("a PUT without it gave it back");
}
