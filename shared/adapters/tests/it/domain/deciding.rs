//! What an import may not do by itself, what a person decides about it, and how it is taken back.

use super::import::{Everybody, everybody, file, report, text};
use super::{World, on_both_stores, user};
use domain::directory::{Shown, Versions};
use domain::import::configuration::{Configuration, Limits, Mode};
use domain::import::decide::Undecided;
use domain::import::engine::Silent;
use domain::import::run::{Counts, Purpose, Run, State};
use domain::import::upload::Folder;
use domain::store::{Kind, Name};
use serde_json::json;
use std::fmt::Write as _;

on_both_stores! {
    whoever_is_missing_is_deactivated
    only_who_was_brought_can_be_missing
    whoever_a_rejected_row_may_be_about_is_not_missing
    any_doubt_keeps_everybody
    too_many_removals_wait_for_a_decision
    a_discarded_plan_changes_nothing
    an_old_plan_is_not_approved_after_a_newer_file
    a_preview_is_carried_out_when_it_is_approved
    test_mode_never_applies
    administrators_are_not_missing_and_the_last_one_stays
    a_run_is_taken_back
    what_changed_since_is_not_taken_back
    taking_back_can_be_taken_back
    a_cancelled_run_ends
    names_are_exchanged_and_handed_on
    a_guessed_encoding_is_confirmed_once
    roles_exist
    unchanged_rows_cost_nothing_and_changed_ones_what_they_change
}

pub(super) const HEADER: &str = "status,loginName,mail,lastName,uid,role\n";

/// A row for each name, active unless it begins with `-`; what follows a colon is the role.
fn rows(names: &[&str]) -> String {
    let mut text = HEADER.to_owned();
    for name in names {
        let (status, name) = name.strip_prefix('-').map_or(("active", *name), |name| ("inactive", name));
        let (name, role) = name.split_once(':').unwrap_or((name, ""));
        writeln!(text, "{status},{name},{name}@acme.example,Muster,{name},{role}").unwrap();
    }
    text
}

/// So many rows, their names from a prefix.
fn crowd(prefix: &str, count: usize) -> String {
    let names: Vec<String> = (0..count).map(|at| format!("{prefix}{at:04}")).collect();
    rows(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

impl World {
    /// Configurations besides the one that every world has.
    pub(super) async fn configure(&self, name: &str, change: impl Fn(&mut Configuration)) -> Name {
        let name = Name::new(name).unwrap();
        let mut configuration = Configuration::upload(name.clone());
        change(&mut configuration);
        assert!(self.store.create_configuration(&self.id, &configuration).await.unwrap());
        name
    }

    async fn full(&self) -> Name {
        self.configure("full", |configuration| configuration.mode = Mode::Full).await
    }

    pub(super) async fn bring(&self, configuration: &Name, content: &str) -> Run {
        // Runs are told apart by time.
        self.clock.advance(1);
        let importer = self.importer();
        let file = file(content);
        Box::pin(importer.import_file(&self.id, configuration, "people.csv", file, &Silent)).await.unwrap()
    }

    /// What became of a run after the worker went on.
    pub(super) async fn worked(&self, run: &Run) -> Run {
        self.importer().work(&self.id, &Silent).await.unwrap();
        self.store.run(&self.id, &run.id).await.unwrap().unwrap()
    }

    async fn active(&self) -> Vec<String> {
        everybody(self).await.into_iter().filter(|(_, _, active)| *active).map(|(name, _, _)| name).collect()
    }
}

pub(super) fn code(run: &Run) -> Option<&'static str> {
    run.problem.as_ref().map(|problem| problem.code.as_str())
}

fn warned(run: &Run) -> Vec<&'static str> {
    run.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

async fn whoever_is_missing_is_deactivated(world: World) {
    let full = world.full().await;
    world.bring(&full, &rows(&["a", "b", "c", "d"])).await;
    let run = world.bring(&full, &rows(&["a", "c", "d"])).await;
    assert_eq!(run.counts, Counts { unchanged: 3, deactivated: 1, ..Counts::default() });
    assert_eq!(world.active().await, ["a", "c", "d"]);
    // Whoever comes back is active again, and the others are not looked at.
    let run = world.bring(&full, &rows(&["a", "b", "c", "d"])).await;
    assert_eq!(run.counts, Counts { unchanged: 3, reactivated: 1, ..Counts::default() });
    let run = world.bring(&full, &rows(&["a", "b", "c", "d"])).await;
    assert_eq!(run.counts, Counts { unchanged: 4, ..Counts::default() });
}

async fn only_who_was_brought_can_be_missing(world: World) {
    let full = world.full().await;
    let other = world.configure("contractors", |configuration| configuration.mode = Mode::Full).await;
    world.user("own").await;
    world.bring(&other, &rows(&["x", "y"])).await;
    world.bring(&full, &rows(&["a", "own@acme.example"])).await;
    assert_eq!(world.bring(&full, &rows(&["a"])).await.counts.deactivated, 0);
    // Who is hired by the other one belongs to it from then on.
    world.bring(&full, &rows(&["a", "x"])).await;
    let run = world.bring(&other, &rows(&["y"])).await;
    assert_eq!(run.counts, Counts { unchanged: 1, ..Counts::default() });
    assert_eq!(world.active().await, ["a", "own@acme.example", "x", "y"]);
}

async fn whoever_a_rejected_row_may_be_about_is_not_missing(world: World) {
    let full = world.full().await;
    world.bring(&full, &rows(&["a", "b", "c"])).await;
    let broken = rows(&["a"]) + "active,b,b@acme.example,,b,\n";
    let run = world.bring(&full, &broken).await;
    assert_eq!(run.counts, Counts { unchanged: 1, rejected: 1, deactivated: 1, ..Counts::default() });
    assert_eq!(world.active().await, ["a", "b"]);
    // Once its row is gone for good, so is the user.
    assert_eq!(world.bring(&full, &rows(&["a"])).await.counts.deactivated, 1);
}

async fn any_doubt_keeps_everybody(world: World) {
    let full = world.full().await;
    world.bring(&full, &rows(&["a", "b", "c", "d", "e", "f"])).await;
    let names = ["a", "b", "c", "d", "e"];
    for (content, expected) in [
        (rows(&["a", "b"]), "file-shrunken"),
        (rows(&names).replace(",role", ",role,shoeSize").replace(",\n", ",,\n"), "header-changed"),
        (rows(&names) + "active,g,\"g@acme.example,Muster,g,\n", "file-quotes-unclosed"),
        (rows(&names) + "active,,not an address,Muster,,\n", "rows-unidentified"),
    ] {
        let run = world.bring(&full, &content).await;
        let codes = warned(&run);
        assert!(expected == "file-quotes-unclosed" || codes.contains(&expected), "{expected}: {codes:?}");
        assert_eq!(run.counts.deactivated, 0, "{expected}: {run:?}");
        assert!(codes.contains(&"removals-blocked"), "{expected}: {codes:?}");
        assert_eq!(world.active().await.len(), 6, "{expected}");
        world.bring(&full, &rows(&["a", "b", "c", "d", "e", "f"])).await;
    }
    // Nor does a row take access away from a file in doubt.
    let run = world.bring(&full, &rows(&["-a", "b"])).await;
    assert_eq!(run.counts, Counts { unchanged: 1, rejected: 1, ..Counts::default() });
    assert!(report(&world, &run).await.contains("removal-blocked"));
    let empty = world.bring(&full, HEADER).await;
    assert_eq!((empty.state, code(&empty)), (State::Held, Some("file-without-rows")));
    assert_eq!(world.active().await.len(), 6);
}

async fn too_many_removals_wait_for_a_decision(world: World) {
    let full = world.full().await;
    world.bring(&full, &crowd("u", 40)).await;
    let fewer = crowd("u", 33);
    let run = world.bring(&full, &fewer).await;
    assert_eq!((run.state, code(&run)), (State::Held, Some("removals-over-limit")));
    assert_eq!(
        run.counts,
        Counts { unchanged: 33, deactivated: 7, ..Counts::default() },
        "what would happen"
    );
    assert_eq!(world.active().await.len(), 40);
    let importer = world.importer();
    assert!(importer.approve(&world.id, &run.id).await.unwrap().state == State::Approved);
    let run = world.worked(&run).await;
    assert_eq!((run.state, run.counts.deactivated), (State::Finished, 7));
    assert_eq!(world.active().await.len(), 33);
    assert!(matches!(importer.approve(&world.id, &run.id).await, Err(Undecided::NotNow(_))));
    // As many as are allowed go without a question, and so does any number where nobody set a limit.
    assert_eq!(world.bring(&full, &crowd("u", 28)).await.state, State::Finished);
    let unlimited = |configuration: &mut Configuration| {
        configuration.limits =
            Limits { removals_percent: None, removals_count: None, rejected_percent: Some(10) };
    };
    let free = world.configure("free", unlimited).await;
    let gone: Vec<String> = (0..28).map(|at| format!("-u{at:04}")).collect();
    let gone = rows(&gone.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(world.bring(&free, &gone).await.counts.deactivated, 28);
    let run = world.bring(&free, &(gone + "active,x,,,,\nactive,y,,,,\nactive,z,,,,\nactive,w,,,,\n")).await;
    assert_eq!((run.state, code(&run)), (State::Held, Some("rejections-over-limit")));
}

async fn a_discarded_plan_changes_nothing(world: World) {
    let full = world.full().await;
    world.bring(&full, &crowd("u", 40)).await;
    let before = everybody(&world).await;
    let run = world.bring(&full, &crowd("u", 30)).await;
    let discarded = world.importer().discard(&world.id, &run.id).await.unwrap();
    assert_eq!((discarded.state, discarded.is_ended()), (State::Discarded, true));
    assert_eq!(world.worked(&run).await, discarded);
    assert_eq!(everybody(&world).await, before);
    assert!(matches!(world.importer().approve(&world.id, &run.id).await, Err(Undecided::NotNow(_))));
    assert!(matches!(world.importer().discard(&world.id, "0").await, Err(Undecided::NoSuchRun)));
}

async fn an_old_plan_is_not_approved_after_a_newer_file(world: World) {
    let full = world.full().await;
    world.bring(&full, &crowd("u", 40)).await;
    let held = world.bring(&full, &crowd("u", 30)).await;
    world.clock.advance(1);
    assert_eq!(world.bring(&full, &crowd("u", 39)).await.state, State::Finished);
    assert!(matches!(world.importer().approve(&world.id, &held.id).await, Err(Undecided::NotNow(_))));
    assert_eq!(world.active().await.len(), 39);
}

async fn a_preview_is_carried_out_when_it_is_approved(world: World) {
    let default = Name::new("default").unwrap();
    let content = file(&rows(&["a", "b"]));
    let begun =
        world.importer().begin(&world.id, &default, Purpose::Preview, "x.csv", content).await.unwrap();
    let shown = world.worked(&begun).await;
    assert_eq!((shown.state, shown.counts.created), (State::Planned, 2));
    assert!(shown.is_held() && everybody(&world).await.is_empty());
    let plan = text(&world, &Folder::new(&world.id, &shown.id).plan()).await;
    assert_eq!(plan.lines().count(), 2);
    world.importer().approve(&world.id, &shown.id).await.unwrap();
    assert_eq!(world.worked(&shown).await.state, State::Finished);
    assert_eq!(world.active().await, ["a", "b"]);
}

async fn test_mode_never_applies(world: World) {
    let tried = world.configure("tried", |configuration| configuration.test_mode = true).await;
    let run = world.bring(&tried, &(rows(&["a"]) + "maybe,b,b@acme.example,B,b,\n")).await;
    assert_eq!((run.state, run.counts.created, run.counts.rejected), (State::Planned, 1, 1));
    assert!(run.is_ended() && !run.is_held() && everybody(&world).await.is_empty());
    assert!(report(&world, &run).await.contains("status-invalid"));
    assert!(matches!(world.importer().approve(&world.id, &run.id).await, Err(Undecided::NotNow(_))));
}

async fn administrators_are_not_missing_and_the_last_one_stays(world: World) {
    let full = world.full().await;
    world.bring(&full, &rows(&["a:Administrator", "b:Administrator", "c:User"])).await;
    let run = world.bring(&full, &rows(&["b:Administrator", "c:User"])).await;
    assert_eq!((run.counts.deactivated, warned(&run)), (0, vec!["administrator-kept"]));
    // One of them may go by a row of his own, but not the last one, nor may all go at once.
    let both = world.bring(&full, &rows(&["-a:Administrator", "-b:Administrator", "c:User"])).await;
    assert_eq!((both.counts.deactivated, both.counts.rejected), (0, 2));
    assert!(report(&world, &both).await.contains("last-administrator"));
    let one = world.bring(&full, &rows(&["-a:Administrator", "b:Administrator", "c:User"])).await;
    assert_eq!((one.counts.deactivated, one.counts.rejected), (1, 0));
    let last = world.bring(&full, &rows(&["-a:Administrator", "b:User", "c:User"])).await;
    assert_eq!(last.counts, Counts { unchanged: 2, rejected: 1, ..Counts::default() });
    assert_eq!(world.active().await, ["b", "c"]);
}

/// Everybody but for their versions.
fn states(everybody: Everybody) -> Vec<(String, bool)> {
    everybody.into_iter().map(|(name, _, active)| (name, active)).collect()
}

async fn a_run_is_taken_back(world: World) {
    let default = Name::new("default").unwrap();
    world.bring(&default, &rows(&["a", "b", "-c", "d"])).await;
    let before = states(everybody(&world).await);
    let content = rows(&["-a", "c", "e"]) + "active,renamed,d@acme.example,Muster,d,User\n";
    let run = world.bring(&default, &content).await;
    let expected = Counts { created: 1, updated: 1, deactivated: 1, reactivated: 1, ..Counts::default() };
    assert_eq!(run.counts, expected);
    let revert = world.importer().revert(&world.id, &run.id).await.unwrap();
    let revert = world.worked(&revert).await;
    let back = Counts { deleted: 1, updated: 1, deactivated: 1, reactivated: 1, ..Counts::default() };
    assert_eq!((revert.state, revert.counts), (State::Finished, back));
    assert_eq!(states(everybody(&world).await), before);
    let of = world.store.run(&world.id, &run.id).await.unwrap().unwrap();
    assert_eq!((of.state, of.reverted_by.as_ref()), (State::Reverted, Some(&revert.id)));
    assert!(matches!(world.importer().revert(&world.id, &run.id).await, Err(Undecided::NotNow(_))));
    // The same file again does the same again.
    assert_eq!(world.bring(&default, &content).await.counts, expected);
}

async fn what_changed_since_is_not_taken_back(world: World) {
    let default = Name::new("default").unwrap();
    world.bring(&default, &rows(&["a", "b"])).await;
    let run = world.bring(&default, &rows(&["-a", "-b", "c"])).await;
    let title = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Director" }] });
    for name in ["a", "c"] {
        let id = world.id_of(name).await;
        world.directory().patch(Kind::User, &id, &Versions::Any, &title, Shown::ALL).await.unwrap();
    }
    let revert = world.importer().revert(&world.id, &run.id).await.unwrap();
    let revert = world.worked(&revert).await;
    assert_eq!(revert.state, State::FinishedWithRejections);
    assert_eq!(revert.counts, Counts { reactivated: 1, rejected: 2, ..Counts::default() });
    assert!(report(&world, &revert).await.contains("changed-since-run"));
    assert_eq!(world.active().await, ["b", "c"]);
    world.clock.advance(31 * 24 * 3600);
    assert!(matches!(world.importer().revert(&world.id, &revert.id).await, Err(Undecided::NotNow(_))));
}

async fn taking_back_can_be_taken_back(world: World) {
    let default = Name::new("default").unwrap();
    let run = world.bring(&default, &rows(&["a", "b:User"])).await;
    let after = states(everybody(&world).await);
    let revert = world.importer().revert(&world.id, &run.id).await.unwrap();
    let revert = world.worked(&revert).await;
    assert!(everybody(&world).await.is_empty());
    let again = world.importer().revert(&world.id, &revert.id).await.unwrap();
    assert_eq!(world.worked(&again).await.counts.created, 2);
    assert_eq!(states(everybody(&world).await), after);
}

async fn a_cancelled_run_ends(world: World) {
    let default = Name::new("default").unwrap();
    let importer = world.importer();
    let queued =
        importer.begin(&world.id, &default, Purpose::Import, "a.csv", file(&rows(&["a"]))).await.unwrap();
    let behind =
        importer.begin(&world.id, &default, Purpose::Import, "b.csv", file(&rows(&["b"]))).await.unwrap();
    importer.cancel(&world.id, &queued.id).await.unwrap();
    assert_eq!(world.worked(&queued).await.state, State::Cancelled);
    assert_eq!(world.worked(&behind).await.state, State::Finished, "its neighbour is unharmed");
    assert_eq!(world.active().await, ["b"]);
    assert!(matches!(importer.cancel(&world.id, &behind.id).await, Err(Undecided::NotNow(_))));
    let full = world.full().await;
    world.bring(&full, &crowd("u", 40)).await;
    let held = world.bring(&full, &crowd("u", 30)).await;
    assert_eq!(importer.cancel(&world.id, &held.id).await.unwrap().state, State::Discarded);
}

async fn names_are_exchanged_and_handed_on(world: World) {
    let default = Name::new("default").unwrap();
    let by_uid = |pairs: &[(&str, &str)]| {
        let mut text = HEADER.to_owned();
        for (uid, name) in pairs {
            writeln!(text, "active,{name},{uid}@acme.example,Muster,{uid},").unwrap();
        }
        text
    };
    let begin: Vec<(&str, &str)> = vec![("1", "a"), ("2", "b"), ("3", "c"), ("4", "d"), ("5", "e")];
    world.bring(&default, &by_uid(&begin)).await;
    // Two exchange, three hand on, and a new one takes what the last of them gives up.
    let after = vec![("1", "b"), ("2", "a"), ("3", "d"), ("4", "e"), ("5", "f"), ("6", "c")];
    let run = world.bring(&default, &by_uid(&after)).await;
    assert_eq!(
        run.counts,
        Counts { updated: 5, created: 1, ..Counts::default() },
        "{}",
        report(&world, &run).await
    );
    for (uid, name) in after {
        assert_eq!(world.external_id_of(name).await, uid);
    }
    assert_eq!(
        world.bring(&default, &by_uid(&[("1", "a"), ("7", "b")])).await.counts.rejected,
        2,
        "a is held, and so b"
    );
    // A circle of three at once.
    let run = world.bring(&default, &by_uid(&[("1", "a"), ("2", "d"), ("3", "b")])).await;
    assert_eq!(run.counts, Counts { updated: 3, ..Counts::default() }, "{}", report(&world, &run).await);
}

async fn a_guessed_encoding_is_confirmed_once(world: World) {
    let default = Name::new("default").unwrap();
    let content = |name: &str| {
        let text = rows(&["a"]) + &format!("active,b,b@acme.example,{name},b,\n");
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
        file
    };
    let importer = world.importer();
    let run =
        importer.import_file(&world.id, &default, "x.csv", content("Müller-Größe"), &Silent).await.unwrap();
    assert_eq!((run.state, code(&run)), (State::Held, Some("encoding-guessed")));
    assert!(run.problem.as_ref().unwrap().text.contains("Müller-Größe"), "{run:?}");
    importer.approve(&world.id, &run.id).await.unwrap();
    assert_eq!(world.worked(&run).await.state, State::Finished);
    let run = importer.import_file(&world.id, &default, "x.csv", content("Maß"), &Silent).await.unwrap();
    assert_eq!((run.state, run.counts.updated), (State::Finished, 1), "it is not asked twice");
}

async fn roles_exist(world: World) {
    let default = Name::new("default").unwrap();
    let run = world.bring(&default, &rows(&["a:User|Administrator", "b:Adminstrator"])).await;
    assert_eq!(run.counts, Counts { created: 1, rejected: 1, ..Counts::default() });
    let report = report(&world, &run).await;
    assert!(report.contains("role-unknown") && report.contains("\"\"Administrator\"\" is known"), "{report}");
    let lost = world.bring(&default, &rows(&["a:Administrator"])).await;
    assert_eq!(lost.counts, Counts { updated: 1, ..Counts::default() });
}

async fn unchanged_rows_cost_nothing_and_changed_ones_what_they_change(world: World) {
    let default = Name::new("default").unwrap();
    let content = crowd("u", 300);
    world.bring(&default, &content).await;
    let (_, idle) = world.cost(world.bring(&default, &content)).await;
    let changed = content.replace(",u0007@acme.example,Muster,", ",u0007@acme.example,Maier,");
    let (run, one) = world.cost(world.bring(&default, &changed)).await;
    assert_eq!(run.counts, Counts { updated: 1, unchanged: 299, ..Counts::default() });
    // The user: looked up by identifier, read to be compared, read to be changed, written; and two saves of the run.
    assert_eq!((one.writes - idle.writes, one.reads() - idle.reads()), (9, 3.5), "{idle:?} {one:?}");
    let (_, more) = world.cost(world.bring(&default, &crowd("u", 300))).await;
    assert!(more.writes < idle.writes + 10, "{more:?}");
    // What another door has changed is noticed without looking at everybody else.
    let id = world.id_of("u0009").await;
    let off = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let patch = world.directory();
    let patch = patch.patch(Kind::User, &id, &Versions::Any, &off, Shown::ALL);
    let (_, noted) = world.cost(patch).await;
    assert_eq!(noted.writes, 2, "the change, and the note of it");
    let (run, seen) = world.cost(world.bring(&default, &content)).await;
    assert_eq!(run.counts, Counts { reactivated: 1, unchanged: 299, ..Counts::default() });
    assert!(seen.reads() < idle.reads() + 8.0, "{seen:?}");
    let (run, again) = world.cost(world.bring(&default, &content)).await;
    assert_eq!((run.counts.unchanged, again), (300, idle), "and noticed once");
    // Whoever it has deleted comes back.
    world.directory().delete(Kind::User, &id, &Versions::Any).await.unwrap();
    assert_eq!(world.bring(&default, &content).await.counts.created, 1);
    world.create(Kind::User, user("other")).await;
    assert_eq!(world.bring(&default, &content).await.counts.unchanged, 300);
}

impl World {
    pub(super) async fn id_of(&self, name: &str) -> String {
        let page = self.directory().list(Kind::User, &super::first(1000)).await.unwrap();
        let directory = self.directory();
        let named = |one: &domain::directory::Resource| directory.document(one).unwrap()["userName"] == name;
        page.resources.iter().find(|one| named(one)).unwrap().id.to_string()
    }

    async fn external_id_of(&self, name: &str) -> String {
        let id = self.id_of(name).await;
        let found = self.directory().get(Kind::User, &id, Shown::ALL).await.unwrap();
        self.directory().document(&found).unwrap()["externalId"].as_str().unwrap().to_owned()
    }
}
