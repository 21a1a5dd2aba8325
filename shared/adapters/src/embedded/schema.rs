//! The tables inside the file.

use redb::TableDefinition;

/// Items by [`super::keys::of_item`], as [`super::codec`] writes them.
pub(super) const ITEMS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("items");

/// The index: [`super::keys::of_entry`], without values, for it projects keys only.
pub(super) const ENTRIES: TableDefinition<&[u8], ()> = TableDefinition::new("entries");

/// Known tokens: when each ends (milliseconds since 1970), the SHA-256 of its writes, and the read units (in halves)
/// that repeating it costs.
pub(super) const TOKENS: TableDefinition<&str, (i64, [u8; 32], u64)> = TableDefinition::new("tokens");

/// The same tokens by the time of their end, so that old ones are found without a scan.
pub(super) const TOKEN_ENDS: TableDefinition<(i64, &str), ()> = TableDefinition::new("token-ends");
