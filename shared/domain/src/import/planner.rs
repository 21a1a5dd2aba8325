//! Plans some rows at once: finds their users with few reads, and compares.

use super::codes::Code;
use super::configuration::{Configuration, MatchOn};
use super::desired::{Cell, Desired};
use super::document::{Change, merge};
use super::groups::{GroupChange, Groups};
use super::matching::Found;
use super::names::{NewName, find_holders};
use super::plan::{Action, PlanRow, Target};
use super::privilege;
use super::problem::Problem;
use super::row::RowBuffer;
use super::row_digest::{in_text, of_row};
use super::rules::{against_current, renames};
use super::target;
use crate::directory::Membership;
use crate::error::Error;
use crate::store::{Bond, Digest, DirectoryId, Glance, Id, Kind, Lookup, Record, Store};
use crate::table::Consistency;
use crate::tenant::Opened;
use scim::{Document, fold};
use serde_json::Value;
use std::collections::HashMap;

/// Plans rows against a directory.
pub(super) struct Planner<'a> {
    pub(super) store: &'a Store,
    pub(super) directory: &'a DirectoryId,
    pub(super) configuration: &'a Configuration,
    pub(super) opened: &'a Opened,
    /// Whether the file may take nobody's access away.
    pub(super) removals_blocked: bool,
    /// Users who may not be as their rows say, as others have changed them since, with the note that says so.
    pub(super) loosened: HashMap<Id, i64>,
    /// The groups that rows have named so far.
    pub(super) groups: Groups,
}

/// A row that is looked at.
struct Look<'r> {
    desired: Desired<'r>,
    found: &'r Found,
    glance: Option<&'r Glance>,
    /// The groups that it names, or what is wrong with them.
    groups: Result<Vec<Id>, Problem>,
}

/// A row with what was found out about it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) plan: PlanRow,
    /// Whom it is about, as far as there is somebody.
    pub(super) user: Option<Id>,
    /// What it says, if it was accepted.
    pub(super) digest: Option<Digest>,
    /// The name that the user takes, if it is another one than until now.
    pub(super) name: Option<NewName>,
    /// Whether it takes the access of an administrator away.
    pub(super) unseats: bool,
}

impl Planner<'_> {
    /// The plans of these rows, in their order; all of them were accepted when they were read.
    pub(super) async fn plan(&mut self, rows: &[&RowBuffer]) -> Result<Vec<Judged>, Error> {
        let desired: Vec<Desired<'_>> = rows.iter().filter_map(|row| row.desired()).collect();
        let found = self.find(&desired).await?;
        let ids: Vec<Id> = found.iter().filter_map(Found::user).collect();
        let glances = self.store.glance_many(self.directory, Kind::User, &ids, Consistency::Strong).await?;
        self.learn_groups(rows).await?;
        let mut looks = Vec::with_capacity(rows.len());
        for (desired, found) in desired.into_iter().zip(&found) {
            let groups = match self.groups.unknown(self.store, self.directory, desired).await? {
                Some(problem) => Err(problem),
                None => Ok(self.groups.of_row(desired).unwrap_or_default()),
            };
            let glance = found.user().and_then(|id| glances.get(&id));
            looks.push(Look { desired, found, glance, groups });
        }
        let memberships = self.memberships(&looks).await?;
        let mut plans = Vec::with_capacity(rows.len());
        for look in &looks {
            let mut judged = self.judge(look, &memberships).await?;
            judged.plan.problems.splice(0..0, look.desired.row.problems().iter().cloned());
            plans.push(judged);
        }
        // Where rows are matched by it, a new user's name was looked for already.
        let renamed_only = self.configuration.match_on.contains(&MatchOn::UserName);
        find_holders(self.store, self.directory, &mut plans, renamed_only).await?;
        Ok(plans)
    }

    /// Looks up the groups that these rows name, as far as no row has named them yet.
    pub(super) async fn learn_groups(&mut self, rows: &[&RowBuffer]) -> Result<(), Error> {
        let desired: Vec<Desired<'_>> = rows.iter().filter_map(|row| row.desired()).collect();
        self.groups.learn(self.store, self.directory, &desired).await
    }

    /// The memberships that these rows speak of, or that end because they do not. 1 read unit for each of a user who
    /// is not certain to be as the row says.
    async fn memberships(&mut self, looks: &[Look<'_>]) -> Result<HashMap<(Id, Id), Membership>, Error> {
        let name = &self.configuration.name;
        let (mut asked, mut ending) = (Vec::new(), Vec::new());
        for look in looks.iter().filter(|look| look.desired.cell(target::Target::Groups) != Cell::Absent) {
            let (Some(glance), Ok(groups)) = (look.glance, &look.groups) else { continue };
            if self.is_as(glance, of_row(self.configuration, look.desired, groups)) {
                continue;
            }
            let brought = glance.brought();
            ending.extend(brought.by(name).iter().filter(|group| !groups.contains(group)));
            asked.extend(groups.iter().chain(brought.by(name)).map(|group| (glance.id(), *group)));
        }
        self.groups.learn_names(self.store, self.directory, ending.into_iter()).await?;
        self.store.memberships(self.directory, &asked).await
    }

    async fn judge(
        &self,
        look: &Look<'_>,
        memberships: &HashMap<(Id, Id), Membership>,
    ) -> Result<Judged, Error> {
        let (desired, row) = (look.desired, look.desired.row);
        if matches!(look.found, Found::Ambiguous) {
            return Ok(rejected(row, row.problem(Code::MatchAmbiguous, target::Target::Mail), None));
        }
        if let Some(problem) = self.unknown_role(desired, look.glance)? {
            return Ok(rejected(row, problem, look.found.user()));
        }
        let groups = match &look.groups {
            Ok(groups) => groups,
            Err(problem) => return Ok(rejected(row, problem.clone(), look.found.user())),
        };
        let digest = of_row(self.configuration, desired, groups);
        let change = |user| self.groups.change(desired, groups, &self.configuration.name, user, memberships);
        let Some(glance) = look.glance else { return Ok(self.new_user(desired, change(None), digest)) };
        if self.is_as(glance, digest) {
            return Ok(unchanged(row, glance.id(), digest));
        }
        let record = glance.record()?;
        if self.is_somebody_else(desired, &record.document) {
            return self.namesake(desired, change(None), &record, digest).await;
        }
        if let Some(problem) = self.refusal(row, &desired, &record).await? {
            return Ok(rejected(row, problem, Some(record.id)));
        }
        Ok(self.known_user(desired, change(Some(&record)), &record, digest))
    }

    /// Whether a user is certain to be as a row of this digest says.
    fn is_as(&self, glance: &Glance, digest: Digest) -> bool {
        glance.is_bound(&Bond::new(&self.configuration.name, digest))
            && !self.loosened.contains_key(&glance.id())
    }

    /// Whether a user who was found by a name has another identifier than the row: where users are told apart by it,
    /// a name that fits does not make the row his.
    fn is_somebody_else(&self, desired: Desired<'_>, user: &Document) -> bool {
        let of_user = user.get("externalId").and_then(Value::as_str);
        let told_apart = self.configuration.match_on.contains(&MatchOn::ExternalId);
        told_apart && desired.external_id().zip(of_user).is_some_and(|(wanted, present)| wanted != present)
    }

    /// A new user, who can be created if the one with the same login name gives it up.
    async fn namesake(
        &self,
        desired: Desired<'_>,
        groups: Option<GroupChange>,
        holder: &Record,
        digest: Digest,
    ) -> Result<Judged, Error> {
        let row = desired.row;
        if let Some(mail) = desired.mail()
            && !self.store.find(self.directory, Kind::User, Lookup::Mail(mail)).await?.is_empty()
        {
            let problem = row.problem(Code::MailTaken, target::Target::Mail);
            return Ok(rejected(row, problem, Some(holder.id)));
        }
        let mut judged = self.new_user(desired, groups, digest);
        if let Some(name) = &mut judged.name {
            name.holder = Some(holder.id);
        }
        Ok(judged)
    }

    /// P16: roles exist in the directory, but for those that the user has anyway.
    fn unknown_role(&self, desired: Desired<'_>, user: Option<&Glance>) -> Result<Option<Problem>, Error> {
        let roles = &self.opened.settings.roles;
        let mut unknown = desired.roles().filter(|role| !roles.iter().any(|known| known == role)).peekable();
        if unknown.peek().is_none() {
            return Ok(None);
        }
        let record = user.map(Glance::record).transpose()?;
        let has = |role: &str| record.as_ref().is_some_and(|user| privilege::has_role(&user.document, role));
        let Some(unknown) = unknown.find(|role| !has(role)) else { return Ok(None) };
        let problem = desired.row.problem(Code::RoleUnknown, target::Target::Roles);
        Ok(Some(problem.about(super::nearest::suggestion(unknown, roles.iter().map(String::as_str)))))
    }

    fn new_user(&self, desired: Desired<'_>, groups: Option<GroupChange>, digest: Digest) -> Judged {
        let row = desired.row;
        let Some(mut change) = merge(&desired, None) else { return ignored(row) };
        let level = self.configuration.access_level.as_deref();
        let level = level.or(self.opened.settings.policies.default_access_level.as_deref());
        if let Some(level) = level {
            change.give_access_level(level);
        }
        if let Some(groups) = &groups {
            groups.note(&mut change);
        }
        let name = NewName::of_new(desired.user_name());
        Judged {
            plan: PlanRow::new(row.line(), Action::Create)
                .with_changes(change.changes)
                .with_target(self.target(None, Some(change.document), groups, digest)),
            user: None,
            digest: Some(digest),
            name: Some(name),
            unseats: false,
        }
    }

    fn known_user(
        &self,
        desired: Desired<'_>,
        groups: Option<GroupChange>,
        record: &Record,
        digest: Digest,
    ) -> Judged {
        let row = desired.row;
        let change = self.with_access_level(merge(&desired, Some(&record.document)), record);
        let change = match &groups {
            Some(groups) => {
                let mut change = change.unwrap_or_else(|| Change::none_of(&record.document));
                groups.note(&mut change);
                Some(change)
            }
            None => change,
        };
        let Some(change) = change else {
            let mut judged = unchanged(row, record.id, digest);
            judged.plan.target = Some(self.target(Some(record), None, None, digest));
            return judged;
        };
        let leaves = groups.as_ref().is_some_and(|groups| groups.memberships.ends_any());
        let removes = privilege::is_lost(&record.document, &change.document)
            || (leaves && privilege::is_active(&record.document));
        if removes && self.removals_blocked {
            return rejected(row, Problem::new(Code::RemovalBlocked, row.line()), Some(record.id));
        }
        let unseats =
            privilege::is_administrator(&record.document) && !privilege::is_administrator(&change.document);
        let name = NewName::between(&record.document, &change.document);
        let action = action(&record.document, &change.document);
        let mut plan = PlanRow::new(row.line(), action)
            .with_changes(change.changes)
            .with_target(self.target(Some(record), Some(change.document), groups, digest));
        plan.user = Some(record.id.to_string());
        plan.removes = removes;
        Judged { plan, user: Some(record.id), digest: Some(digest), name, unseats }
    }

    /// What applying a row needs to know.
    fn target(
        &self,
        user: Option<&Record>,
        document: Option<Document>,
        groups: Option<GroupChange>,
        digest: Digest,
    ) -> Target {
        Target {
            version: user.map_or(0, |record| record.version),
            before: user.filter(|_| document.is_some()).map(|record| record.document.clone()),
            document,
            digest: Some(in_text(&digest)),
            groups: groups.map(|change| change.memberships),
            note: user.and_then(|record| self.loosened.get(&record.id).copied()),
        }
    }

    /// P10: whom the configuration has brought gets the access level that it gives.
    fn with_access_level(&self, change: Option<Change>, record: &Record) -> Option<Change> {
        let level = self.configuration.access_level.as_deref();
        let brought = record.owner.as_deref() == Some(self.configuration.name.as_str());
        let Some(level) = level.filter(|level| brought && privilege::level(&record.document) != Some(level))
        else {
            return change;
        };
        let mut change = change.unwrap_or_else(|| Change::none_of(&record.document));
        change.give_access_level(level);
        Some(change)
    }

    /// What forbids this row to change this user.
    async fn refusal(
        &self,
        row: &RowBuffer,
        desired: &Desired<'_>,
        user: &Record,
    ) -> Result<Option<Problem>, Error> {
        let current = &user.document;
        if let Some(problem) = against_current(desired, current) {
            return Ok(Some(problem));
        }
        if let Some(target) = user.signed_in.and_then(|_| renames(*desired, current)) {
            return Ok(Some(row.problem(Code::UserSignedIn, target)));
        }
        if let Some(mail) = desired.mail().filter(|mail| !has_mail(current, mail)) {
            let holders = self.store.find(self.directory, Kind::User, Lookup::Mail(mail)).await?;
            if holders.iter().any(|holder| *holder != user.id) {
                return Ok(Some(row.problem(Code::MailTaken, target::Target::Mail)));
            }
        }
        Ok(None)
    }
}

impl Judged {
    /// The same, rejected for this.
    pub(super) fn refused(self, code: Code) -> Self {
        let Self { mut plan, user, .. } = self;
        let problem = Problem::new(code, plan.line);
        plan.problems.push(problem);
        let kept =
            PlanRow { user: plan.user, problems: plan.problems, ..PlanRow::new(plan.line, Action::Reject) };
        Self { plan: kept, user, digest: None, name: None, unseats: false }
    }

    /// Whether another user has the name that it wants.
    pub(super) fn is_contested(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.holder.is_some_and(|holder| Some(holder) != self.user))
    }
}

fn ignored(row: &RowBuffer) -> Judged {
    let plan = PlanRow::new(row.line(), Action::Ignore);
    Judged { plan, user: None, digest: None, name: None, unseats: false }
}

fn unchanged(row: &RowBuffer, user: Id, digest: Digest) -> Judged {
    let plan = PlanRow { user: Some(user.to_string()), ..PlanRow::new(row.line(), Action::Unchanged) };
    Judged { plan, user: Some(user), digest: Some(digest), name: None, unseats: false }
}

fn rejected(row: &RowBuffer, problem: Problem, user: Option<Id>) -> Judged {
    let plan = PlanRow {
        user: user.map(|id| id.to_string()),
        problems: vec![problem],
        ..PlanRow::new(row.line(), Action::Reject)
    };
    Judged { plan, user, digest: None, name: None, unseats: false }
}

/// What a change of a user is called.
pub(super) fn action(before: &Document, after: &Document) -> Action {
    match (privilege::is_active(before), privilege::is_active(after)) {
        (true, false) => Action::Deactivate,
        (false, true) => Action::Reactivate,
        _ => Action::Update,
    }
}

fn has_mail(document: &Document, mail: &str) -> bool {
    let elements = document.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().filter_map(|element| element.get("value")?.as_str()).any(|one| fold(one) == fold(mail))
}
