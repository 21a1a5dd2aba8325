//! The Lambda function `admin`: wires the router to DynamoDB, S3 and the queue of imports.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::s3::S3Objects;
use adapters::sqs::SqsWake;
use adapters::system::{SystemClock, SystemRandom};
use admin::{Api, router};
use domain::import::engine::Importer;
use domain::store::Store;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let config = Config::from_process();
    let (table, key_sha256, region) = (config.table()?, config.admin_key_sha256()?, config.region()?);
    let aws = adapters::aws::load().await;
    let random = Arc::new(SystemRandom);
    let table = Arc::new(DynamoTable::new(&aws, table, Arc::clone(&random) as _));
    let objects = Arc::new(S3Objects::new(&aws, config.bucket()?, Arc::clone(&random) as _));
    let wake = Arc::new(SqsWake::new(&aws, config.queue_url()?, Arc::clone(&random) as _));
    let store = Arc::new(Store::new(table, Arc::new(SystemClock), random).in_region(region));
    let importer = Importer::new(Arc::clone(&store), objects, wake);
    lambda_http::run(router(Api::new(store, key_sha256, importer))).await
}
