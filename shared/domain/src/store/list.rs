//! Listing records in the order of the roster.

use super::Store;
use super::id::Seat;
use super::keys::{self, Kind};
use super::name::DirectoryId;
use super::record::Record;
use crate::error::Error;
use crate::table::{Cursor, Query};

/// Records read at once on a walk: about 250 KB, so that memory stays small whatever the directory.
const STRIDE: usize = 250;

/// A page of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// How many there are on all pages.
    pub total: usize,
    /// Those of this page.
    pub records: Vec<Record>,
}

impl Store {
    /// `count` records from the one that has `offset` others before it. Costs the census and the records
    /// themselves, wherever the page begins.
    pub(crate) async fn page(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        offset: usize,
        count: usize,
    ) -> Result<Listing, Error> {
        let census = self.census(directory, kind).await?;
        let total = census.total();
        let mut records = Vec::new();
        if let Some(seat) = census.locate(offset).filter(|_| count > 0) {
            let mut walk = Walk::from(census.blocks_from(seat.block), seat);
            while records.len() < count {
                match self.stride(directory, kind, &mut walk, count - records.len()).await? {
                    Some(more) => records.extend(more),
                    None => break,
                }
            }
        }
        Ok(Listing { total, records })
    }

    /// A walk over all records, to be taken with [`Store::stride`].
    pub(crate) async fn walk(&self, directory: &DirectoryId, kind: Kind) -> Result<Walk, Error> {
        let census = self.census(directory, kind).await?;
        Ok(Walk::from(census.blocks_from(0), Seat { block: 0, number: 0 }))
    }

    /// The next records of a walk, at most `limit`; `None` at its end. May be empty in between.
    pub(crate) async fn stride(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        walk: &mut Walk,
        limit: usize,
    ) -> Result<Option<Vec<Record>>, Error> {
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
        page.items
            .iter()
            .filter_map(|item| Record::from_item(item).transpose())
            .collect::<Result<_, _>>()
            .map(Some)
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
    fn from(blocks: impl Iterator<Item = u32>, seat: Seat) -> Self {
        let mut blocks: Vec<u32> = blocks.collect();
        blocks.reverse();
        Self { blocks, first: seat.number, after: None }
    }
}
