//! Groups of any size: a change of members has happened as a whole or not at all, whoever dies, whoever looks, and
//! whoever else is at work.

use super::crowd::{
    Ids, add_each, change, found, found_ids, group, members, members_shown, patch, remove_each, set,
};
use super::{BASE, World, on_both_stores, user};
use domain::Error;
use domain::directory::{Directory, Shown, Versions};
use domain::store::{DirectoryId, Id, Kind, Name, Origin, keys};
use domain::table::Source;
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

on_both_stores! {
    a_thousand_operations_are_one_change
    adding_killed_at_every_write
    creating_killed_at_every_write
    replacing_killed_at_every_write
    clearing_killed_at_every_write
    deleting_killed_at_every_write
    a_member_deleted_before_it_was_carried_out_joins_nothing
    a_change_meanwhile_loses_nothing
    many_changes_at_once
    a_group_deleted_in_the_middle_leaves_nothing
    who_cannot_be_a_member_is_refused_and_nobody_joins
    members_of_members
}

/// Members that no transaction of the store holds.
fn many(world: &World) -> usize {
    if world.is_emulated() { 60 } else { 150 }
}

async fn a_thousand_operations_are_one_change(world: World) {
    let count = if world.is_emulated() { 110 } else { 1_000 };
    let users = world.crowd(count).await;
    let group = world.group("Staff", &[]).await;
    let directory = world.directory();
    let joined = change(&directory, &group, &add_each(&users)).await.unwrap();
    assert_eq!(joined.version, 2);
    assert_eq!(joined.members_shown(), None, "they are too many to be read for an answer");
    assert_eq!(members(&directory, &group).await, set(&users));
    let again = change(&directory, &group, &add_each(&users)).await.unwrap();
    assert_eq!(again.version, 2, "everybody is a member already");
    let (gone, kept) = users.split_at(count - 10);
    let left = change(&directory, &group, &remove_each(gone)).await.unwrap();
    assert_eq!((left.version, members_shown(&directory, &left)), (3, set(kept)));
    assert_eq!(world.left_of(&group).await, [kept.len(), 0, 0]);
}

/// How a change ends whose process died.
#[derive(Debug, Clone, Copy)]
enum Ending {
    /// The client sends it again, to another process.
    Retry,
    /// Another process starts, and looks for what was left.
    Recovery,
    /// Somebody looks at the group a minute later.
    Look,
}

const ENDINGS: [Ending; 3] = [Ending::Retry, Ending::Recovery, Ending::Look];

/// A change of a group of `before` into one of `after`, made by a request; the version that comes of it.
struct Scenario {
    before: Vec<String>,
    after: Vec<String>,
    request: Request,
}

enum Request {
    Patch(Value),
    Put,
    Create,
}

impl Scenario {
    /// Makes the change in the group of this name and, unless it is yet to be created, of this id.
    async fn request(&self, directory: &Directory, name: &str, id: Option<&str>) -> Result<String, Error> {
        let body = group(name, &self.after);
        let changed = match (&self.request, id) {
            (Request::Patch(patch), Some(id)) => change(directory, id, patch).await?,
            (Request::Put, Some(id)) => {
                directory.replace(Kind::Group, id, &Versions::Any, body, Shown::ALL).await?
            }
            _ => directory.create(Kind::Group, body, Shown::ALL).await?,
        };
        Ok(changed.id.to_string())
    }

    /// Kills it after every write in turn, until it is through.
    async fn kill(&self, world: &World) {
        // On the slower store each death has one ending, on the other one all three.
        let endings = if world.is_emulated() { 1 } else { ENDINGS.len() };
        for writes in 0.. {
            let mut through = false;
            for ending in ENDINGS.iter().cycle().skip(writes).take(endings) {
                through = self.kill_after(world, writes as i64, *ending).await;
            }
            if through {
                return;
            }
        }
    }

    /// Whether it got through all the same.
    async fn kill_after(&self, world: &World, writes: i64, ending: Ending) -> bool {
        let case = format!("killed after {writes}, {ending:?}");
        let name = format!("{ending:?} {writes}");
        let id = match self.request {
            Request::Create => None,
            _ => Some(world.group(&name, &self.before).await),
        };
        world.meter.die_after(writes);
        let outcome = self.request(&world.directory(), &name, id.as_deref()).await;
        world.meter.revive();
        let other = world.other_process();
        let directory = world.directory_of(&other);
        let named = format!("displayName eq \"{name}\"");
        // As others see it at once: before or after, and nothing in between.
        let seen = found(&directory, Kind::Group, &named).await.pop();
        let happened = match (&seen, &id) {
            (None, None) => false,
            (Some(seen), None) => {
                assert_eq!(members_shown(&directory, seen), set(&self.after), "{case}");
                true
            }
            (seen, Some(id)) => {
                let shown = members_shown(&directory, seen.as_ref().unwrap());
                assert_eq!(members(&directory, id).await, shown, "{case}");
                assert!(shown == set(&self.after) || shown == set(&self.before), "{case}: {}", shown.len());
                shown == set(&self.after)
            }
        };
        assert!(happened || outcome.is_err(), "{case}");
        let finished = outcome.is_ok();
        self.end(world, &directory, (&name, id.as_deref()), (happened, finished), ending).await;
        let group = found(&directory, Kind::Group, &named).await.pop();
        if let Some(group) = group.filter(|_| happened || matches!(ending, Ending::Retry)) {
            let version = if id.is_some() { 2 } else { 1 };
            assert_eq!(group.version, version, "{case}");
            self.holds(world, &directory, &group.id.to_string(), &case).await;
        }
        finished
    }

    async fn end(
        &self,
        world: &World,
        directory: &Directory,
        (name, id): (&str, Option<&str>),
        (happened, finished): (bool, bool),
        ending: Ending,
    ) {
        match ending {
            Ending::Retry => match self.request(directory, name, id).await {
                Ok(_) => assert!(id.is_some() || !happened),
                // It is there: who asked first has to look for it, as after any answer that got lost.
                Err(error) => assert!(
                    happened && id.is_none() && matches!(error, Error::NotUnique { holder: Some(_), .. }),
                    "{error}"
                ),
            },
            Ending::Recovery => {}
            Ending::Look => world.clock.advance(61),
        }
        let unanswered = matches!(ending, Ending::Retry) && id.is_none();
        if matches!(ending, Ending::Recovery) || unanswered {
            let left = usize::from(happened && !finished);
            assert_eq!(world.carry_out_abandoned().await, left, "{name}");
        }
    }

    /// Everything agrees on the members, and nothing is left to do.
    async fn holds(&self, world: &World, directory: &Directory, group: &str, case: &str) {
        assert_eq!(members(directory, group).await, set(&self.after), "{case}");
        assert_eq!(world.left_of(group).await, [self.after.len(), 0, 0], "{case}");
        let (before, after) = (set(&self.before), set(&self.after));
        let some = before.symmetric_difference(&after).step_by(37);
        for member in some {
            let groups = found_ids(directory, Kind::Group, &format!("members eq \"{member}\"")).await;
            assert_eq!(groups.contains(group), after.contains(member), "{case}");
        }
        assert_eq!(world.carry_out_abandoned().await, 0, "{case}");
    }
}

async fn adding_killed_at_every_write(world: World) {
    let users = world.crowd(many(&world) + 3).await;
    let (before, added) = users.split_at(3);
    let request = Request::Patch(add_each(added));
    Scenario { before: before.to_vec(), after: users.clone(), request }.kill(&world).await;
}

async fn creating_killed_at_every_write(world: World) {
    let users = world.crowd(many(&world)).await;
    Scenario { before: Vec::new(), after: users, request: Request::Create }.kill(&world).await;
}

async fn replacing_killed_at_every_write(world: World) {
    let users = world.crowd(many(&world) + 40).await;
    let (before, after) = (users[..many(&world)].to_vec(), users[40..].to_vec());
    Scenario { before, after, request: Request::Put }.kill(&world).await;
}

async fn clearing_killed_at_every_write(world: World) {
    // Leaving takes a write less than joining, so that more of them fit into a transaction.
    let users = world.crowd(many(&world).max(95)).await;
    let request = Request::Patch(patch(json!([{ "op": "remove", "path": "members" }])));
    Scenario { before: users, after: Vec::new(), request }.kill(&world).await;
}

async fn deleting_killed_at_every_write(world: World) {
    let users = world.crowd(many(&world)).await;
    let outer = world.group("Outer", &[]).await;
    for writes in 0.. {
        let group = world.group("Staff", &users).await;
        let directory = world.directory();
        change(&directory, &outer, &add_each(std::slice::from_ref(&group))).await.unwrap();
        world.meter.die_after(writes);
        let outcome = directory.delete(Kind::Group, &group, &Versions::Any).await;
        world.meter.revive();
        let directory = world.directory_of(&world.other_process());
        match directory.get(Kind::Group, &group, Shown::ALL).await {
            Ok(left) => {
                assert_eq!(members_shown(&directory, &left), set(&users), "killed after {writes}");
                directory.delete(Kind::Group, &group, &Versions::Any).await.unwrap();
            }
            Err(error) => assert!(matches!(error, Error::NotFound), "{error}"),
        }
        assert_eq!(
            found_ids(&directory, Kind::Group, &format!("members eq \"{}\"", users[0])).await,
            Ids::new()
        );
        assert_eq!(members(&directory, &outer).await, Ids::new());
        let user = directory.get(Kind::User, &users[0], Shown::ALL).await.unwrap();
        assert_eq!(directory.document(&user).unwrap().get("groups"), None);
        if outcome.is_ok() {
            assert_eq!(world.left_of(&group).await, [0; 3]);
            return;
        }
    }
}

async fn a_member_deleted_before_it_was_carried_out_joins_nothing(world: World) {
    let users = world.crowd(many(&world)).await;
    let group = world.group("Staff", &[]).await;
    world.meter.die_after(1);
    assert!(change(&world.directory(), &group, &add_each(&users)).await.is_err());
    world.meter.revive();
    let directory = world.directory_of(&world.other_process());
    let (gone, kept) = users.split_first().unwrap();
    directory.delete(Kind::User, gone, &Versions::Any).await.unwrap();
    assert_eq!(members(&directory, &group).await, set(kept), "before");
    assert_eq!(world.carry_out_abandoned().await, 1);
    assert_eq!(members(&directory, &group).await, set(kept), "after");
    assert_eq!(found_ids(&directory, Kind::Group, &format!("members eq \"{gone}\"")).await, Ids::new());
    assert_eq!(world.left_of(&group).await, [kept.len(), 0, 0]);
}

async fn a_change_meanwhile_loses_nothing(world: World) {
    let users = world.crowd(2 * many(&world) + 2).await;
    let (one, rest) = users.split_at(many(&world));
    let (two, others) = rest.split_at(many(&world));
    let directories = [world.directory(), world.directory_of(&world.other_process())];
    for killed in [false, true] {
        let group = world.group(&format!("Killed: {killed}"), &others[..1]).await;
        if killed {
            world.meter.die_after(2);
            assert!(change(&directories[0], &group, &add_each(one)).await.is_err());
            world.meter.revive();
            change(&directories[1], &group, &add_each(two)).await.unwrap();
        } else {
            let (add_one, add_two) = (add_each(one), add_each(two));
            let changes = futures::join!(
                change(&directories[0], &group, &add_one),
                change(&directories[1], &group, &add_two)
            );
            assert!(changes.0.is_ok() && changes.1.is_ok(), "{changes:?}");
        }
        let swap = patch(json!([
            { "op": "remove", "path": format!("members[value eq \"{}\"]", others[0]) },
            { "op": "add", "path": "members", "value": [{ "value": others[1] }] },
        ]));
        change(&directories[0], &group, &swap).await.unwrap();
        let expected: Ids = users.iter().filter(|id| **id != others[0]).cloned().collect();
        assert_eq!(members(&directories[0], &group).await, expected);
        assert_eq!(members(&directories[1], &group).await, expected);
        assert_eq!(world.left_of(&group).await, [expected.len(), 0, 0]);
    }
}

async fn many_changes_at_once(world: World) {
    let numbers: &[usize] = if world.is_emulated() { &[16] } else { &[16, 50] };
    let users = world.crowd(50).await;
    let directories = [world.directory(), world.directory_of(&world.other_process())];
    for processes in [1, 2] {
        for number in numbers {
            let group = world.group(&format!("{number} by {processes}"), &[]).await;
            let (directories, group) = (&directories, &group);
            let changes = users[..*number].iter().enumerate().map(|(at, user)| async move {
                let add = add_each(std::slice::from_ref(user));
                change(&directories[at % processes], group, &add).await
            });
            let refused: Vec<Error> = join_all(changes).await.into_iter().filter_map(Result::err).collect();
            assert!(refused.is_empty(), "{number} by {processes}: {refused:?}");
            let found = directories[0].get(Kind::Group, group, Shown::ALL).await.unwrap();
            assert_eq!(found.version, 1 + *number as i64);
            assert_eq!(members_shown(&directories[0], &found), set(&users[..*number]));
        }
    }
}

async fn a_group_deleted_in_the_middle_leaves_nothing(world: World) {
    let users = world.crowd(many(&world)).await;
    for writes in 1..5 {
        let group = world.group("Staff", &[]).await;
        world.meter.die_after(writes);
        let _ = change(&world.directory(), &group, &add_each(&users)).await;
        world.meter.revive();
        let directory = world.directory_of(&world.other_process());
        directory.delete(Kind::Group, &group, &Versions::Any).await.unwrap();
        assert_eq!(world.left_of(&group).await, [0; 3], "killed after {writes}");
        let member = Id::parse(&users[0]).unwrap();
        assert_eq!(world.items(Source::Index, keys::memberships(&world.id, member)).await, 0);
    }
    // Nobody is left who was deleting it either: who starts next clears up.
    let group = world.group("Staff", &[]).await;
    world.meter.die_after(3);
    assert!(change(&world.directory(), &group, &add_each(&users)).await.is_err());
    world.meter.die_after(1);
    assert!(world.directory().delete(Kind::Group, &group, &Versions::Any).await.is_err());
    world.meter.revive();
    assert_ne!(world.left_of(&group).await, [0; 3]);
    assert_eq!(world.carry_out_abandoned().await, 1);
    assert_eq!(world.left_of(&group).await, [0; 3]);
}

async fn who_cannot_be_a_member_is_refused_and_nobody_joins(world: World) {
    let count = if world.is_emulated() { 120 } else { 999 };
    let users = world.crowd(count).await;
    let group = world.group("Staff", &users[..1]).await;
    let other = DirectoryId::new(world.id.tenant.clone(), Name::new("advocates").unwrap());
    world.store.create_directory(&other).await.unwrap();
    let opened = world.store.open(&other).await.unwrap();
    let other = Directory::new(Arc::clone(&world.store), opened, Origin::scim("other"), BASE);
    let foreign = other.create(Kind::User, user("ada"), Shown::ALL).await.unwrap().id.to_string();
    let deleted = world.user("grace").await;
    world.directory().delete(Kind::User, &deleted, &Versions::Any).await.unwrap();
    let nobody = "00000000-0ffe-8abc-8abc-0123456789ab".to_owned();
    for bad in [nobody, foreign, deleted, group.clone(), "ada@acme.example".to_owned(), String::new()] {
        let mut members = users.clone();
        members.insert(count / 2, bad.clone());
        let directory = world.directory();
        let (outcome, units) = world.cost(change(&directory, &group, &add_each(&members))).await;
        assert!(matches!(outcome, Err(Error::Refused(_))), "{bad}: {outcome:?}");
        assert_eq!(units.writes, 0, "{bad}");
        let body = super::crowd::group("Other", &members);
        let created = world.cost(directory.create(Kind::Group, body, Shown::ALL)).await;
        assert!(created.0.is_err() || bad == group);
        assert!(created.1.writes == 0 || bad == group);
    }
    let found = world.directory().get(Kind::Group, &group, Shown::ALL).await.unwrap();
    assert_eq!((found.version, found.members_shown()), (1, Some(1)));
}

/// Groups in groups, in a circle as well: who is in which, and how it is shown.
async fn members_of_members(world: World) {
    let users = world.crowd(3).await;
    let directory = world.directory();
    let inner = world.group("Inner", &users[..2]).await;
    let outer = world.group("Outer", &[inner.clone(), users[2].clone()]).await;
    change(&directory, &inner, &add_each(std::slice::from_ref(&outer))).await.unwrap();
    let of = |user: &str| {
        let (directory, user) = (directory.clone(), user.to_owned());
        async move {
            let found = directory.get(Kind::User, &user, Shown::ALL).await.unwrap();
            let document = directory.document(&found).unwrap();
            let groups = document.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
            let short = |one: &Value| (one["display"].clone(), one["type"].clone());
            groups.iter().map(short).collect::<HashSet<_>>()
        }
    };
    let pair = |name: &str, kind: &str| (json!(name), json!(kind));
    assert_eq!(of(&users[0]).await, HashSet::from([pair("Inner", "direct"), pair("Outer", "indirect")]));
    assert_eq!(of(&users[2]).await, HashSet::from([pair("Outer", "direct"), pair("Inner", "indirect")]));
    for group in [&inner, &outer] {
        let filter = format!("groups.value eq \"{group}\"");
        assert_eq!(found_ids(&directory, Kind::User, &filter).await, set(&users));
    }
    let rename = patch(json!([{ "op": "replace", "path": "displayName", "value": "Outside" }]));
    change(&directory, &outer, &rename).await.unwrap();
    assert_eq!(of(&users[2]).await, HashSet::from([pair("Outside", "direct"), pair("Inner", "indirect")]));
    let shown = directory.get(Kind::Group, &inner, Shown::ALL).await.unwrap();
    let members = directory.document(&shown).unwrap();
    let names: Ids =
        members["members"].as_array().unwrap().iter().map(|one| one["display"].to_string()).collect();
    assert!(names.contains("\"Outside\""), "{names:?}");
    directory.delete(Kind::Group, &outer, &Versions::Any).await.unwrap();
    assert_eq!(of(&users[0]).await, HashSet::from([pair("Inner", "direct")]));
    assert_eq!(of(&users[2]).await, HashSet::new());
}
