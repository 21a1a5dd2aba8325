//! What DynamoDB bills for a request: the embedded table counts by it, so that a laptop shows what the cloud will cost.

use domain::table::{Consistency, Key, Units};

const READ_BLOCK: usize = 4 * 1024;
const WRITE_BLOCK: usize = 1024;

/// Reading so many bytes, rounded up once: an item, or all items of a query.
pub(crate) fn read(bytes: usize, consistency: Consistency) -> Units {
    let blocks = bytes.div_ceil(READ_BLOCK).max(1) as u64;
    let halves = match consistency {
        Consistency::Eventual => blocks,
        Consistency::Strong => 2 * blocks,
    };
    Units { read_halves: halves, writes: 0 }
}

/// Repeating one write of a transaction whose token is known: the item is read, and billed twice.
pub(crate) fn repeat(bytes: usize) -> Units {
    let once = read(bytes, Consistency::Strong);
    once + once
}

/// One write to the table, by the larger of what stood there and what stands there now. Within a transaction it
/// costs twice.
pub(crate) fn write(bytes: usize, transaction: bool) -> Units {
    let blocks = bytes.div_ceil(WRITE_BLOCK).max(1) as u64;
    Units { read_halves: 0, writes: if transaction { 2 * blocks } else { blocks } }
}

/// What the index is billed for the same write: nothing where the entry stays, once where it appears or goes, twice
/// where it moves. Never doubled, for the index is brought up to date outside the transaction.
pub(crate) fn index(key: &Key, old: Option<&Key>, new: Option<&Key>) -> Units {
    if old == new {
        return Units::default();
    }
    [old, new].into_iter().flatten().map(|index| write(entry_bytes(key, index), false)).sum()
}

/// The bytes of an index entry: four attribute names of two bytes, and their values.
pub(crate) fn entry_bytes(key: &Key, index: &Key) -> usize {
    8 + key.partition.len() + key.sort.len() + index.partition.len() + index.sort.len()
}
