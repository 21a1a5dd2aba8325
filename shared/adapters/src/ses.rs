//! Mail through SES: one request for each message, to all of its recipients.

use crate::aws::{Retries, Verdict, judge};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_ses::Client;
use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ses::operation::send_raw_email::SendRawEmailError;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::RawMessage;
use domain::mail::{Mail, MailError};
use domain::ports::Random;
use std::sync::Arc;

/// The port of mail on SES. What a retry can mend is retried for up to ten seconds, a lost answer included: a message
/// that comes twice is better than one that does not come.
#[derive(Clone)]
pub struct SesMail {
    client: Client,
    random: Arc<dyn Random>,
    retries: Retries,
}

impl SesMail {
    /// In the account and region of the configuration of [`crate::aws`]. `random` spreads retries.
    pub fn new(config: &SdkConfig, random: Arc<dyn Random>) -> Self {
        Self { client: Client::new(config), random, retries: Retries::STANDARD }
    }

    /// The same with other pauses.
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }
}

#[async_trait]
impl Mail for SesMail {
    async fn send(&self, from: &str, to: &[String], message: &[u8]) -> Result<(), MailError> {
        let raw = RawMessage::builder().data(Blob::new(message)).build();
        let raw = raw.map_err(|error| MailError::Refused(error.to_string()))?;
        let request =
            self.client.send_raw_email().source(from).set_destinations(Some(to.to_vec())).raw_message(raw);
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            match request.clone().send().await {
                Ok(_) => return Ok(()),
                Err(error) if judge(&error) != Verdict::Final && pauses.wait().await => {}
                Err(error) => return Err(meaning(error)),
            }
        }
    }
}

/// What SES has answered, without its words: they name addresses, and errors are logged.
#[derive(Debug, thiserror::Error)]
#[error("SES answered {status} {code}")]
struct Refusal {
    code: String,
    status: u16,
}

/// Whether the fault is the message's. All else can be mended by an operator, or passes.
fn meaning(error: SdkError<SendRawEmailError>) -> MailError {
    let SdkError::ServiceError(answer) = &error else { return MailError::Later(Box::new(error)) };
    let (code, words) = (answer.err().code().unwrap_or_default(), answer.err().message().unwrap_or_default());
    if is_of_message(code, words) {
        return MailError::Refused(format!("SES answered {code}"));
    }
    let status = answer.raw().status().as_u16();
    MailError::Later(Box::new(Refusal { code: code.to_owned(), status }))
}

/// `MessageRejected` is said of content, and of senders that are not verified and accounts that may not send as well:
/// only its words tell which.
fn is_of_message(code: &str, words: &str) -> bool {
    match code {
        "MessageRejected" => !["not verified", "suspended", "paused"].iter().any(|sign| words.contains(sign)),
        "InvalidParameterValue" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, words: &str, of_message: bool) {
        assert_eq!(is_of_message(code, words), of_message, "{code} {words}");
    }

    #[test]
    fn only_the_fault_of_a_message_is_final() {
        check("MessageRejected", "Address blacklisted.", true);
        check("MessageRejected", "Email address is not verified. The following identities failed", false);
        check("MessageRejected", "Sending suspended for this account.", false);
        check("InvalidParameterValue", "Missing final '@domain'", true);
        check("MailFromDomainNotVerifiedException", "", false);
        check("AccountSendingPausedException", "", false);
        check("Throttling", "Daily message quota exceeded.", false);
        check("AccessDenied", "", false);
        check("", "", false);
    }
}
