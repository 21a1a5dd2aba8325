//! Two imports, an identity provider and an administrator in one directory at the same time. Whatever each of them gets
//! done, every version of every user is explained by one change that somebody was told of, each change begins where the
//! one before it ended, and nobody's word is lost.

use super::dice::Dice;
use super::import::{file, text};
use super::{World, on_both_stores};
use domain::Error;
use domain::directory::{Shown, Versions};
use domain::import::configuration::{Configuration, Limits, MatchOn};
use domain::import::decide::Undecided;
use domain::import::engine::{Importer, Silent};
use domain::import::run::{Purpose, Run, State};
use domain::import::upload::Folder;
use domain::ports::Nobody;
use domain::store::{Kind, Name};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

on_both_stores! { whoever_comes_at_the_same_time_every_change_is_explained }

/// People whom both files speak of.
const SHARED: usize = 12;
/// People of one file only.
const OWN: usize = 6;

/// One change that somebody was told of.
#[derive(Debug, Clone)]
struct Change {
    version: i64,
    by: String,
    /// The family name before and after, if it changed.
    last_name: Option<(Value, Value)>,
    title: Option<String>,
}

/// By user, every change that was acknowledged.
type Known = HashMap<String, Vec<Change>>;

async fn whoever_comes_at_the_same_time_every_change_is_explained(world: World) {
    let (seed, rounds) = if world.is_emulated() { (3, 4) } else { (4, 30) };
    eprintln!("seed {seed}");
    for name in ["one", "two"] {
        let document = Configuration {
            match_on: vec![MatchOn::ExternalId, MatchOn::UserName],
            limits: Limits { removals_percent: None, removals_count: Some(6), rejected_percent: None },
            ..Configuration::upload(Name::new(name).unwrap())
        };
        assert!(world.store.create_configuration(&world.id, &document).await.unwrap());
    }
    let ((), (), said, ()) = futures::join!(
        imports(&world, "one", seed, rounds),
        imports(&world, "two", seed + 1, rounds),
        provider(&world, seed + 2, rounds * 6),
        administrator(&world, seed + 3, rounds * 3),
    );
    settle(&world).await;
    let runs = world.store.latest_runs(&world.id, 1000).await.unwrap();
    assert!(
        runs.iter().all(|run| run.is_ended() || run.is_held()),
        "{:?}",
        runs.iter().map(|run| run.state).collect::<Vec<_>>()
    );
    assert!(runs.len() >= 2 * rounds, "{}", runs.len());
    let mut known = said;
    for run in &runs {
        note_changes_of(&world, run, &mut known).await;
    }
    everything_is_explained(&world, &known).await;
}

fn importer(world: &World) -> Importer {
    Importer::new(world.other_process(), Arc::clone(&world.objects) as _, Arc::new(Nobody))
}

/// A file of these people as one of the two sources sees them at the moment.
fn people(of: &str, dice: &mut Dice) -> String {
    let mut content = "status,loginName,mail,lastName,uid\n".to_owned();
    let own = (0..OWN).map(|at| format!("{of}{at}"));
    for uid in (0..SHARED).map(|at| format!("s{at}")).chain(own) {
        if dice.once_in(6) {
            continue;
        }
        let status = if dice.once_in(6) { "inactive" } else { "active" };
        let last = ["Ada", "Bea", "Cleo"][dice.below(3)];
        writeln!(content, "{status},{uid},{uid}@acme.example,{last},{uid}").unwrap();
    }
    content
}

async fn imports(world: &World, configuration: &str, seed: u64, rounds: usize) {
    let mut dice = Dice::seeded(seed);
    let name = Name::new(configuration).unwrap();
    for _ in 0..rounds {
        world.clock.advance(1);
        let content = people(configuration, &mut dice);
        let importer = importer(world);
        let run = Box::pin(importer.import_file(&world.id, &name, "x.csv", file(&content), &Silent)).await;
        // The other one may have had the turn, and carries out this run too.
        run.unwrap();
    }
}

/// Changes titles, which no file speaks of, and family names, which both do.
async fn provider(world: &World, seed: u64, times: usize) -> Known {
    let mut dice = Dice::seeded(seed);
    let mut said = Known::new();
    for at in 0..times {
        let directory = world.directory();
        let page = directory.list(Kind::User, &super::first(1000)).await.unwrap();
        if page.resources.is_empty() {
            tokio::task::yield_now().await;
            continue;
        }
        let id = dice.pick(&page.resources).id.to_string();
        let title = format!("title {at}");
        let operation = json!({ "op": "replace", "value": { "title": title } });
        let body = json!({ "Operations": [operation] });
        match directory.patch(Kind::User, &id, &Versions::Any, &body, Shown::NOTHING).await {
            Ok(resource) => {
                let change = Change {
                    version: resource.version,
                    by: "scim".to_owned(),
                    last_name: None,
                    title: Some(title),
                };
                said.entry(id).or_default().push(change);
            }
            // A run that created the user was taken back.
            Err(Error::NotFound) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    said
}

/// Looks at plans, and approves, discards, cancels and takes back what there is.
async fn administrator(world: &World, seed: u64, times: usize) {
    let mut dice = Dice::seeded(seed);
    for _ in 0..times {
        let importer = importer(world);
        let runs = world.store.latest_runs(&world.id, 20).await.unwrap();
        if runs.is_empty() {
            tokio::task::yield_now().await;
            continue;
        }
        let run = dice.pick(&runs);
        world.clock.advance(1);
        let decided = match dice.below(5) {
            0 => importer.approve(&world.id, &run.id).await,
            1 => importer.discard(&world.id, &run.id).await,
            2 if dice.once_in(3) => importer.cancel(&world.id, &run.id).await,
            3 => importer.revert(&world.id, &run.id).await,
            _ => {
                let name = Name::new("one").unwrap();
                let content = file(&people("one", &mut dice));
                importer
                    .begin(&world.id, &name, Purpose::Preview, "p.csv", content)
                    .await
                    .map_err(Undecided::from)
            }
        };
        match decided {
            Ok(_) | Err(Undecided::NotNow(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
        Box::pin(importer.work(&world.id, &Silent)).await.unwrap();
    }
}

/// Whatever still waits is carried out.
async fn settle(world: &World) {
    world.clock.advance(1000);
    Box::pin(importer(world).work(&world.id, &Silent)).await.unwrap();
}

async fn note_changes_of(world: &World, run: &Run, known: &mut Known) {
    if matches!(run.state, State::Held | State::Discarded | State::Failed | State::Planned) {
        return;
    }
    let log = text(world, &Folder::new(&world.id, &run.id).changes()).await;
    for line in log.lines() {
        let change: Value = serde_json::from_str(line).unwrap();
        let Some(version) = change["version"].as_i64() else { continue };
        let last_name = change["changes"].get("name.familyName");
        known.entry(change["user"].as_str().unwrap().to_owned()).or_default().push(Change {
            version,
            by: run.id.clone(),
            last_name: last_name.map(|values| (values["before"].clone(), values["after"].clone())),
            title: None,
        });
    }
}

async fn everything_is_explained(world: &World, known: &Known) {
    let directory = world.directory();
    let page = directory.list(Kind::User, &super::first(1000)).await.unwrap();
    assert!(page.resources.len() >= SHARED, "{}", page.resources.len());
    let mut names = BTreeMap::new();
    for user in &page.resources {
        let document = directory.document(user).unwrap();
        let id = user.id.to_string();
        if let Some(other) = names.insert(document["userName"].to_string(), id.clone()) {
            panic!("{other} and {id} have the same name");
        }
        let mut changes = known.get(&id).cloned().unwrap_or_default();
        changes.sort_by_key(|change| change.version);
        let versions: Vec<i64> = changes.iter().map(|change| change.version).collect();
        assert_eq!(versions, (1..=user.version).collect::<Vec<_>>(), "{id}: {changes:?}");
        let mut last_name = Value::Null;
        for change in &changes {
            let Some((before, after)) = &change.last_name else { continue };
            assert_eq!(before, &last_name, "{id} by {}: {changes:?}", change.by);
            last_name.clone_from(after);
        }
        assert_eq!(document["name"]["familyName"], last_name, "{id}: {changes:?}");
        let title = changes.iter().filter_map(|change| change.title.clone()).next_back();
        // Whoever takes a run back takes no title with it: it was given since, or is not there.
        assert_eq!(document.get("title").cloned(), title.map(Value::from), "{id}: {changes:?}");
    }
}
