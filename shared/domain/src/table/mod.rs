//! The storage port: one narrow trait, shaped so that DynamoDB and an embedded store can both keep it to
//! the letter, limits and request units included.
//!
//! Everything above it (keys, uniqueness, paging) is written once, in [`crate::store`].

mod item;
mod limits;
mod units;

pub use item::{AttributeName, Attributes, Item, Key, Value, attribute_name};
pub use limits::{
    MAX_BATCH_GET, MAX_ITEM_BYTES, MAX_PAGE_BYTES, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_WRITES,
};
pub use units::Units;

use async_trait::async_trait;

/// How fresh a read must be. A strong read costs twice an eventual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// May miss a write of the last moments (DynamoDB); 0.5 units per 4 KB.
    Eventual,
    /// Sees every acknowledged write; 1 unit per 4 KB.
    Strong,
}

/// What must hold of the stored item for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is asked.
    Always,
    /// No item stands under the key.
    Absent,
    /// An item stands under the key.
    Present,
    /// An item stands under the key and this attribute of it has this value.
    Equals(String, Value),
    /// No item stands under the key, or its numeric attribute is below the bound (a lease that ran out).
    AbsentOrBelow(String, i64),
}

/// One write of a transaction. A transaction may name a key only once.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Replaces the whole item.
    Put(Item, Condition),
    /// Removes the item; removing nothing is not an error unless the condition says so.
    Delete(Key, Condition),
    /// Writes nothing, but the transaction happens only if the condition holds.
    Check(Key, Condition),
}

impl Write {
    /// The key that this write concerns.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(item, _) => &item.key,
            Self::Delete(key, _) | Self::Check(key, _) => key,
        }
    }

    /// What must hold for it.
    pub fn condition(&self) -> &Condition {
        match self {
            Self::Put(_, condition) | Self::Delete(_, condition) | Self::Check(_, condition) => condition,
        }
    }
}

/// Where a query reads: the items of one partition, or what the index files under one index partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The table itself; items come whole.
    Table,
    /// The one index. It projects keys only: items come with `key` and `index`, without attributes,
    /// and reads of it are always [`Consistency::Eventual`].
    Index,
}

/// A query over the sort keys of one partition, bounds included, in the byte order of the sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What is read.
    pub source: Source,
    /// The partition, or the index partition.
    pub partition: String,
    /// The least sort key wanted.
    pub from: Option<String>,
    /// The greatest sort key wanted.
    pub to: Option<String>,
    /// Greatest first.
    pub descending: bool,
    /// At most so many items are read (and billed); at least 1.
    pub limit: Option<usize>,
    /// Continues after this position: what [`Page::next`] of the page before said.
    pub after: Option<Cursor>,
    /// Ignored for [`Source::Index`].
    pub consistency: Consistency,
}

impl Query {
    /// All of a partition, ascending, eventually consistent.
    pub fn partition(partition: impl Into<String>) -> Self {
        Self {
            source: Source::Table,
            partition: partition.into(),
            from: None,
            to: None,
            descending: false,
            limit: None,
            after: None,
            consistency: Consistency::Eventual,
        }
    }
}

/// A position in a query: the last item that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Its key in the table.
    pub key: Key,
    /// Its key in the index, for queries of the index.
    pub index: Option<Key>,
}

/// An answer with what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// What it cost.
    pub units: Units,
}

/// A page of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// At most 1 MB of items.
    pub items: Vec<Item>,
    /// Where to go on; `None` where the range was read to its end. A page that ends exactly at the end of
    /// the range may still carry a cursor; the next page is then empty.
    pub next: Option<Cursor>,
}

/// Why one write of a transaction did not happen; in the order of the writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// This write was in order; another one was not.
    None,
    /// Its condition did not hold; with the item that stood there.
    ConditionFailed(Option<Item>),
    /// Another transaction was at work on the same item.
    Conflict,
}

/// Why a table did not do what it was asked. The adapter has already retried what a retry can mend.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Nothing was written: at least one condition did not hold. One reason per write, in their order.
    #[error("a condition did not hold")]
    Cancelled(Vec<Reason>),
    /// An item, a key, a transaction or a request is over a limit of this port. Nothing was written.
    #[error("over a limit of the table: {0}")]
    TooLarge(&'static str),
    /// The request contradicts this port's rules (an empty key, one key twice, a token used for another
    /// transaction). Nothing was written. A fault of the caller.
    #[error("not a request that the table can serve: {0}")]
    Invalid(&'static str),
    /// Throttled, conflicting or unreachable beyond the retries. Whether a write took place is unknown
    /// unless it had a token.
    #[error("the table is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The storage port.
///
/// Implementations report the request units that DynamoDB bills for each successful call, to the half unit.
#[async_trait]
pub trait Table: Send + Sync {
    /// Reads one item. 0.5 units (eventual) or 1 (strong) for each 4 KB begun, absent items included.
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Read<Option<Item>>, TableError>;

    /// Reads up to [`MAX_BATCH_GET`] different keys; the answer is in their order. Units as for as many
    /// gets. What DynamoDB leaves unprocessed is asked again.
    async fn batch_get(
        &self,
        keys: &[Key],
        consistency: Consistency,
    ) -> Result<Read<Vec<Option<Item>>>, TableError>;

    /// Reads a range. Units: the sum of the items' sizes, rounded up to 4 KB once, at least 0.5 (eventual).
    async fn query(&self, query: &Query) -> Result<Read<Page>, TableError>;

    /// Writes all or nothing, at most [`MAX_TRANSACTION_WRITES`] and 4 MB.
    ///
    /// A single `Put` or `Delete` without a token costs 1 unit for each KB begun; several, every `Check`, and every
    /// write with a token, are a transaction and cost twice that. An item with an index key costs as much again in the index as that
    /// entry is large, when the entry is new or changes.
    ///
    /// With a `token` (1 to 36 characters) a repetition within ten minutes is acknowledged without being done again;
    /// the same token with other writes is [`TableError::Invalid`].
    async fn write(&self, writes: &[Write], token: Option<&str>) -> Result<Units, TableError>;
}
