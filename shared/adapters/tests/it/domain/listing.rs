//! Lists: cursors neither lose nor repeat, whatever happens between two pages; every order and every filter agrees
//! with what a walk over everything and a plain sort would say.

use super::crowd::{found, group, patch, set};
use super::dice::Dice;
use super::{BASE, World, first, on_both_stores, user};
use domain::directory::{Directory, Page, Paging, Position, Shown, Versions, Wanted};
use domain::store::{DirectoryId, Id, Kind, Name, Origin};
use futures::future::join_all;
use scim::Document;
use scim::filter::Filter;
use scim::sort::Sort;
use serde_json::json;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

on_both_stores! {
    cursors_neither_lose_nor_repeat
    sorted_lists_agree_with_a_plain_sort
    a_sorted_list_ends_somewhere_for_indexes_and_nowhere_for_cursors
    found_is_what_matches
    a_walk_over_several_blocks_goes_by_the_roster
}

/// By which filter and which order a list is made.
type Variant<'a> = (Option<&'a str>, Option<(&'a str, &'a str)>);

struct List {
    filter: Option<Filter>,
    sort: Option<Sort>,
}

impl List {
    fn of(directory: &Directory, kind: Kind, (filter, sort): Variant<'_>) -> Self {
        let of_type = directory.resource_type(kind).unwrap();
        Self {
            filter: filter.map(|text| Filter::parse(text, of_type).unwrap()),
            sort: sort.and_then(|(by, order)| Sort::parse(Some(by), Some(order), of_type).unwrap()),
        }
    }

    async fn page(&self, directory: &Directory, kind: Kind, paging: Paging) -> Page {
        let (filter, sort) = (self.filter.as_ref(), self.sort.as_ref());
        let wanted = Wanted { filter, sort, paging, shown: Shown::NOTHING };
        directory.list(kind, &wanted).await.unwrap()
    }

    /// What it should be: everything that matches, in order.
    fn naive(&self, everything: &Everything) -> Vec<String> {
        let matches = |document: &Document| self.filter.as_ref().is_none_or(|one| one.matches(document));
        let mut matching: Everything =
            everything.iter().filter(|(_, document)| matches(document)).cloned().collect();
        if let Some(sort) = &self.sort {
            // Stable: those that are equal stay in the order of the roster.
            matching.sort_by_cached_key(|(_, document)| sort.key(document));
        }
        matching.into_iter().map(|(id, _)| id).collect()
    }

    /// All of it, by cursor.
    async fn by_cursor(&self, directory: &Directory, kind: Kind, count: usize) -> Vec<String> {
        let (mut seen, mut position) = (Vec::new(), None);
        loop {
            let page = self.page(directory, kind, Paging::After { position, count }).await;
            assert!(page.resources.len() <= count);
            seen.extend(ids(&page));
            match page.next {
                Some(next) => position = Some(next),
                None => return seen,
            }
        }
    }
}

fn ids(page: &Page) -> Vec<String> {
    page.resources.iter().map(|one| one.id.to_string()).collect()
}

/// Every resource of a kind as it is shown, in the order of the roster.
type Everything = Vec<(String, Document)>;

async fn whole(directory: &Directory, kind: Kind) -> Everything {
    let wanted = Wanted { shown: Shown::ALL, ..first(100_000) };
    let page = directory.list(kind, &wanted).await.unwrap();
    page.resources.iter().map(|one| (one.id.to_string(), directory.document(one).unwrap())).collect()
}

const VARIANTS: [Variant<'static>; 5] = [
    (None, None),
    (Some("title eq \"engineer\""), None),
    (None, Some(("userName", "ascending"))),
    (None, Some(("name.givenName", "descending"))),
    (Some("userName co \"1\""), Some(("title", "descending"))),
];

async fn cursors_neither_lose_nor_repeat(world: World) {
    let seeds = if world.is_emulated() { 1 } else { 5 };
    for seed in 0..seeds {
        for (number, variant) in VARIANTS.into_iter().enumerate() {
            let mut storm = Storm::in_a_new_directory(&world, seed * 100 + number as u64).await;
            storm.change(12).await;
            storm.page_through(variant).await;
        }
    }
}

/// Users who come and go by two processes while somebody pages.
struct Storm {
    seed: u64,
    dice: Dice,
    directories: [Directory; 2],
    born: usize,
    living: BTreeSet<String>,
    dead: HashSet<String>,
}

impl Storm {
    async fn in_a_new_directory(world: &World, seed: u64) -> Self {
        let name = Name::new(&format!("storm-{seed}")).unwrap();
        let id = DirectoryId::new(world.id.tenant.clone(), name);
        world.store.create_directory(&id).await.unwrap();
        let opened = world.store.open(&id).await.unwrap();
        let of = |store| Directory::new(store, Arc::clone(&opened), Origin::scim("test"), BASE);
        Self {
            seed,
            dice: Dice::seeded(seed),
            directories: [of(Arc::clone(&world.store)), of(world.other_process())],
            born: 0,
            living: BTreeSet::new(),
            dead: HashSet::new(),
        }
    }

    async fn change(&mut self, births: usize) {
        let bodies: Vec<_> = (0..births)
            .map(|_| {
                self.born += 1;
                user(&format!("{}x{}", self.dice.below(1000), self.born))
            })
            .collect();
        let created = bodies
            .into_iter()
            .enumerate()
            .map(|(at, body)| self.directories[at % 2].create(Kind::User, body, Shown::NOTHING));
        for created in join_all(created).await {
            self.living.insert(created.unwrap().id.to_string());
        }
        for _ in 0..births.min(self.dice.below(3)) {
            let everybody: Vec<String> = self.living.iter().cloned().collect();
            let gone = self.dice.pick(&everybody);
            self.directories[0].delete(Kind::User, gone, &Versions::Any).await.unwrap();
            self.living.remove(gone);
            self.dead.insert(gone.clone());
        }
    }

    async fn page_through(&mut self, variant: Variant<'_>) {
        let case = format!("seed {}, {variant:?}", self.seed);
        let directory = self.directories[1].clone();
        let list = List::of(&directory, Kind::User, variant);
        let at_first = list.naive(&whole(&directory, Kind::User).await);
        let (mut seen, mut position) = (Vec::new(), None);
        loop {
            let count = 1 + self.dice.below(5);
            let page = list.page(&directory, Kind::User, Paging::After { position, count }).await;
            assert!(ids(&page).iter().all(|id| !self.dead.contains(id)), "{case}: a dead one");
            assert!(page.next.is_none() || page.resources.len() == count, "{case}: a page that is not full");
            seen.extend(ids(&page));
            let Some(next) = page.next else { break };
            position = Some(next);
            let births = self.dice.below(3);
            self.change(births).await;
        }
        let distinct: HashSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{case}: somebody twice");
        let lost = at_first.iter().find(|id| !distinct.contains(id) && !self.dead.contains(*id));
        assert_eq!(lost, None, "{case}: somebody lost");
        let order = list.naive(&whole(&directory, Kind::User).await);
        let expected: Vec<&String> = order.iter().filter(|id| distinct.contains(id)).collect();
        let alive: Vec<&String> = seen.iter().filter(|id| !self.dead.contains(*id)).collect();
        assert_eq!(alive, expected, "{case}: out of order");
    }
}

/// Users of whom every attribute is sometimes absent, sometimes equal to another's but for case.
async fn colourful(world: &World, count: usize) {
    let mut dice = Dice::seeded(7);
    for at in 0..count {
        let mut body = user(&format!("user{}x{at}", dice.below(50)));
        match dice.below(4) {
            0 => body["displayName"] = json!("zoë"),
            1 => body["displayName"] = json!("ZOË"),
            2 => _ = body.as_object_mut().unwrap().remove("displayName"),
            _ => {}
        }
        body["active"] = json!(dice.once_in(2));
        body["name"]["familyName"] = json!(["Ä", "a", "B", "b"][dice.below(4)]);
        if dice.once_in(3) {
            body["emails"] = json!([{ "value": "b@x.example" }, { "value": "a@x.example", "primary": true }]);
        }
        world.create(Kind::User, body).await;
        world.clock.advance(dice.below(2) as i64);
    }
}

async fn sorted_lists_agree_with_a_plain_sort(world: World) {
    let count = if world.is_emulated() { 25 } else { 80 };
    colourful(&world, count).await;
    let directory = world.directory();
    let some = world.everybody(Kind::User).await;
    for (name, members) in [("b", &some[..2]), ("A", &some[2..]), ("c", &[])] {
        world.create(Kind::Group, group(name, members)).await;
    }
    let by = [
        "userName",
        "displayName",
        "name.familyName",
        "emails.value",
        "emails",
        "active",
        "meta.created",
        "title",
    ];
    let (users, groups) = (whole(&directory, Kind::User).await, whole(&directory, Kind::Group).await);
    for order in ["ascending", "descending"] {
        for (at, by) in by.into_iter().enumerate() {
            let filters = [None, Some("active eq true"), Some("emails.value eq \"a@x.example\"")];
            for filter in filters.iter().cycle().skip(at).take(if world.is_emulated() { 1 } else { 3 }) {
                agrees(&directory, &users, Kind::User, (*filter, Some((by, order)))).await;
            }
        }
        agrees(&directory, &groups, Kind::Group, (None, Some(("displayName", order)))).await;
    }
}

/// Pages of a list, by index and by cursor, are what a plain sort says.
async fn agrees(directory: &Directory, everything: &Everything, kind: Kind, variant: Variant<'_>) {
    let list = List::of(directory, kind, variant);
    let expected = list.naive(everything);
    pages_agree(directory, kind, &list, &expected, &format!("{variant:?}")).await;
    assert_eq!(list.by_cursor(directory, kind, 7).await, expected, "{variant:?}");
}

/// Pages by index; the last of them are empty.
async fn pages_agree(directory: &Directory, kind: Kind, list: &List, expected: &[String], case: &str) {
    for (offset, count) in [(0, 1000), (3, 4), (expected.len(), 3), (1, 0)] {
        let page = list.page(directory, kind, Paging::Offset { offset, count }).await;
        let right: Vec<String> = expected.iter().skip(offset).take(count).cloned().collect();
        assert_eq!((page.total, ids(&page)), (Some(expected.len()), right), "{case} {offset} {count}");
    }
}

async fn a_sorted_list_ends_somewhere_for_indexes_and_nowhere_for_cursors(world: World) {
    world.user("ada").await;
    let directory = world.directory();
    let list = List::of(&directory, Kind::User, (None, Some(("userName", "ascending"))));
    let wanted = |paging| Wanted { sort: list.sort.as_ref(), paging, ..first(0) };
    let far = Paging::Offset { offset: 9_999, count: 2 };
    let refused = directory.list(Kind::User, &wanted(far)).await.unwrap_err();
    assert!(matches!(&refused, domain::Error::Refused(error) if error.kind == scim::ErrorKind::TooMany));
    let beyond = Paging::Offset { offset: usize::MAX, count: usize::MAX };
    assert!(directory.list(Kind::User, &wanted(beyond)).await.is_err());
    // A cursor of an unsorted list leads nowhere in a sorted one.
    let position = Some(Position::Seat(0, 0));
    assert!(directory.list(Kind::User, &wanted(Paging::After { position, count: 1 })).await.is_err());
}

async fn found_is_what_matches(world: World) {
    colourful(&world, if world.is_emulated() { 5 } else { 20 }).await;
    let users = world.crowd(5).await;
    let inner = world.group("Inner", &users[..3]).await;
    let outer = world.group("Outer", &[inner.clone(), users[4].clone()]).await;
    let (one, two, last) = (&users[0], &users[1], &users[users.len() - 1]);
    let everything = whole(&world.directory(), Kind::User).await;
    for filter in [
        format!("id eq \"{one}\" or id eq \"{two}\" or id eq \"{one}\""),
        format!("id eq \"{one}\" and userName sw \"u\""),
        format!("groups.value eq \"{inner}\""),
        format!("groups eq \"{inner}\""),
        format!("groups.value eq \"{outer}\" and id eq \"{two}\""),
        format!("groups.value eq \"{outer}\" or groups.value eq \"{inner}\" or id eq \"{last}\""),
        format!("not (groups.value eq \"{inner}\")"),
        "groups.display eq \"inner\"".to_owned(),
        "groups pr".to_owned(),
        "userName eq \"USER00001@acme.example\"".to_owned(),
        "userName eq \"user00001@acme.example\" or externalId eq \"X-00002\"".to_owned(),
        "userName eq \"user00001@acme.example\" or title eq \"Engineer\"".to_owned(),
        "externalId eq \"x-00002\" or externalId eq \"X-00002\"".to_owned(),
        "emails.value eq \"A@x.example\" and active eq false".to_owned(),
        "emails[value eq \"a@x.example\" and primary eq true] or externalId eq \"X-00003\"".to_owned(),
        "(userName eq \"user00001@acme.example\" or externalId eq \"X-00002\") and active eq true".to_owned(),
        "displayName eq \"zoë\"".to_owned(),
        "active eq false".to_owned(),
        "id pr".to_owned(),
        "id eq \"\"".to_owned(),
    ] {
        matches_naive(&world, &everything, Kind::User, &filter).await;
    }
    let everything = whole(&world.directory(), Kind::Group).await;
    for filter in [
        "displayName eq \"INNER\"".to_owned(),
        format!("members eq \"{inner}\""),
        format!("members.value eq \"{one}\" or members.value eq \"{}\"", users[4]),
        format!("id eq \"{outer}\" and members eq \"{one}\""),
        format!("displayName eq \"Inner\" and members[value eq \"{one}\"]"),
        "members pr".to_owned(),
        "not (members pr)".to_owned(),
        "members.display sw \"inn\"".to_owned(),
        "members eq \"nobody\" or displayName eq \"Outer\"".to_owned(),
    ] {
        matches_naive(&world, &everything, Kind::Group, &filter).await;
    }
    let rename = patch(json!([{ "op": "replace", "path": "userName", "value": "renamed" }]));
    world.directory().patch(Kind::User, one, &Versions::Any, &rename, Shown::ALL).await.unwrap();
    world.directory().delete(Kind::User, two, &Versions::Any).await.unwrap();
    let everything = whole(&world.directory(), Kind::User).await;
    for filter in [
        "userName eq \"user00000@acme.example\"",
        "emails eq \"user00000@acme.example\"",
        "externalId eq \"X-00001\"",
    ] {
        matches_naive(&world, &everything, Kind::User, filter).await;
    }
}

async fn matches_naive(world: &World, everything: &Everything, kind: Kind, filter: &str) {
    let directory = world.directory();
    let list = List::of(&directory, kind, (Some(filter), None));
    let expected = list.naive(everything);
    let got: Vec<String> =
        found(&directory, kind, filter).await.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(got, expected, "{filter}");
    let count = if world.is_emulated() { 7 } else { 2 };
    assert_eq!(list.by_cursor(&directory, kind, count).await, expected, "{filter} by cursor");
    pages_agree(&directory, kind, &list, &expected, filter).await;
}

async fn a_walk_over_several_blocks_goes_by_the_roster(world: World) {
    let count = if world.is_emulated() { 40 } else { 200 };
    let directories = [world.directory(), world.directory_of(&world.other_process())];
    let created = (0..count)
        .map(|at| directories[at % 2].create(Kind::User, user(&format!("user{at:03}")), Shown::NOTHING));
    let mut roster: Vec<Id> = join_all(created).await.into_iter().map(|one| one.unwrap().id).collect();
    roster.sort_unstable();
    let blocks: BTreeSet<u32> = roster.iter().map(|id| id.seat().block).collect();
    assert!(blocks.len() > 2, "{blocks:?}");
    let roster: Vec<String> = roster.iter().map(Id::to_string).collect();
    assert_eq!(world.everybody(Kind::User).await, roster);
    let everything = whole(&directories[1], Kind::User).await;
    for filter in ["title eq \"Engineer\"", "userName ew \"7@acme.example\""] {
        matches_naive(&world, &everything, Kind::User, filter).await;
    }
    let list = List::of(&directories[0], Kind::User, (Some("title eq \"Engineer\""), None));
    for count in [1, 9, 50] {
        assert_eq!(list.by_cursor(&directories[1], Kind::User, count).await, roster);
    }
    assert_eq!(set(&roster).len(), count);
}
