//! Nights on which something is wrong, and what becomes of them.

use super::{FILE, Night, World, expect, on_both_stores};
use domain::import::problem::Code;
use domain::import::run::State;
use domain::pull::puller::Attended;
use domain::remote::Step;
use jiff::ToSpan as _;
use serde_json::json;

on_both_stores! {
    a_missing_file_is_looked_for_and_told_once
    refused_credentials_pause_the_configuration
    an_older_file_is_held
    a_file_that_grows_is_left_alone
    a_marker_says_what_the_file_is
    files_are_archived
    a_file_that_cannot_be_archived_is_imported
    a_schedule_that_is_changed
    a_configuration_that_goes
}

async fn a_missing_file_is_looked_for_and_told_once(world: World) {
    let night = Night::new(world, json!({})).await;
    night.until_due().await;
    assert_eq!(night.attend().await, Attended::LookedFor(Code::SftpFileMissing));
    assert_eq!(night.attend().await, Attended::Nothing);
    night.world.clock.advance(14 * 60);
    assert_eq!(night.attend().await, Attended::Nothing);
    let began = night.world.now();
    let failed = loop {
        night.world.clock.advance(60);
        match night.attend().await {
            Attended::Failed(run, Code::SftpFileMissing) => break run,
            Attended::LookedFor(Code::SftpFileMissing) | Attended::Nothing => {}
            other => panic!("{other:?}"),
        }
    };
    let searched = night.world.now().duration_since(began);
    assert!((100..=120).contains(&searched.as_mins()), "{searched:?}");
    expect(&night.imported(&failed).await, State::Failed, Some(Code::SftpFileMissing));
    assert_eq!(night.mail().await, ["missing"]);
    // The next night without it is no news, and one with it is.
    expect(&night.night().await, State::Failed, Some(Code::SftpFileMissing));
    assert!(night.mail().await.is_empty());
    night.remote.put("/out/users.csv", FILE, 1_000);
    expect(&night.night().await, State::Finished, None);
    assert_eq!(night.mail().await, ["recovered"]);
    expect(&night.night().await, State::Finished, None);
    assert!(night.mail().await.is_empty());
    assert_eq!(night.runs().await.len(), 4);
}

async fn refused_credentials_pause_the_configuration(world: World) {
    let night = Night::new(world, json!({})).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.remote.refuse(Some((Step::Authenticate, Code::SftpCredentialsRefused)));
    for mail in [vec!["failed"], vec![], vec!["paused"]] {
        expect(&night.night().await, State::Failed, Some(Code::SftpCredentialsRefused));
        assert_eq!(night.mail().await, mail);
    }
    let (store, id, name) = (&night.world.store, &night.world.id, &night.name);
    assert!(store.pull_state(id, name).await.unwrap().paused_since.is_some());
    // Each night knocked once, and now nobody knocks any more.
    assert_eq!(night.remote.0.lock().unwrap().logins, 3);
    night.until_due().await;
    assert_eq!(night.attend().await, Attended::Nothing);
    assert_eq!(night.remote.0.lock().unwrap().logins, 3);
    assert!(store.pull_state(id, name).await.unwrap().due.unwrap() > night.world.now());
    // By hand it is tried, and one success ends the pause.
    night.remote.refuse(None);
    let run = store.begin_pull(id, name).await.unwrap();
    assert_eq!(night.attend().await, Attended::Fetched(run.id.clone()));
    expect(&night.imported(&run.id).await, State::Finished, None);
    assert_eq!(night.mail().await, ["recovered"]);
    assert!(store.pull_state(id, name).await.unwrap().paused_since.is_none());
    expect(&night.night().await, State::Finished, None);
}

async fn an_older_file_is_held(world: World) {
    let night = Night::new(world, json!({})).await;
    night.remote.put("/out/users.csv", FILE, 2_000);
    expect(&night.night().await, State::Finished, None);
    // The same content with an older time is no other file.
    night.remote.put("/out/users.csv", FILE, 1_000);
    expect(&night.night().await, State::Finished, None);
    night.remote.put("/out/users.csv", &FILE.replace("Keller", "Brunner"), 500);
    let held = night.night().await;
    expect(&held, State::Held, Some(Code::FileOlder));
    assert_eq!(night.mail().await, ["held"]);
    night.world.importer().approve(&night.world.id, &held.id).await.unwrap();
    let run = night.imported(&held.id).await;
    expect(&run, State::Finished, None);
    assert_eq!(run.counts.updated, 1);
}

async fn a_file_that_grows_is_left_alone(world: World) {
    let night = Night::new(world, json!({})).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.remote.0.lock().unwrap().grows = true;
    night.until_due().await;
    assert_eq!(night.attend().await, Attended::LookedFor(Code::SftpFileUnfinished));
    night.remote.0.lock().unwrap().grows = false;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.world.clock.advance(15 * 60);
    let Attended::Fetched(run) = night.attend().await else { panic!("not fetched") };
    expect(&night.imported(&run).await, State::Finished, None);
    // It came a quarter of an hour and a second after it was due.
    assert_eq!(night.mail().await, ["late"]);
}

async fn a_marker_says_what_the_file_is(world: World) {
    let night = Night::new(world, json!({ "source.marker": ".done" })).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.until_due().await;
    assert_eq!(night.attend().await, Attended::LookedFor(Code::SftpFileUnfinished));
    for wrong in ["7 rows", &format!("{}  users.csv", "ab".repeat(32))] {
        night.remote.put("/out/users.csv.done", wrong, 1_000);
        night.world.clock.advance(15 * 60);
        assert_eq!(night.attend().await, Attended::LookedFor(Code::SftpMarkerWrong), "{wrong}");
    }
    night.remote.put("/out/users.csv.done", "2\n", 1_000);
    night.world.clock.advance(15 * 60);
    assert!(matches!(night.attend().await, Attended::Fetched(_)));
}

async fn files_are_archived(world: World) {
    let night = Night::new(world, json!({ "source.after": "archive", "source.marker": ".done" })).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.remote.put("/out/users.csv.done", "", 1_000);
    expect(&night.night().await, State::Finished, None);
    let time = night.world.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let archived = [format!("/out/archive/{time}-users.csv"), format!("/out/archive/{time}-users.csv.done")];
    assert_eq!(night.remote.paths(), archived);
}

async fn a_file_that_cannot_be_archived_is_imported(world: World) {
    let night = Night::new(world, json!({ "source.after": "archive" })).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.remote.0.lock().unwrap().keeps = true;
    let run = night.night().await;
    expect(&run, State::Finished, None);
    assert_eq!(
        run.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(),
        [Code::SftpArchiveFailed]
    );
    assert_eq!(night.remote.paths(), ["/out/users.csv"]);
}

async fn a_schedule_that_is_changed(world: World) {
    let night = Night::new(world, json!({})).await;
    let (store, id, name) = (&night.world.store, &night.world.id, &night.name);
    let due = async || store.pull_state(id, name).await.unwrap().due;
    let before = due().await.unwrap();
    let change = async |schedule: serde_json::Value| {
        let schedule = serde_json::from_value(schedule).unwrap();
        let change = move |current: &domain::import::configuration::Configuration| {
            let mut changed = current.clone();
            changed.schedule.clone_from(&schedule);
            Ok::<_, domain::Error>(changed)
        };
        store.change_configuration(id, name, None, change).await.unwrap();
    };
    change(json!({ "time": "04:30", "timezone": "Europe/Berlin" })).await;
    assert_eq!(due().await, Some(before + 2.hours()));
    change(json!({ "time": "04:30", "timezone": "Europe/Berlin", "enabled": false })).await;
    assert_eq!(due().await, None);
    night.world.clock.advance(48 * 3600);
    assert!(store.due_pulls(night.world.now()).await.unwrap().is_empty());
    change(json!({ "time": "04:30", "timezone": "Europe/Berlin" })).await;
    assert!(due().await.unwrap() > night.world.now());
}

async fn a_configuration_that_goes(world: World) {
    let night = Night::new(world, json!({})).await;
    let (store, id, name) = (&night.world.store, &night.world.id, &night.name);
    let begun = store.begin_pull(id, name).await.unwrap();
    store.remove_configuration(id, name, None).await.unwrap();
    assert_eq!(night.attend().await, Attended::Nothing);
    let run = store.run(id, &begun.id).await.unwrap().unwrap();
    expect(&run, State::Failed, Some(Code::ConfigurationGone));
    assert!(store.due_pulls(night.world.now()).await.unwrap().is_empty());
}
