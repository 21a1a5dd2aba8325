//! DynamoDB's limits, kept by every adapter so that what works on a laptop works in the cloud.

/// Writes in one transaction.
pub const MAX_TRANSACTION_WRITES: usize = 100;
/// Bytes in one transaction, by [`crate::table::Item::size`].
pub const MAX_TRANSACTION_BYTES: usize = 4 * 1024 * 1024;
/// Bytes in one item.
pub const MAX_ITEM_BYTES: usize = 400 * 1024;
/// Keys in one batch of gets.
pub const MAX_BATCH_GET: usize = 100;
/// Bytes that one query reads at most.
pub const MAX_PAGE_BYTES: usize = 1024 * 1024;
