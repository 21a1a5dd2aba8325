//! Changing and deleting records.

use super::Store;
use super::bond::Bond;
use super::brought::Brought;
use super::id::Id;
use super::keys::{self, Kind};
use super::name::DirectoryId;
use super::record::{Entry, Origin, Record, entries};
use crate::error::Error;
use crate::table::{Condition, Item, Key, MAX_TRANSACTION_WRITES, Reason, TableError, Write};
use jiff::Timestamp;
use scim::Document;
use scim::schema::ResourceType;
use std::collections::BTreeMap;

/// Deleting again when the block of the roster changed in between; each loss means that somebody else won.
const MAX_LOSSES: usize = 64;

/// A kind of resource, with what the store has to know of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typed<'a> {
    /// The kind.
    pub(crate) kind: Kind,
    /// Its schema, which says what is unique.
    pub(crate) resource_type: &'a ResourceType,
    /// Whether changes are logged.
    pub(crate) logged: bool,
}

/// What a record becomes.
pub(crate) struct Revision {
    /// The document afterwards.
    pub(crate) document: Document,
    /// Who changes it.
    pub(crate) origin: Origin,
    /// The row that changes it, if one does.
    pub(crate) bond: Option<Bond>,
    /// The import configuration that it belongs to from now on.
    pub(crate) owner: Option<String>,
    /// The groups that imports have brought it into, or are about to.
    pub(crate) brought: Brought,
    /// The change of members that is still to be carried out, if it is a group with a large one.
    pub(crate) journal: Option<String>,
}

impl Store {
    /// Replaces a record's document, provided that it is still at the version that was read. 1 write unit;
    /// with other claims, look-ups or `further` writes a transaction: 2 for the record and 2 for each of them. 1 more
    /// where it breaks the bond to a row of a file.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where the record, or what a further write expects, has changed meanwhile;
    /// [`Error::NotUnique`] where another record has the new value.
    pub(crate) async fn update(
        &self,
        directory: &DirectoryId,
        typed: Typed<'_>,
        current: &Record,
        to: Revision,
        further: Vec<Write>,
    ) -> Result<Record, Error> {
        self.loosen(directory, current, to.bond.as_ref()).await?;
        let old = entries(typed.kind, typed.resource_type, &current.document);
        let new = entries(typed.kind, typed.resource_type, &to.document);
        let next = to.of(current, self.now());
        self.note_changes(directory, typed, std::iter::once(&next)).await?;
        let added: Vec<&Entry> = new.iter().filter(|entry| !old.contains(entry)).collect();
        let mut writes = vec![Write::Put(next.to_item(directory, typed.kind)?, unchanged(current))];
        writes.extend(
            added.iter().map(|entry| Write::Put(entry.item(directory, current.id), entry.condition())),
        );
        let dropped = old.iter().filter(|entry| !new.contains(entry));
        writes
            .extend(dropped.map(|entry| Write::Delete(entry.key(directory, current.id), Condition::Always)));
        writes.extend(further);
        match self.table.write(&writes, None).await {
            Ok(_) => Ok(next),
            Err(TableError::Cancelled(reasons)) => {
                let of_entries = reasons.get(1..).unwrap_or_default();
                let held = added.iter().zip(of_entries).find_map(|(entry, reason)| entry.held(reason));
                let moved = matches!(reasons.first(), Some(Reason::ConditionFailed(_)));
                Err(held.filter(|_| !moved).unwrap_or(Error::VersionConflict))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces several records at the same moment, so that they can exchange unique values: 2 write units for each of
    /// them, each claim and each look-up that changes.
    ///
    /// # Errors
    /// As [`Store::update`]; and [`Error::TooLarge`] for more than one transaction holds.
    pub(crate) async fn exchange(
        &self,
        directory: &DirectoryId,
        typed: Typed<'_>,
        changes: Vec<(&Record, Revision)>,
    ) -> Result<Vec<Record>, Error> {
        let mut records = Vec::with_capacity(changes.len());
        let mut writes = Vec::new();
        // Who gives an entry up, and who takes it.
        let mut moves: BTreeMap<Key, (Option<Id>, Option<Item>)> = BTreeMap::new();
        for (current, to) in changes {
            self.loosen(directory, current, to.bond.as_ref()).await?;
            let old = entries(typed.kind, typed.resource_type, &current.document);
            let new = entries(typed.kind, typed.resource_type, &to.document);
            for dropped in old.iter().filter(|entry| !new.contains(entry)) {
                moves.entry(dropped.key(directory, current.id)).or_default().0 = Some(current.id);
            }
            for added in new.iter().filter(|entry| !old.contains(entry)) {
                let item = added.item(directory, current.id);
                if moves.entry(item.key.clone()).or_default().1.replace(item).is_some() {
                    return Err(Error::VersionConflict);
                }
            }
            let next = to.of(current, self.now());
            writes.push(Write::Put(next.to_item(directory, typed.kind)?, unchanged(current)));
            records.push(next);
        }
        writes.extend(moves.into_iter().filter_map(|(key, (from, to))| match (from, to) {
            (Some(from), Some(item)) => {
                Some(Write::Put(item, Condition::Equals("u".to_owned(), from.to_string().into())))
            }
            (None, Some(item)) => Some(Write::Put(item, Condition::Absent)),
            (Some(_), None) => Some(Write::Delete(key, Condition::Always)),
            (None, None) => None,
        }));
        self.note_changes(directory, typed, records.iter()).await?;
        self.table.write(&writes, None).await?;
        Ok(records)
    }

    /// How many further writes the transaction has room for that deletes this record: it writes the tombstone,
    /// the block, and every entry.
    pub(crate) fn room_beside_delete(typed: Typed<'_>, current: &Record) -> usize {
        MAX_TRANSACTION_WRITES
            .saturating_sub(2 + entries(typed.kind, typed.resource_type, &current.document).len())
    }

    /// Removes a record, its claims and look-ups, and leaves a tombstone on its seat, provided that it is
    /// still at the version that was read. 4 write units, and 2 for each claim, look-up and `further` write.
    pub(crate) async fn delete(
        &self,
        directory: &DirectoryId,
        typed: Typed<'_>,
        current: &Record,
        origin: &Origin,
        further: &[Write],
    ) -> Result<(), Error> {
        self.loosen(directory, current, None).await?;
        let tombstone = current.tombstone(directory, typed.kind, self.now(), origin);
        for _ in 0..MAX_LOSSES {
            let mut writes = vec![Write::Put(tombstone.clone(), unchanged(current))];
            writes.push(self.vacate(directory, typed.kind, current.id.seat()).await?);
            let entries = entries(typed.kind, typed.resource_type, &current.document);
            writes.extend(
                entries
                    .iter()
                    .map(|entry| Write::Delete(entry.key(directory, current.id), Condition::Always)),
            );
            writes.extend_from_slice(further);
            match self.table.write(&writes, None).await {
                Err(TableError::Cancelled(reasons)) if reasons.first() == Some(&Reason::None) => {}
                done => return Ok(done.map(drop)?),
            }
        }
        Err(Error::Unavailable("the block of the record kept changing".into()))
    }
}

impl Revision {
    /// The record that it makes of the current one.
    fn of(self, current: &Record, now: Timestamp) -> Record {
        let Self { document, origin, bond, owner, brought, journal } = self;
        Record {
            version: current.version + 1,
            revision: current.revision + 1,
            journal,
            modified: now.max(current.modified),
            origin,
            bond,
            owner,
            grouped: current.grouped || !brought.is_empty(),
            brought,
            document,
            ..current.clone()
        }
    }
}

impl Record {
    /// The write that notes on a member that it is in a group, so that its groups are looked for from now on. It shows
    /// in no answer and changes no version.
    pub(crate) fn now_grouped(&self, directory: &DirectoryId, kind: Kind) -> Result<Write, Error> {
        let next = Self { revision: self.revision + 1, grouped: true, ..self.clone() };
        Ok(Write::Put(next.to_item(directory, kind)?, unchanged(self)))
    }

    /// The write that notes on a group that its change of members is carried out.
    pub(crate) fn without_journal(&self, directory: &DirectoryId, kind: Kind) -> Result<Write, Error> {
        let next = Self { revision: self.revision + 1, journal: None, ..self.clone() };
        Ok(Write::Put(next.to_item(directory, kind)?, unchanged(self)))
    }
}

/// A check that a record of this kind lives under the id, for the transaction of what refers to it.
pub(crate) fn lives(directory: &DirectoryId, kind: Kind, id: Id) -> Write {
    let key = keys::seat(directory, kind, id.seat());
    Write::Check(key, Condition::Equals("i".to_owned(), id.to_string().into()))
}

impl Entry {
    /// What must hold for a record to take this entry.
    fn condition(&self) -> Condition {
        if self.is_unique() { Condition::Absent } else { Condition::Always }
    }
}

/// That nobody has written the record since it was read.
pub(super) fn unchanged(current: &Record) -> Condition {
    Condition::Equals("r".to_owned(), current.revision.into())
}
