//! What a change of a group does to its members, without reading those that it is not about.

use super::Directory;
use super::journal::Journal;
use super::member::{Member, leave, nobody, refused};
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Record};
use crate::table::{Consistency, MAX_TRANSACTION_BYTES, Write};
use scim::Document;
use scim::patch::ListChange;
use serde_json::Value;
use std::collections::HashSet;

/// Writes of memberships that stand beside a group, its claim and its look-ups in one transaction.
pub(super) const WRITES_AT_ONCE: usize = 92;
/// Bytes that they may have: the group itself has up to 400 KB, and entries a little.
const BYTES_AT_ONCE: usize = MAX_TRANSACTION_BYTES - 600 * 1024;

/// What a request wants of the members of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MembersWanted {
    /// These, and nobody else.
    Exactly(Vec<Id>),
    /// Some more, and others no longer.
    Changed {
        /// Who joins.
        added: HashSet<Id>,
        /// Who leaves.
        removed: HashSet<Id>,
    },
}

impl MembersWanted {
    /// Everybody stays.
    pub(super) fn unchanged() -> Self {
        Self::Changed { added: HashSet::new(), removed: HashSet::new() }
    }

    /// What these changes come to, one after the other.
    ///
    /// # Errors
    /// [`Error::Refused`] for somebody to be added who cannot be a member. Who is to be removed and cannot be one
    /// is not a member anyway.
    pub(super) fn of_program(program: &[ListChange]) -> Result<Self, Error> {
        let mut exactly = false;
        let (mut added, mut removed) = (HashSet::new(), HashSet::new());
        for change in program {
            match change {
                ListChange::Set(values) => {
                    exactly = true;
                    removed.clear();
                    added = values.iter().map(|value| member_id(value)).collect::<Result<_, _>>()?;
                }
                ListChange::Add(values) => {
                    for value in values {
                        let id = member_id(value)?;
                        removed.remove(&id);
                        added.insert(id);
                    }
                }
                ListChange::Remove(values) => {
                    for id in values.iter().filter_map(|value| Id::parse(value)) {
                        added.remove(&id);
                        removed.insert(id);
                    }
                }
            }
        }
        Ok(if exactly {
            Self::Exactly(added.into_iter().collect())
        } else {
            Self::Changed { added, removed }
        })
    }

    /// Takes `members` out of a group's document.
    pub(super) fn of_document(document: &mut Document) -> Result<Self, Error> {
        let Some(Value::Array(elements)) = document.shift_remove("members") else {
            return Ok(Self::Exactly(Vec::new()));
        };
        let value = |element: &Value| {
            element.get("value").and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
        };
        let ids: HashSet<Id> =
            elements.iter().map(|element| member_id(&value(element))).collect::<Result<_, _>>()?;
        Ok(Self::Exactly(ids.into_iter().collect()))
    }
}

fn member_id(value: &str) -> Result<Id, Error> {
    Id::parse(value).ok_or_else(|| nobody(value))
}

/// What is left to do once it is known who is a member already.
#[derive(Debug, Default)]
pub(super) struct MemberChange {
    added: Vec<(Member, Record)>,
    removed: Vec<Member>,
    /// Everybody who is to be a member, if nobody else is.
    exactly: Option<Vec<Id>>,
}

impl MemberChange {
    /// Who leaves.
    pub(super) fn leaving(&self) -> &[Member] {
        &self.removed
    }

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// The writes, if they fit into the transaction of the group.
    pub(super) fn writes(&self, directory: &DirectoryId, group: Id) -> Result<Option<Vec<Write>>, Error> {
        if 2 * self.added.len() + self.removed.len() > WRITES_AT_ONCE {
            return Ok(None);
        }
        let mut writes: Vec<Write> =
            self.removed.iter().map(|member| leave(directory, group, member.id)).collect();
        for (member, record) in &self.added {
            writes.extend(member.join(directory, group, record)?);
        }
        let bytes: usize = writes.iter().map(bytes_of).sum();
        Ok((bytes <= BYTES_AT_ONCE).then_some(writes))
    }

    /// The same as a journal, from which it is carried out in parts.
    pub(super) fn journal(&self) -> Journal {
        let added = self.added.iter().map(|(member, _)| member.id).collect();
        match &self.exactly {
            Some(everybody) => Journal { added: everybody.clone(), removed: Vec::new(), exactly: true },
            None => Journal {
                added,
                removed: self.removed.iter().map(|member| member.id).collect(),
                exactly: false,
            },
        }
    }
}

fn bytes_of(write: &Write) -> usize {
    match write {
        Write::Put(item, _) => item.size(),
        Write::Delete(..) | Write::Check(..) => 0,
    }
}

impl Directory {
    /// What is to be done to the members of a group. Reads those that the change is about, 1 read unit each, and who
    /// is new, 1 more each; all members only where all others are to leave.
    ///
    /// # Errors
    /// [`Error::Refused`] where somebody is added who does not exist, or the group itself.
    pub(super) async fn member_change(
        &self,
        group: Option<Id>,
        wanted: MembersWanted,
    ) -> Result<MemberChange, Error> {
        match wanted {
            MembersWanted::Exactly(everybody) => {
                let members = match group {
                    Some(group) => self.members(group, Consistency::Strong).await?,
                    None => Vec::new(),
                };
                let present: HashSet<Id> = members.iter().map(|member| member.id).collect();
                let wanted: HashSet<Id> = everybody.iter().copied().collect();
                let added = wanted.difference(&present).copied().collect();
                let removed = members.into_iter().filter(|member| !wanted.contains(&member.id)).collect();
                let added = self.joining(group, added).await?;
                Ok(MemberChange { added, removed, exactly: Some(everybody) })
            }
            MembersWanted::Changed { added, removed } => {
                let Some(group) = group else {
                    return Err(Error::fault("a new group has no members to change"));
                };
                let named: Vec<Id> = added.union(&removed).copied().collect();
                let present = self.members_among(group, &named, Consistency::Strong).await?;
                let added = {
                    let present: HashSet<Id> = present.iter().map(|member| member.id).collect();
                    added.difference(&present).copied().collect()
                };
                let removed = present.into_iter().filter(|member| removed.contains(&member.id)).collect();
                let added = self.joining(Some(group), added).await?;
                Ok(MemberChange { added, removed, exactly: None })
            }
        }
    }

    async fn joining(&self, group: Option<Id>, mut ids: Vec<Id>) -> Result<Vec<(Member, Record)>, Error> {
        if group.is_some_and(|group| ids.contains(&group)) {
            return Err(refused("a group cannot be its own member"));
        }
        ids.sort_unstable();
        let mut people = self.people(&ids).await?;
        let found = ids.into_iter().map(|id| {
            let (kind, record): (Kind, Record) = people.remove(&id).ok_or_else(|| nobody(&id.to_string()))?;
            Ok((Member::of_record(kind, &record), record))
        });
        found.collect()
    }
}
