//! The handler: every event once in effect, poison kept apart, faults survived.

use crate::{World, event};
use csv_import::{Batch, BatchAnswer, handle};
use domain::import::engine::Silent;
use domain::import::run::State;
use domain::objects::Objects as _;
use emulator::Fault;
use serde_json::{Value, json};

async fn send(world: &World, event: Value) -> Value {
    let batch: Batch = serde_json::from_value(event).unwrap();
    serde_json::to_value::<BatchAnswer>(handle(&world.importer(), batch, &Silent).await).unwrap()
}

#[tokio::test]
async fn an_event_ten_times_is_one_run() {
    let world = World::start().await;
    let version = world.upload().await;
    for _ in 0..10 {
        assert_eq!(send(&world, event("uploaded", &version)).await, json!({ "batchItemFailures": [] }));
    }
    let runs = world.store.latest_runs(&world.id, 100).await.unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].state, State::FinishedWithRejections);
    assert_eq!((runs[0].counts.created, runs[0].counts.rejected), (6, 2));
}

#[tokio::test]
async fn poison_does_not_harm_its_neighbour() {
    let world = World::start().await;
    let version = world.upload().await;
    let event = event("one-is-poison", &version);
    let answer = send(&world, event.clone()).await;
    let failed = answer["batchItemFailures"].as_array().unwrap();
    assert_eq!(failed.len(), 1, "{answer}");
    let poison = event["Records"].as_array().unwrap().iter().find(|message| {
        serde_json::from_str::<Value>(message["body"].as_str().unwrap())
            .map_or(true, |body| body.get("Records").is_none())
    });
    assert_eq!(failed[0]["itemIdentifier"], poison.unwrap()["messageId"]);
    assert_eq!(world.store.latest_runs(&world.id, 100).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_test_message_of_a_new_notification_is_done() {
    let world = World::start().await;
    assert_eq!(send(&world, event("notifications-set-up", "")).await, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn the_version_of_the_event_is_read_not_the_latest() {
    let world = World::start().await;
    let version = world.upload().await;
    world.objects.store("inbox/acme/people/default/people.csv", tempfile::tempfile().unwrap()).await.unwrap();
    send(&world, event("uploaded", &version)).await;
    assert_eq!(world.store.latest_runs(&world.id, 1).await.unwrap()[0].counts.created, 6);
}

#[tokio::test]
async fn throttling_and_lost_replies_are_survived() {
    for fault in [Fault::Throttle, Fault::LostReply, Fault::ServerError] {
        let world = World::start().await;
        let version = world.upload().await;
        for at in [1, 4, 8] {
            world.dynamodb.skip(at);
            world.dynamodb.inject(fault, 2);
        }
        world.s3.inject(Fault::ServerError, 1);
        assert_eq!(
            send(&world, event("uploaded", &version)).await,
            json!({ "batchItemFailures": [] }),
            "{fault:?}"
        );
        let runs = world.store.latest_runs(&world.id, 100).await.unwrap();
        assert_eq!((runs.len(), runs[0].counts.created, runs[0].counts.rejected), (1, 6, 2), "{fault:?}");
    }
}
