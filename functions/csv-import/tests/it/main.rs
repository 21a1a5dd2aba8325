//! The import as the queue starts it: the handler, and the built function behind a runtime stub.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and its checks take what they check"
)]

mod function;
mod handler;

use adapters::dynamodb::DynamoTable;
use adapters::s3::S3Objects;
use adapters::system::{SystemClock, SystemRandom};
use domain::import::configuration::Configuration;
use domain::import::engine::Importer;
use domain::objects::Objects;
use domain::ports::Nobody;
use domain::store::{DirectoryId, Name, Store};
use serde_json::Value;
use std::fs::File;
use std::sync::Arc;

/// AWS in this process, with the demo's directory.
pub(crate) struct World {
    pub(crate) dynamodb: emulator::DynamoDb,
    pub(crate) s3: emulator::S3,
    pub(crate) store: Arc<Store>,
    pub(crate) objects: Arc<S3Objects>,
    pub(crate) id: DirectoryId,
}

impl World {
    pub(crate) async fn start() -> Self {
        let (dynamodb, s3) = (emulator::DynamoDb::start(), emulator::S3::start());
        let random = Arc::new(SystemRandom);
        let config = adapters::aws::at_endpoint(&dynamodb.endpoint(), "test", "test").await;
        let table = DynamoTable::new(&config, emulator::TABLE, Arc::clone(&random) as _);
        let store = Arc::new(Store::new(Arc::new(table), Arc::new(SystemClock), Arc::clone(&random) as _));
        let config =
            adapters::aws::at_endpoint(&s3.endpoint(), emulator::ACCESS_KEY, emulator::SECRET_KEY).await;
        let objects = Arc::new(S3Objects::new(&config, emulator::BUCKET, random));
        let id = DirectoryId::demo().unwrap();
        store.create_directory(&id).await.unwrap();
        let configuration = Configuration::upload(Name::new("default").unwrap());
        store.create_configuration(&id, &configuration).await.unwrap();
        Self { dynamodb, s3, store, objects, id }
    }

    pub(crate) fn importer(&self) -> Importer {
        Importer::new(Arc::clone(&self.store), Arc::clone(&self.objects) as _, Arc::new(Nobody))
    }

    /// Puts the sample file where the events say it is; its version.
    pub(crate) async fn upload(&self) -> String {
        let file = File::open(sample("files/people.csv")).unwrap();
        self.objects.store("inbox/acme/people/default/people.csv", file).await.unwrap();
        let object = self.objects.fetch("inbox/acme/people/default/people.csv", None).await.unwrap();
        object.unwrap().version
    }
}

fn sample(name: &str) -> String {
    format!("{}/../../events/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A sample event, with the version that the object really has.
pub(crate) fn event(name: &str, version: &str) -> Value {
    let text = std::fs::read_to_string(sample(&format!("csv-import/{name}.json"))).unwrap();
    let mut event: Value = serde_json::from_str(&text).unwrap();
    for message in event["Records"].as_array_mut().unwrap() {
        let Ok(mut body) = serde_json::from_str::<Value>(message["body"].as_str().unwrap()) else { continue };
        for record in body["Records"].as_array_mut().into_iter().flatten() {
            record["s3"]["object"]["versionId"] = version.into();
        }
        message["body"] = body.to_string().into();
    }
    event
}
