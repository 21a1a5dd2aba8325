//! How fast a run is, and when it will have ended.

use super::run::{Run, State};
use jiff::{SignedDuration, Timestamp};

impl Run {
    /// Rows that were planned or applied a second, on average since the run was queued; none where nothing was done yet, or
    /// where the time went by while it waited for a person.
    pub fn rows_per_second(&self, now: Timestamp) -> Option<u64> {
        let until = match self.state {
            State::Reading | State::Applying => now,
            State::Finished | State::FinishedWithRejections => self.finished_at?,
            _ => return None,
        };
        let millis = u64::try_from(until.as_millisecond() - self.created_at.as_millisecond()).ok()?;
        (self.rows_done > 0 && millis > 0).then(|| self.rows_done.saturating_mul(1000) / millis)
    }

    /// When the rows that are left will be planned, or applied, if it goes on as it went; none where that is not known.
    pub fn estimated_end(&self, now: Timestamp) -> Option<Timestamp> {
        if !matches!(self.state, State::Reading | State::Applying) || self.rows_done == 0 {
            return None;
        }
        let left = i128::from(self.rows_total.checked_sub(self.rows_done)?);
        let elapsed = i128::from(now.as_millisecond() - self.created_at.as_millisecond()).max(0);
        let millis = i64::try_from(left * elapsed / i128::from(self.rows_done)).ok()?;
        now.checked_add(SignedDuration::from_millis(millis)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(state: &str, done: u64, total: u64) -> Run {
        let counts = json!({
            "created": 0, "updated": 0, "reactivated": 0, "deactivated": 0, "unchanged": 0, "rejected": 0, "ignored": 0,
        });
        let run = json!({
            "id": "1", "configuration": "default", "state": state, "counts": counts, "rows_done": done,
            "rows_total": total, "warnings": [], "problem": null, "created_at": "2026-01-01T00:00:00Z",
            "source": { "name": "a.csv", "size": 1, "sha256": "" }, "finished_at": "2026-01-01T00:00:20Z",
        });
        serde_json::from_value(run).unwrap()
    }

    #[track_caller]
    fn check(state: &str, done: u64, total: u64, at: &str, speed: Option<u64>, end: Option<&str>) {
        let now = at.parse().unwrap();
        let run = run(state, done, total);
        assert_eq!(run.rows_per_second(now), speed);
        assert_eq!(run.estimated_end(now), end.map(|end| end.parse().unwrap()));
    }

    #[test]
    fn the_pace_is_that_of_the_rows_that_are_done() {
        check("applying", 1000, 4000, "2026-01-01T00:00:10Z", Some(100), Some("2026-01-01T00:00:40Z"));
        check("reading", 1000, 1000, "2026-01-01T00:00:10Z", Some(100), Some("2026-01-01T00:00:10Z"));
        check("applying", 1000, 0, "2026-01-01T00:00:10Z", Some(100), None);
        check("applying", 0, 1000, "2026-01-01T00:00:10Z", None, None);
        check("applying", 1, u64::MAX, "2026-01-01T00:00:10Z", Some(0), None);
        check("applying", 10, 20, "2025-01-01T00:00:00Z", None, Some("2025-01-01T00:00:00Z"));
        check("held", 10, 20, "2026-01-01T00:00:10Z", None, None);
        check("finished", 200, 200, "2026-02-01T00:00:10Z", Some(10), None);
    }
}
