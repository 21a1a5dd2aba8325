//! Creating records: record and entries in one conditional transaction, as many records as fit into it.

use super::Store;
use super::id::{Id, Seat};
use super::name::DirectoryId;
use super::record::{Draft, Entry, Record, entries};
use super::roster::HeldLane;
use super::update::Typed;
use crate::error::Error;
use crate::table::{
    Condition, Key, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_WRITES, Reason, TableError, Write,
};
use std::collections::HashSet;

/// Losing seats so often in a row means that something is wrong, not busy.
const MAX_LOSSES: usize = 64;
/// An entry is at most so large: a key of 240 bytes and an id.
const ENTRY_BYTES: usize = 400;

/// Writes that go into the transaction of a new record, made when its id is known.
pub(crate) type Further = Box<dyn Fn(Id) -> Result<Vec<Write>, Error> + Send + Sync>;

impl Store {
    /// Creates one record with what belongs to it. Costs 2 write units, 2 for its claim and 2 for each
    /// look-up.
    pub(crate) async fn create(
        &self,
        directory: &DirectoryId,
        typed: Typed<'_>,
        draft: Draft,
        further: Option<Further>,
    ) -> Result<Record, Error> {
        let mut creation = Creation::new(self, directory, typed, vec![draft]);
        creation.further = further;
        let outcome = creation.run().await?.pop();
        outcome.unwrap_or_else(|| Err(Error::fault("a draft without an outcome")))
    }

    /// Creates many records, each wholly or not at all; one that is refused keeps none of the others. The
    /// outcomes are in the order of the drafts.
    ///
    /// # Errors
    /// Where the store fails, some may have been created: their origin tells.
    pub(crate) async fn create_many(
        &self,
        directory: &DirectoryId,
        typed: Typed<'_>,
        drafts: Vec<Draft>,
    ) -> Result<Vec<Result<Record, Error>>, Error> {
        Creation::new(self, directory, typed, drafts).run().await
    }
}

/// A draft on its way, with its place in the caller's list.
struct Waiting {
    at: usize,
    draft: Draft,
    entries: Vec<Entry>,
}

/// A record and its writes within a transaction: the record itself first, then its entries, then the rest.
struct Placed {
    at: usize,
    record: Record,
    writes: Vec<Write>,
}

struct Creation<'a> {
    store: &'a Store,
    directory: &'a DirectoryId,
    typed: Typed<'a>,
    waiting: Vec<Waiting>,
    further: Option<Further>,
    outcomes: Vec<Option<Result<Record, Error>>>,
}

impl<'a> Creation<'a> {
    fn new(store: &'a Store, directory: &'a DirectoryId, typed: Typed<'a>, drafts: Vec<Draft>) -> Self {
        let outcomes = drafts.iter().map(|_| None).collect();
        let waiting = drafts.into_iter().enumerate();
        let waiting = waiting
            .map(|(at, draft)| Waiting {
                at,
                entries: entries(typed.kind, typed.resource_type, &draft.document),
                draft,
            })
            .collect();
        Self { store, directory, typed, waiting, further: None, outcomes }
    }

    async fn run(mut self) -> Result<Vec<Result<Record, Error>>, Error> {
        let [turn] = self.store.random_bytes();
        let mut lane = self.store.lanes.hold(self.directory, self.typed.kind, turn).await;
        let mut losses = 0;
        while !self.waiting.is_empty() {
            if losses == MAX_LOSSES {
                return Err(Error::Unavailable("no free seat could be won".into()));
            }
            let progress = self.round(&mut lane).await?;
            losses = if progress { 0 } else { losses + 1 };
        }
        Ok(self.outcomes.into_iter().flatten().collect())
    }

    /// One transaction. Whether it settled the outcome of at least one draft.
    async fn round(&mut self, lane: &mut HeldLane) -> Result<bool, Error> {
        let seats = self.store.free_seats(self.directory, self.typed.kind, lane, self.waiting.len()).await?;
        let placed = self.place(seats.iter())?;
        self.store.note_changes(self.directory, self.typed, placed.iter().map(|one| &one.record)).await?;
        let writes: Vec<Write> = placed.iter().flat_map(|one| one.writes.iter().cloned()).collect();
        match self.store.table.write(&writes, None).await {
            Ok(_) => {
                lane.took(placed.len());
                for one in placed {
                    self.settle(one.at, Ok(one.record));
                }
                Ok(true)
            }
            Err(TableError::Cancelled(reasons)) => {
                let refused = self.refused(&reasons, &placed);
                let progress = !refused.is_empty();
                if !progress {
                    lane.lost();
                }
                for (at, error) in refused {
                    self.settle(at, Err(error));
                }
                Ok(progress)
            }
            Err(error) => {
                lane.lost();
                Err(error.into())
            }
        }
    }

    fn settle(&mut self, at: usize, outcome: Result<Record, Error>) {
        self.waiting.retain(|one| one.at != at);
        if let Some(slot) = self.outcomes.get_mut(at) {
            *slot = Some(outcome);
        }
    }

    /// Seats as many drafts as one transaction holds. A draft that wants what an earlier one of the same
    /// transaction claims waits for the next, where that claim refuses it.
    fn place(&self, seats: impl Iterator<Item = Seat>) -> Result<Vec<Placed>, Error> {
        let mut writes_left = MAX_TRANSACTION_WRITES;
        let mut bytes_left = MAX_TRANSACTION_BYTES;
        let mut claimed: HashSet<Key> = HashSet::new();
        let mut placed: Vec<Placed> = Vec::new();
        let mut seats = seats.peekable();
        for one in &self.waiting {
            let claims: Vec<Key> = one.claims(self.directory).collect();
            if claims.iter().any(|key| claimed.contains(key)) {
                continue;
            }
            let Some(seat) = seats.peek() else { break };
            let next = self.seat(one, *seat)?;
            let bytes = next.bytes();
            if !placed.is_empty() && (next.writes.len() > writes_left || bytes > bytes_left) {
                break;
            }
            seats.next();
            writes_left = writes_left.saturating_sub(next.writes.len());
            bytes_left = bytes_left.saturating_sub(bytes);
            claimed.extend(claims);
            placed.push(next);
        }
        Ok(placed)
    }

    fn seat(&self, one: &Waiting, seat: Seat) -> Result<Placed, Error> {
        let now = self.store.now();
        let record = Record {
            id: Id::mint(seat, self.store.random_bytes()),
            version: 1,
            revision: 1,
            created: now,
            modified: now,
            origin: one.draft.origin.clone(),
            owner: one.draft.owner.clone(),
            bond: one.draft.bond.clone(),
            grouped: !one.draft.brought.is_empty(),
            brought: one.draft.brought.clone(),
            signed_in: None,
            journal: one.draft.journal.clone(),
            document: one.draft.document.clone(),
        };
        let mut writes =
            vec![Write::Put(record.to_item(self.directory, self.typed.kind)?, Condition::Absent)];
        let entries = one.entries.iter().map(|entry| entry.item(self.directory, record.id));
        writes.extend(entries.map(|item| Write::Put(item, Condition::Absent)));
        if let Some(further) = &self.further {
            writes.extend(further(record.id)?);
        }
        Ok(Placed { at: one.at, record, writes })
    }

    /// The drafts whose claims somebody holds, or whose further writes do not hold. None: a seat was lost.
    fn refused(&self, reasons: &[Reason], placed: &[Placed]) -> Vec<(usize, Error)> {
        let mut rest = reasons;
        let mut refused = Vec::new();
        for one in placed {
            let (mine, others) = rest.split_at_checked(one.writes.len()).unwrap_or_default();
            rest = others;
            let entries =
                self.waiting.iter().find(|waiting| waiting.at == one.at).map(|waiting| &waiting.entries);
            let entries = entries.map(Vec::as_slice).unwrap_or_default();
            let (of_entries, of_rest) =
                mine.get(1..).unwrap_or_default().split_at_checked(entries.len()).unwrap_or_default();
            let held = entries.iter().zip(of_entries).find_map(|(entry, reason)| entry.held(reason));
            let gone = of_rest.iter().any(|reason| matches!(reason, Reason::ConditionFailed(_)));
            refused.extend(held.or(gone.then_some(Error::VersionConflict)).map(|error| (one.at, error)));
        }
        refused
    }
}

impl Waiting {
    fn claims(&self, directory: &DirectoryId) -> impl Iterator<Item = Key> {
        self.entries.iter().filter_map(|entry| entry.claim(directory))
    }
}

impl Placed {
    fn bytes(&self) -> usize {
        let record = match self.writes.first() {
            Some(Write::Put(item, _)) => item.size(),
            _ => 0,
        };
        record + ENTRY_BYTES * self.writes.len()
    }
}
