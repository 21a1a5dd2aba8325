//! The built function, started as Lambda starts it, on an in-process DynamoDB and a stand-in of SES.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use domain::import::configuration::Configuration;
use domain::import::engine::{Importer, Silent};
use domain::import::run::State;
use domain::ports::Nobody;
use domain::store::{DirectoryId, Name, Store};
use serde_json::{Value, json};
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/mailer/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_function_sends_what_waits() {
    let (dynamodb, ses) = (emulator::DynamoDb::start(), emulator::Ses::start());
    let runtime = emulator::RuntimeApi::start();
    let random = Arc::new(SystemRandom);
    let config = adapters::aws::at_endpoint(&dynamodb.endpoint(), "test", "test").await;
    let table = DynamoTable::new(&config, emulator::TABLE, Arc::clone(&random) as _);
    let store = Arc::new(Store::new(Arc::new(table), Arc::new(SystemClock), random));
    let id = DirectoryId::demo().unwrap();
    store.create_directory(&id).await.unwrap();
    let name = Name::new("nightly").unwrap();
    let document = json!({ "notifications": { "recipients": ["it@acme.example"] } });
    let document = document.as_object().unwrap().clone();
    let configuration = Configuration::from_document(&name, document).unwrap();
    store.create_configuration(&id, &configuration).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let objects = Arc::new(adapters::embedded::FolderObjects::new(folder.path().to_owned()));
    let importer = Importer::new(store, objects, Arc::new(Nobody));
    let empty = tempfile::tempfile().unwrap();
    let run = importer.import_file(&id, &name, "users.csv", empty, &Silent).await.unwrap();
    assert_eq!(run.state, State::Failed);
    let _function = Command::new(env!("CARGO_BIN_EXE_mailer"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime.address())
        .env("AWS_LAMBDA_FUNCTION_NAME", "mailer")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", emulator::ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", emulator::SECRET_KEY)
        .env("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.endpoint())
        .env("AWS_ENDPOINT_URL_SES", ses.endpoint())
        .env("MUSTER_TABLE", emulator::TABLE)
        .env("MUSTER_MAIL_FROM", "muster@acme.example")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    runtime.invoke(&event("outbox")).await.unwrap();
    let sent = ses.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].from.as_str(), sent[0].to.as_slice()),
        ("muster@acme.example", ["it@acme.example".to_owned()].as_slice())
    );
    let message = String::from_utf8_lossy(&sent[0].message);
    assert!(message.contains("X-Muster-Notice: failed"), "{message}");
    runtime.invoke(&event("clock")).await.unwrap();
    assert_eq!(ses.sent().len(), 1);
}
