//! The Lambda function `admin`: wires the router to DynamoDB, S3, KMS, the queue of imports, alarms and `sftp-pull`.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::kms::KmsKeys;
use adapters::lambda::LambdaOutpost;
use adapters::pgp::RPgp;
use adapters::s3::S3Objects;
use adapters::scheduler::SchedulerAlarms;
use adapters::sftp::Keys;
use adapters::sqs::SqsWake;
use adapters::system::{SystemClock, SystemRandom};
use admin::{Api, Pulls, router};
use domain::import::engine::Importer;
use domain::secret::Vault;
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
    let store = Store::new(table, Arc::new(SystemClock), Arc::clone(&random) as _);
    let store = Arc::new(store.in_region(region));
    store.check_layout().await?;
    let importer = Importer::new(Arc::clone(&store), objects, wake);
    let keeper = Arc::new(KmsKeys::new(&aws, config.secrets_key()?, Arc::clone(&random) as _));
    let alarms = [config.pull_function_arn()?, config.schedule_group()?, config.schedule_role_arn()?];
    let pulls = Pulls {
        vault: Vault::new(keeper, Arc::clone(&random) as _),
        pgp: Arc::new(RPgp),
        keys: Arc::new(Keys),
        outpost: Arc::new(LambdaOutpost::new(&aws, config.pull_function()?)),
        alarms: Arc::new(SchedulerAlarms::new(&aws, alarms, random)),
    };
    lambda_http::run(router(Api::new(store, key_sha256, importer, pulls))).await
}
