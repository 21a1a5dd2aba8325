//! Wakes workers through a queue of SQS: a message names the directory in which runs wait.

use crate::aws::{Retries, Verdict, judge};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use domain::Error;
use domain::ports::{Random, Wake};
use domain::store::DirectoryId;
use std::sync::Arc;

/// The waking port on a queue. What a retry can mend is retried for up to ten seconds.
#[derive(Clone)]
pub struct SqsWake {
    client: Client,
    queue_url: String,
    random: Arc<dyn Random>,
    retries: Retries,
}

impl SqsWake {
    /// On the queue of this address, with the configuration of [`crate::aws`]. `random` spreads retries.
    pub fn new(config: &SdkConfig, queue_url: impl Into<String>, random: Arc<dyn Random>) -> Self {
        let retries = Retries::STANDARD;
        Self { client: Client::new(config), queue_url: queue_url.into(), random, retries }
    }
}

#[async_trait]
impl Wake for SqsWake {
    async fn wake(&self, directory: &DirectoryId) -> Result<(), Error> {
        let body = message(directory);
        let request = self.client.send_message().queue_url(&self.queue_url).message_body(body);
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            match request.clone().send().await {
                Ok(_) => return Ok(()),
                Err(error) if judge(&error) != Verdict::Final && pauses.wait().await => {}
                Err(error) => return Err(Error::Unavailable(Box::new(error))),
            }
        }
    }
}

/// The body of the message, as `csv-import` reads it.
fn message(directory: &DirectoryId) -> String {
    serde_json::json!({ "work": { "tenant": directory.tenant, "directory": directory.directory } })
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_directory() {
        let message = message(&DirectoryId::demo().unwrap());
        assert_eq!(message, r#"{"work":{"tenant":"acme","directory":"people"}}"#);
    }
}
