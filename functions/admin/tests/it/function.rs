//! The built function, started as Lambda starts it, on an in-process DynamoDB.

use crate::KEY;
use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use domain::store::{DirectoryId, Name, Store};
use domain::tenant::Bearer;
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::Arc;

fn event(name: &str, key: &str) -> Value {
    let path = format!("{}/../../events/admin/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    event["headers"]["authorization"] = format!("Bearer {key}").into();
    event
}

fn start(runtime: &emulator::RuntimeApi, dynamodb: &emulator::DynamoDb) -> emulator::Function {
    let mut key_sha256 = String::new();
    for byte in admin::sha256(KEY) {
        let _ = write!(key_sha256, "{byte:02x}");
    }
    runtime.function(
        env!("CARGO_BIN_EXE_admin"),
        &[
            ("AWS_ENDPOINT_URL", &dynamodb.endpoint()),
            ("MUSTER_TABLE", "muster"),
            ("MUSTER_ADMIN_KEY_SHA256", &key_sha256),
            ("MUSTER_REGION", "eu"),
            ("MUSTER_BUCKET", emulator::BUCKET),
            ("MUSTER_SECRETS_KEY", "alias/muster"),
            ("MUSTER_PULL_FUNCTION", "sftp-pull"),
            ("MUSTER_PULL_FUNCTION_ARN", "arn:aws:lambda:us-east-1:123456789012:function:sftp-pull"),
            ("MUSTER_SCHEDULE_GROUP", "pulls"),
            ("MUSTER_SCHEDULE_ROLE_ARN", "arn:aws:iam::123456789012:role/pulls"),
            ("MUSTER_QUEUE_URL", &format!("{}/1/imports", dynamodb.endpoint())),
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_function_makes_a_tenant_a_directory_and_a_token() {
    let (dynamodb, runtime) = (emulator::DynamoDb::start(), emulator::RuntimeApi::start());
    let _function = start(&runtime, &dynamodb);
    let mut made = Value::Null;
    for (name, status) in [
        ("create-tenant", 201),
        ("create-directory", 201),
        ("change-directory", 200),
        ("declare-schemas", 200),
        ("create-token", 201),
    ] {
        let refused = runtime.invoke(&event(name, "wrong")).await.unwrap();
        assert_eq!(refused["statusCode"], 401, "{refused}");
        let answer = runtime.invoke(&event(name, KEY)).await.unwrap();
        assert_eq!(answer["statusCode"], status, "{name}: {answer}");
        made = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    }
    let config = adapters::aws::at_endpoint(&dynamodb.endpoint(), "test", "test").await;
    let table = DynamoTable::new(&config, "muster", Arc::new(SystemRandom));
    let eu = Name::new("eu").unwrap();
    let store =
        Store::new(Arc::new(table), Arc::new(SystemClock), Arc::new(SystemRandom)).in_region(Some(eu));
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("muster_eu_"), "the token names its region");
    let Bearer::Known(token) = store.authenticate(secret).await.unwrap() else { panic!("unknown") };
    assert_eq!(token.directory, DirectoryId::demo().unwrap());
    let listed = runtime.invoke(&event("list-tokens", KEY)).await.unwrap();
    assert_eq!(listed["statusCode"], 200, "{listed}");
    assert!(!listed["body"].as_str().unwrap().contains(secret));
}
