//! A directory beside a model of it in memory: operations drawn by chance, processes that die in the middle of them and
//! others that go on, and after each step what must always hold. Every step is printed, so that a failure shows its
//! seed and how it came to it.

mod model;

use super::crowd::{Ids, add_each, change, found_ids, group, members_shown, patch, remove_each, values};
use super::dice::Dice;
use super::{World, on_both_stores};
use domain::Error;
use domain::directory::{Directory, Shown, Versions};
use domain::store::Kind;
use model::{End, Model, Operation};
use serde_json::{Value, json};

on_both_stores! { whatever_happens_the_directory_is_what_the_model_says }

/// Enough that a group of all of them takes several transactions.
const CROWD: usize = 55;

async fn whatever_happens_the_directory_is_what_the_model_says(world: World) {
    let (seed, steps) = if world.is_emulated() { (100, 25) } else { (100, 150) };
    let mut simulation = Simulation::new(&world, seed).await;
    for step in 0..steps {
        simulation.step(step).await;
        simulation.holds_for_some().await;
        if step % 50 == 49 {
            simulation.holds_for_all().await;
        }
    }
    simulation.groups_are_right().await;
}

struct Simulation<'w> {
    world: &'w World,
    dice: Dice,
    /// As the process sees it that is alive at the moment.
    directory: Directory,
    model: Model,
    dead: Vec<String>,
}

impl<'w> Simulation<'w> {
    async fn new(world: &'w World, seed: u64) -> Self {
        eprintln!("seed {seed}");
        let mut model = Model::default();
        for id in world.crowd(CROWD).await {
            // The file brings them in some order; who is who the directory says.
            let found = world.directory().get(Kind::User, &id, Shown::NOTHING).await.unwrap();
            let name = world.directory().document(&found).unwrap()["userName"].as_str().unwrap().to_owned();
            model.apply(&Operation::CreateUser { name }, &id);
        }
        let (directory, dead) = (world.directory(), Vec::new());
        Self { world, dice: Dice::seeded(seed), directory, model, dead }
    }

    fn draw(&mut self) -> Operation {
        let users: Vec<String> = self.model.users.keys().cloned().collect();
        let groups: Vec<String> = self.model.groups.keys().cloned().collect();
        let user = self.dice.pick(&users).clone();
        // Few enough to meet, in two spellings.
        let name = format!("{}{}", if self.dice.once_in(2) { "N" } else { "n" }, self.dice.below(25));
        if groups.len() < 2 || (groups.len() < 8 && self.dice.once_in(8)) {
            return Operation::CreateGroup { name, members: self.some_members() };
        }
        let group = self.dice.pick(&groups).clone();
        match self.dice.below(14) {
            0 | 1 => Operation::CreateUser { name },
            2 => Operation::RenameUser { id: user, name },
            3 => Operation::Deactivate { id: user },
            4 if users.len() > CROWD - 5 => Operation::DeleteUser { id: user },
            5 => Operation::RenameGroup { id: group, name },
            6 => Operation::DeleteGroup { id: group },
            7..=9 => {
                let mut members = self.some_members();
                if self.dice.once_in(6) {
                    members.extend(self.dead.last().cloned());
                }
                Operation::Join { group, members }
            }
            10 | 11 => Operation::Leave { group, members: self.some_members() },
            _ => Operation::Exactly { group, members: self.some_members() },
        }
    }

    /// A few, or nearly everybody; now and then with a group among them, also the one that it is about.
    fn some_members(&mut self) -> Ids {
        let mut users: Vec<String> = self.model.users.keys().cloned().collect();
        let groups: Vec<String> = self.model.groups.keys().cloned().collect();
        let mut members: Ids = if self.dice.once_in(3) {
            users.retain(|_| !self.dice.once_in(12));
            users.into_iter().collect()
        } else {
            (0..=self.dice.below(5)).map(|_| self.dice.pick(&users).clone()).collect()
        };
        if !groups.is_empty() && self.dice.once_in(2) {
            members.insert(self.dice.pick(&groups).clone());
        }
        members
    }

    async fn step(&mut self, step: usize) {
        let operation = self.draw();
        let expected = self.model.expect(&operation);
        let dies = self.dice.once_in(4);
        if dies {
            self.world.meter.die_after(self.dice.below(5) as i64);
        }
        let outcome = self.attempt(&operation).await;
        self.world.meter.revive();
        eprintln!("{step}: {operation:?}: {outcome:?}");
        match outcome {
            Err(Error::Unavailable(_)) if dies => {
                self.directory = self.world.directory_of(&self.world.other_process());
                // What would have been refused has perhaps opened a block, and done nothing that shows.
                if expected == End::Done {
                    self.recover(&operation).await;
                }
            }
            outcome => {
                assert_eq!(End::of(&outcome), Some(expected), "{outcome:?}");
                if let Ok(created) = outcome {
                    self.happened(&operation, &created);
                }
            }
        }
    }

    fn happened(&mut self, operation: &Operation, created: &str) {
        self.model.apply(operation, created);
        if let Operation::DeleteUser { id } | Operation::DeleteGroup { id } = operation {
            self.dead.push(id.clone());
        }
    }

    /// Another process goes on: it finds everything done, or nothing, and ends it in one of three ways.
    async fn recover(&mut self, operation: &Operation) {
        let created = self.was_done(operation).await;
        let done = created.is_some();
        if let Some(created) = created {
            self.happened(operation, &created);
        }
        let ending = self.dice.below(3);
        eprintln!("it died; done: {done}; ending {ending}");
        match ending {
            0 => {
                let again = self.attempt(operation).await;
                match (operation, done) {
                    (_, false) => self.happened(operation, &again.unwrap()),
                    (Operation::CreateUser { .. } | Operation::CreateGroup { .. }, true) => {
                        assert!(matches!(again, Err(Error::NotUnique { .. })));
                    }
                    (Operation::DeleteUser { .. } | Operation::DeleteGroup { .. }, true) => {
                        assert!(matches!(again, Err(Error::NotFound)));
                    }
                    (_, true) => _ = again.unwrap(),
                }
                // A group that was created, or deleted, is not touched by the repetition.
                self.world.carry_out_abandoned().await;
            }
            1 => _ = self.world.carry_out_abandoned().await,
            _ => {
                self.world.clock.advance(61);
                self.groups_are_right().await;
                self.world.carry_out_abandoned().await;
            }
        }
    }

    /// Whether an operation that was cut off was done; with the id of what it created.
    async fn was_done(&self, operation: &Operation) -> Option<String> {
        let (kind, id) = match operation {
            Operation::CreateUser { name } => return self.named(Kind::User, name).await.pop_first(),
            Operation::CreateGroup { name, .. } => return self.named(Kind::Group, name).await.pop_first(),
            Operation::RenameUser { id, .. }
            | Operation::Deactivate { id }
            | Operation::DeleteUser { id } => (Kind::User, id),
            Operation::RenameGroup { id, .. } | Operation::DeleteGroup { id } => (Kind::Group, id),
            Operation::Join { group, .. }
            | Operation::Leave { group, .. }
            | Operation::Exactly { group, .. } => (Kind::Group, group),
        };
        let mut after = self.model.clone();
        after.apply(operation, "");
        let version = |model: &Model| match kind {
            Kind::User => model.users.get(id).map(|user| user.version),
            _ => model.groups.get(id).map(|group| group.version),
        };
        let found = match self.directory.get(kind, id, Shown::NOTHING).await {
            Ok(found) => Some(found.version),
            Err(error) => {
                assert!(matches!(error, Error::NotFound), "{error}");
                None
            }
        };
        assert!(found == version(&after) || found == version(&self.model), "{found:?}");
        (found == version(&after)).then(String::new)
    }

    async fn attempt(&self, operation: &Operation) -> Result<String, Error> {
        let (directory, any) = (&self.directory, &Versions::Any);
        let replace =
            |path: &str, value: Value| patch(json!([{ "op": "replace", "path": path, "value": value }]));
        let list = |ids: &Ids| ids.iter().cloned().collect::<Vec<_>>();
        let user = |id: &String, body: Value| {
            let id = id.clone();
            async move { directory.patch(Kind::User, &id, any, &body, Shown::NOTHING).await }
        };
        let changed = match operation {
            Operation::CreateUser { name } => {
                let body = json!({ "userName": name });
                directory.create(Kind::User, body, Shown::NOTHING).await?
            }
            Operation::CreateGroup { name, members } => {
                directory.create(Kind::Group, group(name, &list(members)), Shown::NOTHING).await?
            }
            Operation::RenameUser { id, name } => user(id, replace("userName", json!(name))).await?,
            Operation::Deactivate { id } => user(id, replace("active", json!(false))).await?,
            Operation::RenameGroup { id, name } => {
                change(directory, id, &replace("displayName", json!(name))).await?
            }
            Operation::Join { group, members } => change(directory, group, &add_each(&list(members))).await?,
            Operation::Leave { group, members } => {
                change(directory, group, &remove_each(&list(members))).await?
            }
            Operation::Exactly { group: id, members } => {
                let body = group(&self.model.groups[id].name, &list(members));
                directory.replace(Kind::Group, id, any, body, Shown::NOTHING).await?
            }
            Operation::DeleteUser { id } => {
                return directory.delete(Kind::User, id, any).await.map(|()| String::new());
            }
            Operation::DeleteGroup { id } => {
                return directory.delete(Kind::Group, id, any).await.map(|()| String::new());
            }
        };
        Ok(changed.id.to_string())
    }

    /// Who is found by a name, spelt in another way.
    async fn named(&self, kind: Kind, name: &str) -> Ids {
        let attribute = if kind == Kind::User { "userName" } else { "displayName" };
        found_ids(&self.directory, kind, &format!("{attribute} eq \"{}\"", name.to_uppercase())).await
    }

    async fn groups_are_right(&self) {
        for (id, group) in &self.model.groups {
            let found = self.directory.get(Kind::Group, id, Shown::ALL).await.unwrap();
            assert_eq!(members_shown(&self.directory, &found), group.members, "members of {id}");
            assert_eq!(found.version, group.version, "{id}");
            assert_eq!(self.named(Kind::Group, &group.name).await, Ids::from([id.clone()]));
        }
    }

    /// What must always hold, tried on some.
    async fn holds_for_some(&mut self) {
        for (kind, expected) in [
            (Kind::User, self.model.users.keys().cloned().collect::<Vec<_>>()),
            (Kind::Group, self.model.groups.keys().cloned().collect()),
        ] {
            assert_eq!(self.world.everybody(kind).await, expected, "{kind:?}");
        }
        let users: Vec<String> = self.model.users.keys().cloned().collect();
        for _ in 0..2 {
            let user = self.dice.pick(&users).clone();
            self.user_is_right(&user).await;
        }
        let groups: Vec<String> = self.model.groups.keys().cloned().collect();
        if !groups.is_empty() {
            let group = self.dice.pick(&groups).clone();
            self.members_are_found(&group).await;
        }
        if let Some(dead) = self.dead.last() {
            self.is_gone(dead).await;
        }
        let name = format!("n{}", self.dice.below(25));
        let holders = self.model.users.iter().filter(|(_, user)| user.name.to_lowercase() == name);
        let holders: Ids = holders.map(|(id, _)| id.clone()).collect();
        assert_eq!(self.named(Kind::User, &name).await, holders, "{name}");
    }

    async fn holds_for_all(&self) {
        self.groups_are_right().await;
        for user in self.model.users.keys() {
            self.user_is_right(user).await;
        }
        for group in self.model.groups.keys() {
            self.members_are_found(group).await;
        }
        for dead in &self.dead {
            self.is_gone(dead).await;
        }
    }

    async fn user_is_right(&self, id: &str) {
        let expected = &self.model.users[id];
        let found = self.directory.get(Kind::User, id, Shown::ALL).await.unwrap();
        let document = self.directory.document(&found).unwrap();
        assert_eq!(document["userName"], json!(expected.name));
        assert_eq!((&document["active"], found.version), (&json!(expected.active), expected.version), "{id}");
        assert_eq!(values(&document, "groups"), self.model.all_groups(id), "groups of {id}");
        let groups = document.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
        let direct = groups.iter().filter(|group| group["type"] == "direct");
        let direct: Ids = direct.map(|group| group["value"].as_str().unwrap().to_owned()).collect();
        assert_eq!(direct, self.model.direct(id), "direct groups of {id}");
        assert_eq!(self.named(Kind::User, &expected.name).await, Ids::from([id.to_owned()]));
        let filter = format!("members eq \"{id}\"");
        assert_eq!(found_ids(&self.directory, Kind::Group, &filter).await, direct);
    }

    /// A group leads to everybody who is in it, and in groups in it.
    async fn members_are_found(&self, group: &str) {
        let inside = self.model.users.keys().filter(|user| self.model.all_groups(user).contains(group));
        let expected: Ids = inside.cloned().collect();
        let filter = format!("groups.value eq \"{group}\"");
        assert_eq!(found_ids(&self.directory, Kind::User, &filter).await, expected, "{filter}");
    }

    async fn is_gone(&self, id: &str) {
        for kind in [Kind::User, Kind::Group] {
            assert!(matches!(self.directory.get(kind, id, Shown::ALL).await, Err(Error::NotFound)));
            assert_eq!(found_ids(&self.directory, kind, &format!("id eq \"{id}\"")).await, Ids::new());
        }
        let filter = format!("members eq \"{id}\"");
        assert_eq!(found_ids(&self.directory, Kind::Group, &filter).await, Ids::new(), "{filter}");
    }
}
