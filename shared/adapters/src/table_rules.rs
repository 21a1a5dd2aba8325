//! The port's limits and rules, checked before a request reaches any store, so that every adapter of the table
//! refuses the same requests with the same error.

use domain::table::{
    Condition, Cursor, Item, Key, MAX_BATCH_GET, MAX_ITEM_BYTES, MAX_TRANSACTION_BYTES,
    MAX_TRANSACTION_WRITES, Page, Query, Read, Source, TableError, Units, Write,
};
use std::collections::HashSet;

/// Bytes of a partition key.
const MAX_PARTITION_BYTES: usize = 2048;
/// Bytes of a sort key.
const MAX_SORT_BYTES: usize = 1024;
/// Characters of an idempotency token.
const MAX_TOKEN_CHARS: usize = 36;
/// Names of attributes that hold the parts of an item that are not in [`Item::attributes`].
pub(crate) const PARTITION: &str = "pk";
pub(crate) const SORT: &str = "sk";
pub(crate) const INDEX_PARTITION: &str = "ik";
pub(crate) const INDEX_SORT: &str = "is";
pub(crate) const EXPIRES: &str = "ttl";
const RESERVED: [&str; 5] = [PARTITION, SORT, INDEX_PARTITION, INDEX_SORT, EXPIRES];

/// The sort keys that a query wants, bounds included.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Range<'a> {
    /// No key can lie in it, so that the store need not be asked.
    Nothing,
    /// From the least to the greatest, where given.
    Between(Option<&'a str>, Option<&'a str>),
}

/// Refuses a key that cannot stand in the table.
pub(crate) fn check_key(key: &Key) -> Result<(), TableError> {
    check_partition(&key.partition)?;
    if key.sort.is_empty() {
        return Err(TableError::Invalid("an empty sort key"));
    }
    check_sort_length(&key.sort)
}

/// Refuses a batch of keys that one call cannot read.
pub(crate) fn check_batch(keys: &[Key]) -> Result<(), TableError> {
    if keys.len() > MAX_BATCH_GET {
        return Err(TableError::TooLarge("more keys than one batch may name"));
    }
    let mut seen = HashSet::with_capacity(keys.len());
    for key in keys {
        check_key(key)?;
        if !seen.insert(key) {
            return Err(TableError::Invalid("one key twice in a batch"));
        }
    }
    Ok(())
}

/// Refuses a transaction that breaks a rule or a limit.
pub(crate) fn check_writes(writes: &[Write], token: Option<&str>) -> Result<(), TableError> {
    if writes.is_empty() {
        return Err(TableError::Invalid("a transaction of nothing"));
    }
    if writes.len() > MAX_TRANSACTION_WRITES {
        return Err(TableError::TooLarge("more writes than one transaction may hold"));
    }
    if token.is_some_and(|token| token.is_empty() || token.chars().count() > MAX_TOKEN_CHARS) {
        return Err(TableError::Invalid("a token is 1 to 36 characters long"));
    }
    let mut bytes = 0;
    let mut seen = HashSet::with_capacity(writes.len());
    for write in writes {
        check_key(write.key())?;
        check_condition(write.condition())?;
        if !seen.insert(write.key()) {
            return Err(TableError::Invalid("one key twice in a transaction"));
        }
        if matches!(write, Write::Check(_, Condition::Always)) {
            return Err(TableError::Invalid("a check of nothing"));
        }
        bytes += match write {
            Write::Put(item, _) => check_item(item)?,
            Write::Delete(key, _) | Write::Check(key, _) => key.partition.len() + key.sort.len(),
        };
    }
    if bytes > MAX_TRANSACTION_BYTES {
        return Err(TableError::TooLarge("more bytes than one transaction may hold"));
    }
    Ok(())
}

/// Refuses a query that contradicts itself, and says which sort keys it wants.
pub(crate) fn check_query(query: &Query) -> Result<Range<'_>, TableError> {
    check_partition(&query.partition)?;
    if query.limit == Some(0) {
        return Err(TableError::Invalid("a query of no items"));
    }
    let from = query.from.as_deref().filter(|from| !from.is_empty());
    let to = query.to.as_deref();
    for bound in from.iter().chain(to.iter()) {
        check_sort_length(bound)?;
    }
    if let Some(cursor) = &query.after {
        check_cursor(query, cursor)?;
    }
    if to.is_some_and(|to| to < from.unwrap_or_default() || to.is_empty()) {
        return Ok(Range::Nothing);
    }
    Ok(Range::Between(from, to))
}

/// The answer to a query for nothing: nothing was read, and nothing is billed.
pub(crate) fn empty_page() -> Read<Page> {
    Read { value: Page { items: Vec::new(), next: None }, units: Units::default() }
}

/// A cursor must be a position of this very query: DynamoDB refuses others, and they may be forged.
fn check_cursor(query: &Query, cursor: &Cursor) -> Result<(), TableError> {
    check_key(&cursor.key)?;
    let position = match (query.source, &cursor.index) {
        (Source::Table, None) => &cursor.key,
        (Source::Index, Some(index)) => index,
        _ => return Err(TableError::Invalid("a cursor of another source")),
    };
    check_key(position)?;
    let below = query.from.as_ref().is_some_and(|from| position.sort < *from);
    let above = query.to.as_ref().is_some_and(|to| position.sort > *to);
    if position.partition != query.partition || below || above {
        return Err(TableError::Invalid("a cursor outside the range of the query"));
    }
    Ok(())
}

fn check_item(item: &Item) -> Result<usize, TableError> {
    if let Some(index) = &item.index {
        check_key(index)?;
    }
    if item.attributes.iter().any(|(name, _)| name.is_empty() || RESERVED.contains(&name.as_ref())) {
        return Err(TableError::Invalid("an attribute without a name, or with one that is taken"));
    }
    let bytes = item.size();
    if bytes > MAX_ITEM_BYTES {
        return Err(TableError::TooLarge("more bytes than an item may hold"));
    }
    Ok(bytes)
}

fn check_condition(condition: &Condition) -> Result<(), TableError> {
    match condition {
        Condition::Equals(name, _) | Condition::AbsentOrBelow(name, _) if name.is_empty() => {
            Err(TableError::Invalid("a condition on an attribute without a name"))
        }
        _ => Ok(()),
    }
}

fn check_partition(partition: &str) -> Result<(), TableError> {
    if partition.is_empty() {
        return Err(TableError::Invalid("an empty partition key"));
    }
    if partition.len() > MAX_PARTITION_BYTES {
        return Err(TableError::TooLarge("more bytes than a partition key may hold"));
    }
    Ok(())
}

fn check_sort_length(sort: &str) -> Result<(), TableError> {
    if sort.len() > MAX_SORT_BYTES {
        return Err(TableError::TooLarge("more bytes than a sort key may hold"));
    }
    Ok(())
}
