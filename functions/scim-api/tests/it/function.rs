//! The built function, started as Lambda starts it, on an in-process DynamoDB.

use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use domain::store::{DirectoryId, Store};
use serde_json::Value;
use std::sync::Arc;

fn event(name: &str, token: &str) -> Value {
    let path = format!("{}/../../events/scim-api/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    event["headers"]["authorization"] = format!("Bearer {token}").into();
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_function_serves_the_sample_events() {
    let (dynamodb, runtime) = (emulator::DynamoDb::start(), emulator::RuntimeApi::start());
    let config = adapters::aws::at_endpoint(&dynamodb.endpoint(), "test", "test").await;
    let table = DynamoTable::new(&config, "muster", Arc::new(SystemRandom));
    let store = Store::new(Arc::new(table), Arc::new(SystemClock), Arc::new(SystemRandom));
    let id = DirectoryId::demo().unwrap();
    store.create_directory(&id).await.unwrap();
    let token = store.create_token(&id).await.unwrap().secret;
    let _function = runtime.function(
        env!("CARGO_BIN_EXE_scim-api"),
        &[("AWS_ENDPOINT_URL", &dynamodb.endpoint()), ("MUSTER_TABLE", "muster")],
    );
    let created = runtime.invoke(&event("create-user", &token)).await.unwrap();
    assert_eq!(created["statusCode"], 201, "{created}");
    let body: Value = serde_json::from_str(created["body"].as_str().unwrap()).unwrap();
    assert!(body["meta"]["location"].as_str().unwrap().starts_with("https://"), "{body}");

    let found = runtime.invoke(&event("find-users", &token)).await.unwrap();
    let found: Value = serde_json::from_str(found["body"].as_str().unwrap()).unwrap();
    assert_eq!(found["totalResults"], 1, "{found}");
    assert_eq!(found["Resources"][0]["id"], body["id"]);

    let refused = runtime.invoke(&event("find-users", "muster_wrong")).await.unwrap();
    assert_eq!(refused["statusCode"], 401);
}
