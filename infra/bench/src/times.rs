//! What a series of measured times comes to.

use std::time::{Duration, Instant};

/// The time now, on a clock that never goes back.
#[expect(clippy::disallowed_methods, reason = "this is a measurement")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The times of requests, and how long it took to make them all.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// Of each request, in no order.
    pub(crate) each: Vec<Duration>,
    /// From the first request to the last answer. Requests overlap, so that it is shorter than their sum.
    pub(crate) elapsed: Duration,
}

/// What is told of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    /// Requests a second.
    pub(crate) rate: f64,
    /// The median, in milliseconds.
    pub(crate) p50: f64,
    /// What 99 of 100 requests did not exceed, in milliseconds.
    pub(crate) p99: f64,
}

impl Times {
    /// Takes over what was measured in another part of the time.
    pub(crate) fn add(&mut self, part: Self) {
        self.each.extend(part.each);
        self.elapsed += part.elapsed;
    }

    /// The figures, all 0 if nothing was measured.
    pub(crate) fn summary(mut self) -> Summary {
        self.each.sort_unstable();
        let milliseconds =
            |share| percentile(&self.each, share).map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
        let seconds = self.elapsed.as_secs_f64();
        let rate = if seconds > 0.0 { self.each.len() as f64 / seconds } else { 0.0 };
        Summary { rate, p50: milliseconds(50), p99: milliseconds(99) }
    }
}

/// The smallest of these ascending times that `share` of a hundred of them do not exceed (nearest rank); none of none.
fn percentile(ascending: &[Duration], share: usize) -> Option<Duration> {
    let rank = (ascending.len() * share).div_ceil(100);
    ascending.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(times: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        times.into_iter().map(Duration::from_millis).collect()
    }

    #[track_caller]
    fn check(times: impl IntoIterator<Item = u64>, share: usize, expected: Option<u64>) {
        let times = milliseconds(times);
        assert_eq!(percentile(&times, share), expected.map(Duration::from_millis), "{share} % of {times:?}");
    }

    #[test]
    fn percentiles_are_times_that_were_measured() {
        check([], 50, None);
        for share in [0, 1, 50, 99, 100] {
            check([7], share, Some(7));
        }
        check([1, 2], 50, Some(1));
        check([1, 2, 3], 50, Some(2));
        check([1, 2, 3, 4], 75, Some(3));
        check([1, 2, 3, 4], 76, Some(4));
        check(1..=100, 99, Some(99));
        check(1..=101, 99, Some(100));
        check(1..=1_000, 50, Some(500));
        check(1..=1_000, 100, Some(1_000));
    }

    #[test]
    fn parts_are_added_before_they_are_summed_up() {
        let mut times = Times::default();
        times.add(Times { each: milliseconds([9, 1]), elapsed: Duration::from_millis(500) });
        times.add(Times { each: milliseconds([3, 2]), elapsed: Duration::from_millis(1_500) });
        assert_eq!(times.summary(), Summary { rate: 2.0, p50: 2.0, p99: 9.0 });
        assert_eq!(Times::default().summary(), Summary { rate: 0.0, p50: 0.0, p99: 0.0 });
    }
}
