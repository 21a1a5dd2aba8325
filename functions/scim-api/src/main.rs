//! The Lambda function `scim-api`: wires the router to DynamoDB.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use domain::error::Causes;
use domain::store::Store;
use scim_api::{Api, router};
use std::sync::Arc;

/// An answer of Lambda has at most 6 MB, and media types that it does not know are in Base64 by then.
const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let config = Config::from_process();
    let (table, region, regions) = (config.table()?, config.region()?, config.regions()?);
    let requests_per_second = config.requests_per_second()?;
    let aws = adapters::aws::load().await;
    let random = Arc::new(SystemRandom);
    let table = Arc::new(DynamoTable::new(&aws, table, Arc::clone(&random) as _));
    let clock = Arc::new(SystemClock);
    let store = Arc::new(Store::new(table, Arc::clone(&clock) as _, random).in_region(region));
    store.check_layout().await?;
    // What an instance that was killed had begun is finished by the next one that starts.
    if let Err(error) = domain::directory::carry_out_abandoned(&store).await {
        tracing::warn!(error = %Causes(&error), "changes of members are left for a later start");
    }
    let api = Api::new(store, clock)
        .limited(requests_per_second)
        .with_regions(regions)
        .answering_up_to(LONGEST_ANSWER);
    lambda_http::run(router(api)).await
}
