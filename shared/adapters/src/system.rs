//! The operating system's clock, pauses and randomness: the only place that reaches for them.

use async_trait::async_trait;
use domain::ports::{Clock, Pause, Random};
use jiff::Timestamp;
use std::time::Duration;

/// Tells the time by the system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that everything else is given as an argument"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Lets time pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemPause;

#[async_trait]
impl Pause for SystemPause {
    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Random bytes of the operating system, fit for secrets.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that everything else is given as an argument"
    )]
    #[expect(
        clippy::panic,
        reason = "without randomness no secret is safe; every supported system can supply it once it has booted"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system supplies no randomness: {error}");
        }
    }
}
