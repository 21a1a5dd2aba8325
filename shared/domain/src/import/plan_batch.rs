//! Plans some rows at once: finds their users with few reads, and compares.

use super::codes::Code;
use super::configuration::{Configuration, MatchOn};
use super::desired::{Cell, Desired};
use super::document::{Change, merge};
use super::plan::{Action, PlanRow, Target};
use super::problem::Problem;
use super::row::{Outcome, RowBuffer};
use super::rules::against_current;
use super::target;
use crate::error::Error;
use crate::store::{DirectoryId, Glance, Id, Kind, Lookup, Store};
use crate::table::Consistency;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use futures::stream::{StreamExt as _, TryStreamExt as _};
use scim::fold;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Look-ups that are under way at the same time.
const LOOKUPS_AT_ONCE: usize = 32;

/// Where a row's search for its user stands.
#[derive(Debug, Clone, Default)]
enum Found {
    #[default]
    Nobody,
    User(Id),
    Ambiguous,
}

/// Plans rows against a directory.
pub(super) struct Planner<'a> {
    pub(super) store: &'a Store,
    pub(super) directory: &'a DirectoryId,
    pub(super) configuration: &'a Configuration,
}

impl Planner<'_> {
    /// The plan of these rows, in their order.
    pub(super) async fn plan(&self, rows: &[(RowBuffer, Outcome)]) -> Result<Vec<PlanRow>, Error> {
        let desired: Vec<Option<Desired<'_>>> = rows.iter().map(|(row, _)| row.desired()).collect();
        let accepted: Vec<Desired<'_>> = desired.iter().flatten().copied().collect();
        let found = self.find(&accepted).await?;
        let ids: Vec<Id> = found.iter().filter_map(Found::user).collect();
        let glances = self.store.glance_many(self.directory, Kind::User, &ids, Consistency::Strong).await?;
        let mut found = found.iter();
        let mut plans = Vec::with_capacity(rows.len());
        for ((row, outcome), desired) in rows.iter().zip(desired) {
            let mut plan = match desired {
                None => PlanRow::new(row.line(), not_accepted(*outcome)),
                Some(desired) => {
                    let found = found.next().unwrap_or(&Found::Nobody);
                    let glance = found.user().and_then(|id| glances.get(&id));
                    self.plan_one(row, &desired, found, glance).await?
                }
            };
            plan.problems.splice(0..0, row.problems().iter().cloned());
            plans.push(plan);
        }
        Ok(plans)
    }

    async fn find(&self, rows: &[Desired<'_>]) -> Result<Vec<Found>, Error> {
        let mut found = vec![Found::Nobody; rows.len()];
        for by in &self.configuration.match_on {
            let open: Vec<usize> =
                (0..rows.len()).filter(|at| matches!(found.get(*at), Some(Found::Nobody))).collect();
            let wanted: Vec<&Desired<'_>> = open.iter().filter_map(|at| rows.get(*at)).collect();
            let answers = match by {
                MatchOn::UserName => self.find_by_name(&wanted).await?,
                MatchOn::ExternalId => {
                    self.find_each(&wanted, |row| row.external_id().map(Lookup::ExternalId)).await?
                }
                MatchOn::Mail => self.find_each(&wanted, |row| row.mail().map(Lookup::Mail)).await?,
            };
            for (at, answer) in open.into_iter().zip(answers) {
                if let Some(slot) = found.get_mut(at) {
                    *slot = answer;
                }
            }
        }
        Ok(found)
    }

    async fn find_by_name(&self, rows: &[&Desired<'_>]) -> Result<Vec<Found>, Error> {
        let names: Vec<&str> = rows.iter().map(|row| row.user_name()).collect();
        let holders = self.store.holders(self.directory, &names).await?;
        Ok(holders.into_iter().map(|holder| holder.map_or(Found::Nobody, Found::User)).collect())
    }

    async fn find_each<'r>(
        &self,
        rows: &[&Desired<'r>],
        by: impl Fn(&Desired<'r>) -> Option<Lookup<'r>>,
    ) -> Result<Vec<Found>, Error> {
        let lookups: Vec<Option<Lookup<'r>>> = rows.iter().map(|row| by(row)).collect();
        let answers = futures::stream::iter(lookups.into_iter().map(|lookup| async move {
            let Some(lookup) = lookup else { return Ok::<_, Error>(Found::Nobody) };
            Ok(match self.store.find(self.directory, Kind::User, lookup).await?.as_slice() {
                [] => Found::Nobody,
                [id] => Found::User(*id),
                _ => Found::Ambiguous,
            })
        }));
        answers.buffered(LOOKUPS_AT_ONCE).try_collect().await
    }

    async fn plan_one(
        &self,
        row: &RowBuffer,
        desired: &Desired<'_>,
        found: &Found,
        glance: Option<&Glance>,
    ) -> Result<PlanRow, Error> {
        if matches!(found, Found::Ambiguous) {
            return Ok(reject(row, row.problem(Code::MatchAmbiguous, target::Target::Mail)));
        }
        let digest = digest(self.configuration, *desired);
        let Some(glance) = glance else {
            let Some(change) = merge(desired, None) else {
                return Ok(PlanRow::new(row.line(), Action::Unchanged));
            };
            return Ok(planned(row, Action::Create, None, change, digest));
        };
        let plan =
            |action| PlanRow { user: Some(glance.id().to_string()), ..PlanRow::new(row.line(), action) };
        if glance.digest() == Some(digest.as_str()) {
            return Ok(plan(Action::Unchanged));
        }
        let record = glance.record()?;
        if let Some(problem) = self.refusal(row, desired, glance.id(), &record.document).await? {
            return Ok(PlanRow { problems: vec![problem], ..plan(Action::Reject) });
        }
        let Some(change) = merge(desired, Some(&record.document)) else { return Ok(plan(Action::Unchanged)) };
        let action = action(&record.document, &change.document);
        Ok(planned(row, action, Some((record.id, record.version)), change, digest))
    }

    /// What forbids this row to change this user.
    async fn refusal(
        &self,
        row: &RowBuffer,
        desired: &Desired<'_>,
        user: Id,
        current: &scim::Document,
    ) -> Result<Option<Problem>, Error> {
        if let Some(problem) = against_current(desired, current) {
            return Ok(Some(problem));
        }
        if let Some(mail) = desired.mail().filter(|mail| !has_mail(current, mail)) {
            let holders = self.store.find(self.directory, Kind::User, Lookup::Mail(mail)).await?;
            if holders.iter().any(|holder| *holder != user) {
                return Ok(Some(row.problem(Code::MailTaken, target::Target::Mail)));
            }
        }
        Ok(None)
    }
}

impl Found {
    fn user(&self) -> Option<Id> {
        match self {
            Self::User(id) => Some(*id),
            Self::Nobody | Self::Ambiguous => None,
        }
    }
}

fn not_accepted(outcome: Outcome) -> Action {
    match outcome {
        Outcome::Ignored => Action::Ignore,
        Outcome::Accepted | Outcome::Rejected => Action::Reject,
    }
}

fn reject(row: &RowBuffer, problem: Problem) -> PlanRow {
    PlanRow { problems: vec![problem], ..PlanRow::new(row.line(), Action::Reject) }
}

fn planned(
    row: &RowBuffer,
    action: Action,
    user: Option<(Id, i64)>,
    change: Change,
    digest: String,
) -> PlanRow {
    let target =
        Target { version: user.map_or(0, |(_, version)| version), document: change.document, digest };
    let user = user.map(|(id, _)| id.to_string());
    PlanRow { user, target: Some(target), ..PlanRow::new(row.line(), action).with_changes(change.changes) }
}

fn action(before: &scim::Document, after: &scim::Document) -> Action {
    let active = |document: &scim::Document| document.get("active").and_then(Value::as_bool).unwrap_or(true);
    match (active(before), active(after)) {
        (true, false) => Action::Deactivate,
        (false, true) => Action::Reactivate,
        _ => Action::Update,
    }
}

fn has_mail(document: &scim::Document, mail: &str) -> bool {
    let elements = document.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().filter_map(|element| element.get("value")?.as_str()).any(|one| fold(one) == fold(mail))
}

/// What a row says under a configuration, in 16 bytes: a user that still bears the digest of a row is as that
/// row says, as any change through another door removes it.
fn digest(configuration: &Configuration, desired: Desired<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(configuration.name.as_str());
    for (target, cell) in desired.cells() {
        let (kind, value) = match cell {
            Cell::Absent => continue,
            Cell::Clear => (0, ""),
            Cell::Set(value) => (1, value),
        };
        hash.update([target as u8, kind]);
        hash.update((value.len() as u32).to_be_bytes());
        hash.update(value);
    }
    let hash = hash.finalize();
    STANDARD_NO_PAD.encode(hash.get(..16).unwrap_or_default())
}
