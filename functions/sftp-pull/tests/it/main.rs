//! The built function, started as Lambda starts it, on an in-process DynamoDB, S3 and a stand-in of KMS.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use adapters::dynamodb::DynamoTable;
use adapters::kms::KmsKeys;
use adapters::system::{SystemClock, SystemRandom};
use domain::import::configuration::Configuration;
use domain::import::problem::Code;
use domain::import::run::State;
use domain::secret::Vault;
use domain::store::{DirectoryId, Name, Store};
use serde_json::{Value, json};
use std::sync::Arc;

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/sftp-pull/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_function_does_what_its_events_ask_for() {
    let (dynamodb, s3, kms) = (emulator::DynamoDb::start(), emulator::S3::start(), emulator::Kms::start());
    let runtime = emulator::RuntimeApi::start();
    let random = Arc::new(SystemRandom);
    let config = adapters::aws::at_endpoint(&dynamodb.endpoint(), "test", "test").await;
    let table = DynamoTable::new(&config, emulator::TABLE, Arc::clone(&random) as _);
    let store = Store::new(Arc::new(table), Arc::new(SystemClock), Arc::clone(&random) as _);
    let id = DirectoryId::demo().unwrap();
    store.create_directory(&id).await.unwrap();
    let config = adapters::aws::at_endpoint(&kms.endpoint(), "test", "test").await;
    let keys = KmsKeys::new(&config, "alias/muster", Arc::clone(&random) as _);
    let vault = Vault::new(Arc::new(keys), random);
    let password = vault.seal(&id, "nightly/password", b"correct horse").await.unwrap();
    let name = Name::new("nightly").unwrap();
    // Nobody listens there, and inside networks are not reached anyway.
    let document = json!({
        "source": {
            "kind": "sftp",
            "url": "sftp://127.0.0.1:9/out/users.csv",
            "authentication": { "kind": "password", "username": "acme", "password": password },
        },
    });
    let document = document.as_object().unwrap().clone();
    let configuration = Configuration::from_document(&name, document).unwrap();
    store.create_configuration(&id, &configuration).await.unwrap();
    let _function = runtime.function(
        env!("CARGO_BIN_EXE_sftp-pull"),
        &[
            ("AWS_ENDPOINT_URL_DYNAMODB", &dynamodb.endpoint()),
            ("AWS_ENDPOINT_URL_S3", &s3.endpoint()),
            ("AWS_ENDPOINT_URL_KMS", &kms.endpoint()),
            ("MUSTER_TABLE", emulator::TABLE),
            ("MUSTER_BUCKET", emulator::BUCKET),
            ("MUSTER_QUEUE_URL", "http://127.0.0.1:1/queue"),
            ("MUSTER_SECRETS_KEY", "alias/muster"),
        ],
    );
    let told = runtime.invoke(&event("test-access")).await.unwrap();
    assert_eq!(told["ok"], false);
    let first = &told["steps"][0];
    assert_eq!((first["name"].as_str(), first["status"].as_str()), (Some("resolve"), Some("failed")));
    assert!(first["fact"].as_str().unwrap().contains("127.0.0.1"), "{first}");
    // Nothing is due.
    assert_eq!(runtime.invoke(&event("due")).await.unwrap(), Value::Null);
    assert_eq!(runtime.invoke(&event("watch")).await.unwrap(), json!({ "attended": 0 }));
    let run = store.begin_pull(&id, &name).await.unwrap();
    assert_eq!(runtime.invoke(&event("watch")).await.unwrap(), json!({ "attended": 1 }));
    let run = store.run(&id, &run.id).await.unwrap().unwrap();
    assert_eq!((run.state, run.problem.unwrap().code), (State::Failed, Code::SftpAddressForbidden));
}
