//! The Lambda function `csv-import`: wires the handler to DynamoDB, S3 and its own queue.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::s3::S3Objects;
use adapters::sqs::SqsWake;
use adapters::system::{SystemClock, SystemRandom};
use csv_import::{Batch, Watch, handle};
use domain::import::engine::Importer;
use domain::store::Store;
use jiff::Timestamp;
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
    let wake = Arc::new(SqsWake::new(&aws, config.queue_url()?, Arc::clone(&random) as _));
    let store = Arc::new(Store::new(table, Arc::new(SystemClock), random));
    store.check_layout().await?;
    let importer = Importer::new(store, objects, wake);
    let importer = &importer;
    let import = |event: LambdaEvent<Batch>| async move {
        let deadline = Timestamp::from_millisecond(event.context.deadline.try_into()?)?;
        let watch = Watch::until(&SystemClock, deadline);
        Ok::<_, Error>(handle(importer, event.payload, &watch).await)
    };
    lambda_runtime::run(service_fn(import)).await
}
