//! The column `groups` of a file (S10): who joins, who leaves, and what other doors have brought about is left alone.

use super::crowd::{add_each, remove_each};
use super::import::{file, report, text};
use super::{World, on_both_stores};
use domain::directory::{Shown, Versions};
use domain::import::configuration::Mode;
use domain::import::engine::Silent;
use domain::import::run::{Counts, LEASE_SECONDS, Run, State};
use domain::import::upload::Folder;
use domain::store::{Kind, Name};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

on_both_stores! {
    rows_bring_users_into_groups_and_take_them_out
    without_a_column_nothing_changes_and_an_empty_cell_does_what_the_configuration_says
    a_group_has_to_exist
    what_others_ended_is_brought_back
    what_others_have_brought_stays
    a_new_name_forgets_nothing
    a_lost_group_is_a_removal
    groups_are_taken_back_with_their_run
    more_groups_than_a_transaction_holds
    a_killed_import_leaves_no_membership_out
    unchanged_memberships_cost_nothing
    a_group_deleted_since_the_plan_is_noticed
}

/// A row for each name and the groups after its colon.
fn rows(names: &[&str]) -> String {
    let mut text = "status,mail,lastName,displayName,groups\n".to_owned();
    for name in names {
        let (name, groups) = name.split_once(':').unwrap_or((name, ""));
        writeln!(text, "active,{name}@acme.example,Muster,{name},\"{groups}\"").unwrap();
    }
    text
}

fn counted(counts: impl FnOnce(&mut Counts)) -> Counts {
    let mut expected = Counts::default();
    counts(&mut expected);
    expected
}

impl World {
    async fn imported(&self, names: &[&str]) -> Run {
        let run = self.bring(&Name::new("default").unwrap(), &rows(names)).await;
        assert!(matches!(run.state, State::Finished | State::FinishedWithRejections), "{run:?}");
        run
    }

    /// The names of the members of a group, by what the group says.
    async fn members_of(&self, group: &str) -> BTreeSet<String> {
        let members = self.shown(Kind::Group, group).await["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|member| member["display"].as_str().unwrap().to_owned()).collect()
    }

    async fn shown(&self, kind: Kind, id: &str) -> Value {
        let directory = self.directory();
        let resource = directory.get(kind, id, Shown::ALL).await.unwrap();
        let mut text = Vec::new();
        directory.write_json(&resource, &mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    async fn patch_group(&self, group: &str, body: &Value) {
        self.directory().patch(Kind::Group, group, &Versions::Any, body, Shown::NOTHING).await.unwrap();
    }
}

#[track_caller]
fn check(members: &BTreeSet<String>, expected: &[&str]) {
    assert_eq!(members.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

async fn rows_bring_users_into_groups_and_take_them_out(world: World) {
    let (sales, staff) = (world.group("Sales", &[]).await, world.group("Staff", &[]).await);
    let run = world.imported(&["a:Sales,Staff", "b: staff ,,STAFF", "c"]).await;
    assert_eq!(run.counts, counted(|counts| counts.created = 3));
    check(&world.members_of(&sales).await, &["a"]);
    check(&world.members_of(&staff).await, &["a", "b"]);
    let before = world.shown(Kind::Group, &sales).await["meta"]["version"].clone();
    let run = world.imported(&["a:Staff", "b:Staff,Sales", "c:Sales"]).await;
    assert_eq!(run.counts, counted(|counts| counts.updated = 3));
    check(&world.members_of(&sales).await, &["b", "c"]);
    check(&world.members_of(&staff).await, &["a", "b"]);
    let after = world.shown(Kind::Group, &sales).await["meta"]["version"].clone();
    assert_ne!(after, before, "who remembers the group reads it again");
    let plan = text(&world, &Folder::new(&world.id, &run.id).plan()).await;
    let first: Value = serde_json::from_str(plan.lines().next().unwrap()).unwrap();
    assert_eq!(first["changes"], json!({ "groups": { "before": ["Staff", "Sales"], "after": ["Staff"] } }));
    assert_eq!(first["removes"], json!(true));
}

async fn without_a_column_nothing_changes_and_an_empty_cell_does_what_the_configuration_says(world: World) {
    let staff = world.group("Staff", &[]).await;
    world.imported(&["a:Staff", "b:Staff"]).await;
    let default = Name::new("default").unwrap();
    world.bring(&default, "status,mail,lastName\nactive,a@acme.example,Other\n").await;
    world.imported(&["a", "b:Staff"]).await;
    check(&world.members_of(&staff).await, &["a", "b"]);
    let clear = world
        .configure("clear", |configuration| {
            configuration.format.empty_cells = domain::import::format::EmptyCells::Clear;
        })
        .await;
    world.bring(&clear, &rows(&["a:Staff", "c:Staff"])).await;
    world.bring(&clear, &rows(&["a", "c"])).await;
    check(&world.members_of(&staff).await, &["a", "b"]);
}

async fn a_group_has_to_exist(world: World) {
    let sales = world.group("Sales", &[]).await;
    let run = world.imported(&["a:Sales", "b:Slaes", "c:Sales,Nothing like it"]).await;
    assert_eq!(run.counts, Counts { created: 1, rejected: 2, ..Counts::default() });
    let report = report(&world, &run).await;
    assert!(report.contains("group-unknown") && report.contains("\"\"Sales\"\" is known"), "{report}");
    // Under another name it is no longer what the row means, although the row has not changed.
    let rename = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "Vertrieb" }] });
    world.patch_group(&sales, &rename).await;
    assert_eq!(world.imported(&["a:Sales"]).await.counts, counted(|counts| counts.rejected = 1));
    // And another one of the same name is another group.
    let second = world.group("Sales", &[]).await;
    assert_eq!(world.imported(&["a:Sales"]).await.counts, counted(|counts| counts.updated = 1));
    check(&world.members_of(&second).await, &["a"]);
    check(&world.members_of(&sales).await, &[]);
}

async fn what_others_ended_is_brought_back(world: World) {
    let staff = world.group("Staff", &[]).await;
    world.imported(&["a:Staff", "b:Staff"]).await;
    let a = world.id_of("a@acme.example").await;
    world.patch_group(&staff, &remove_each(&[a])).await;
    let run = world.imported(&["a:Staff", "b:Staff"]).await;
    assert_eq!(run.counts, Counts { updated: 1, unchanged: 1, ..Counts::default() });
    check(&world.members_of(&staff).await, &["a", "b"]);
    // The same of a replacement that leaves everybody out, of few and of many.
    for count in [2, 100] {
        let names: Vec<String> = (0..count).map(|at| format!("u{at:03}:Staff")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        world.imported(&names).await;
        let body = json!({ "schemas": [], "displayName": "Staff", "members": [] });
        world.directory().replace(Kind::Group, &staff, &Versions::Any, body, Shown::NOTHING).await.unwrap();
        assert_eq!(world.imported(&names).await.counts, counted(|counts| counts.updated = count));
        assert_eq!(world.members_of(&staff).await.len() as u64, count);
    }
}

async fn what_others_have_brought_stays(world: World) {
    let staff = world.group("Staff", &[]).await;
    world.imported(&["a", "b:Staff"]).await;
    let (a, b) = (world.id_of("a@acme.example").await, world.id_of("b@acme.example").await);
    world.patch_group(&staff, &add_each(&[a])).await;
    // Named, but there already; and brought, then ended and begun anew by somebody else.
    world.patch_group(&staff, &remove_each(std::slice::from_ref(&b))).await;
    world.patch_group(&staff, &add_each(&[b])).await;
    world.imported(&["a:Staff", "b:Staff"]).await;
    world.group("Other", &[]).await;
    world.imported(&["a:Other", "b:Other"]).await;
    check(&world.members_of(&staff).await, &["a", "b"]);
}

async fn a_new_name_forgets_nothing(world: World) {
    let (staff, other) = (world.group("Staff", &[]).await, world.group("Other", &[]).await);
    world.imported(&["a:Staff"]).await;
    let a = world.id_of("a@acme.example").await;
    let rename = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "Ada" }] });
    world.directory().patch(Kind::User, &a, &Versions::Any, &rename, Shown::ALL).await.unwrap();
    check(&world.members_of(&staff).await, &["Ada"]);
    world.imported(&["a:Other"]).await;
    check(&world.members_of(&staff).await, &[]);
    check(&world.members_of(&other).await, &["a"]);
}

async fn a_lost_group_is_a_removal(world: World) {
    let staff = world.group("Staff", &[]).await;
    world.group("Other", &[]).await;
    let full = world.configure("full", |configuration| configuration.mode = Mode::Full).await;
    let names: Vec<String> = (0..20).map(|at| format!("u{at:03}:Staff")).collect();
    world.bring(&full, &rows(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;
    let names: Vec<String> = (0..20).map(|at| format!("u{at:03}:Other")).collect();
    let run = world.bring(&full, &rows(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;
    assert_eq!((run.state, super::deciding::code(&run)), (State::Held, Some("removals-over-limit")));
    assert_eq!(world.members_of(&staff).await.len(), 20);
    // Behind a file that is in doubt nobody loses anything.
    let doubtful = rows(&["u000:Other", "u001:Other"]);
    let run = world.bring(&full, &doubtful).await;
    assert_eq!(run.counts.rejected, 2);
    assert!(report(&world, &run).await.contains("removal-blocked"));
}

async fn groups_are_taken_back_with_their_run(world: World) {
    let (sales, staff) = (world.group("Sales", &[]).await, world.group("Staff", &[]).await);
    world.imported(&["a:Sales"]).await;
    let run = world.imported(&["a:Staff", "b:Staff"]).await;
    world.clock.advance(1);
    let back = world.importer().revert(&world.id, &run.id).await.unwrap();
    let back = world.worked(&back).await;
    assert_eq!(back.counts, Counts { updated: 1, deleted: 1, ..Counts::default() });
    check(&world.members_of(&sales).await, &["a"]);
    check(&world.members_of(&staff).await, &[]);
    world.clock.advance(1);
    let again = world.importer().revert(&world.id, &back.id).await.unwrap();
    let again = world.worked(&again).await;
    assert_eq!(again.counts, Counts { updated: 1, created: 1, ..Counts::default() });
    check(&world.members_of(&sales).await, &[]);
    check(&world.members_of(&staff).await, &["a", "b"]);
    // They are the configuration's as before.
    world.imported(&["a:Sales", "b:Sales"]).await;
    check(&world.members_of(&staff).await, &[]);
}

async fn more_groups_than_a_transaction_holds(world: World) {
    let mut names = Vec::new();
    for at in 0..120 {
        world.group(&format!("g{at}"), &[]).await;
        names.push(format!("g{at}"));
    }
    let last = world.group("last", &[]).await;
    world.imported(&[&format!("a:{},last", names.join(","))]).await;
    check(&world.members_of(&last).await, &["a"]);
    let a = world.id_of("a@acme.example").await;
    assert_eq!(world.shown(Kind::User, &a).await["groups"].as_array().unwrap().len(), 121);
    world.imported(&["a:last"]).await;
    assert_eq!(world.shown(Kind::User, &a).await["groups"].as_array().unwrap().len(), 1);
}

/// A store that dies after each write in turn, and a run that goes on: as if nothing had happened.
async fn a_killed_import_leaves_no_membership_out(world: World) {
    let (sales, staff) = (world.group("Sales", &[]).await, world.group("Staff", &[]).await);
    let before = rows(&["a:Sales,Staff", "b:Sales", "c", "d:Staff"]);
    let after = rows(&["a:Staff", "b:Staff", "c:Sales,Staff", "d:Staff", "e:Sales", "f:Sales,Staff"]);
    let default = Name::new("default").unwrap();
    for writes in 0..200 {
        world.bring(&default, &before).await;
        world.clock.advance(1);
        world.meter.die_after(writes);
        let importer = world.importer();
        let first = importer.import_file(&world.id, &default, "x.csv", file(&after), &Silent);
        let first = Box::pin(first).await;
        world.meter.revive();
        world.clock.advance(LEASE_SECONDS + 1);
        let importer = world.importer();
        let second =
            Box::pin(importer.import_file(&world.id, &default, "x.csv", file(&after), &Silent)).await;
        assert_eq!(second.unwrap().state, State::Finished);
        check(&world.members_of(&sales).await, &["c", "e", "f"]);
        check(&world.members_of(&staff).await, &["a", "b", "c", "d", "f"]);
        let again = world.bring(&default, &after).await;
        assert_eq!(again.counts, counted(|counts| counts.unchanged = 6), "killed after {writes} writes");
        if first.is_ok() {
            assert!(writes > 20, "the test killed nothing");
            return;
        }
        for name in ["e", "f"] {
            let id = world.id_of(&format!("{name}@acme.example")).await;
            world.directory().delete(Kind::User, &id, &Versions::Any).await.unwrap();
        }
    }
    panic!("the import never came to its end");
}

async fn unchanged_memberships_cost_nothing(world: World) {
    let default = Name::new("default").unwrap();
    world.group("Staff", &[]).await;
    world.group("Sales", &[]).await;
    let names: Vec<String> = (0..300).map(|at| format!("u{at:03}:Staff")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    world.bring(&default, &rows(&names)).await;
    let content = rows(&names);
    let (_, idle) = world.cost(world.bring(&default, &content)).await;
    let changed = content.replace("u007,\"Staff\"", "u007,\"Staff,Sales\"");
    let (run, one) = world.cost(world.bring(&default, &changed)).await;
    assert_eq!(run.counts, Counts { updated: 1, unchanged: 299, ..Counts::default() });
    // The name of the first group costs a read, and its row another one, however many rows there are.
    assert!(idle.reads() < 20.0 && idle.writes < 20, "{idle:?}");
    // The user before and after, the membership and its index entry, and the version of the group; and, as for every
    // change, two saves of the run.
    assert_eq!(one.writes - idle.writes, 2 + 2 + 1 + 8, "{one:?} {idle:?}");
}

async fn a_group_deleted_since_the_plan_is_noticed(world: World) {
    let staff = world.group("Staff", &[]).await;
    let default = Name::new("default").unwrap();
    let importer = world.importer();
    let held = world.configure("held", |configuration| configuration.test_mode = false).await;
    let preview = importer
        .begin(
            &world.id,
            &held,
            domain::import::run::Purpose::Preview,
            "x.csv",
            file(&rows(&["a:Staff", "b"])),
        )
        .await
        .unwrap();
    let preview = world.worked(&preview).await;
    assert_eq!(preview.state, State::Planned);
    world.directory().delete(Kind::Group, &staff, &Versions::Any).await.unwrap();
    importer.approve(&world.id, &preview.id).await.unwrap();
    let run = world.worked(&preview).await;
    assert_eq!(run.counts, Counts { created: 1, rejected: 1, ..Counts::default() });
    assert!(report(&world, &run).await.contains("changed-since-plan"));
    assert_eq!(world.bring(&default, &rows(&["b"])).await.state, State::Finished);
}
