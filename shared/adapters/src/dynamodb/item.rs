//! Items as DynamoDB's attribute maps, and back.

use crate::table_rules::{EXPIRES, INDEX_PARTITION, INDEX_SORT, PARTITION, SORT};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::table::{Attributes, Cursor, Item, Key, TableError, Value, attribute_name};
use std::collections::HashMap;

/// An item, or a key, on the wire.
pub(super) type Map = HashMap<String, AttributeValue>;

/// An item in the table that this program did not write.
#[derive(Debug, thiserror::Error)]
#[error("an item of the table cannot be read")]
pub(super) struct Unreadable;

impl From<Unreadable> for TableError {
    fn from(error: Unreadable) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

/// A whole item.
pub(super) fn to_map(item: &Item) -> Map {
    let mut map = key_to_map(&item.key);
    if let Some(index) = &item.index {
        push_index(&mut map, index);
    }
    if let Some(expires) = item.expires {
        map.insert(EXPIRES.to_owned(), number(expires));
    }
    map.extend(item.attributes.iter().map(|(name, value)| (name.to_string(), to_value(value))));
    map
}

/// A primary key.
pub(super) fn key_to_map(key: &Key) -> Map {
    HashMap::from([
        (PARTITION.to_owned(), AttributeValue::S(key.partition.clone())),
        (SORT.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

/// The position to go on from.
pub(super) fn cursor_to_map(cursor: &Cursor) -> Map {
    let mut map = key_to_map(&cursor.key);
    if let Some(index) = &cursor.index {
        push_index(&mut map, index);
    }
    map
}

/// A value.
pub(super) fn to_value(value: &Value) -> AttributeValue {
    match value {
        Value::Text(text) => AttributeValue::S(text.clone()),
        Value::Number(value) => number(*value),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
    }
}

/// A number.
pub(super) fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An item, or what the index projects of it.
pub(super) fn from_map(mut map: Map) -> Result<Item, Unreadable> {
    let key = take_key(&mut map, PARTITION, SORT)?.ok_or(Unreadable)?;
    let index = take_key(&mut map, INDEX_PARTITION, INDEX_SORT)?;
    let expires = match map.remove(EXPIRES) {
        None => None,
        Some(AttributeValue::N(digits)) => Some(digits.parse().map_err(|_| Unreadable)?),
        Some(_) => return Err(Unreadable),
    };
    let attributes = map
        .into_iter()
        .map(|(name, value)| Ok((attribute_name(&name), from_value(value)?)))
        .collect::<Result<Attributes, Unreadable>>()?;
    Ok(Item { key, index, expires, attributes })
}

/// Where a page ended.
pub(super) fn cursor_from_map(mut map: Map) -> Result<Cursor, Unreadable> {
    let key = take_key(&mut map, PARTITION, SORT)?.ok_or(Unreadable)?;
    let index = take_key(&mut map, INDEX_PARTITION, INDEX_SORT)?;
    Ok(Cursor { key, index })
}

fn push_index(map: &mut Map, index: &Key) {
    map.insert(INDEX_PARTITION.to_owned(), AttributeValue::S(index.partition.clone()));
    map.insert(INDEX_SORT.to_owned(), AttributeValue::S(index.sort.clone()));
}

fn take_key(map: &mut Map, partition: &str, sort: &str) -> Result<Option<Key>, Unreadable> {
    match (map.remove(partition), map.remove(sort)) {
        (Some(AttributeValue::S(partition)), Some(AttributeValue::S(sort))) => {
            Ok(Some(Key { partition, sort }))
        }
        (None, None) => Ok(None),
        _ => Err(Unreadable),
    }
}

fn from_value(value: AttributeValue) -> Result<Value, Unreadable> {
    match value {
        AttributeValue::S(text) => Ok(Value::Text(text)),
        AttributeValue::N(digits) => digits.parse().map(Value::Number).map_err(|_| Unreadable),
        AttributeValue::B(bytes) => Ok(Value::Bytes(bytes.into_inner())),
        _ => Err(Unreadable),
    }
}
