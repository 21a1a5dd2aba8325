//! Reading memberships, and keeping what they say about a member true.

use super::Directory;
use super::member::{Member, brought_by_still, name_of};
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Record, Store, keys};
use crate::table::{Condition, Consistency, Key, MAX_BATCH_GET, Query, Source, Write};
use std::collections::HashMap;

impl Directory {
    /// The members of a group: 0.5 read units for each 4 KB.
    pub(super) async fn members(&self, group: Id, consistency: Consistency) -> Result<Vec<Member>, Error> {
        let query = Query { consistency, ..Query::partition(keys::members(self.id(), group)) };
        Ok(self.store.whole(query).await?.iter().filter_map(Member::of_item).collect())
    }

    /// The first members of a group, one more than `most` at most: what it costs does not grow with the group.
    pub(super) async fn some_members(&self, group: Id, most: usize) -> Result<Vec<Member>, Error> {
        let query = Query {
            limit: Some(most + 1),
            consistency: Consistency::Strong,
            ..Query::partition(keys::members(self.id(), group))
        };
        let page = self.store.table.query(&query).await?.value;
        Ok(page.items.iter().filter_map(Member::of_item).collect())
    }

    /// Which of these are members of a group: 1 read unit each, or 0.5.
    pub(super) async fn members_among(
        &self,
        group: Id,
        ids: &[Id],
        consistency: Consistency,
    ) -> Result<Vec<Member>, Error> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::membership(self.id(), group, *id)).collect();
        let mut found = Vec::new();
        for part in keys.chunks(MAX_BATCH_GET) {
            let items = self.store.table.batch_get(part, consistency).await?.value;
            found.extend(items.iter().flatten().filter_map(Member::of_item));
        }
        Ok(found)
    }

    /// The records of these users and groups as they are now; whoever does not exist is left out. 1 read unit each,
    /// and 1 more for a group.
    pub(super) async fn people(&self, ids: &[Id]) -> Result<HashMap<Id, (Kind, Record)>, Error> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut left = ids.to_vec();
        for kind in [Kind::User, Kind::Group] {
            if left.is_empty() {
                break;
            }
            let glances = self.store.glance_many(self.id(), kind, &left, Consistency::Strong).await?;
            left.retain(|id| !glances.contains_key(id));
            for (id, glance) in glances {
                found.insert(id, (kind, glance.record()?));
            }
        }
        Ok(found)
    }
}

impl Store {
    /// Tells the groups of a member its new name, which they show: 1 write unit each, and 1 read unit for each that an
    /// import has brought it into. Called after the member was
    /// written; were it cut off, a name would be late, and nothing else wrong.
    pub(crate) async fn tell_groups(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        before: &Record,
        after: &Record,
    ) -> Result<(), Error> {
        let display = name_of(&after.document);
        if !after.grouped || display == name_of(&before.document) {
            return Ok(());
        }
        let query =
            Query { source: Source::Index, ..Query::partition(keys::memberships(directory, after.id)) };
        let groups = self.whole(query).await?;
        let groups = groups.iter().filter_map(|item| Id::parse(&item.index.as_ref()?.sort));
        let brought: Vec<(Id, Id)> = after.brought.all().map(|group| (after.id, group)).collect();
        let mut brought = self.memberships(directory, &brought).await?;
        let writes = groups.map(|group| {
            let brought_by = brought.remove(&(after.id, group)).and_then(|membership| membership.brought_by);
            let condition = brought_by.as_deref().map_or(Condition::Present, brought_by_still);
            let member = Member { id: after.id, kind, display: display.clone(), brought_by };
            Write::Put(member.item(directory, group), condition)
        });
        // What it has left meanwhile is left out.
        self.write_each(writes.collect()).await
    }
}
