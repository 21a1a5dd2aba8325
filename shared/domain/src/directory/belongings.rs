//! The groups that a user belongs to (RFC 7643 §4.1.2): read only, derived from the memberships, through nested
//! groups as well.

use super::Directory;
use super::member::{element, name_of};
use crate::error::Error;
use crate::store::{Id, Kind, keys};
use crate::table::{Consistency, Query, Source};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;
use std::collections::HashSet;

/// How far groups in groups are followed. Circles end by themselves, as no group is looked at twice.
const MAX_NESTING: usize = 32;
/// Groups of one user that are shown.
const MAX_GROUPS: usize = 2_000;
/// Queries that are under way at the same time.
const AT_ONCE: usize = 16;

/// A group of a user.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Belonging {
    id: Id,
    display: Option<String>,
    direct: bool,
}

impl Belonging {
    /// As an element of `groups`.
    pub(super) fn show(&self, directory: &Directory) -> Value {
        let kind = if self.direct { "direct" } else { "indirect" };
        element(directory, Kind::Group, self.id, kind, self.display.as_deref())
    }
}

impl Directory {
    /// The groups that have this member, by their ids. 0.5 read units for each 4 KB.
    pub(super) async fn groups_of(&self, member: Id) -> Result<Vec<Id>, Error> {
        let query = Query { source: Source::Index, ..Query::partition(keys::memberships(self.id(), member)) };
        let items = self.store.whole(query).await?;
        Ok(items.iter().filter_map(|item| Id::parse(&item.index.as_ref()?.sort)).collect())
    }

    /// The groups of a user, direct ones first. 0.5 read units for the user and for each group that is itself in a
    /// group, and 0.5 for each group.
    pub(super) async fn belongings(&self, user: Id) -> Result<Vec<Belonging>, Error> {
        let mut found = Vec::new();
        let mut seen: HashSet<Id> = HashSet::new();
        let mut next = vec![user];
        for level in 0..MAX_NESTING {
            let members = std::mem::take(&mut next);
            let queries = futures::stream::iter(members.into_iter().map(|member| self.groups_of(member)));
            let groups: Vec<Vec<Id>> = queries.buffered(AT_ONCE).try_collect().await?;
            let new: Vec<Id> = groups.into_iter().flatten().filter(|group| seen.insert(*group)).collect();
            let glances = self.store.glance_many(self.id(), Kind::Group, &new, Consistency::Eventual).await?;
            for group in new.iter().filter_map(|id| glances.get(id)) {
                if group.grouped() {
                    next.push(group.id());
                }
                let display = name_of(&group.record()?.document);
                found.push(Belonging { id: group.id(), display, direct: level == 0 });
            }
            if next.is_empty() || found.len() >= MAX_GROUPS {
                break;
            }
        }
        Ok(found)
    }

    /// Everybody who is in a group, through groups in it as well: who can have it among `groups`.
    pub(super) async fn everybody_in(&self, group: Id) -> Result<Vec<Id>, Error> {
        let mut users = HashSet::new();
        let mut seen = HashSet::from([group]);
        let mut next = vec![group];
        while let Some(group) = next.pop().filter(|_| seen.len() <= MAX_GROUPS) {
            for member in self.members(group, Consistency::Eventual).await? {
                match member.kind {
                    Kind::Group if seen.insert(member.id) => next.push(member.id),
                    Kind::User => {
                        users.insert(member.id);
                    }
                    _ => {}
                }
            }
        }
        Ok(users.into_iter().collect())
    }
}
