//! Reading records by id.

use super::Store;
use super::id::Id;
use super::keys::{self, Kind};
use super::name::DirectoryId;
use super::record::{Glance, Origin, Record};
use crate::error::Error;
use crate::table::{Consistency, Key, MAX_BATCH_GET};
use std::collections::{HashMap, HashSet};

impl Store {
    /// The record of this id, not yet looked into: 0.5 read units. As an eventual read may miss what was created a
    /// moment ago, a miss is asked again strongly; so absence costs 1.5 and is never wrong.
    pub(crate) async fn glance(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        id: Id,
    ) -> Result<Option<Glance>, Error> {
        let key = keys::seat(directory, kind, id.seat());
        let mut item = self.table.get(&key, Consistency::Eventual).await?.value;
        if item.is_none() {
            item = self.table.get(&key, Consistency::Strong).await?.value;
        }
        Ok(item.and_then(Glance::new).filter(|glance| glance.id() == id))
    }

    /// The record of this id as it is now, to be changed: 1 read unit.
    pub(crate) async fn get_latest(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        id: Id,
    ) -> Result<Option<Record>, Error> {
        let key = keys::seat(directory, kind, id.seat());
        let Some(item) = self.table.get(&key, Consistency::Strong).await?.value else { return Ok(None) };
        Ok(Record::from_item(&item)?.filter(|record| record.id == id))
    }

    /// Who deleted the record of this id, if it was deleted: 1 read unit.
    pub(crate) async fn deleted_by(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        id: Id,
    ) -> Result<Option<Origin>, Error> {
        let key = keys::seat(directory, kind, id.seat());
        let item = self.table.get(&key, Consistency::Strong).await?.value;
        let tombstone = item.filter(|item| item.text("t") == Some(id.to_string().as_str()));
        Ok(tombstone.and_then(|item| item.text("o").map(Origin::stored)))
    }

    /// The records of these ids, in their order; 0.5 read units each, or 1.
    pub(crate) async fn get_many(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        ids: &[Id],
        consistency: Consistency,
    ) -> Result<Vec<Option<Record>>, Error> {
        let found = self.glance_many(directory, kind, ids, consistency).await?;
        ids.iter().map(|id| found.get(id).map(Glance::record).transpose()).collect()
    }

    /// The records of these ids that exist, not yet looked into; 0.5 read units each, or 1.
    pub(crate) async fn glance_many(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        ids: &[Id],
        consistency: Consistency,
    ) -> Result<HashMap<Id, Glance>, Error> {
        // On the seat of an id there may be somebody else: no id of this directory, or not of this kind.
        let asked: HashSet<Id> = ids.iter().copied().collect();
        let mut wanted: Vec<Id> = ids.to_vec();
        wanted.sort_unstable_by_key(|id| id.seat());
        wanted.dedup_by_key(|id| id.seat());
        let mut found = HashMap::with_capacity(wanted.len());
        for part in wanted.chunks(MAX_BATCH_GET) {
            let keys: Vec<Key> = part.iter().map(|id| keys::seat(directory, kind, id.seat())).collect();
            let items = self.table.batch_get(&keys, consistency).await?.value;
            let glances = items.into_iter().flatten().filter_map(Glance::new);
            found.extend(
                glances.filter(|glance| asked.contains(&glance.id())).map(|glance| (glance.id(), glance)),
            );
        }
        Ok(found)
    }
}
