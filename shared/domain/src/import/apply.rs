//! Carries out planned rows. Every write is conditional on what the plan saw, and bears the run and the line
//! as its origin; so doing a row again finds it done.

use super::codes::Code;
use super::groups::Memberships;
use super::plan::{Action, PlanRow, Target, Values};
use super::problem::Problem;
use super::row_digest::of_text;
use crate::directory::Directory;
use crate::error::Error;
use crate::store::{Bond, DirectoryId, Draft, Id, Kind, Name, Origin, Record, Revision, Store, Typed};
use crate::table::Consistency;
use crate::tenant::Opened;
use futures::stream::{StreamExt as _, TryStreamExt as _};
use scim::Document;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Rows that are written by one worker at a time: about as many users as a transaction holds.
const BATCH_ROWS: usize = 32;
/// Batches under way at the same time; each fills a block of the roster of its own.
const BATCHES_AT_ONCE: usize = 16;

/// What became of a row that the plan wanted to write: a line of the change log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The row's physical line; 0 for a user who is in no row.
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
    /// The whole document before; none for a user who was created.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) before: Option<Document>,
    /// The digest of the row that the user is bound to, in Base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) digest: Option<String>,
    /// The memberships that began and ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) groups: Option<Memberships>,
}

/// Applies rows to a directory for one run.
pub(super) struct Applier<'a> {
    pub(super) store: &'a Arc<Store>,
    pub(super) opened: &'a Arc<Opened>,
    pub(super) directory: &'a DirectoryId,
    pub(super) configuration: &'a Name,
    pub(super) run: &'a str,
    /// Whether the run takes another one back: it binds nobody to a row.
    pub(super) reverts: bool,
    /// What the store has to know of users in this directory.
    pub(super) users: Typed<'a>,
    /// The same of groups.
    pub(super) groups: Typed<'a>,
}

impl Applier<'_> {
    /// Applies these rows: most of them side by side, then, one by one, those that wait for others. The outcomes are
    /// in the order of the rows of each kind.
    pub(super) async fn apply(&self, rows: Vec<PlanRow>) -> Result<Vec<Applied>, Error> {
        let rows = rows.into_iter().filter_map(|mut row| row.target.take().map(|target| (row, target)));
        let (rows, mut outcomes) = self.with_groups(rows.collect()).await?;
        let (rows, later): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(row, _)| row.after.is_none());
        let mut rows = rows.into_iter();
        let batches = std::iter::from_fn(|| {
            let batch: Vec<_> = rows.by_ref().take(BATCH_ROWS).collect();
            (!batch.is_empty()).then_some(batch)
        });
        let work: Vec<_> = batches.map(|batch| self.batch(batch)).collect();
        let work = futures::stream::iter(work).buffered(BATCHES_AT_ONCE);
        let done: Vec<Vec<Applied>> = work.try_collect().await?;
        outcomes.extend(done.into_iter().flatten());
        let mut later = later.into_iter().peekable();
        while let Some(first) = later.next() {
            let circle = first.0.after.filter(|circle| *circle > 0);
            let mut together = vec![first];
            while let Some(more) = later.next_if(|(row, _)| circle.is_some() && row.after == circle) {
                together.push(more);
            }
            outcomes.extend(match circle {
                Some(_) => self.exchange(together).await?,
                None => self.batch(together).await?,
            });
        }
        self.note_groups(&outcomes).await?;
        Ok(outcomes)
    }

    async fn batch(&self, rows: Vec<(PlanRow, Target)>) -> Result<Vec<Applied>, Error> {
        let (creates, others): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(row, _)| row.action == Action::Create);
        let mut outcomes = self.create(creates).await?;
        outcomes.extend(self.change(others).await?);
        outcomes.sort_by_key(|outcome| outcome.line);
        Ok(outcomes)
    }

    async fn create(&self, rows: Vec<(PlanRow, Target)>) -> Result<Vec<Applied>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let drafts = rows.iter().map(|(row, target)| Draft {
            document: target.document.clone().unwrap_or_default(),
            origin: Origin::run(self.run, row.line),
            owner: (!self.reverts).then(|| self.configuration.to_string()),
            bond: self.bond_until_settled(target),
            brought: self.brought_until_settled(target, None),
            journal: None,
        });
        let created = self.store.create_many(self.directory, self.users, drafts.collect()).await?;
        let mut outcomes = Vec::with_capacity(rows.len());
        for ((row, target), created) in rows.into_iter().zip(created) {
            outcomes.push(match created {
                Ok(record) => self.settled(row, target, record).await?,
                Err(Error::NotUnique { holder, .. }) => self.held(row, target, holder).await?,
                Err(error) => return Err(error),
            });
        }
        Ok(outcomes)
    }

    /// The name of a new user is taken: by this very row, if the run was cut off after it; otherwise by
    /// somebody who came through another door since the plan was made.
    async fn held(&self, row: PlanRow, target: Target, holder: Option<Id>) -> Result<Applied, Error> {
        let holder = match holder {
            Some(id) => self.store.get_latest(self.directory, Kind::User, id).await?,
            None => None,
        };
        Ok(match holder.filter(|record| record.origin == Origin::run(self.run, row.line)) {
            Some(record) => self.settled(row, target, record).await?,
            None => self.not_done(row),
        })
    }

    async fn change(&self, rows: Vec<(PlanRow, Target)>) -> Result<Vec<Applied>, Error> {
        let current = self.current(&rows).await?;
        let mut outcomes = Vec::with_capacity(rows.len());
        for (row, target) in rows {
            let user = row.user.as_deref().and_then(Id::parse);
            outcomes.push(match user.and_then(|id| current.get(&id)) {
                Some(record) if row.action == Action::Delete => self.delete(row, target, record).await?,
                Some(record) => self.change_one(row, target, record).await?,
                // Done before the run was cut off.
                None if row.action == Action::Delete && self.is_deleted(&row).await? => deleted(row, target),
                None => self.not_done(row),
            });
        }
        Ok(outcomes)
    }

    async fn current(&self, rows: &[(PlanRow, Target)]) -> Result<HashMap<Id, Record>, Error> {
        let ids: Vec<Id> = rows.iter().filter_map(|(row, _)| Id::parse(row.user.as_deref()?)).collect();
        let current = self.store.get_many(self.directory, Kind::User, &ids, Consistency::Strong).await?;
        Ok(current.into_iter().flatten().map(|record| (record.id, record)).collect())
    }

    async fn change_one(&self, row: PlanRow, target: Target, current: &Record) -> Result<Applied, Error> {
        if self.is_done(&row, &target, current) {
            return self.settled(row, target, current.clone()).await;
        }
        if current.version != target.version {
            return Ok(self.not_done(row));
        }
        let Some(document) = &target.document else { return self.bind(row, target, current).await };
        let to = self.revision(&row, &target, document.clone(), current);
        match self.store.update(self.directory, self.users, current, to, Vec::new()).await {
            Ok(record) => self.changed(row, target, current, record).await,
            Err(Error::VersionConflict) => Ok(self.not_done(row)),
            Err(Error::NotUnique { .. }) => Ok(not_done(row, Code::UserNameTaken)),
            Err(error) => Err(error),
        }
    }

    async fn changed(
        &self,
        row: PlanRow,
        target: Target,
        before: &Record,
        after: Record,
    ) -> Result<Applied, Error> {
        self.store.tell_groups(self.directory, Kind::User, before, &after).await?;
        self.settled(row, target, after).await
    }

    /// The user is as the row says, and is only bound to it.
    async fn bind(&self, row: PlanRow, target: Target, current: &Record) -> Result<Applied, Error> {
        let Some(bond) = self.bond(&target) else { return Ok(self.not_done(row)) };
        let (owner, brought) = (self.owner(current), current.brought.clone());
        match self.store.bind(self.directory, Kind::User, current, bond, owner, brought).await {
            Ok(record) => self.settled(row, target, record).await,
            Err(Error::VersionConflict) => Ok(self.not_done(row)),
            Err(error) => Err(error),
        }
    }

    /// Rows that exchange their names: all at once, or none.
    async fn exchange(&self, rows: Vec<(PlanRow, Target)>) -> Result<Vec<Applied>, Error> {
        let current = self.current(&rows).await?;
        let of = |row: &PlanRow| row.user.as_deref().and_then(Id::parse).and_then(|id| current.get(&id));
        if rows.iter().all(|(row, target)| of(row).is_some_and(|record| self.is_done(row, target, record))) {
            let mut outcomes = Vec::with_capacity(rows.len());
            for (row, target) in rows {
                if let Some(record) = of(&row) {
                    outcomes.push(self.settled(row, target, record.clone()).await?);
                }
            }
            return Ok(outcomes);
        }
        let changes: Option<Vec<(&Record, Revision)>> = rows
            .iter()
            .map(|(row, target)| {
                let record = of(row).filter(|record| record.version == target.version)?;
                Some((record, self.revision(row, target, target.document.clone()?, record)))
            })
            .collect();
        let refused =
            |rows: Vec<(PlanRow, Target)>| rows.into_iter().map(|(row, _)| self.not_done(row)).collect();
        let Some(changes) = changes else { return Ok(refused(rows)) };
        let records = match self.store.exchange(self.directory, self.users, changes).await {
            Ok(records) => records,
            Err(Error::VersionConflict | Error::NotUnique { .. } | Error::TooLarge(_)) => {
                return Ok(refused(rows));
            }
            Err(error) => return Err(error),
        };
        let mut outcomes = Vec::with_capacity(rows.len());
        for ((row, target), after) in rows.into_iter().zip(records) {
            if let Some(before) = current.get(&after.id) {
                outcomes.push(self.changed(row, target, before, after).await?);
            }
        }
        Ok(outcomes)
    }

    async fn delete(&self, row: PlanRow, target: Target, current: &Record) -> Result<Applied, Error> {
        if current.version != target.version {
            return Ok(self.not_done(row));
        }
        let origin = Origin::run(self.run, row.line);
        let directory = Directory::new(Arc::clone(self.store), Arc::clone(self.opened), origin, "");
        match directory.remove(Kind::User, current).await {
            Ok(()) => Ok(deleted(row, target)),
            Err(Error::VersionConflict) => Ok(self.not_done(row)),
            Err(error) => Err(error),
        }
    }

    async fn is_deleted(&self, row: &PlanRow) -> Result<bool, Error> {
        let Some(id) = row.user.as_deref().and_then(Id::parse) else { return Ok(false) };
        let by = self.store.deleted_by(self.directory, Kind::User, id).await?;
        Ok(by == Some(Origin::run(self.run, row.line)))
    }

    /// Whether this run has done the row before.
    fn is_done(&self, row: &PlanRow, target: &Target, current: &Record) -> bool {
        match target.document {
            Some(_) => current.origin == Origin::run(self.run, row.line) && current.version > target.version,
            None => {
                current.version == target.version
                    && current.bond.is_some()
                    && current.bond == self.bond(target)
            }
        }
    }

    fn revision(&self, row: &PlanRow, target: &Target, document: Document, current: &Record) -> Revision {
        Revision {
            document,
            origin: Origin::run(self.run, row.line),
            bond: self.bond_until_settled(target),
            owner: self.owner(current),
            brought: self.brought_until_settled(target, Some(current)),
            journal: None,
        }
    }

    /// What is left to do about a row once its user is written: the memberships, and that others have broken the bond.
    /// Doing it again changes nothing.
    async fn settled(&self, row: PlanRow, target: Target, record: Record) -> Result<Applied, Error> {
        let record = self.settle_groups(&target, record).await?;
        if let Some(note) = target.note.filter(|_| !self.reverts) {
            self.store.tighten(self.directory, self.configuration, record.id, note).await?;
        }
        let user = Some(record.id.to_string());
        let Target { before, digest, groups, .. } = target;
        Ok(Applied { user, before, digest, groups, ..outcome(row, Some(record.version)) })
    }

    /// What binds the user to the row. To none, where there is no row: so that nobody takes an old bond for true.
    pub(super) fn bond(&self, target: &Target) -> Option<Bond> {
        if self.reverts {
            return None;
        }
        let digest = target.digest.as_deref().and_then(of_text);
        Some(Bond::new(self.configuration, digest.unwrap_or_default()))
    }

    /// Whoever was brought by an import belongs to the configuration that spoke of the user last; others to none.
    pub(super) fn owner(&self, current: &Record) -> Option<String> {
        let mine = |_: &String| {
            if self.reverts { current.owner.clone() } else { Some(self.configuration.to_string()) }
        };
        current.owner.as_ref().and_then(mine)
    }

    pub(super) fn not_done(&self, row: PlanRow) -> Applied {
        let code = match (self.reverts, row.action) {
            (true, Action::Create) => Code::ValueTakenSince,
            (true, _) => Code::ChangedSinceRun,
            (false, _) => Code::ChangedSincePlan,
        };
        not_done(row, code)
    }
}

fn outcome(row: PlanRow, version: Option<i64>) -> Applied {
    Applied {
        line: row.line,
        action: row.action,
        user: row.user,
        version,
        changes: row.changes,
        problem: None,
        before: None,
        digest: None,
        groups: None,
    }
}

fn deleted(row: PlanRow, target: Target) -> Applied {
    Applied { before: target.before, groups: target.groups, ..outcome(row, None) }
}

fn not_done(row: PlanRow, code: Code) -> Applied {
    let problem = Some(Problem::new(code, row.line));
    Applied { action: Action::Reject, changes: BTreeMap::new(), problem, ..outcome(row, None) }
}
