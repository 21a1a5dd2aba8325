//! Watches the time that an invocation has, and tells the log and the metrics how runs end.

use domain::import::engine::Progress;
use domain::import::run::{Run, State};
use domain::ports::Clock;
use domain::store::DirectoryId;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::Write as _;

/// Before the end of an invocation no part of a plan is begun any more: a part takes seconds, and half a minute where
/// the table is throttled.
const MARGIN_SECONDS: i64 = 60;

/// One invocation.
pub struct Watch<'a> {
    clock: &'a dyn Clock,
    until: Timestamp,
}

impl<'a> Watch<'a> {
    /// Of an invocation that is stopped at this time.
    pub fn until(clock: &'a dyn Clock, deadline: Timestamp) -> Self {
        Self { clock, until: deadline }
    }
}

impl Progress for Watch<'_> {
    fn rows(&self, _: State, _: u64, _: u64) {}

    fn is_out_of_time(&self) -> bool {
        self.until.as_second() - self.clock.now().as_second() < MARGIN_SECONDS
    }

    fn stopped(&self, directory: &DirectoryId, run: &Run) {
        tracing::info!(%directory, run = run.id, state = ?run.state, counts = ?run.counts,
            problem = run.problem.as_ref().map(|problem| problem.code.as_str()), "run stopped");
        // A closed stdout is the end of the function anyway.
        let _ = writeln!(std::io::stdout(), "{}", metric(run, self.clock.now()));
    }
}

/// One line in the metric format of `CloudWatch`: what became of a run, without a word about whom it concerns.
fn metric(run: &Run, now: Timestamp) -> Value {
    let count = |name: &str| json!({ "Name": name, "Unit": "Count" });
    let is = |state: State| u8::from(run.state == state);
    let counts = &run.counts;
    let changed = counts.created + counts.updated + counts.reactivated + counts.deactivated + counts.deleted;
    json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Muster",
                "Dimensions": [[]],
                "Metrics": [
                    count("RunsStopped"), count("RunsFailed"), count("RunsHeld"), count("UsersChanged"),
                    count("RowsUnchanged"), count("RowsRejected"), { "Name": "RunTime", "Unit": "Milliseconds" },
                ],
            }],
        },
        "RunsStopped": 1,
        "RunsFailed": is(State::Failed),
        "RunsHeld": is(State::Held),
        "UsersChanged": changed,
        "RowsUnchanged": counts.unchanged,
        "RowsRejected": counts.rejected,
        "RunTime": (now.as_millisecond() - run.created_at.as_millisecond()).max(0),
    })
}
