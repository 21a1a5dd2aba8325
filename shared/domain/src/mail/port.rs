//! The port of mail: hands a finished message to whoever delivers it.

use async_trait::async_trait;

/// Why a message was not sent. The adapter has already retried what a short retry can mend.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Not now: throttled, unreachable, sending paused, or a sender that is not verified. Later it may be; whether it was
    /// sent after all is unknown.
    #[error("mail cannot be sent at present")]
    Later(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// This message will never be sent. The text names the reason for the operator: no address, nothing of the content.
    #[error("the message was refused: {0}")]
    Refused(String),
}

/// Sends mail.
#[async_trait]
pub trait Mail: Send + Sync {
    /// Sends a message of RFC 5322, as [`super::render`] makes it, from this address to each of these, which need not be
    /// those of its header (RFC 5321 §2.3.1). An `Ok` means that somebody durable has it. The same message sent twice
    /// may arrive twice.
    ///
    /// # Errors
    /// Whether it is worth trying again.
    async fn send(&self, from: &str, to: &[String], message: &[u8]) -> Result<(), MailError>;
}
