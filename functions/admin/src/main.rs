//! The Lambda function `admin`: wires the router to DynamoDB.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use admin::{Api, router};
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
    let store = Store::new(table, Arc::new(SystemClock), random).in_region(region);
    lambda_http::run(router(Api::new(Arc::new(store), key_sha256))).await
}
