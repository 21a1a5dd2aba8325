//! Range queries: the bounds in bytes, and the pages.

use super::transaction::{StoreError, Unreadable};
use super::{codec, keys};
use crate::billing;
use crate::table_rules::Range;
use domain::table::{Consistency, Cursor, Item, Key, MAX_PAGE_BYTES, Page, Query, Read, Source};
use redb::{AccessGuard, ReadOnlyTable, StorageError};
use std::ops::Bound;

/// What a range of a table yields.
type Stored<'a, V> = Result<(AccessGuard<'a, &'static [u8]>, AccessGuard<'a, V>), StorageError>;

/// A page of the items of a partition.
pub(super) fn items(
    table: &ReadOnlyTable<&'static [u8], &'static [u8]>,
    query: &Query,
    range: &Range<'_>,
) -> Result<Read<Page>, StoreError> {
    let read = |entry: Stored<'_, &'static [u8]>| {
        let (key, value) = entry?;
        let item = keys::to_item(key.value()).and_then(|key| codec::decode(key, value.value()));
        let item = item.ok_or(Unreadable)?;
        let bytes = item.size();
        Ok((item, bytes))
    };
    let range = table.range::<&[u8]>(slices(&bounds(query, range)))?;
    if query.descending {
        page(range.rev().map(read), query, query.consistency)
    } else {
        page(range.map(read), query, query.consistency)
    }
}

/// A page of what the index files under a partition.
pub(super) fn entries(
    table: &ReadOnlyTable<&'static [u8], ()>,
    query: &Query,
    range: &Range<'_>,
) -> Result<Read<Page>, StoreError> {
    let read = |entry: Stored<'_, ()>| {
        let (index, key) = keys::to_entry(entry?.0.value()).ok_or(Unreadable)?;
        let bytes = billing::entry_bytes(&key, &index);
        Ok((Item::new(key).indexed(index), bytes))
    };
    let range = table.range::<&[u8]>(slices(&bounds(query, range)))?;
    if query.descending {
        page(range.rev().map(read), query, Consistency::Eventual)
    } else {
        page(range.map(read), query, Consistency::Eventual)
    }
}

/// Collects items until the limit or the size of a page is reached, or the range ends.
fn page(
    found: impl Iterator<Item = Result<(Item, usize), StoreError>>,
    query: &Query,
    consistency: Consistency,
) -> Result<Read<Page>, StoreError> {
    let mut items: Vec<Item> = Vec::new();
    let mut bytes = 0;
    let mut next = None;
    for entry in found {
        let (item, size) = entry?;
        let full = query.limit.is_some_and(|limit| items.len() == limit) || bytes + size > MAX_PAGE_BYTES;
        if let Some(last) = items.last().filter(|_| full) {
            let index = last.index.clone().filter(|_| query.source == Source::Index);
            next = Some(Cursor { key: last.key.clone(), index });
            break;
        }
        bytes += size;
        items.push(item);
    }
    Ok(Read { value: Page { items, next }, units: billing::read(bytes, consistency) })
}

/// The bounds of a query in bytes. A cursor replaces the bound at which the query would have begun.
fn bounds(query: &Query, range: &Range<'_>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let (from, to) = match range {
        Range::Between(from, to) => (*from, *to),
        Range::Nothing => (None, None),
    };
    let after = query.after.as_ref().map(|cursor| Bound::Excluded(position(cursor)));
    let (after_low, after_high) = if query.descending { (None, after) } else { (after, None) };
    (
        after_low.unwrap_or_else(|| Bound::Included(low(query, from.unwrap_or_default()))),
        after_high.unwrap_or_else(|| high(query, to)),
    )
}

fn low(query: &Query, from: &str) -> Vec<u8> {
    match query.source {
        Source::Table => keys::of_item(&Key::new(query.partition.as_str(), from)),
        Source::Index => keys::entries_from(&query.partition, from),
    }
}

fn high(query: &Query, to: Option<&str>) -> Bound<Vec<u8>> {
    match (query.source, to) {
        (_, None) => Bound::Excluded(keys::after_partition(&query.partition)),
        (Source::Table, Some(to)) => Bound::Included(keys::of_item(&Key::new(query.partition.as_str(), to))),
        (Source::Index, Some(to)) => Bound::Excluded(keys::after_entries(&query.partition, to)),
    }
}

fn position(cursor: &Cursor) -> Vec<u8> {
    match &cursor.index {
        Some(index) => keys::of_entry(index, &cursor.key),
        None => keys::of_item(&cursor.key),
    }
}

fn slices((low, high): &(Bound<Vec<u8>>, Bound<Vec<u8>>)) -> (Bound<&[u8]>, Bound<&[u8]>) {
    (low.as_ref().map(Vec::as_slice), high.as_ref().map(Vec::as_slice))
}
