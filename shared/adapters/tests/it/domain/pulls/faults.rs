//! Workers that die at any write, and what the next one makes of it.

use super::{FILE, Night, World, expect, on_both_stores};
use domain::import::problem::Code;
use domain::import::run::State;
use domain::pull::puller::Attended;
use serde_json::json;

on_both_stores! {
    a_worker_killed_at_any_write
    a_file_that_kills_its_workers_is_given_up
    others_are_attended_when_one_fails
}

/// Whatever write is the last one of a worker: one run, imported once, the file archived, and nothing left due.
async fn a_worker_killed_at_any_write(world: World) {
    let emulated = world.is_emulated();
    let mut world = Some(world);
    for writes in 0.. {
        let fresh = match world.take() {
            Some(world) => world,
            None if emulated => World::dynamodb().await,
            None => World::embedded().await,
        };
        let night = Night::new(fresh, json!({ "source.after": "archive" })).await;
        night.remote.put("/out/users.csv", FILE, 1_000);
        night.until_due().await;
        night.world.meter.die_after(writes);
        let first = night.puller().attend(&night.world.id, &night.name).await;
        night.world.meter.revive();
        // Sixteen minutes later nobody believes any more that the worker is alive.
        night.world.clock.advance(17 * 60);
        let second = night.attend().await;
        if first.is_ok() {
            assert_eq!(second, Attended::Nothing, "after {writes} writes");
        }
        let runs = night.runs().await;
        assert_eq!(runs.len(), 1, "after {writes} writes");
        let run = night.imported(&runs[0].id).await;
        expect(&run, State::Finished, None);
        assert_eq!(run.counts.created, 2);
        assert!(!night.remote.paths().contains(&"/out/users.csv".to_owned()), "after {writes} writes");
        assert!(night.world.store.due_pulls(night.world.now()).await.unwrap().is_empty());
        if first.is_ok() {
            assert!(writes > 2, "it was never killed");
            return;
        }
    }
}

async fn a_file_that_kills_its_workers_is_given_up(world: World) {
    let night = Night::new(world, json!({})).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.until_due().await;
    for _ in 0..3 {
        night.world.meter.die_after(1);
        assert!(night.puller().attend(&night.world.id, &night.name).await.is_err());
        night.world.meter.revive();
        assert_eq!(night.attend().await, Attended::Nothing);
        night.world.clock.advance(17 * 60);
    }
    let Attended::Failed(run, Code::RunBrokeOff) = night.attend().await else { panic!("not given up") };
    expect(&night.imported(&run).await, State::Failed, Some(Code::RunBrokeOff));
    assert_eq!(night.mail().await, ["failed"]);
    expect(&night.night().await, State::Finished, None);
}

async fn others_are_attended_when_one_fails(world: World) {
    let night = Night::new(world, json!({})).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    let (store, id) = (&night.world.store, &night.world.id);
    let mut other = store.configuration(id, &night.name).await.unwrap().unwrap();
    other.name = domain::store::Name::new("weekly").unwrap();
    store.create_configuration(id, &other).await.unwrap();
    night.until_due().await;
    // Its secret was sealed for the other one, and does not open.
    assert_eq!(night.puller().attend_all(|| false).await.unwrap().len(), 2);
    let mut codes: Vec<Option<Code>> =
        night.runs().await.into_iter().map(|run| run.problem.map(|one| one.code)).collect();
    codes.sort_unstable();
    assert_eq!(codes, [None, Some(Code::SecretUnreadable)]);
}
