//! Memberships: an item each, so that a group's size is nobody's limit.

use super::Directory;
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Record, keys};
use crate::table::{Condition, Consistency, Item, Query, Source, TableError, Write};
use scim::Document;
use scim::error::{Error as Refusal, ErrorKind};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Members that are added in the transaction of their group: an item and a check each, beside the group,
/// its claim and its look-ups.
pub(super) const MEMBERS_AT_ONCE: usize = 46;

/// Somebody who is in a group, or a group that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Member {
    id: Id,
    kind: Kind,
}

/// What a change of a group does to its members.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MemberChange {
    added: Vec<Member>,
    removed: Vec<Member>,
}

impl MemberChange {
    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// The writes, in groups of which each may stand in the transaction of the group.
    pub(super) fn writes(&self, directory: &DirectoryId, group: Id) -> Vec<Vec<Write>> {
        let removed = self.removed.iter().map(|member| remove(directory, group, member.id));
        let writes: Vec<Write> =
            self.added.iter().flat_map(|member| add(directory, group, *member)).chain(removed).collect();
        writes.chunks(2 * MEMBERS_AT_ONCE).map(<[Write]>::to_vec).collect()
    }
}

impl Directory {
    /// These ids as members, each of them found to exist: 1 read unit each.
    pub(super) async fn resolve(&self, ids: &[Id]) -> Result<Vec<Member>, Error> {
        let users = self.store.get_many(&self.id, Kind::User, ids, Consistency::Strong).await?;
        let others: Vec<Id> =
            ids.iter().zip(&users).filter(|(_, user)| user.is_none()).map(|(id, _)| *id).collect();
        let groups = self.store.get_many(&self.id, Kind::Group, &others, Consistency::Strong).await?;
        if let Some((id, _)) = others.iter().zip(&groups).find(|(_, group)| group.is_none()) {
            return Err(nobody(&id.to_string()));
        }
        let is_group: HashSet<Id> = others.into_iter().collect();
        let kind = |id| if is_group.contains(id) { Kind::Group } else { Kind::User };
        Ok(ids.iter().map(|id| Member { id: *id, kind: kind(id) }).collect())
    }

    /// What leads from these members to those ids. Only who is new must be found to exist.
    pub(super) async fn member_change(
        &self,
        group: Id,
        old: &[Member],
        wanted: &[Id],
    ) -> Result<MemberChange, Error> {
        let (olds, news): (HashSet<Id>, HashSet<Id>) =
            (old.iter().map(Member::id).collect(), wanted.iter().copied().collect());
        let added: Vec<Id> = wanted.iter().filter(|id| !olds.contains(id)).copied().collect();
        if added.contains(&group) {
            return Err(refused("a group cannot be its own member".to_owned()));
        }
        let removed = old.iter().filter(|member| !news.contains(&member.id)).copied().collect();
        Ok(MemberChange { added: self.resolve(&added).await?, removed })
    }

    /// Adds members that did not fit into the transaction of their group.
    pub(super) async fn add_members(&self, group: Id, members: &[Member]) -> Result<(), Error> {
        for part in members.chunks(MEMBERS_AT_ONCE) {
            let writes: Vec<Write> = part.iter().flat_map(|member| add(&self.id, group, *member)).collect();
            self.write_members(&writes).await?;
        }
        Ok(())
    }

    /// Writes memberships; what was checked a moment ago may have gone since.
    pub(super) async fn write_members(&self, writes: &[Write]) -> Result<(), Error> {
        match self.store.table.write(writes, None).await {
            Err(TableError::Cancelled(_)) => Err(vanished()),
            done => Ok(done.map(drop)?),
        }
    }

    /// The members of a group: 0.5 read units for each 4 KB.
    pub(super) async fn members(&self, group: Id, consistency: Consistency) -> Result<Vec<Member>, Error> {
        let query = Query { consistency, ..Query::partition(keys::members(&self.id, group)) };
        let items = self.all(query).await?;
        Ok(items.iter().filter_map(member_of_item).collect())
    }

    /// Adds `members` to what is shown of a group.
    pub(super) async fn show_members(&self, group: &Record, document: &mut Document) -> Result<(), Error> {
        let members = self.members(group.id, Consistency::Eventual).await?;
        let meta = document.shift_remove("meta");
        document.extend(shown(&members));
        document.extend(meta.map(|meta| ("meta".to_owned(), meta)));
        Ok(())
    }

    /// The groups that have this member, by their ids.
    pub(super) async fn groups_of(&self, member: Id) -> Result<Vec<Id>, Error> {
        let query = Query { source: Source::Index, ..Query::partition(keys::memberships(&self.id, member)) };
        let items = self.all(query).await?;
        Ok(items.iter().filter_map(|item| Id::parse(&item.index.as_ref()?.sort)).collect())
    }

    async fn all(&self, mut query: Query) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        loop {
            let page = self.store.table.query(&query).await?.value;
            items.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(items),
            }
        }
    }
}

/// Takes `members` out of a group's document: their ids, each once.
pub(super) fn take_members(document: &mut Document) -> Result<Vec<Id>, Error> {
    let Some(Value::Array(elements)) = document.shift_remove("members") else { return Ok(Vec::new()) };
    let mut ids = Vec::with_capacity(elements.len());
    for element in &elements {
        let value = element.get("value").and_then(Value::as_str).unwrap_or_default();
        ids.push(Id::parse(value).ok_or_else(|| nobody(value))?);
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(ids)
}

/// The attribute `members`, if there are any.
pub(super) fn shown(members: &[Member]) -> Option<(String, Value)> {
    let elements: Vec<Value> = members.iter().map(Member::show).collect();
    (!elements.is_empty()).then(|| ("members".to_owned(), Value::Array(elements)))
}

impl Member {
    /// Its id.
    pub(super) fn id(&self) -> Id {
        self.id
    }

    /// As an element of `members`; `$ref` depends on the address that was called.
    fn show(&self) -> Value {
        json!({ "value": self.id.to_string(), "type": self.kind.resource_type() })
    }
}

/// Adds a member, provided that it exists when the transaction happens.
pub(super) fn add(directory: &DirectoryId, group: Id, member: Member) -> [Write; 2] {
    let item = Item::new(keys::membership(directory, group, member.id))
        .with("k", member.kind.letter().to_string())
        .indexed(crate::table::Key::new(keys::memberships(directory, member.id), group.to_string()));
    [Write::Put(item, Condition::Always), crate::store::lives(directory, member.kind, member.id)]
}

/// Removes a member.
pub(super) fn remove(directory: &DirectoryId, group: Id, member: Id) -> Write {
    Write::Delete(keys::membership(directory, group, member), Condition::Always)
}

fn member_of_item(item: &Item) -> Option<Member> {
    let kind = match item.text("k")? {
        "G" => Kind::Group,
        _ => Kind::User,
    };
    Some(Member { id: Id::parse(&item.key.sort)?, kind })
}

fn nobody(value: &str) -> Error {
    refused(format!("members names \"{value}\", which is neither a user nor a group of this directory"))
}

/// A member was deleted between the look and the write.
pub(super) fn vanished() -> Error {
    refused("a member was deleted while the group was being written; read the group again".to_owned())
}

fn refused(detail: String) -> Error {
    Refusal { kind: ErrorKind::InvalidValue, detail }.into()
}
