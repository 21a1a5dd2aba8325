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
use std::sync::Arc;

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
    let _function = runtime.function(
        env!("CARGO_BIN_EXE_mailer"),
        &[
            ("AWS_ENDPOINT_URL_DYNAMODB", &dynamodb.endpoint()),
            ("AWS_ENDPOINT_URL_SES", &ses.endpoint()),
            ("MUSTER_TABLE", emulator::TABLE),
            ("MUSTER_MAIL_FROM", "muster@acme.example"),
        ],
    );
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
