//! Takes a run back: a plan of its own, made of what the run has changed. Whoever was changed since stays as he is.

use super::apply::Applied;
use super::codes::Code;
use super::engine::Importer;
use super::groups::Memberships;
use super::lease::Work;
use super::manifest::Entries;
use super::names::{Names, NewName, find_holders};
use super::plan::{Action, PlanRow, Target, Values};
use super::planner::{Judged, action};
use super::planning::Preview;
use super::problem::Problem;
use super::run::Counts;
use super::upload::Folder;
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Record};
use crate::table::Consistency;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter};

/// Changes that are looked at together.
const AT_ONCE: usize = 100;

impl Importer {
    /// The plan that takes back what a run has changed. It has no limits: a person has asked for it.
    pub(super) async fn plan_revert(
        &self,
        work: &mut Work,
        of: &str,
    ) -> Result<Result<Preview, Problem>, Error> {
        let directory = work.lease.directory.clone();
        let log = self.objects.fetch(&Folder::new(&directory, of).changes(), None).await?;
        let Some(log) = log else { return Ok(Err(Problem::of_file(Code::ChangesGone))) };
        let mut lines = BufReader::new(log.file).lines();
        let mut undoing = Undoing::new()?;
        loop {
            let part = lines.by_ref().take(AT_ONCE).map(|line| Ok(serde_json::from_str(&line?)?));
            let part: Vec<Applied> = part.collect::<Result<_, Error>>()?;
            if part.is_empty() {
                break;
            }
            for row in self.taken_back(&directory, part).await? {
                undoing.take(row)?;
            }
            let done = undoing.counts.total();
            (work.run.rows_done, work.run.rows_total) = (done, done);
            work.keep().await?;
        }
        Ok(Ok(undoing.finish()?))
    }

    async fn taken_back(&self, directory: &DirectoryId, part: Vec<Applied>) -> Result<Vec<Judged>, Error> {
        let ids: Vec<Id> = part.iter().filter_map(|one| Id::parse(one.user.as_deref()?)).collect();
        let found = self.store.get_many(directory, Kind::User, &ids, Consistency::Strong).await?;
        let current: HashMap<String, Record> =
            found.into_iter().flatten().map(|record| (record.id.to_string(), record)).collect();
        let taken_back = part.into_iter().map(|one| {
            let record = one.user.as_ref().and_then(|user| current.get(user));
            judged(take_back(one, record), record)
        });
        let mut rows: Vec<Judged> = taken_back.collect();
        find_holders(&self.store, directory, &mut rows, false).await?;
        Ok(rows)
    }
}

/// The plan in the making.
struct Undoing {
    plan: BufWriter<File>,
    counts: Counts,
    removals: u64,
    names: Names,
}

impl Undoing {
    fn new() -> Result<Self, Error> {
        let plan = BufWriter::new(tempfile::tempfile()?);
        Ok(Self { plan, counts: Counts::default(), removals: 0, names: Names::default() })
    }

    fn take(&mut self, row: Judged) -> Result<(), Error> {
        if row.is_contested() {
            return self.names.wait(row).or_else(|refused| self.put(&refused.plan));
        }
        self.names.note(&row);
        self.put(&row.plan)
    }

    fn put(&mut self, row: &PlanRow) -> Result<(), Error> {
        self.counts.count(row.action);
        self.removals += u64::from(row.removes);
        row.write(&mut self.plan)
    }

    fn finish(mut self) -> Result<Preview, Error> {
        // Names that are exchanged back, or that are free only when others were taken back.
        for row in std::mem::take(&mut self.names).in_order() {
            self.put(&row.plan)?;
        }
        Ok(Preview {
            plan: self.plan.into_inner().map_err(std::io::IntoInnerError::into_error)?,
            counts: self.counts,
            warnings: Vec::new(),
            hold: None,
            removals: self.removals,
            rebound: 0,
            encoding: String::new(),
            header: Vec::new(),
            entries: Entries::new()?.finish()?,
        })
    }
}

/// With the name that the user takes again.
fn judged(plan: PlanRow, current: Option<&Record>) -> Judged {
    let after = plan.target.as_ref().and_then(|target| target.document.as_ref());
    let name = match (current, after) {
        (Some(current), Some(after)) => NewName::between(&current.document, after),
        (None, Some(after)) => after.get("userName").and_then(Value::as_str).map(NewName::of_new),
        (_, None) => None,
    };
    Judged { user: current.map(|record| record.id), plan, digest: None, name, unseats: false }
}

/// The opposite of a change.
fn take_back(change: Applied, current: Option<&Record>) -> PlanRow {
    let line = change.line;
    if change.action == Action::Delete {
        let groups = change.groups.map(Memberships::taken_back);
        let target = Target { document: change.before, groups, ..Target::default() };
        return PlanRow { target: Some(target), ..PlanRow::new(line, Action::Create) };
    }
    let unchanged = current.filter(|record| Some(record.version) == change.version);
    let Some(record) = unchanged else {
        let problems = vec![Problem::new(Code::ChangedSinceRun, line)];
        return PlanRow { user: change.user, problems, ..PlanRow::new(line, Action::Reject) };
    };
    let before = Some(record.document.clone());
    let target = Target {
        version: record.version,
        document: change.before,
        before,
        groups: change.groups.map(Memberships::taken_back),
        ..Target::default()
    };
    let changes: BTreeMap<String, Values> = change
        .changes
        .into_iter()
        .map(|(name, Values { before, after })| (name, Values { before: after, after: before }))
        .collect();
    let action = match &target.document {
        None => Action::Delete,
        Some(document) => action(&record.document, document),
    };
    let removes = target.groups.as_ref().is_some_and(Memberships::ends_any)
        || target.document.as_ref().is_none_or(|after| super::privilege::is_lost(&record.document, after));
    PlanRow { user: change.user, changes, removes, target: Some(target), ..PlanRow::new(line, action) }
}
