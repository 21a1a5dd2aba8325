//! The Lambda function `scim-api`: wires the router to DynamoDB.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use domain::store::Store;
use scim_api::{Api, router};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let table = Config::from_process().table()?;
    let aws = adapters::aws::load().await;
    let random = Arc::new(SystemRandom);
    let table = Arc::new(DynamoTable::new(&aws, table, Arc::clone(&random) as _));
    let store = Arc::new(Store::new(table, Arc::new(SystemClock), random));
    lambda_http::run(router(Api::new(store, Arc::new(SystemClock)))).await
}
