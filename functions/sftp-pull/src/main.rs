//! The Lambda function `sftp-pull`: wires the handler to DynamoDB, S3, KMS, the queue of imports, SFTP and PGP.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::kms::KmsKeys;
use adapters::metrics::{Unit, tell};
use adapters::pgp::RPgp;
use adapters::s3::S3Objects;
use adapters::sftp::{Keys, Sftp};
use adapters::sqs::SqsWake;
use adapters::system::{SystemClock, SystemPause, SystemRandom};
use domain::import::engine::Importer;
use domain::ports::Clock as _;
use domain::pull::puller::{Attended, Puller, Reach};
use domain::secret::Vault;
use domain::store::Store;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use sftp_pull::{Event, handle};
use std::sync::Arc;

/// Runs that came to nothing because their file could not be had; the others are counted where they end.
fn counted(attended: &Attended) {
    if matches!(attended, Attended::Failed(..)) {
        tell(SystemClock.now(), &[("RunsStopped", Unit::Count, 1), ("RunsFailed", Unit::Count, 1)]);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let config = Config::from_process();
    let allowed = config.sftp_allow()?;
    let aws = adapters::aws::load().await;
    let random = Arc::new(SystemRandom);
    let table = Arc::new(DynamoTable::new(&aws, config.table()?, Arc::clone(&random) as _));
    let objects = Arc::new(S3Objects::new(&aws, config.bucket()?, Arc::clone(&random) as _));
    let wake = Arc::new(SqsWake::new(&aws, config.queue_url()?, Arc::clone(&random) as _));
    let keys = Arc::new(KmsKeys::new(&aws, config.secrets_key()?, Arc::clone(&random) as _));
    let store = Arc::new(Store::new(table, Arc::new(SystemClock), Arc::clone(&random) as _));
    store.check_layout().await?;
    let importer = Importer::new(Arc::clone(&store), objects, wake);
    let reach = Reach {
        remote: Arc::new(Sftp::new(allowed)),
        keys: Arc::new(Keys),
        pgp: Arc::new(RPgp),
        vault: Vault::new(keys, random),
        pause: Arc::new(SystemPause),
    };
    let puller = &Puller::new(store, importer, reach);
    let pull = |event: LambdaEvent<Event>| async move {
        let deadline = Timestamp::from_millisecond(event.context.deadline.try_into()?)?;
        Ok::<_, Error>(handle(puller, event.payload, &SystemClock, deadline, counted).await?)
    };
    lambda_runtime::run(service_fn(pull)).await
}
