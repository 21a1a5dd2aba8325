//! The Lambda function `csv-import`: wires the handler to DynamoDB and S3.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::s3::S3Objects;
use adapters::system::{SystemClock, SystemRandom};
use csv_import::{Batch, handle};
use domain::import::engine::Importer;
use domain::store::Store;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let config = Config::from_process();
    let aws = adapters::aws::load().await;
    let random = Arc::new(SystemRandom);
    let table = Arc::new(DynamoTable::new(&aws, config.table()?, Arc::clone(&random) as _));
    let objects = Arc::new(S3Objects::new(&aws, config.bucket()?, Arc::clone(&random) as _));
    let store = Arc::new(Store::new(table, Arc::new(SystemClock), random));
    let importer = Importer::new(store, objects);
    let import = |event: LambdaEvent<Batch>| async { Ok::<_, Error>(handle(&importer, event.payload).await) };
    lambda_runtime::run(service_fn(import)).await
}
