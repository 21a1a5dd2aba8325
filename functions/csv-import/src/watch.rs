//! Watches the time that an invocation has, and tells the log and the metrics how runs end.

use adapters::metrics::{Metric, Unit, tell};
use domain::import::engine::Progress;
use domain::import::run::{Run, State};
use domain::ports::Clock;
use domain::store::DirectoryId;
use jiff::Timestamp;

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
        let now = self.clock.now();
        tell(now, &metrics(run, now));
    }
}

/// What became of a run.
fn metrics(run: &Run, now: Timestamp) -> [Metric; 7] {
    let is = |state: State| u64::from(run.state == state);
    let counts = &run.counts;
    let changed = counts.created + counts.updated + counts.reactivated + counts.deactivated + counts.deleted;
    let time = now.as_millisecond() - run.created_at.as_millisecond();
    [
        ("RunsStopped", Unit::Count, 1),
        ("RunsFailed", Unit::Count, is(State::Failed)),
        ("RunsHeld", Unit::Count, is(State::Held)),
        ("UsersChanged", Unit::Count, changed),
        ("RowsUnchanged", Unit::Count, counts.unchanged),
        ("RowsRejected", Unit::Count, counts.rejected),
        ("RunTime", Unit::Milliseconds, u64::try_from(time).unwrap_or_default()),
    ]
}
