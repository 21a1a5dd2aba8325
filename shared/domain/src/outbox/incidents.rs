//! What is wrong with a configuration and has been told: the next run that goes wrong for the same reason is no news, and
//! one that goes well ends it.

use super::deliver::pending;
use crate::error::Error;
use crate::import::configuration::{Configuration, NotifyOn};
use crate::import::problem::{Code, Problem};
use crate::import::run::{Counts, Run, State};
use crate::mail::{MOST_REASONS, Notice, NoticeKind, Reason};
use crate::store::{DirectoryId, Store, keys};
use crate::table::{Condition, Consistency, Item, Write};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that somebody may want to know.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) kind: NoticeKind,
    pub(crate) run: Option<String>,
    pub(crate) counts: Option<Counts>,
    pub(crate) reasons: Vec<Reason>,
}

impl Happened {
    /// Without a run.
    pub(crate) fn new(kind: NoticeKind) -> Self {
        Self { kind, run: None, counts: None, reasons: Vec::new() }
    }

    /// What a run that has ended or is held comes to, if it is something that is told; `rejected_percent` is the share of
    /// rejected rows from which on a finished one is told of.
    fn of(run: &Run, rejected_percent: u32) -> Option<Self> {
        let kind = match run.state {
            _ if run.is_held() => NoticeKind::Held,
            State::Failed => NoticeKind::Failed,
            State::FinishedWithRejections => {
                let rejected = run.counts.rejected * 100;
                let rows = run.rows_total.max(run.counts.rejected);
                Some(NoticeKind::Rejections).filter(|_| rejected >= rows * u64::from(rejected_percent))?
            }
            _ => return None,
        };
        let counts = (kind != NoticeKind::Failed).then_some(run.counts);
        let problems = run.problem.iter().chain(&run.warnings);
        Some(Self { kind, run: Some(run.id.clone()), counts, reasons: reasons(problems) })
    }
}

/// The kinds of problems, each once.
fn reasons<'a>(problems: impl Iterator<Item = &'a Problem>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for problem in problems {
        match reasons.iter_mut().find(|reason| reason.code == problem.code) {
            Some(reason) => reason.count += 1,
            None => reasons.push(Reason { code: problem.code, count: 1 }),
        }
    }
    reasons.truncate(MOST_REASONS);
    reasons
}

/// What is wrong with a configuration at present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Incidents {
    /// What was told, each kind and cause once.
    told: Vec<Told>,
    /// Since when nothing has gone well.
    since: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    on: NotifyOn,
    cause: Option<Code>,
}

impl Incidents {
    /// Notes what has happened; whether it is news.
    fn note(&mut self, on: NotifyOn, happened: &Happened, at: Timestamp) -> bool {
        if matches!(on, NotifyOn::Failed | NotifyOn::Missing) {
            self.since.get_or_insert(at);
        }
        // A key expires whatever becomes of the runs, and its reminders are counted elsewhere.
        if on == NotifyOn::KeyExpiring {
            return true;
        }
        let told = Told { on, cause: happened.reasons.first().map(|reason| reason.code) };
        if self.told.contains(&told) {
            return false;
        }
        self.told.push(told);
        true
    }
}

fn asked_by(kind: &NoticeKind) -> NotifyOn {
    match kind {
        NoticeKind::Failed | NoticeKind::Paused => NotifyOn::Failed,
        NoticeKind::Held => NotifyOn::Held,
        NoticeKind::Missing { .. } => NotifyOn::Missing,
        NoticeKind::Late { .. } => NotifyOn::Late,
        NoticeKind::Recovered { .. } => NotifyOn::Recovered,
        NoticeKind::Rejections => NotifyOn::Rejections,
        NoticeKind::KeyExpiring { .. } => NotifyOn::KeyExpiring,
    }
}

impl Store {
    /// The writes that go with the end or the hold of a run: 1 read unit, and for news 2 write units for what was told and
    /// 4 for the notice.
    pub(crate) async fn notices_of_run(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        run: &Run,
    ) -> Result<Vec<Write>, Error> {
        let Some(notifications) = &configuration.notifications else { return Ok(Vec::new()) };
        if run.purpose.is_preview() || configuration.test_mode {
            return Ok(Vec::new());
        }
        let happened = Happened::of(run, notifications.rejected_percent);
        let ended_well = matches!(run.state, State::Finished | State::FinishedWithRejections);
        self.notices(id, configuration, happened.into_iter().collect(), ended_well.then_some(run)).await
    }

    /// The writes that go with what has happened; with a run that has ended well, they end what was wrong before.
    pub(crate) async fn notices(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        happened: Vec<Happened>,
        ended_well: Option<&Run>,
    ) -> Result<Vec<Write>, Error> {
        let Some(notifications) = &configuration.notifications else { return Ok(Vec::new()) };
        if happened.is_empty() && ended_well.is_none() {
            return Ok(Vec::new());
        }
        let key = keys::incidents(id, &configuration.name);
        let item = self.table.get(&key, Consistency::Strong).await?.value;
        let before: Incidents = match item.as_ref().and_then(|item| item.text("j")) {
            Some(text) => serde_json::from_str(text)?,
            None => Incidents::default(),
        };
        let now = self.now();
        let mut after = before.clone();
        let mut told = Vec::new();
        if let Some(run) = ended_well {
            if let Some(since) = after.since {
                let run = Some(run.id.clone());
                told.push(Happened { run, ..Happened::new(NoticeKind::Recovered { since }) });
            }
            // What is wrong with this very run stays told, so that the next one like it is no news.
            let on: Vec<NotifyOn> = happened.iter().map(|one| asked_by(&one.kind)).collect();
            after.told.retain(|one| on.contains(&one.on));
            after.since = None;
        }
        told.extend(happened.into_iter().filter(|one| after.note(asked_by(&one.kind), one, now)));
        let mut writes = Vec::new();
        for one in told.into_iter().filter(|one| notifications.on.contains(&asked_by(&one.kind))) {
            let notice = notice(id, configuration, one, now);
            writes.extend(pending(self, id, notifications, &notice)?);
        }
        if after != before {
            let saves = item.as_ref().and_then(|item| item.number("n"));
            let unchanged = match saves {
                Some(saves) => Condition::Equals("n".to_owned(), saves.into()),
                None => Condition::Absent,
            };
            let item = Item::new(key).with("j", serde_json::to_string(&after)?);
            writes.push(Write::Put(item.with("n", saves.unwrap_or_default() + 1), unchanged));
        }
        Ok(writes)
    }
}

fn notice(id: &DirectoryId, configuration: &Configuration, happened: Happened, at: Timestamp) -> Notice {
    let Happened { kind, run, counts, reasons } = happened;
    let zone = configuration.schedule.as_ref().map(|schedule| schedule.timezone.name().to_owned());
    let (directory, configuration) = (id.clone(), configuration.name.clone());
    Notice { kind, directory, configuration, at, zone, run, counts, reasons }
}
