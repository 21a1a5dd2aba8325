//! The roster: the numbered order in which a directory's records are listed.
//!
//! A roster is a list of blocks of 4,096 seats. A record takes the next free seat of a block and keeps it
//! for life; deleting leaves a tombstone on it. So the seats of a block are taken from 0 up to its frontier
//! without a gap, which makes totals exact and any `startIndex` a matter of arithmetic, while a create
//! writes nothing but the record and its claims.
//!
//! Why there is never a gap: a writer holds a lane (one block) exclusively within its process and moves on
//! only when its write was acknowledged; a write names its seat with the condition that it is free; and a
//! seat once taken never becomes free. Writers of other processes that meet on a seat lose the condition,
//! look up the frontier again, and open another block when they keep meeting.

use super::Store;
use super::holes::Holes;
use super::id::{BLOCK_SEATS, Seat};
use super::keys::{self, Kind};
use super::name::DirectoryId;
use crate::error::Error;
use crate::table::{Condition, Consistency, Item, Query, TableError, Write};
use futures::lock::{Mutex as AsyncMutex, OwnedMutexGuard};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Blocks of one roster that are filled at the same time: enough for 8,000 creates a second.
pub(super) const MAX_OPEN_BLOCKS: usize = 16;
/// Losing this many seats in a row to other writers is reason to open another block.
const MEETINGS_BEFORE_OPENING: u32 = 2;

/// A block as its registry entry says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Its number; blocks are listed in this order.
    pub(super) number: u32,
    /// Whether every seat was taken once.
    pub(super) full: bool,
    /// Seats whose records were deleted.
    pub(super) holes: Holes,
    version: i64,
}

impl Block {
    fn from_item(item: &Item) -> Option<Self> {
        Some(Self {
            number: u32::from_str_radix(&item.key.sort, 16).ok()?,
            full: item.number("f") == Some(1),
            holes: item.bytes("h").map(Holes::from_bytes).unwrap_or_default(),
            version: item.number("n")?,
        })
    }

    /// The write that replaces the entry as it was read by what it is now.
    fn write(&self, directory: &DirectoryId, kind: Kind) -> Write {
        let key = keys::block(directory, kind, self.number);
        let mut item = Item::new(key).with("n", self.version + 1);
        if self.full {
            item = item.with("f", 1);
        }
        if !self.holes.bytes().is_empty() {
            item = item.with("h", self.holes.bytes().to_vec());
        }
        let condition = match self.version {
            0 => Condition::Absent,
            version => Condition::Equals("n".to_owned(), version.into()),
        };
        Write::Put(item, condition)
    }
}

/// Free seats in a row, offered to a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seats {
    block: u32,
    first: u16,
    /// How many.
    pub(super) count: usize,
}

impl Seats {
    /// The seats, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = Seat> {
        (self.first..BLOCK_SEATS).take(self.count).map(move |number| Seat { block: self.block, number })
    }
}

/// A block that one writer of this process fills, and how far it is.
#[derive(Debug, Default)]
pub(super) struct Lane {
    place: Option<(u32, u16)>,
    meetings: u32,
}

impl Lane {
    /// The write on the next `count` seats was acknowledged.
    pub(super) fn took(&mut self, count: usize) {
        self.meetings = 0;
        if let Some((_, next)) = &mut self.place {
            *next += count as u16;
        }
    }

    /// Somebody else sat there, or nobody knows whether the write happened.
    pub(super) fn lost(&mut self) {
        self.meetings += 1;
        self.place = None;
    }
}

type Pool = Vec<(Arc<AsyncMutex<Lane>>, Arc<Mutex<Option<u32>>>)>;

/// The lanes of this process.
#[derive(Debug, Default)]
pub(super) struct Lanes(Mutex<HashMap<(DirectoryId, Kind), Pool>>);

/// A lane that the holder alone may use, with the block that it stands for as others see it.
pub(super) struct HeldLane {
    lane: OwnedMutexGuard<Lane>,
    shown: Arc<Mutex<Option<u32>>>,
}

impl Lanes {
    /// An idle lane, a new one if all are busy, or the wait for one if there are as many as there may be.
    pub(super) async fn hold(&self, directory: &DirectoryId, kind: Kind, turn: u8) -> HeldLane {
        let (waiting, shown) = {
            let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let pool = pools.entry((directory.clone(), kind)).or_default();
            for (lane, shown) in pool.iter() {
                if let Some(lane) = Arc::clone(lane).try_lock_owned() {
                    return HeldLane { lane, shown: Arc::clone(shown) };
                }
            }
            let at = if pool.len() < MAX_OPEN_BLOCKS {
                pool.push(Default::default());
                pool.len() - 1
            } else {
                usize::from(turn) % pool.len()
            };
            let (lane, shown) = pool.get(at).cloned().unwrap_or_default();
            (lane.lock_owned(), shown)
        };
        HeldLane { lane: waiting.await, shown }
    }

    fn blocks_in_use(&self, directory: &DirectoryId, kind: Kind) -> Vec<u32> {
        let pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pool = pools.get(&(directory.clone(), kind)).map(Vec::as_slice).unwrap_or_default();
        pool.iter().filter_map(|(_, shown)| *shown.lock().unwrap_or_else(PoisonError::into_inner)).collect()
    }
}

impl std::ops::Deref for HeldLane {
    type Target = Lane;

    fn deref(&self) -> &Lane {
        &self.lane
    }
}

impl std::ops::DerefMut for HeldLane {
    fn deref_mut(&mut self) -> &mut Lane {
        &mut self.lane
    }
}

impl HeldLane {
    fn show(&self, block: Option<u32>) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = block;
    }
}

impl Store {
    /// Up to `wanted` free seats in a row, as far as this process knows; at least one.
    pub(super) async fn free_seats(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        lane: &mut HeldLane,
        wanted: usize,
    ) -> Result<Seats, Error> {
        loop {
            match lane.place {
                Some((block, next)) if next < BLOCK_SEATS => {
                    let count = wanted.min(usize::from(BLOCK_SEATS - next));
                    return Ok(Seats { block, first: next, count });
                }
                Some((block, _)) => {
                    self.close_block(directory, kind, block).await?;
                    lane.place = None;
                }
                None => {
                    let block = self.choose_block(directory, kind, lane).await?;
                    lane.show(Some(block));
                    lane.place =
                        Some((block, self.frontier(directory, kind, block, Consistency::Strong).await?));
                }
            }
        }
    }

    async fn choose_block(&self, directory: &DirectoryId, kind: Kind, lane: &HeldLane) -> Result<u32, Error> {
        lane.show(None);
        loop {
            let recent = self.recent_blocks(directory, kind).await?;
            let open: Vec<u32> =
                recent.iter().filter(|block| !block.full).map(|block| block.number).collect();
            let ours = self.lanes.blocks_in_use(directory, kind);
            let free: Vec<u32> = open.iter().filter(|block| !ours.contains(block)).copied().collect();
            let crowded = lane.meetings >= MEETINGS_BEFORE_OPENING && open.len() < MAX_OPEN_BLOCKS;
            let [turn] = self.random_bytes();
            match free.get(usize::from(turn) % free.len().max(1)) {
                Some(block) if !crowded => return Ok(*block),
                _ => {
                    let number = recent.first().map_or(0, |block| block.number + 1);
                    if self.open_block(directory, kind, number).await? {
                        return Ok(number);
                    }
                }
            }
        }
    }

    /// The last blocks, latest first: every open one is among them.
    async fn recent_blocks(&self, directory: &DirectoryId, kind: Kind) -> Result<Vec<Block>, Error> {
        let query = Query {
            descending: true,
            limit: Some(4 * MAX_OPEN_BLOCKS),
            consistency: Consistency::Strong,
            ..Query::partition(keys::blocks(directory, kind))
        };
        let page = self.table.query(&query).await?.value;
        Ok(page.items.iter().filter_map(Block::from_item).collect())
    }

    /// Whether it was this call that opened the block.
    async fn open_block(&self, directory: &DirectoryId, kind: Kind, number: u32) -> Result<bool, Error> {
        let block = Block { number, ..Block::default() };
        match self.table.write(&[block.write(directory, kind)], None).await {
            Ok(_) => Ok(true),
            Err(TableError::Cancelled(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes that a block is full, so that nobody looks for its frontier again.
    async fn close_block(&self, directory: &DirectoryId, kind: Kind, number: u32) -> Result<(), Error> {
        loop {
            let Some(mut block) = self.read_block(directory, kind, number).await? else { return Ok(()) };
            if block.full {
                return Ok(());
            }
            block.full = true;
            match self.table.write(&[block.write(directory, kind)], None).await {
                Err(TableError::Cancelled(_)) => {}
                done => return Ok(done.map(drop)?),
            }
        }
    }

    async fn read_block(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        number: u32,
    ) -> Result<Option<Block>, Error> {
        let key = keys::block(directory, kind, number);
        let item = self.table.get(&key, Consistency::Strong).await?.value;
        Ok(item.as_ref().and_then(Block::from_item))
    }

    /// The write that marks a seat as vacated; holds only if the block has not changed meanwhile.
    pub(super) async fn vacate(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        seat: Seat,
    ) -> Result<Write, Error> {
        let block = self.read_block(directory, kind, seat.block).await?;
        let mut block =
            block.ok_or_else(|| Error::fault("a record stands in a block that is not registered"))?;
        block.holes.add(seat.number);
        Ok(block.write(directory, kind))
    }

    /// The first seat of a block that was never taken.
    async fn frontier(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        block: u32,
        consistency: Consistency,
    ) -> Result<u16, Error> {
        let partition = keys::block_partition(directory, kind, block);
        let query = Query { descending: true, limit: Some(1), consistency, ..Query::partition(partition) };
        let page = self.table.query(&query).await?.value;
        Ok(page.items.first().and_then(|item| keys::seat_of_sort(&item.key.sort)).map_or(0, |last| last + 1))
    }

    /// Counts a roster without reading its records.
    pub(crate) async fn census(&self, directory: &DirectoryId, kind: Kind) -> Result<Census, Error> {
        let mut query = Query::partition(keys::blocks(directory, kind));
        let mut blocks = Vec::new();
        loop {
            let page = self.table.query(&query).await?.value;
            blocks.extend(page.items.iter().filter_map(Block::from_item));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        let counted = futures::stream::iter(blocks.into_iter().map(|block| async move {
            let frontier = if block.full {
                BLOCK_SEATS
            } else {
                self.frontier(directory, kind, block.number, Consistency::Eventual).await?
            };
            Ok::<_, Error>((block, frontier))
        }));
        Ok(Census(counted.buffered(MAX_OPEN_BLOCKS).try_collect().await?))
    }
}

/// The blocks of a roster with their frontiers, in the order of listing.
pub(crate) struct Census(Vec<(Block, u16)>);

impl Census {
    /// Living records.
    pub(crate) fn total(&self) -> usize {
        self.0.iter().map(living).sum()
    }

    /// The seat of the record that has `offset` living ones before it.
    pub(crate) fn locate(&self, offset: usize) -> Option<Seat> {
        let mut left = offset;
        for counted in &self.0 {
            let living = living(counted);
            if left < living {
                let number = counted.0.holes.select(left as u32)?;
                return Some(Seat { block: counted.0.number, number });
            }
            left -= living;
        }
        None
    }

    /// The numbers of the blocks from this one on.
    pub(crate) fn blocks_from(&self, block: u32) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(counted, _)| counted.number).filter(move |number| *number >= block)
    }
}

fn living((block, frontier): &(Block, u16)) -> usize {
    usize::from(*frontier).saturating_sub(block.holes.count() as usize)
}
