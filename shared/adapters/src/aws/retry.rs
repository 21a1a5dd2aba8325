//! The one policy of retries: exponential, with full jitter, within a total time.

use domain::ports::Random;
use std::time::Duration;
use tokio::time::Instant;

/// How long and how often a request is repeated.
#[derive(Debug, Clone, Copy)]
pub struct Retries {
    /// The first pause is at most this; each further one at most twice the one before.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
    /// No pause begins or ends later than this after the first attempt.
    pub total: Duration,
}

impl Retries {
    /// A conflict or a throttled partition is over in tens of milliseconds, hence the first pause; partitions are
    /// split within seconds, and callers (API Gateway: 29 s) must still get a clear answer, hence the total. Full
    /// jitter spreads callers who failed together.
    pub const STANDARD: Self = Self {
        first_pause: Duration::from_millis(25),
        longest_pause: Duration::from_secs(1),
        total: Duration::from_secs(10),
    };

    /// Begins counting, at the first attempt.
    pub(crate) fn begin(self, random: &dyn Random) -> Pauses<'_> {
        Pauses { retries: self, random, began: Instant::now(), longest: self.first_pause }
    }
}

/// The pauses between the attempts of one request.
pub(crate) struct Pauses<'a> {
    retries: Retries,
    random: &'a dyn Random,
    began: Instant,
    /// The most that the next pause may last.
    longest: Duration,
}

impl Pauses<'_> {
    /// Waits; `false` once there is no time left for another attempt.
    pub(crate) async fn wait(&mut self) -> bool {
        let pause = self.longest.mul_f64(fraction(self.random));
        self.longest = (self.longest * 2).min(self.retries.longest_pause);
        if self.began.elapsed() + pause > self.retries.total {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }
}

/// Evenly between 0 and 1.
fn fraction(random: &dyn Random) -> f64 {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    /// Seconds at which further attempts are made, when each fails at once.
    async fn attempts(random: &Always) -> Vec<f64> {
        let begin = Instant::now();
        let mut pauses = Retries::STANDARD.begin(random);
        let mut attempts = Vec::new();
        while attempts.len() < 1000 && pauses.wait().await {
            attempts.push(begin.elapsed().as_secs_f64());
        }
        attempts
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_longest_and_end_with_the_total() {
        let attempts = attempts(&Always(0xFF)).await;
        let pauses: Vec<f64> = attempts.windows(2).map(|two| two[1] - two[0]).collect();
        assert!((attempts[0] - 0.025).abs() < 0.002, "{attempts:?}");
        assert!((pauses[0] - 0.05).abs() < 0.002, "{pauses:?}");
        assert!(pauses.iter().all(|pause| *pause < 1.002), "{pauses:?}");
        let last = attempts[attempts.len() - 1];
        assert!((9.0..=10.0).contains(&last), "{attempts:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn jitter_is_full() {
        let half = attempts(&Always(0x7F)).await;
        assert!((half[0] - 0.0125).abs() < 0.002, "{half:?}");
        assert!(Always(0).0 == 0 && fraction(&Always(0)) < f64::EPSILON);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_attempt_uses_up_the_total() {
        let random = Always(0xFF);
        let mut pauses = Retries::STANDARD.begin(&random);
        tokio::time::advance(Retries::STANDARD.total).await;
        assert!(!pauses.wait().await);
    }
}
