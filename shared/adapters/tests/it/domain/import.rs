//! Imports from the file to the report, killed wherever it hurts.

use super::{World, first, on_both_stores};
use domain::directory::{Shown, Versions};
use domain::import::configuration::Configuration;
use domain::import::engine::Silent;
use domain::import::run::{Counts, LEASE_SECONDS, Run, State};
use domain::import::upload::{Folder, Uploaded};
use domain::objects::Objects;
use domain::store::{Kind, Name};
use domain::tenant::Settings;
use serde_json::json;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};

on_both_stores! {
    new_then_unchanged
    every_row_has_one_outcome
    a_killed_import_ends_as_if_it_had_not_been_killed
    the_same_event_twice_makes_one_run
    a_run_in_work_is_left_alone
    what_changed_since_the_plan_is_skipped
    a_preview_changes_nothing
    a_refused_file_is_a_failed_run
    a_user_found_by_mail_is_renamed
    another_doors_change_is_seen
    excluded_values_are_refused
}

const HEADER: &str = "status,loginName,mail,firstName,lastName\n";
const KEY: &str = "inbox/acme/people/default/people.csv";

pub(crate) fn file(text: &str) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file
}

pub(crate) fn people(count: usize) -> String {
    let rows = (0..count).map(|at| format!("active,,user{at}@acme.example,\"U, {at}\",Müller\r\n"));
    HEADER.to_owned() + &rows.collect::<String>()
}

fn configuration() -> Configuration {
    Configuration::upload(Name::new("default").unwrap())
}

async fn import(world: &World, text: &str) -> Run {
    let (importer, name) = (world.importer(), Name::new("default").unwrap());
    Box::pin(importer.import_file(&world.id, &name, "people.csv", file(text), &Silent)).await.unwrap()
}

async fn upload(world: &World) -> Result<Uploaded, domain::Error> {
    world.importer().import_object(KEY, None, &Silent).await
}

/// What tells the object that is there now from a later one, as events do.
async fn version(world: &World, key: &str) -> String {
    world.objects.fetch(key, None).await.unwrap().unwrap().version
}

fn ended(uploaded: Uploaded) -> Run {
    match uploaded {
        Uploaded::Ended(run) => run,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn text(world: &World, key: &str) -> String {
    let mut text = String::new();
    world.objects.fetch(key, None).await.unwrap().unwrap().file.read_to_string(&mut text).unwrap();
    text
}

/// The report of a run.
pub(crate) async fn report(world: &World, run: &Run) -> String {
    text(world, &Folder::new(&world.id, &run.id).report()).await
}

pub(crate) type Everybody = Vec<(String, i64, bool)>;

/// Everybody's name, version and activity, in order of name.
pub(crate) async fn everybody(world: &World) -> Everybody {
    let wanted = first(1000);
    let directory = world.directory();
    let page = directory.list(Kind::User, &wanted).await.unwrap();
    assert_eq!(page.total, Some(page.resources.len()));
    let mut users: Vec<_> = page
        .resources
        .iter()
        .map(|one| {
            let document = directory.document(one).unwrap();
            let name = document["userName"].as_str().unwrap().to_owned();
            (name, one.version, document["active"].as_bool().unwrap())
        })
        .collect();
    users.sort();
    users
}

async fn new_then_unchanged(world: World) {
    let run = import(&world, &people(300)).await;
    assert_eq!(run.state, State::Finished);
    assert_eq!(run.counts, Counts { created: 300, ..Counts::default() });
    let (run, units) = world.cost(import(&world, &people(300))).await;
    assert_eq!(run.counts, Counts { unchanged: 300, ..Counts::default() });
    assert!(everybody(&world).await.iter().all(|(_, version, _)| *version == 1));
    // Only what keeps the run is written and read, however many rows there are.
    assert_eq!((units.writes, units.reads()), (16, 11.0));
}

async fn every_row_has_one_outcome(world: World) {
    import(
        &world,
        concat!(
            "status,loginName,mail,firstName,lastName,shoeSize\nactive,,ada@acme.example,,Lovelace,\n",
            "inactive,,alan@acme.example,,Turing,\nactive,,barbara@acme.example,,Liskov,\n",
        ),
    )
    .await;
    let run = import(
        &world,
        concat!(
            "status,loginName,mail,firstName,lastName,shoeSize\n",
            "inactive,,ada@acme.example,,Lovelace,37\n",
            "active,,alan@acme.example,,Turing,\n",
            "active,,grace@acme.example,Grace,Hopper,\n",
            "maybe,,x@acme.example,,Wrong,\n",
            "\n",
            "active,barbara@acme.example,other@acme.example,,Liskov,\n",
            "active,,no-mail,,Wrong,\n",
        ),
    )
    .await;
    assert_eq!(run.state, State::FinishedWithRejections);
    let expected =
        Counts { created: 1, deactivated: 1, reactivated: 1, rejected: 3, ignored: 1, ..Counts::default() };
    assert_eq!(run.counts, expected);
    assert_eq!(run.warnings.len(), 1, "the column that nobody knows: {:?}", run.warnings);
    let report = text(&world, &Folder::new(&world.id, &run.id).report()).await;
    let mut lines = report.lines();
    assert_eq!(
        lines.next().unwrap(),
        "status,loginName,mail,firstName,lastName,shoeSize,_line,_column,_code,_problem,_remedy"
    );
    let codes: Vec<Vec<&str>> = lines.map(|line| line.split(',').skip(6).take(3).collect()).collect();
    assert_eq!(codes.len(), 3, "{report}");
    assert_eq!(codes[0][..2], ["5", "status"]);
    assert_eq!(codes[1][..2], ["7", "mail"]);
    assert_eq!(codes[2][..2], ["8", "mail"]);
    assert_eq!(text(&world, &Folder::new(&world.id, &run.id).changes()).await.lines().count(), 3);
}

async fn a_killed_import_ends_as_if_it_had_not_been_killed(world: World) {
    let text_of_file = people(70) + "active,,broken,,X\n";
    let mut expected: Option<(Everybody, Counts, String)> = None;
    for writes in 0..200 {
        let name = format!("{writes}.csv");
        let key = format!("inbox/acme/people/default/{name}");
        world.objects.store(&key, file(&text_of_file)).await.unwrap();
        let of = version(&world, &key).await;
        world.meter.die_after(writes);
        let first = world.importer().import_object(&key, Some(&of), &Silent).await;
        world.meter.revive();
        world.clock.advance(LEASE_SECONDS + 1);
        let run = ended(world.importer().import_object(&key, Some(&of), &Silent).await.unwrap());
        let report = text(&world, &Folder::new(&world.id, &run.id).report()).await;
        let users = everybody(&world).await;
        assert_eq!(users.len(), 70);
        let end = (users, run.counts, report);
        if first.is_ok() {
            assert_eq!(Some(end), expected, "an import that was never killed");
            assert!(writes > 4, "the test killed nothing");
            return;
        }
        assert_eq!(*expected.get_or_insert(end.clone()), end, "killed after {writes} writes");
        for id in ids(&world).await {
            world.directory().delete(Kind::User, &id, &Versions::Any).await.unwrap();
        }
    }
    panic!("the import never came to its end");
}

async fn ids(world: &World) -> Vec<String> {
    let wanted = first(1000);
    let page = world.directory().list(Kind::User, &wanted).await.unwrap();
    page.resources.into_iter().map(|one| one.id.to_string()).collect()
}

async fn the_same_event_twice_makes_one_run(world: World) {
    world.objects.store(KEY, file(&people(3))).await.unwrap();
    let of = version(&world, KEY).await;
    let importer = world.importer();
    let first = ended(importer.import_object(KEY, Some(&of), &Silent).await.unwrap());
    for _ in 0..10 {
        assert_eq!(ended(importer.import_object(KEY, Some(&of), &Silent).await.unwrap()), first);
    }
    assert_eq!(world.store.latest_runs(&world.id, 10).await.unwrap(), vec![first]);
    // The run keeps its own copy.
    assert!(matches!(upload(&world).await.unwrap(), Uploaded::Gone));
    let stray = world.importer().import_object("inbox/acme/nobody/default/x.csv", None, &Silent).await;
    assert!(matches!(stray, Ok(Uploaded::Unroutable)));
}

async fn a_run_in_work_is_left_alone(world: World) {
    world.objects.store(KEY, file(&people(3))).await.unwrap();
    world.meter.die_after(2);
    assert!(upload(&world).await.is_err());
    world.meter.revive();
    assert!(matches!(upload(&world).await.unwrap(), Uploaded::Waiting(_)));
    world.clock.advance(LEASE_SECONDS + 1);
    assert_eq!(ended(upload(&world).await.unwrap()).counts.created, 3);
}

async fn what_changed_since_the_plan_is_skipped(world: World) {
    import(&world, &people(2)).await;
    let changed = people(2).replace("Müller", "Maier");
    world.objects.store(KEY, file(&changed)).await.unwrap();
    // Queued, its turn taken, and planned: the fourth write would be the first user.
    world.meter.die_after(3);
    assert!(upload(&world).await.is_err());
    world.meter.revive();
    let patch = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Director" }] });
    let victim = ids(&world).await.remove(0);
    world.directory().patch(Kind::User, &victim, &Versions::Any, &patch, Shown::ALL).await.unwrap();
    world.clock.advance(LEASE_SECONDS + 1);
    let run = ended(upload(&world).await.unwrap());
    assert_eq!(run.counts, Counts { updated: 1, rejected: 1, ..Counts::default() });
    let report = text(&world, &Folder::new(&world.id, &run.id).report()).await;
    assert!(report.contains("changed-since-plan"), "{report}");
}

async fn a_preview_changes_nothing(world: World) {
    let importer = world.importer();
    let (text, configuration) = (file(&people(3)), configuration());
    let preview = importer.preview(&world.id, &configuration, text, &Silent);
    let (preview, units) = world.cost(preview).await;
    let preview = preview.unwrap().unwrap();
    assert_eq!(preview.counts, Counts { created: 3, ..Counts::default() });
    assert_eq!(units.writes, 0);
    assert_eq!(world.store.latest_runs(&world.id, 10).await.unwrap(), Vec::new());
}

async fn a_refused_file_is_a_failed_run(world: World) {
    for text_of_file in ["", "mail,firstName\na@acme.example,A\n", "\0\u{1}\u{2}"] {
        let run = import(&world, text_of_file).await;
        assert_eq!(run.state, State::Failed);
        let problem = run.problem.expect("why it failed");
        let report = text(&world, &Folder::new(&world.id, &run.id).report()).await;
        assert!(report.contains(problem.code.as_str()), "{report}");
    }
    assert_eq!(everybody(&world).await, Vec::new());
}

async fn a_user_found_by_mail_is_renamed(world: World) {
    import(&world, &people(1)).await;
    let run = import(&world, &(HEADER.to_owned() + "active,u0,user0@acme.example,\"U, 0\",Müller\n")).await;
    assert_eq!(run.counts, Counts { updated: 1, ..Counts::default() });
    assert_eq!(everybody(&world).await, vec![("u0".to_owned(), 2, true)]);
}

async fn another_doors_change_is_seen(world: World) {
    import(&world, &people(1)).await;
    let id = ids(&world).await.remove(0);
    let patch = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    world.directory().patch(Kind::User, &id, &Versions::Any, &patch, Shown::ALL).await.unwrap();
    assert_eq!(import(&world, &people(1)).await.counts, Counts { reactivated: 1, ..Counts::default() });
    assert_eq!(import(&world, &people(1)).await.counts, Counts { unchanged: 1, ..Counts::default() });
}

async fn excluded_values_are_refused(world: World) {
    let with_list = |settings: &Settings| {
        let mut settings = settings.clone();
        settings.exclude_lists.mail.push("USER1@acme.example".to_owned());
        Ok::<_, domain::Error>(settings)
    };
    world.store.change_settings(&world.id, with_list).await.unwrap();
    let run = import(&world, &people(3)).await;
    assert_eq!(run.counts, Counts { created: 2, rejected: 1, ..Counts::default() });
    let report = text(&world, &Folder::new(&world.id, &run.id).report()).await;
    assert!(report.contains("mail-excluded"), "{report}");
}
