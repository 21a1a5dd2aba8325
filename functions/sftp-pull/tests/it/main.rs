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
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;

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
    let _function = Command::new(env!("CARGO_BIN_EXE_sftp-pull"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime.address())
        .env("AWS_LAMBDA_FUNCTION_NAME", "sftp-pull")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", emulator::ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", emulator::SECRET_KEY)
        .env("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.endpoint())
        .env("AWS_ENDPOINT_URL_S3", s3.endpoint())
        .env("AWS_ENDPOINT_URL_KMS", kms.endpoint())
        .env("MUSTER_TABLE", emulator::TABLE)
        .env("MUSTER_BUCKET", emulator::BUCKET)
        .env("MUSTER_QUEUE_URL", "http://127.0.0.1:1/queue")
        .env("MUSTER_SECRETS_KEY", "alias/muster")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let told = runtime.invoke(&event("test-access")).await.unwrap();
    assert_eq!(told["ok"], false);
    let first = &told["steps"][0];
    assert_eq!((first["name"].as_str(), first["status"].as_str()), (Some("resolve"), Some("failed")));
    assert!(first["fact"].as_str().unwrap().contains("127.0.0.1"), "{first}");
    // Nothing is due.
    assert_eq!(runtime.invoke(&event("due")).await.unwrap(), Value::Null);
    assert_eq!(runtime.invoke(&event("watch")).await.unwrap(), json!({ "due": 0 }));
    let run = store.begin_pull(&id, &name).await.unwrap();
    assert_eq!(runtime.invoke(&event("watch")).await.unwrap(), json!({ "due": 1 }));
    let run = store.run(&id, &run.id).await.unwrap().unwrap();
    assert_eq!((run.state, run.problem.unwrap().code), (State::Failed, Code::SftpAddressForbidden));
}
