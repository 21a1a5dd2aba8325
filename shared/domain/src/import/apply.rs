//! Carries out planned rows. Every write is conditional on what the plan saw, and bears the run and the line
//! as its origin; so doing a row again finds it done.

use super::codes::Code;
use super::plan::{Action, PlanRow, Target, Values};
use super::problem::Problem;
use crate::error::Error;
use crate::store::{DirectoryId, Draft, Id, Kind, Name, Origin, Record, Revision, Store, Typed};
use crate::table::Consistency;
use futures::stream::{StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows that are written by one worker at a time: about as many users as a transaction holds.
const BATCH_ROWS: usize = 32;
/// Batches under way at the same time; each fills a block of the roster of its own.
const BATCHES_AT_ONCE: usize = 8;

/// What became of a row that the plan wanted to write: a line of the change log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The row's physical line.
    pub line: u64,
    /// What was done; [`Action::Reject`] where it could not be.
    pub action: Action,
    /// To whom.
    pub user: Option<String>,
    /// The version of the user afterwards.
    pub version: Option<i64>,
    /// What changed, by SCIM path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub changes: BTreeMap<String, Values>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
}

/// Applies rows to a directory for one run.
pub(super) struct Applier<'a> {
    pub(super) store: &'a Store,
    pub(super) directory: &'a DirectoryId,
    pub(super) configuration: &'a Name,
    pub(super) run: &'a str,
    /// What the store has to know of users in this directory.
    pub(super) users: Typed<'a>,
}

impl Applier<'_> {
    /// Applies those of these rows that the plan wants to write. The outcomes are in the order of the rows.
    pub(super) async fn apply(&self, rows: Vec<PlanRow>) -> Result<Vec<Applied>, Error> {
        let mut rows: Vec<(PlanRow, Target)> =
            rows.into_iter().filter_map(|mut row| row.target.take().map(|target| (row, target))).collect();
        let mut batches = Vec::new();
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(BATCH_ROWS));
            batches.push(std::mem::replace(&mut rows, rest));
        }
        let work = futures::stream::iter(batches.into_iter().map(|batch| self.batch(batch)));
        let outcomes: Vec<Vec<Applied>> = work.buffered(BATCHES_AT_ONCE).try_collect().await?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    async fn batch(&self, rows: Vec<(PlanRow, Target)>) -> Result<Vec<Applied>, Error> {
        let (creates, updates): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(row, _)| row.action == Action::Create);
        let mut outcomes = self.create(creates).await?;
        outcomes.extend(self.update(updates).await?);
        outcomes.sort_by_key(|outcome| outcome.line);
        Ok(outcomes)
    }

    async fn create(&self, rows: Vec<(PlanRow, Target)>) -> Result<Vec<Applied>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let drafts = rows.iter().map(|(row, target)| Draft {
            document: target.document.clone(),
            origin: Origin::run(self.run, row.line),
            owner: Some(self.configuration.to_string()),
            digest: Some(target.digest.clone()),
            journal: None,
        });
        let created = self.store.create_many(self.directory, self.users, drafts.collect()).await?;
        let mut outcomes = Vec::with_capacity(rows.len());
        for ((row, _), created) in rows.into_iter().zip(created) {
            outcomes.push(match created {
                Ok(record) => done(row, &record),
                Err(Error::NotUnique { holder, .. }) => self.held(row, holder).await?,
                Err(error) => return Err(error),
            });
        }
        Ok(outcomes)
    }

    /// The name of a new user is taken: by this very row, if the run was cut off after it; otherwise by
    /// somebody who came through another door since the plan was made.
    async fn held(&self, row: PlanRow, holder: Option<Id>) -> Result<Applied, Error> {
        let holder = match holder {
            Some(id) => self.store.get_latest(self.directory, Kind::User, id).await?,
            None => None,
        };
        Ok(match holder.filter(|record| record.origin == Origin::run(self.run, row.line)) {
            Some(record) => done(row, &record),
            None => not_done(row, Code::ChangedSincePlan),
        })
    }

    async fn update(&self, rows: Vec<(PlanRow, Target)>) -> Result<Vec<Applied>, Error> {
        let ids: Vec<Option<Id>> =
            rows.iter().map(|(row, _)| row.user.as_deref().and_then(Id::parse)).collect();
        let known: Vec<Id> = ids.iter().flatten().copied().collect();
        let current = self.store.get_many(self.directory, Kind::User, &known, Consistency::Strong).await?;
        let current: BTreeMap<Id, Record> =
            current.into_iter().flatten().map(|record| (record.id, record)).collect();
        let mut outcomes = Vec::with_capacity(rows.len());
        for ((row, target), id) in rows.into_iter().zip(ids) {
            outcomes.push(match id.and_then(|id| current.get(&id)) {
                Some(record) => self.update_one(row, target, record).await?,
                None => not_done(row, Code::ChangedSincePlan),
            });
        }
        Ok(outcomes)
    }

    async fn update_one(&self, row: PlanRow, target: Target, current: &Record) -> Result<Applied, Error> {
        let origin = Origin::run(self.run, row.line);
        if current.origin == origin {
            return Ok(done(row, current));
        }
        if current.version != target.version {
            return Ok(not_done(row, Code::ChangedSincePlan));
        }
        let to = Revision { document: target.document, origin, digest: Some(target.digest), journal: None };
        match self.store.update(self.directory, self.users, current, to, Vec::new()).await {
            Ok(record) => {
                self.store.tell_groups(self.directory, Kind::User, current, &record).await?;
                Ok(done(row, &record))
            }
            Err(Error::VersionConflict) => Ok(not_done(row, Code::ChangedSincePlan)),
            Err(Error::NotUnique { .. }) => Ok(not_done(row, Code::UserNameTaken)),
            Err(error) => Err(error),
        }
    }
}

fn done(row: PlanRow, record: &Record) -> Applied {
    Applied {
        line: row.line,
        action: row.action,
        user: Some(record.id.to_string()),
        version: Some(record.version),
        changes: row.changes,
        problem: None,
    }
}

fn not_done(row: PlanRow, code: Code) -> Applied {
    Applied {
        line: row.line,
        action: Action::Reject,
        user: row.user,
        version: None,
        changes: BTreeMap::new(),
        problem: Some(Problem::new(code, row.line)),
    }
}
