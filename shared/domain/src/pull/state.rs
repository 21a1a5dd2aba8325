//! What is due for a configuration, who is at it, and what became of it so far. It is found by time, on a schedule or
//! not, so that whoever looks what is due finds also what was begun and never ended.

use crate::error::Error;
use crate::import::configuration::{Configuration, Schedule};
use crate::import::problem::{Code, Problem};
use crate::import::run::{State, save_run};
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, Query, Source, Write};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a worker is believed to be alive: as long as a function runs at most, and a minute.
pub(super) const WORKING: SignedDuration = SignedDuration::from_mins(16);
/// Workers that may die at one file, before it is given up.
pub(super) const MAX_ATTEMPTS: u32 = 3;
/// How long a file that is missing is looked for.
pub(super) const LOOKED_FOR: SignedDuration = SignedDuration::from_hours(2);
/// The time between two looks.
pub(super) const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_mins(15);
/// Refusals of credentials in a row after which nothing is fetched any more.
pub(super) const MAX_REFUSALS: u32 = 3;
/// Configurations that are found at once in each partition.
const FOUND_AT_ONCE: usize = 100;

/// How far the pulls of a configuration are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullState {
    /// When a file is due by the schedule, and not yet begun to be fetched.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// What is being fetched.
    #[serde(default)]
    pub(super) working: Option<Working>,
    /// What was missing and is looked for again.
    #[serde(default)]
    pub(super) looking: Option<Looking>,
    /// Refusals of the credentials in a row.
    #[serde(default)]
    pub(super) refusals: u32,
    /// Since when nothing is fetched, as the credentials were refused too often.
    #[serde(default)]
    pub paused_since: Option<Timestamp>,
    /// The file that was fetched last.
    #[serde(default)]
    pub(super) last: Option<LastFile>,
    /// When somebody is to be reminded of a key that expires.
    #[serde(default)]
    pub(super) remind_at: Option<Timestamp>,
}

/// A file that a worker is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Working {
    /// The run that it becomes.
    pub(super) run: String,
    /// When it was due; nothing where it is fetched by hand.
    pub(super) due: Option<Timestamp>,
    /// Until when the worker is believed to be alive.
    pub(super) until: Timestamp,
    /// Workers that took it.
    pub(super) attempts: u32,
    /// Whether the file is kept already, and only its place on the server is to be cleared.
    #[serde(default)]
    pub(super) kept: bool,
}

/// A file that is looked for again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Looking {
    /// When it was due.
    pub(super) due: Timestamp,
    /// When the next look is.
    pub(super) next: Timestamp,
    /// What the last look saw.
    pub(super) code: Code,
}

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastFile {
    /// SHA-256 of what was fetched, before it was decrypted.
    pub(super) sha256: String,
    /// When it was written.
    pub(super) modified: Option<Timestamp>,
}

/// What is to be done for a configuration now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing.
    Nothing,
    /// Nothing, as a worker is at it.
    Busy,
    /// A file is to be fetched, that was due then; nothing where it is fetched by hand.
    File(Working),
    /// Somebody is to be reminded of a key.
    Reminder,
    /// Only the next time is to be written down: nothing is fetched while it is paused.
    Passed,
}

impl PullState {
    /// Of a configuration that is new, or was changed at this time from what it was `before`.
    pub(crate) fn after_change(
        self,
        before: Option<&Configuration>,
        now: &Configuration,
        at: Timestamp,
    ) -> Self {
        let mut state = self;
        if before.is_none_or(|before| before.schedule != now.schedule) {
            state.due = now.schedule.as_ref().and_then(|schedule| schedule.next(at));
            if state.due.is_none() {
                state.looking = None;
            }
        }
        if before.is_none_or(|before| before.source != now.source) {
            (state.refusals, state.paused_since, state.looking) = (0, None, None);
        }
        state
    }

    /// What is to be done. `run` names a run that would begin.
    pub(super) fn wanted(&self, now: Timestamp, run: impl FnOnce() -> String) -> Wanted {
        if let Some(working) = &self.working {
            if working.until > now {
                return Wanted::Busy;
            }
            let again = Working { attempts: working.attempts + 1, until: now + WORKING, ..working.clone() };
            return Wanted::File(again);
        }
        let began =
            |due| Working { run: run(), due: Some(due), until: now + WORKING, attempts: 1, kept: false };
        let is_due = self.due.is_some_and(|due| due <= now);
        if self.paused_since.is_some() && is_due {
            return Wanted::Passed;
        }
        // The next night's file takes the place of one that is still looked for.
        if let Some(due) = self.due.filter(|_| is_due) {
            return Wanted::File(began(due));
        }
        match &self.looking {
            Some(looking) if looking.next <= now => Wanted::File(began(looking.due)),
            _ if self.remind_at.is_some_and(|at| at <= now) => Wanted::Reminder,
            _ => Wanted::Nothing,
        }
    }

    /// The state with the next time of the schedule that is still to come.
    pub(super) fn passed(mut self, schedule: Option<&Schedule>, now: Timestamp) -> Self {
        if self.due.is_some_and(|due| due <= now) {
            self.due = schedule.and_then(|schedule| schedule.next(now));
        }
        self
    }

    /// The state while a worker is at a file.
    pub(super) fn begun(self, working: Working, schedule: Option<&Schedule>, now: Timestamp) -> Self {
        let mut state = if working.due == self.due { self.passed(schedule, now) } else { self };
        if state.looking.as_ref().is_some_and(|looking| Some(looking.due) != working.due)
            && working.due.is_some()
        {
            state.looking = None;
        }
        state.working = Some(working);
        state
    }

    /// When somebody has to look at it next.
    fn wakes_at(&self) -> Option<Timestamp> {
        if let Some(working) = &self.working {
            return Some(working.until);
        }
        let next = self.looking.as_ref().map(|looking| looking.next);
        self.due.into_iter().chain(next).chain(self.remind_at).min()
    }
}

/// A state with the number of its last save, 0 where there is none yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Saved {
    pub(crate) state: PullState,
    pub(crate) saves: i64,
}

impl Saved {
    fn unchanged(&self) -> Condition {
        match self.saves {
            0 => Condition::Absent,
            saves => Condition::Equals("n".to_owned(), saves.into()),
        }
    }

    /// The write that puts another state in its place.
    pub(crate) fn write(&self, id: &DirectoryId, name: &Name, state: &PullState) -> Result<Write, Error> {
        let item = Item::new(keys::pull(id, name))
            .with("j", serde_json::to_string(state)?)
            .with("n", self.saves + 1);
        let item = Item { index: state.wakes_at().map(|at| keys::due(at, id, name)), ..item };
        Ok(Write::Put(item, self.unchanged()))
    }

    /// The write that removes it.
    pub(crate) fn delete(&self, id: &DirectoryId, name: &Name) -> Write {
        Write::Delete(keys::pull(id, name), self.unchanged())
    }
}

impl Store {
    /// The write that a new configuration, or a changed one, brings to its pulls; none where it has none.
    pub(crate) async fn pull_of(
        &self,
        id: &DirectoryId,
        before: Option<&Configuration>,
        now: &Configuration,
    ) -> Result<Option<Write>, Error> {
        let pulls = |configuration: &Configuration| configuration.source.sftp().is_some();
        if !pulls(now) && !before.is_some_and(pulls) {
            return Ok(None);
        }
        let saved = self.saved_pull(id, &now.name).await?;
        let state = saved.state.clone().after_change(before, now, self.now());
        if saved.saves > 0 && state == saved.state {
            return Ok(None);
        }
        saved.write(id, &now.name, &state).map(Some)
    }

    /// The writes that end the pulls of a configuration which is removed: its keys go, and a run that is being fetched
    /// fails.
    pub(crate) async fn without_pulls(&self, id: &DirectoryId, name: &Name) -> Result<Vec<Write>, Error> {
        let saved = self.saved_pull(id, name).await?;
        let mut writes = self.without_pgp_keys(id, name).await?;
        if saved.saves > 0 {
            writes.push(saved.delete(id, name));
        }
        let Some(working) = &saved.state.working else { return Ok(writes) };
        if let Some((mut run, saves)) = self.stored_run(id, &working.run).await? {
            (run.state, run.finished_at) = (State::Failed, Some(self.now()));
            run.problem = Some(Problem::of_file(Code::ConfigurationGone));
            writes.push(save_run(id, &run, saves)?);
        }
        Ok(writes)
    }

    /// How far the pulls of a configuration are: 1 read unit. The default where nothing was ever due.
    pub async fn pull_state(&self, id: &DirectoryId, name: &Name) -> Result<PullState, Error> {
        Ok(self.saved_pull(id, name).await?.state)
    }

    pub(crate) async fn saved_pull(&self, id: &DirectoryId, name: &Name) -> Result<Saved, Error> {
        let item = self.table.get(&keys::pull(id, name), Consistency::Strong).await?.value;
        let Some(item) = item else { return Ok(Saved::default()) };
        let text = item.text("j").ok_or_else(|| Error::fault("a pull without its document"))?;
        Ok(Saved { state: serde_json::from_str(text)?, saves: item.number("n").unwrap_or_default() })
    }

    /// The configurations for which something is due at this time, at most 1,600 of them: 8 read units, and 0.5 for each
    /// 4 KB of entries. It may miss one of the last moments.
    pub async fn due_pulls(&self, now: Timestamp) -> Result<Vec<(DirectoryId, Name)>, Error> {
        let mut found = Vec::new();
        for shard in 0..keys::DUE_SHARDS {
            let query = Query {
                source: Source::Index,
                to: Some(keys::due_until(now)),
                limit: Some(FOUND_AT_ONCE),
                ..Query::partition(keys::due_partition(shard))
            };
            let items = self.table.query(&query).await?.value.items;
            let named = |item: &Item| {
                let (id, name) = keys::place_of_due(&item.index.as_ref()?.sort)?;
                Some((id, Name::new(name).ok()?))
            };
            found.extend(items.iter().filter_map(named));
        }
        Ok(found)
    }

    /// Sets free what a worker was at, for whoever knows that it is dead: 1 read and 2 write units.
    pub async fn end_pull(&self, id: &DirectoryId, name: &Name) -> Result<(), Error> {
        let saved = self.saved_pull(id, name).await?;
        let Some(working) = saved.state.working.clone() else { return Ok(()) };
        let state =
            PullState { working: Some(Working { until: self.now(), ..working }), ..saved.state.clone() };
        match self.table.write(&[saved.write(id, name, &state)?], None).await.map_err(Error::from) {
            Ok(_) | Err(Error::VersionConflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn working(due: i64, until: i64) -> Working {
        Working { run: "r".to_owned(), due: Some(at(due)), until: at(until), attempts: 1, kept: false }
    }

    #[track_caller]
    fn check(state: &PullState, now: i64, expect: &str) {
        let wanted = match state.wanted(at(now), || "new".to_owned()) {
            Wanted::File(working) => {
                let due = working.due.map_or(-1, |due| (due.as_second() - 1_800_000_000) / 60);
                format!("{} {due} {}", working.run, working.attempts)
            }
            other => format!("{other:?}"),
        };
        assert_eq!(wanted, expect, "{state:?} at {now}");
    }

    #[test]
    fn what_is_wanted() {
        let due = PullState { due: Some(at(10)), ..PullState::default() };
        check(&PullState::default(), 0, "Nothing");
        check(&due, 9, "Nothing");
        check(&due, 10, "new 10 1");
        check(&due, 500, "new 10 1");
        let busy = PullState { working: Some(working(10, 26)), ..due.clone() };
        check(&busy, 25, "Busy");
        check(&busy, 26, "r 10 2");
        let looking = Looking { due: at(0), next: at(15), code: Code::SftpFileMissing };
        let looking = PullState { looking: Some(looking), due: Some(at(1440)), ..PullState::default() };
        check(&looking, 14, "Nothing");
        check(&looking, 15, "new 0 1");
        check(&looking, 1440, "new 1440 1");
        let paused = PullState { paused_since: Some(at(0)), ..due };
        check(&paused, 9, "Nothing");
        check(&paused, 10, "Passed");
        let reminder = PullState { remind_at: Some(at(5)), ..PullState::default() };
        check(&reminder, 5, "Reminder");
    }

    #[test]
    fn a_new_night_ends_the_search_of_the_one_before() {
        let looking = Looking { due: at(0), next: at(15), code: Code::SftpFileMissing };
        let state = PullState { looking: Some(looking), due: Some(at(1440)), ..PullState::default() };
        let again = state.clone().begun(working(0, 30), None, at(15));
        assert!(again.looking.is_some() && again.due == Some(at(1440)));
        let next = state.begun(working(1440, 1460), None, at(1440));
        assert_eq!((next.looking, next.due), (None, None));
    }
}
