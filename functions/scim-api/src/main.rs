//! The Lambda function `scim-api`: wires the router to DynamoDB.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use domain::store::Store;
use scim_api::{Api, router};
use std::sync::Arc;

/// An answer of Lambda has at most 6 MB, and media types that it does not know are in Base64 by then.
const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let table = Config::from_process().table()?;
    let aws = adapters::aws::load().await;
    let random = Arc::new(SystemRandom);
    let table = Arc::new(DynamoTable::new(&aws, table, Arc::clone(&random) as _));
    let store = Arc::new(Store::new(table, Arc::new(SystemClock), random));
    let api = Api::new(store, Arc::new(SystemClock)).answering_up_to(LONGEST_ANSWER);
    lambda_http::run(router(api)).await
}
