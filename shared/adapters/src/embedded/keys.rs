//! Keys as bytes: injective for any content, and in the byte order of their parts, so that the store can compare
//! them with `memcmp`.
//!
//! Every part but the last ends with two zero bytes; a zero byte inside it is followed by 0xFF. UTF-8 has no 0xFF.

use domain::table::Key;

const END: [u8; 2] = [0, 0];
const ESCAPE: u8 = 0xFF;

/// The bytes of a table key.
pub(super) fn of_item(key: &Key) -> Vec<u8> {
    let mut bytes = prefix(&key.partition);
    bytes.extend_from_slice(key.sort.as_bytes());
    bytes
}

/// The bytes of an index entry: index key, then table key.
pub(super) fn of_entry(index: &Key, key: &Key) -> Vec<u8> {
    let mut bytes = prefix(&index.partition);
    push_part(&mut bytes, &index.sort);
    push_part(&mut bytes, &key.partition);
    bytes.extend_from_slice(key.sort.as_bytes());
    bytes
}

/// What all keys of a partition begin with, and no other key.
fn prefix(partition: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(partition.len() + 64);
    push_part(&mut bytes, partition);
    bytes
}

/// The least bytes of an entry whose index sort key is `sort` or greater.
pub(super) fn entries_from(partition: &str, sort: &str) -> Vec<u8> {
    let mut bytes = prefix(partition);
    if !sort.is_empty() {
        push_part(&mut bytes, sort);
    }
    bytes
}

/// The least bytes above every entry whose index sort key is `sort`.
pub(super) fn after_entries(partition: &str, sort: &str) -> Vec<u8> {
    let mut bytes = prefix(partition);
    push_part(&mut bytes, sort);
    // The two zero bytes of the end become zero and one: above all that continue the end, below a longer sort key.
    if let Some(last) = bytes.last_mut() {
        *last = 1;
    }
    bytes
}

/// The least bytes above every key of a partition.
pub(super) fn after_partition(partition: &str) -> Vec<u8> {
    let mut bytes = prefix(partition);
    if let Some(last) = bytes.last_mut() {
        *last = 1;
    }
    bytes
}

/// The table key that these bytes stand for; `None` if none does.
pub(super) fn to_item(bytes: &[u8]) -> Option<Key> {
    let (partition, rest) = take_part(bytes)?;
    Some(Key { partition, sort: String::from_utf8(rest.to_vec()).ok()? })
}

/// The index key and the table key that these bytes stand for; `None` if none do.
pub(super) fn to_entry(bytes: &[u8]) -> Option<(Key, Key)> {
    let (partition, rest) = take_part(bytes)?;
    let (sort, rest) = take_part(rest)?;
    Some((Key { partition, sort }, to_item(rest)?))
}

fn push_part(bytes: &mut Vec<u8>, part: &str) {
    for &byte in part.as_bytes() {
        bytes.push(byte);
        if byte == 0 {
            bytes.push(ESCAPE);
        }
    }
    bytes.extend_from_slice(&END);
}

fn take_part(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut part = Vec::with_capacity(32);
    let mut rest = bytes;
    loop {
        match rest {
            [0, 0, after @ ..] => return Some((String::from_utf8(part).ok()?, after)),
            [0, ESCAPE, after @ ..] => {
                part.push(0);
                rest = after;
            }
            [0, ..] | [] => return None,
            [byte, after @ ..] => {
                part.push(*byte);
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Text that is rich in the bytes which the encoding treats specially.
    fn part() -> impl Strategy<Value = String> {
        prop::collection::vec(prop_oneof![Just('\0'), Just('\u{1}'), Just('a'), any::<char>()], 0..6)
            .prop_map(String::from_iter)
    }

    fn key() -> impl Strategy<Value = Key> {
        (part(), part()).prop_map(|(partition, sort)| Key { partition, sort })
    }

    proptest! {
        #[test]
        fn bytes_keep_the_order_of_keys_and_lead_back(a in key(), b in key()) {
            prop_assert_eq!(of_item(&a).cmp(&of_item(&b)), a.cmp(&b));
            prop_assert_eq!(to_item(&of_item(&a)), Some(a));
        }

        #[test]
        fn entries_are_ordered_by_index_key_then_table_key(a in (key(), key()), b in (key(), key())) {
            prop_assert_eq!(of_entry(&a.0, &a.1).cmp(&of_entry(&b.0, &b.1)), a.cmp(&b));
            prop_assert_eq!(to_entry(&of_entry(&a.0, &a.1)), Some(a));
        }

        #[test]
        fn ends_separate_what_belongs_from_what_does_not(a in (key(), key()), b in (key(), key())) {
            let entry = of_entry(&b.0, &b.1);
            prop_assert_eq!(entry < after_entries(&a.0.partition, &a.0.sort), b.0 <= a.0);
            prop_assert_eq!(of_item(&b.0) < after_partition(&a.0.partition), b.0.partition <= a.0.partition);
        }

        #[test]
        fn foreign_bytes_are_no_key(bytes: Vec<u8>) {
            if let Some(key) = to_item(&bytes) {
                prop_assert_eq!(of_item(&key), bytes);
            }
        }
    }
}
