//! The built function, started as Lambda starts it, on an in-process DynamoDB and S3.

use crate::{World, event};
use domain::import::run::State;
use serde_json::json;
use std::process::Stdio;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_built_function_imports_the_sample_upload() {
    let world = World::start().await;
    let runtime = emulator::RuntimeApi::start();
    let _function = Command::new(env!("CARGO_BIN_EXE_csv-import"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime.address())
        .env("AWS_LAMBDA_FUNCTION_NAME", "csv-import")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", emulator::ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", emulator::SECRET_KEY)
        .env("AWS_ENDPOINT_URL_DYNAMODB", world.dynamodb.endpoint())
        .env("AWS_ENDPOINT_URL_S3", world.s3.endpoint())
        .env("MUSTER_TABLE", emulator::TABLE)
        .env("MUSTER_BUCKET", emulator::BUCKET)
        .env("MUSTER_QUEUE_URL", "http://127.0.0.1:1/queue")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let version = world.upload().await;
    let answer = runtime.invoke(&event("uploaded", &version)).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    let again = runtime.invoke(&event("one-is-poison", &version)).await.unwrap();
    assert_eq!(again["batchItemFailures"].as_array().unwrap().len(), 1);
    let runs = world.store.latest_runs(&world.id, 10).await.unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].state, State::FinishedWithRejections);
}
