//! Listing records in the order of the roster.

use super::Store;
use super::id::{BLOCK_SEATS, Seat};
use super::keys::{self, Kind};
use super::name::DirectoryId;
use super::record::Glance;
use super::roster::Census;
use crate::error::Error;
use crate::table::{Cursor, Query};

/// Records read at once on a walk: about 250 KB, so that memory stays small whatever the directory.
const STRIDE: usize = 250;

impl Store {
    /// The next `count` records from a seat on. Costs the records themselves, wherever the seat is.
    pub(crate) async fn records_from(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        census: &Census,
        seat: Seat,
        count: usize,
    ) -> Result<Vec<Glance>, Error> {
        let mut records = Vec::with_capacity(count.min(STRIDE));
        let mut walk = Walk::from(census.blocks_from(seat.block), seat);
        while records.len() < count {
            match self.stride(directory, kind, &mut walk, count - records.len()).await? {
                Some(more) => records.extend(more),
                None => break,
            }
        }
        Ok(records)
    }

    /// The next records of a walk, at most `limit`; `None` at its end. May be empty in between.
    pub(crate) async fn stride(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        walk: &mut Walk,
        limit: usize,
    ) -> Result<Option<Vec<Glance>>, Error> {
        let Some(block) = walk.blocks.last().copied() else { return Ok(None) };
        let query = Query {
            from: Some(keys::seat_sort(walk.first)),
            after: walk.after.take(),
            limit: Some(limit.clamp(1, STRIDE)),
            ..Query::partition(keys::block_partition(directory, kind, block))
        };
        let page = self.table.query(&query).await?.value;
        match page.next {
            Some(next) => walk.after = Some(next),
            None => {
                walk.blocks.pop();
                walk.first = 0;
            }
        }
        Ok(Some(page.items.into_iter().filter_map(Glance::new).collect()))
    }
}

/// A position in a roster.
pub(crate) struct Walk {
    /// Blocks still to be read, the next one last.
    blocks: Vec<u32>,
    first: u16,
    after: Option<Cursor>,
}

impl Walk {
    /// Over these blocks, from a seat of the first one on.
    fn from(blocks: impl Iterator<Item = u32>, seat: Seat) -> Self {
        let mut blocks: Vec<u32> = blocks.collect();
        blocks.reverse();
        Self { blocks, first: seat.number, after: None }
    }

    /// Over one block, from a seat on.
    pub(crate) fn of_block(seat: Seat) -> Self {
        Self { blocks: vec![seat.block], first: seat.number, after: None }
    }
}

impl Seat {
    /// The first seat of all.
    pub(crate) const FIRST: Self = Self { block: 0, number: 0 };

    /// The seat behind this one.
    pub(crate) fn next(self) -> Self {
        match self.number + 1 {
            BLOCK_SEATS => Self { block: self.block.saturating_add(1), number: 0 },
            number => Self { number, ..self },
        }
    }
}
