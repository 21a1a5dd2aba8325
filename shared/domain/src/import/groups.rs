//! S10: the groups that rows name. They have to exist. A row brings its user into them, and ends those memberships that
//! its configuration has brought before and that it no longer names; memberships of other doors are left alone.

use super::codes::Code;
use super::desired::{Cell, Desired};
use super::document::Change;
use super::nearest::suggestion;
use super::problem::{Problem, Quoted};
use super::target::Target;
use crate::directory::Membership;
use crate::error::Error;
use crate::store::{Census, DirectoryId, Id, Kind, Name, Record, Seat, Store};
use scim::fold;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Names that are remembered; more are asked for again.
const MAX_NAMES: usize = 100_000;
/// Groups that a suggestion is taken from.
const MAX_SUGGESTED: usize = 10_000;
/// Unknown names that get a suggestion: each is held against all of those groups.
const MAX_UNKNOWN: usize = 1_000;
/// Groups of a walk that are looked at together.
const STRIDE: usize = 250;

/// What the directory knows of the groups that rows name.
#[derive(Default)]
pub(super) struct Groups {
    /// By their names without case; none where there is no such group.
    named: HashMap<String, Option<Id>>,
    names: HashMap<Id, String>,
    /// Names of groups that exist, once somebody needs a suggestion.
    existing: Option<Vec<String>>,
    /// What was suggested in the place of names that do not exist.
    suggested: HashMap<String, String>,
}

impl Groups {
    /// The groups of a row by id, sorted, if all of them are known; none where the row names none.
    pub(super) fn of_row(&self, row: Desired<'_>) -> Option<Vec<Id>> {
        let ids: Option<Vec<Id>> =
            row.groups().map(|name| self.named.get(&fold(name)).copied().flatten()).collect();
        let mut ids = ids?;
        ids.sort_unstable();
        Some(ids)
    }

    /// Looks up the names in these rows that are not known yet. 1 read unit for each.
    pub(super) async fn learn(
        &mut self,
        store: &Store,
        directory: &DirectoryId,
        rows: &[Desired<'_>],
    ) -> Result<(), Error> {
        if self.named.len() > MAX_NAMES {
            self.named.clear();
        }
        let mut wanted = HashSet::new();
        let unknown: Vec<&str> = rows
            .iter()
            .flat_map(Desired::groups)
            .filter(|name| {
                let folded = fold(name);
                !self.named.contains_key(&folded) && wanted.insert(folded)
            })
            .collect();
        let found = store.groups_named(directory, &unknown).await?;
        self.named.extend(unknown.into_iter().map(fold).zip(found));
        Ok(())
    }

    /// The problem of a row that names a group which does not exist; none where all exist.
    pub(super) async fn unknown(
        &mut self,
        store: &Store,
        directory: &DirectoryId,
        row: Desired<'_>,
    ) -> Result<Option<Problem>, Error> {
        let is_unknown = |name: &&str| self.named.get(&fold(name)).copied().flatten().is_none();
        let Some(unknown) = row.groups().find(is_unknown) else { return Ok(None) };
        let problem = row.row.problem(Code::GroupUnknown, Target::Groups);
        if let Some(suggested) = self.suggested.get(unknown) {
            return Ok(Some(problem.about(suggested)));
        }
        if self.suggested.len() >= MAX_UNKNOWN {
            return Ok(Some(problem.about(Quoted(unknown))));
        }
        let existing = match &mut self.existing {
            Some(existing) => existing,
            slot @ None => slot.insert(existing_groups(store, directory).await?),
        };
        let suggested = suggestion(unknown, existing.iter().map(String::as_str));
        self.suggested.insert(unknown.to_owned(), suggested.clone());
        Ok(Some(problem.about(suggested)))
    }

    /// Learns the names of groups that users may leave. 1 read unit for each that is new.
    pub(super) async fn learn_names(
        &mut self,
        store: &Store,
        directory: &DirectoryId,
        groups: impl Iterator<Item = Id>,
    ) -> Result<(), Error> {
        if self.names.len() > MAX_NAMES {
            self.names.clear();
        }
        let unknown: HashSet<Id> = groups.filter(|group| !self.names.contains_key(group)).collect();
        let unknown: Vec<Id> = unknown.into_iter().collect();
        let mut found = store.group_names(directory, &unknown).await?;
        self.names.extend(unknown.into_iter().map(|id| (id, found.remove(&id).unwrap_or_default())));
        Ok(())
    }

    /// What a row changes of the groups of its user, which are these of those that were asked for; none where nothing.
    pub(super) fn change(
        &self,
        row: Desired<'_>,
        wanted: &[Id],
        configuration: &Name,
        user: Option<&Record>,
        memberships: &HashMap<(Id, Id), Membership>,
    ) -> Option<GroupChange> {
        if row.cell(Target::Groups) == Cell::Absent {
            return None;
        }
        let membership = |group: Id| memberships.get(&(user?.id, group));
        let brought = user.map(|user| user.brought.by(configuration)).unwrap_or_default();
        let is_mine = |group: &Id| {
            membership(*group)
                .is_some_and(|membership| membership.brought_by.as_deref() == Some(configuration.as_str()))
        };
        let join: Vec<Id> = wanted.iter().copied().filter(|group| membership(*group).is_none()).collect();
        let leave: Vec<Id> =
            brought.iter().copied().filter(|group| !wanted.contains(group) && is_mine(group)).collect();
        if join.is_empty() && leave.is_empty() {
            return None;
        }
        let present = row.groups().zip(self.ids(row)).filter(|(_, id)| membership(*id).is_some());
        let leaving = leave.iter().filter_map(|group| self.names.get(group)).map(String::as_str);
        let before: Vec<&str> = present.map(|(name, _)| name).chain(leaving).collect();
        let after: Vec<&str> = row.groups().collect();
        let names = |names: Vec<&str>| (!names.is_empty()).then(|| Value::from(names));
        Some(GroupChange {
            before: names(before),
            after: names(after),
            memberships: Memberships { join: texts(&join), leave: texts(&leave) },
        })
    }

    fn ids(&self, row: Desired<'_>) -> impl Iterator<Item = Id> {
        row.groups().filter_map(|name| self.named.get(&fold(name)).copied().flatten())
    }
}

/// What a row changes of the groups of its user.
pub(super) struct GroupChange {
    /// The names of the groups that the file speaks of, as far as the user is in them.
    before: Option<Value>,
    after: Option<Value>,
    pub(super) memberships: Memberships,
}

impl GroupChange {
    /// Adds it to what else changes.
    pub(super) fn note(&self, change: &mut Change) {
        change.note(Target::Groups.path(), self.before.clone(), self.after.clone());
    }
}

/// Memberships that begin and end, by the ids of the groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Memberships {
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    join: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    leave: Vec<String>,
}

impl Memberships {
    /// The opposite.
    pub(super) fn taken_back(self) -> Self {
        Self { join: self.leave, leave: self.join }
    }

    pub(super) fn joining(&self) -> Vec<Id> {
        self.join.iter().filter_map(|group| Id::parse(group)).collect()
    }

    pub(super) fn leaving(&self) -> Vec<Id> {
        self.leave.iter().filter_map(|group| Id::parse(group)).collect()
    }

    /// Whether the user loses what a membership may give.
    pub(super) fn ends_any(&self) -> bool {
        !self.leave.is_empty()
    }
}

fn texts(groups: &[Id]) -> Vec<String> {
    groups.iter().map(Id::to_string).collect()
}

/// The names of the first groups of a directory: 125 read units for 1,000.
async fn existing_groups(store: &Store, directory: &DirectoryId) -> Result<Vec<String>, Error> {
    let census: Census = store.census(directory, Kind::Group).await?;
    let mut seat = Seat::FIRST;
    let mut names = Vec::new();
    while names.len() < MAX_SUGGESTED {
        let glances = store.records_from(directory, Kind::Group, &census, seat, STRIDE).await?;
        let Some(last) = glances.last() else { break };
        seat = last.id().seat().next();
        for glance in &glances {
            let document = glance.record()?.document;
            names.extend(document.get("displayName").and_then(Value::as_str).map(str::to_owned));
        }
    }
    Ok(names)
}
