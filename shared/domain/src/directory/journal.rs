//! Changes of members that are too large for one transaction, and are whole all the same.
//!
//! The change is written down as a journal in the same transaction as the group, which names it; that is the moment
//! at which it has happened. Then it is carried out in parts, each on the condition that the group still names the
//! journal, and at last the group is freed of it. Whoever reads the members meanwhile takes the journal into account;
//! whoever wants to change the group carries it out first. So a crash in between leaves a change that has happened
//! and is carried out by the next request on the group, or by the next process that starts. Until then only the
//! look-ups from a member to its groups lag behind.

use super::Directory;
use super::member::{Member, leave};
use super::member_change::WRITES_AT_ONCE;
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Name, Origin, Record, Store, keys};
use crate::table::{
    Condition, Consistency, Item, Key, MAX_TRANSACTION_WRITES, Query, Source, TableError, Write,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Seconds after which nobody is at work any more on a journal.
pub(super) const ABANDONED_SECONDS: i64 = 60;
/// Ids in one item: 200 KB.
const IDS_AN_ITEM: usize = 12_500;
/// Items of one journal: all of them stand in the transaction of the group.
const MAX_ITEMS: usize = 14;
const ID_BYTES: usize = 16;

/// A change of members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Journal {
    /// Who joins, or with `exactly` everybody who is a member afterwards.
    pub(super) added: Vec<Id>,
    /// Who leaves.
    pub(super) removed: Vec<Id>,
    /// Whether nobody but `added` is a member afterwards.
    pub(super) exactly: bool,
}

impl Journal {
    /// The writes that keep it.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more than 175,000 members at once.
    pub(super) fn writes(&self, directory: &DirectoryId, group: Id, name: &str) -> Result<Vec<Write>, Error> {
        let parts = |ids: &[Id], attribute: &'static str| {
            let part = |ids: &[Id]| (attribute, ids.iter().flat_map(|id| id.bytes()).collect::<Vec<u8>>());
            ids.chunks(IDS_AN_ITEM).map(part).collect::<Vec<_>>()
        };
        let mut parts = [parts(&self.added, "a"), parts(&self.removed, "x")].concat();
        if parts.is_empty() {
            parts.push(("a", Vec::new()));
        }
        if parts.len() > MAX_ITEMS {
            return Err(Error::TooLarge("a request changes at most 175,000 members; send several requests"));
        }
        let item = |(number, (attribute, ids)): (usize, (&str, Vec<u8>))| {
            let item = Item::new(keys::journal(directory, group, name, number)).with(attribute, ids);
            let item = item.with("e", i64::from(self.exactly));
            // The first one can be found, should nobody be left who knows of it.
            let index = keys::journal_index(directory, group);
            Write::Put(if number == 0 { item.indexed(index) } else { item }, Condition::Absent)
        };
        Ok(parts.into_iter().enumerate().map(item).collect())
    }

    fn of_items(items: &[Item]) -> Self {
        let ids = |attribute| {
            let bytes = items.iter().filter_map(|item| item.bytes(attribute));
            bytes.flat_map(|bytes| bytes.chunks(ID_BYTES)).filter_map(Id::from_bytes).collect()
        };
        let exactly = items.first().is_some_and(|item| item.number("e") == Some(1));
        Self { added: ids("a"), removed: ids("x"), exactly }
    }
}

impl Directory {
    async fn read_journal(&self, group: Id, name: &str) -> Result<(Journal, Vec<Key>), Error> {
        let query = Query {
            from: Some(format!("{name}#")),
            to: Some(format!("{name}#~")),
            consistency: Consistency::Strong,
            ..Query::partition(keys::journals(self.id(), group))
        };
        let items = self.store.whole(query).await?;
        let journal = Journal::of_items(&items);
        Ok((journal, items.into_iter().map(|item| item.key).collect()))
    }

    /// The members of a group while a change of them is carried out, as they will be.
    pub(super) async fn members_during(&self, group: Id, name: &str) -> Result<Vec<Member>, Error> {
        // In this order: while the journal is there, what was read before it belongs to it.
        let mut members = self.members(group, Consistency::Strong).await?;
        let (journal, keys) = self.read_journal(group, name).await?;
        if keys.is_empty() {
            return self.members(group, Consistency::Strong).await;
        }
        let added: HashSet<Id> = journal.added.iter().copied().collect();
        let removed: HashSet<Id> = journal.removed.iter().copied().collect();
        members.retain(|member| {
            if journal.exactly { added.contains(&member.id) } else { !removed.contains(&member.id) }
        });
        let present: HashSet<Id> = members.iter().map(|member| member.id).collect();
        let missing: Vec<Id> = added.difference(&present).copied().collect();
        let people = self.people(&missing).await?;
        members.extend(people.values().map(|(kind, record)| Member::of_record(*kind, record)));
        members.sort_unstable_by_key(|member| member.id);
        Ok(members)
    }

    /// Carries out the change of members that a group is in the middle of, if it is, from wherever it was left.
    pub(super) async fn carry_out(&self, group: Id) -> Result<(), Error> {
        let mut losses = 0;
        while losses < super::MAX_LOSSES {
            let Some(record) = self.store.get_latest(self.id(), Kind::Group, group).await? else {
                return Ok(());
            };
            let Some(name) = record.journal.clone() else { return Ok(()) };
            let (journal, keys) = self.read_journal(group, &name).await?;
            if self.carry_out_once(&record, &name, &journal).await? && self.close(&record, &keys).await? {
                return Ok(());
            }
            losses += 1;
        }
        Err(Error::Unavailable("the members of a group kept changing".into()))
    }

    /// Whether everything is done; otherwise something changed meanwhile, and what is left has to be looked for again.
    async fn carry_out_once(&self, group: &Record, name: &str, journal: &Journal) -> Result<bool, Error> {
        let seat = keys::seat(self.id(), Kind::Group, group.id.seat());
        let fence = Write::Check(seat, Condition::Equals("j".to_owned(), name.into()));
        let (added, removed) = self.still_to_do(group.id, journal).await?;
        self.store.note_leaving(self.id(), &removed).await?;
        for part in removed.chunks(MAX_TRANSACTION_WRITES - 1) {
            let leave = part.iter().map(|member| leave(self.id(), group.id, member.id));
            if !self.part([fence.clone()].into_iter().chain(leave).collect()).await? {
                return Ok(false);
            }
        }
        for part in added.chunks(WRITES_AT_ONCE / 2) {
            // Whoever was deleted meanwhile does not join.
            let people: HashMap<Id, (Kind, Record)> = self.people(part).await?;
            let mut writes = vec![fence.clone()];
            for (kind, record) in people.values() {
                writes.extend(Member::of_record(*kind, record).join(self.id(), group.id, record)?);
            }
            if writes.len() > 1 && !self.part(writes).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn still_to_do(&self, group: Id, journal: &Journal) -> Result<(Vec<Id>, Vec<Member>), Error> {
        let wanted: HashSet<Id> = journal.added.iter().copied().collect();
        let removed: HashSet<Id> = journal.removed.iter().copied().collect();
        let mut members = if journal.exactly {
            self.members(group, Consistency::Strong).await?
        } else {
            let named = [journal.added.as_slice(), journal.removed.as_slice()].concat();
            self.members_among(group, &named, Consistency::Strong).await?
        };
        let present: HashSet<Id> = members.iter().map(|member| member.id).collect();
        let mut joining: Vec<Id> = wanted.difference(&present).copied().collect();
        joining.sort_unstable();
        members.retain(|member| {
            if journal.exactly { !wanted.contains(&member.id) } else { removed.contains(&member.id) }
        });
        Ok((joining, members))
    }

    /// Whether the part was written, and not because of the group or somebody in it refused.
    async fn part(&self, writes: Vec<Write>) -> Result<bool, Error> {
        match self.store.table.write(&writes, None).await {
            Ok(_) => Ok(true),
            Err(TableError::Cancelled(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Frees the group of its journal. Whether it was this call that did.
    async fn close(&self, group: &Record, journal: &[Key]) -> Result<bool, Error> {
        let mut writes = vec![group.without_journal(self.id(), Kind::Group)?];
        writes.extend(journal.iter().map(|key| Write::Delete(key.clone(), Condition::Always)));
        self.part(writes).await
    }

    /// The writes that remove what a group leaves behind of its journals.
    pub(super) async fn drop_journals(&self, group: Id) -> Result<Vec<Write>, Error> {
        let partition = keys::journals(self.id(), group);
        let query = Query { consistency: Consistency::Strong, ..Query::partition(partition) };
        let items = self.store.whole(query).await?;
        Ok(items.into_iter().map(|item| Write::Delete(item.key, Condition::Always)).collect())
    }
}

/// Carries out every change of members that was left by a process which died, in all directories. 0.5 read units if
/// there is none. What a group left behind that was deleted in the middle of one is removed. Called when a process
/// starts; what others are still at work on is left to them.
pub async fn carry_out_abandoned(store: &Arc<Store>) -> Result<usize, Error> {
    let query = Query { source: Source::Index, ..Query::partition(keys::JOURNALS) };
    let (mut done, mut failed) = (0, None);
    for item in store.whole(query).await? {
        let Some((id, group)) = item.index.as_ref().and_then(|index| left_behind(&index.sort)) else {
            continue;
        };
        // What is wrong with one directory is no reason to leave the others.
        match carry_out_of(store, &id, group).await {
            Ok(carried_out) => done += usize::from(carried_out),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(done), Err)
}

/// Whether there was something to do, and nobody else is still at it.
async fn carry_out_of(store: &Arc<Store>, id: &DirectoryId, group: Id) -> Result<bool, Error> {
    let record = store.get_latest(id, Kind::Group, group).await?;
    let since = |record: &Record| store.now().as_second() - record.modified.as_second();
    if record.as_ref().is_some_and(|record| since(record) < ABANDONED_SECONDS) {
        return Ok(false);
    }
    let opened = store.open(id).await?;
    let directory = Directory::new(Arc::clone(store), opened, Origin::recovery(), "");
    match record {
        Some(_) => directory.carry_out(group).await?,
        None => directory.forget_members(group).await?,
    }
    Ok(true)
}

/// The directory and the group that an index entry of a journal names.
fn left_behind(sort: &str) -> Option<(DirectoryId, Id)> {
    let (directory, group) = sort.split_once('#')?;
    let (tenant, directory) = directory.split_once('/')?;
    let name = |text| Name::new(text).ok();
    Some((DirectoryId::new(name(tenant)?, name(directory)?), Id::parse(group)?))
}
