//! Imports and their undoing, killed at every write to the table and to the objects in turn, and carried on: the end is
//! that of a run which nothing has happened to.

use super::dice::Dice;
use super::import::{file, report, text};
use super::{Metered, World, first, on_both_stores};
use adapters::embedded::FolderObjects;
use async_trait::async_trait;
use domain::directory::{Shown, Wanted};
use domain::import::configuration::{Configuration, Limits, MatchOn, Mode};
use domain::import::engine::{Importer, Silent};
use domain::import::run::{Counts, LEASE_SECONDS, Run, State};
use domain::import::upload::{Folder, Uploaded};
use domain::objects::{Entry, Object, ObjectError, Objects};
use domain::ports::Nobody;
use domain::store::{DirectoryId, Kind, Name};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::sync::Arc;

on_both_stores! {
    an_import_killed_at_any_write_ends_as_if_it_had_not_been
    an_undoing_killed_at_any_write_ends_as_if_it_had_not_been
    imports_by_chance_killed_by_chance_end_as_if_they_had_not_been
}

const HEADER: &str = "status,loginName,mail,lastName,uid,role,groups\n";

/// Objects of the same process: dead when its table is.
struct Mortal {
    objects: Arc<FolderObjects>,
    meter: Arc<Metered>,
}

impl Mortal {
    fn alive(&self) -> Result<(), ObjectError> {
        self.meter.alive().map_err(|error| ObjectError::Unavailable(error.into()))
    }
}

#[async_trait]
impl Objects for Mortal {
    async fn fetch(&self, key: &str, version: Option<&str>) -> Result<Option<Object>, ObjectError> {
        self.objects.fetch(key, version).await
    }

    async fn read_at(&self, key: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, ObjectError> {
        self.objects.read_at(key, offset, length).await
    }

    async fn store(&self, key: &str, file: File) -> Result<(), ObjectError> {
        self.alive()?;
        self.objects.store(key, file).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, ObjectError> {
        self.objects.list(prefix, after, limit).await
    }

    async fn remove(&self, key: &str, version: Option<&str>) -> Result<(), ObjectError> {
        self.alive()?;
        self.objects.remove(key, version).await
    }

    async fn upload_url(&self, key: &str, seconds: u32) -> Result<Option<String>, ObjectError> {
        self.objects.upload_url(key, seconds).await
    }
}

/// A file before and a file after it.
struct Files {
    before: String,
    after: String,
}

#[derive(Clone)]
struct Row {
    active: bool,
    name: String,
    last: &'static str,
    uid: String,
    role: &'static str,
    groups: &'static str,
}

impl Row {
    fn new(at: usize) -> Self {
        Self {
            active: true,
            name: format!("n{at}"),
            last: "Muster",
            uid: format!("{at}"),
            role: "User",
            groups: "",
        }
    }

    fn write(&self, to: &mut String) {
        let Self { active, name, last, uid, role, groups } = self;
        let status = if *active { "active" } else { "inactive" };
        writeln!(to, "{status},{name},m{uid}@acme.example,{last},{uid},{role},\"{groups}\"").unwrap();
    }
}

fn text_of(rows: &[Row]) -> String {
    let mut text = HEADER.to_owned();
    for row in rows {
        row.write(&mut text);
    }
    text
}

/// Everything that a row can do, on a few rows each, among many that are new and some that stay as they are.
fn every_kind(few: bool) -> Files {
    let new = if few { 20 } else { 200 };
    let mut rows: Vec<Row> = (0..24).map(Row::new).collect();
    rows[0].role = "Administrator";
    rows[1].active = false;
    rows[2].groups = "Sales";
    rows[3].groups = "Sales,Staff";
    let before = text_of(&rows);
    // Missing from now on, but for the administrator among them.
    let mut rows: Vec<Row> =
        rows.into_iter().skip(1).filter(|row| !["20", "21", "22"].contains(&row.uid.as_str())).collect();
    let mut change = |uid: &str, change: fn(&mut Row)| {
        rows.iter_mut().filter(|row| row.uid == uid).for_each(change);
    };
    change("1", |row| row.active = true);
    change("2", |row| row.groups = "Staff");
    change("3", |row| row.groups = "Sales");
    change("4", |row| row.groups = "Sales,Staff");
    change("5", |row| row.active = false);
    change("6", |row| row.last = "Maier");
    change("7", |row| row.role = "Administrator");
    // An exchange of two, one of three, and a name that is handed on.
    change("10", |row| "n11".clone_into(&mut row.name));
    change("11", |row| "n10".clone_into(&mut row.name));
    change("12", |row| "n13".clone_into(&mut row.name));
    change("13", |row| "n14".clone_into(&mut row.name));
    change("14", |row| "n12".clone_into(&mut row.name));
    change("15", |row| "n16".clone_into(&mut row.name));
    change("16", |row| "other".clone_into(&mut row.name));
    change("17", |row| row.role = "Nobody");
    change("18", |row| row.groups = "Nothing");
    rows.extend((100..100 + new).map(Row::new));
    rows.iter_mut().filter(|row| row.uid.ends_with("77")).for_each(|row| row.groups = "Staff");
    Files { before, after: text_of(&rows) }
}

/// Two files that have something to do with each other.
fn by_chance(dice: &mut Dice) -> Files {
    let mut rows: Vec<Row> = (0..12).map(Row::new).collect();
    rows[0].role = "Administrator";
    let mut names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let mut draw = |row: &mut Row| {
        row.active = !dice.once_in(4);
        row.last = ["Muster", "Maier"][dice.below(2)];
        row.groups = ["", "Sales", "Staff", "Sales,Staff", "Nothing"][dice.below(5)];
    };
    rows.iter_mut().skip(1).for_each(&mut draw);
    let before = text_of(&rows);
    rows.extend((20..24).map(Row::new));
    rows.iter_mut().skip(1).for_each(&mut draw);
    for _ in 0..6 {
        let (one, two) = (dice.below(names.len()), dice.below(names.len()));
        names.swap(one, two);
    }
    rows.iter_mut().zip(names).for_each(|(row, name)| row.name = name);
    rows.retain(|row| !dice.once_in(5) || row.uid == "0");
    Files { before, after: text_of(&rows) }
}

/// After how many writes a process dies, in turn; none is for the process that lives. All of them on the embedded store; what
/// is written is the same on both, so that some of them do where each takes ten times as long.
fn deaths(world: &World) -> impl Iterator<Item = usize> + use<> {
    (0..1000).step_by(if world.is_emulated() { 5 } else { 1 })
}

/// A directory of its own in the world, with one configuration, in which a process may die.
struct Place<'w> {
    world: &'w mut World,
    configuration: Name,
}

/// What shows in the end.
#[derive(Debug, Clone, PartialEq)]
struct End {
    state: State,
    counts: Counts,
    report: String,
    changes: usize,
    users: BTreeSet<String>,
}

impl<'w> Place<'w> {
    async fn new(world: &'w mut World, number: usize) -> Self {
        let id = DirectoryId::new(Name::new("acme").unwrap(), Name::new(&format!("place-{number}")).unwrap());
        assert!(world.store.create_directory(&id).await.unwrap());
        let configuration = Name::new("staff").unwrap();
        let limits = Limits { removals_percent: None, removals_count: None, rejected_percent: None };
        let document = Configuration {
            mode: Mode::Full,
            limits,
            match_on: vec![MatchOn::ExternalId, MatchOn::UserName],
            ..Configuration::upload(configuration.clone())
        };
        assert!(world.store.create_configuration(&id, &document).await.unwrap());
        world.opened = world.store.open(&id).await.unwrap();
        world.id = id;
        world.group("Sales", &[]).await;
        world.group("Staff", &[]).await;
        Self { world, configuration }
    }

    fn importer(&self) -> Importer {
        let objects =
            Mortal { objects: Arc::clone(&self.world.objects), meter: Arc::clone(&self.world.meter) };
        Importer::new(self.world.other_process(), Arc::new(objects), Arc::new(Nobody))
    }

    async fn import(&self, content: &str) -> Run {
        self.world.clock.advance(1);
        let importer = self.importer();
        let run = importer.import_file(&self.world.id, &self.configuration, "x.csv", file(content), &Silent);
        Box::pin(run).await.unwrap()
    }

    /// Puts a file into the inbox and works on it with processes that die after so many writes each, and then with one
    /// that lives. Whether the first one did.
    async fn import_with_deaths(&self, content: &str, deaths: &[i64]) -> (bool, Run) {
        self.world.clock.advance(1);
        let key = format!("inbox/{}/{}/x.csv", self.world.id, self.configuration);
        self.world.objects.store(&key, file(content)).await.unwrap();
        let version = self.world.objects.fetch(&key, None).await.unwrap().unwrap().version;
        let mut lived = true;
        for writes in deaths {
            self.world.meter.die_after(*writes);
            let importer = self.importer();
            let done = Box::pin(importer.import_object(&key, Some(&version), &Silent)).await;
            lived &= done.is_ok();
            self.world.meter.revive();
            self.world.clock.advance(LEASE_SECONDS + 1);
        }
        let importer = self.importer();
        match Box::pin(importer.import_object(&key, Some(&version), &Silent)).await.unwrap() {
            Uploaded::Ended(run) => (lived, run),
            other => panic!("{other:?}"),
        }
    }

    /// The same of taking a run back.
    async fn undo_with_death(&self, run: &Run, writes: i64) -> (bool, Run) {
        self.world.clock.advance(1);
        self.world.meter.die_after(writes);
        let begun = self.importer().revert(&self.world.id, &run.id).await;
        let mut lived = begun.is_ok();
        if lived {
            lived = Box::pin(self.importer().work(&self.world.id, &Silent)).await.is_ok();
        }
        self.world.meter.revive();
        self.world.clock.advance(LEASE_SECONDS + 1);
        let begun = match begun {
            Ok(begun) => begun,
            Err(_) => self.importer().revert(&self.world.id, &run.id).await.unwrap(),
        };
        Box::pin(self.importer().work(&self.world.id, &Silent)).await.unwrap();
        (lived, self.world.store.run(&self.world.id, &begun.id).await.unwrap().unwrap())
    }

    async fn end(&self, run: &Run) -> End {
        let changes = text(self.world, &Folder::new(&self.world.id, &run.id).changes()).await;
        End {
            state: run.state,
            counts: run.counts,
            report: report(self.world, run).await,
            changes: changes.lines().count(),
            users: self.users().await,
        }
    }

    /// Everybody, without what is another one in every directory.
    async fn users(&self) -> BTreeSet<String> {
        let directory = self.world.directory();
        let wanted = Wanted { shown: Shown::ALL, ..first(1000) };
        let page = directory.list(Kind::User, &wanted).await.unwrap();
        let mut users = BTreeSet::new();
        for one in page.resources {
            let mut user = directory.document(&one).unwrap();
            user.shift_remove("id");
            user.shift_remove("meta");
            let groups = user.shift_remove("groups").unwrap_or_default();
            let names = groups.as_array().into_iter().flatten().map(|group| group["display"].to_string());
            let names: BTreeSet<String> = names.collect();
            user.insert("groups".to_owned(), json!(names));
            users.insert(Value::Object(user).to_string());
        }
        users
    }
}

async fn an_import_killed_at_any_write_ends_as_if_it_had_not_been(mut world: World) {
    let files = every_kind(world.is_emulated());
    let mut expected: Option<End> = None;
    for writes in deaths(&world) {
        let place = Place::new(&mut world, writes).await;
        assert_eq!(place.import(&files.before).await.state, State::Finished);
        let deaths = [i64::MAX, writes as i64 - 1];
        let (lived, run) =
            place.import_with_deaths(&files.after, deaths.get(usize::from(writes > 0)..).unwrap()).await;
        let end = place.end(&run).await;
        if writes == 0 {
            let created = if place.world.is_emulated() { 20 } else { 200 };
            assert_eq!(
                end.counts,
                Counts {
                    created,
                    updated: 12,
                    reactivated: 1,
                    deactivated: 4,
                    unchanged: 4,
                    rejected: 2,
                    ..Counts::default()
                }
            );
        }
        assert_eq!(*expected.get_or_insert(end.clone()), end, "killed after {} writes", writes as i64 - 1);
        let again = place.import(&files.after).await;
        assert_eq!(
            (again.counts.rejected, again.counts.total() - again.counts.unchanged),
            (2, 2),
            "killed after {} writes",
            writes as i64 - 1
        );
        if lived && writes > 0 {
            assert!(writes > 30, "the test killed nothing: {writes}");
            return;
        }
    }
    panic!("the import never came to its end");
}

async fn an_undoing_killed_at_any_write_ends_as_if_it_had_not_been(mut world: World) {
    let files = every_kind(true);
    let mut expected: Option<End> = None;
    for writes in deaths(&world) {
        let place = Place::new(&mut world, writes).await;
        place.import(&files.before).await;
        let before = place.users().await;
        let run = place.import(&files.after).await;
        let (lived, back) =
            place.undo_with_death(&run, if writes == 0 { i64::MAX } else { writes as i64 - 1 }).await;
        let end = place.end(&back).await;
        assert_eq!(end.users, before, "killed after {} writes", writes as i64 - 1);
        assert_eq!(*expected.get_or_insert(end.clone()), end, "killed after {} writes", writes as i64 - 1);
        if lived && writes > 0 {
            assert!(writes > 30, "the test killed nothing: {writes}");
            return;
        }
    }
    panic!("the undoing never came to its end");
}

async fn imports_by_chance_killed_by_chance_end_as_if_they_had_not_been(mut world: World) {
    let (seed, rounds) = if world.is_emulated() { (7, 6) } else { (8, 40) };
    let mut dice = Dice::seeded(seed);
    for round in 0..rounds {
        let files = by_chance(&mut dice);
        let place = Place::new(&mut world, 2 * round).await;
        place.import(&files.before).await;
        let (_, run) = place.import_with_deaths(&files.after, &[]).await;
        let expected = place.end(&run).await;
        let deaths: Vec<i64> = (0..=dice.below(3)).map(|_| dice.below(90) as i64).collect();
        let place = Place::new(&mut world, 2 * round + 1).await;
        place.import(&files.before).await;
        let (_, run) = place.import_with_deaths(&files.after, &deaths).await;
        assert_eq!(
            place.end(&run).await,
            expected,
            "seed {seed}, round {round}, killed after {deaths:?}\n{}",
            files.after
        );
    }
}
