//! Items as bytes. The key is stored beside them and not repeated.
//!
//! A layout of our own rather than a serialisation crate: items are read far more often than anything else, five
//! kinds of field need no schema, and files written today must be read by every later version.
//!
//! Layout: a format byte, a byte of flags, the index key and the expiry if flagged, then name, kind and value of
//! each attribute to the end. Lengths are variable (seven bits a byte, least first), integers eight bytes.

use domain::table::{Attributes, Item, Key, Value, attribute_name};

const FORMAT: u8 = 1;
const INDEXED: u8 = 1;
const EXPIRING: u8 = 2;
const TEXT: u8 = 0;
const NUMBER: u8 = 1;
const BYTES: u8 = 2;

/// The bytes of an item, without its key.
pub(super) fn encode(item: &Item) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(item.size() + 16);
    let flags =
        if item.index.is_some() { INDEXED } else { 0 } | if item.expires.is_some() { EXPIRING } else { 0 };
    bytes.extend_from_slice(&[FORMAT, flags]);
    if let Some(index) = &item.index {
        push(&mut bytes, index.partition.as_bytes());
        push(&mut bytes, index.sort.as_bytes());
    }
    if let Some(expires) = item.expires {
        bytes.extend_from_slice(&expires.to_le_bytes());
    }
    for (name, value) in item.attributes.iter() {
        push(&mut bytes, name.as_bytes());
        push_value(&mut bytes, value);
    }
    bytes
}

/// The item under `key` that these bytes stand for; `None` if they are not ours.
pub(super) fn decode(key: Key, mut bytes: &[u8]) -> Option<Item> {
    let &[format, flags] = bytes.split_off(..2)? else { return None };
    if format != FORMAT || flags & !(INDEXED | EXPIRING) != 0 {
        return None;
    }
    let index = if flags & INDEXED == 0 {
        None
    } else {
        Some(Key { partition: take_text(&mut bytes)?, sort: take_text(&mut bytes)? })
    };
    let expires = if flags & EXPIRING == 0 { None } else { Some(take_number(&mut bytes)?) };
    let mut attributes = Attributes::new();
    while !bytes.is_empty() {
        let name = attribute_name(std::str::from_utf8(take(&mut bytes)?).ok()?);
        let value = take_value(&mut bytes)?;
        attributes.insert(name, value);
    }
    Some(Item { key, index, expires, attributes })
}

/// A value's kind and content.
pub(super) fn push_value(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) => {
            bytes.push(TEXT);
            push(bytes, text.as_bytes());
        }
        Value::Number(number) => {
            bytes.push(NUMBER);
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Value::Bytes(content) => {
            bytes.push(BYTES);
            push(bytes, content);
        }
    }
}

/// A length and so many bytes.
pub(super) fn push(bytes: &mut Vec<u8>, part: &[u8]) {
    let mut length = part.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(part);
}

fn take_value(bytes: &mut &[u8]) -> Option<Value> {
    match *bytes.split_off_first()? {
        TEXT => take_text(bytes).map(Value::Text),
        NUMBER => take_number(bytes).map(Value::Number),
        BYTES => take(bytes).map(|content| Value::Bytes(content.to_vec())),
        _ => None,
    }
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    String::from_utf8(take(bytes)?.to_vec()).ok()
}

fn take_number(bytes: &mut &[u8]) -> Option<i64> {
    Some(i64::from_le_bytes(bytes.split_off(..8)?.try_into().ok()?))
}

fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let mut length = 0_usize;
    // Five groups of seven bits are more than an item can be long.
    for shift in [0, 7, 14, 21, 28] {
        let byte = *bytes.split_off_first()?;
        length |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return bytes.split_off(..length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::table::AttributeName;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<String>().prop_map(Value::Text),
            any::<i64>().prop_map(Value::Number),
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        ]
    }

    fn item() -> impl Strategy<Value = Item> {
        let index = prop::option::of(any::<(String, String)>());
        let attributes =
            prop::collection::btree_map(any::<String>().prop_map(AttributeName::Owned), value(), 0..6);
        (index, any::<Option<i64>>(), attributes).prop_map(|(index, expires, attributes)| Item {
            key: Key::new("p", "s"),
            index: index.map(|(partition, sort)| Key { partition, sort }),
            expires,
            attributes: attributes.into_iter().collect(),
        })
    }

    proptest! {
        #[test]
        fn items_come_back_as_they_were(item in item()) {
            prop_assert_eq!(decode(item.key.clone(), &encode(&item)), Some(item));
        }

        #[test]
        fn foreign_bytes_never_panic(bytes: Vec<u8>) {
            let _ = decode(Key::new("p", "s"), &bytes);
        }

        #[test]
        fn a_cut_value_is_never_taken_for_whole(item in item(), cut in 1_usize..8) {
            let bytes = encode(&item);
            let end = bytes.len().saturating_sub(cut);
            let short = decode(item.key.clone(), &bytes[..end]);
            prop_assert_ne!(short, Some(item));
        }
    }
}
