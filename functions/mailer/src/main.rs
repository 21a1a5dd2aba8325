//! The Lambda function `mailer`: wires the outbox to DynamoDB and SES.

use adapters::config::Config;
use adapters::dynamodb::DynamoTable;
use adapters::metrics::{Unit, tell};
use adapters::ses::SesMail;
use adapters::system::{SystemClock, SystemRandom};
use domain::outbox::Mailer;
use domain::ports::Clock as _;
use domain::store::Store;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use mailer::handle;
use serde_json::Value;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let config = Config::from_process();
    let aws = adapters::aws::load().await;
    let random = Arc::new(SystemRandom);
    let table = Arc::new(DynamoTable::new(&aws, config.table()?, Arc::clone(&random) as _));
    let mail = Arc::new(SesMail::new(&aws, Arc::clone(&random) as _));
    let store = Arc::new(Store::new(table, Arc::new(SystemClock), random));
    store.check_layout().await?;
    let mailer = &Mailer::new(store, mail, config.mail_from()?, config.console_url()?);
    let send = |event: LambdaEvent<Value>| async move {
        let deadline = Timestamp::from_millisecond(event.context.deadline.try_into()?)?;
        let delivered = handle(mailer, &SystemClock, deadline).await?;
        let count = |name, number: u32| (name, Unit::Count, u64::from(number));
        let (later, refused) = (delivered.later, delivered.refused);
        tell(SystemClock.now(), &[count("MessagesDelayed", later), count("MessagesRefused", refused)]);
        Ok::<_, Error>(())
    };
    lambda_runtime::run(service_fn(send)).await
}
