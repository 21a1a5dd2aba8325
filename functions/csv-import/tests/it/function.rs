//! The built function, started as Lambda starts it, on an in-process DynamoDB and S3.

use crate::{World, event};
use domain::import::run::State;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_built_function_imports_the_sample_upload() {
    let world = World::start().await;
    let runtime = emulator::RuntimeApi::start();
    let _function = runtime.function(
        env!("CARGO_BIN_EXE_csv-import"),
        &[
            ("AWS_ENDPOINT_URL_DYNAMODB", &world.dynamodb.endpoint()),
            ("AWS_ENDPOINT_URL_S3", &world.s3.endpoint()),
            ("MUSTER_TABLE", emulator::TABLE),
            ("MUSTER_BUCKET", emulator::BUCKET),
            ("MUSTER_QUEUE_URL", "http://127.0.0.1:1/queue"),
        ],
    );
    let version = world.upload().await;
    let answer = runtime.invoke(&event("uploaded", &version)).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    let again = runtime.invoke(&event("one-is-poison", &version)).await.unwrap();
    assert_eq!(again["batchItemFailures"].as_array().unwrap().len(), 1);
    let runs = world.store.latest_runs(&world.id, 10).await.unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].state, State::FinishedWithRejections);
}
