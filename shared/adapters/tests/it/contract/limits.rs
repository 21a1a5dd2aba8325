//! Limits and rules, to the byte.

use crate::stores::{assert_invalid, assert_too_large, item_of, key, on_every_table};
use domain::table::{
    Condition, Consistency, Cursor, Item, Key, MAX_BATCH_GET, MAX_ITEM_BYTES, MAX_TRANSACTION_WRITES, Query,
    Source, Table, TableError, Units, Write,
};

async fn put(table: &dyn Table, item: Item) -> Result<Units, TableError> {
    table.write(&[Write::Put(item, Condition::Always)], None).await
}

#[tokio::test]
async fn keys_have_a_least_and_a_greatest_length() {
    on_every_table(async |table| {
        let table = table.as_ref();
        let longest = Key::new("p".repeat(2048), "s".repeat(1024));
        put(table, Item::new(longest.clone())).await.unwrap();
        put(table, Item::new(key("indexed")).indexed(longest)).await.unwrap();
        for (partition, sort) in [("", "s"), ("p", "")] {
            let key = Key::new(partition, sort);
            assert_invalid(put(table, Item::new(key.clone())).await);
            assert_invalid(put(table, Item::new(Key::new("p", "s")).indexed(key.clone())).await);
            assert_invalid(table.get(&key, Consistency::Eventual).await);
            assert_invalid(table.batch_get(&[key], Consistency::Eventual).await);
        }
        for (partition, sort) in [(2049, 1), (1, 1025)] {
            let key = Key::new("p".repeat(partition), "s".repeat(sort));
            assert_too_large(put(table, Item::new(key.clone())).await);
            assert_too_large(put(table, Item::new(Key::new("p", "s")).indexed(key.clone())).await);
            assert_too_large(table.get(&key, Consistency::Eventual).await);
        }
    })
    .await;
}

#[tokio::test]
async fn an_item_holds_400_kib_and_not_a_byte_more() {
    on_every_table(async |table| {
        let units = put(table.as_ref(), item_of("full", MAX_ITEM_BYTES)).await.unwrap();
        assert_eq!(units.writes, 400);
        assert_too_large(put(table.as_ref(), item_of("over", MAX_ITEM_BYTES + 1)).await);
        assert_eq!(table.get(&key("over"), Consistency::Strong).await.unwrap().value, None);
        assert_invalid(put(table.as_ref(), Item::new(key("x")).with("", 1)).await);
        assert_invalid(put(table.as_ref(), Item::new(key("x")).with("ttl", 1)).await);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_holds_100_writes_of_4_mib() {
    on_every_table(async |table| {
        let small = |count: usize| -> Vec<Write> {
            (0..count)
                .map(|place| Write::Put(Item::new(key(&format!("{place:03}"))), Condition::Always))
                .collect()
        };
        assert_invalid(table.write(&[], None).await);
        table.write(&small(MAX_TRANSACTION_WRITES), None).await.unwrap();
        assert_too_large(table.write(&small(MAX_TRANSACTION_WRITES + 1), None).await);
        let large = |last: usize| -> Vec<Write> {
            let sizes = (0..10).map(|_| MAX_ITEM_BYTES).chain([last]);
            sizes
                .enumerate()
                .map(|(place, bytes)| Write::Put(item_of(&format!("{place:03}"), bytes), Condition::Always))
                .collect()
        };
        table.write(&large(96 * 1024), None).await.unwrap();
        assert_too_large(table.write(&large(96 * 1024 + 1), None).await);
    })
    .await;
}

#[tokio::test]
async fn a_key_stands_once_in_a_transaction_and_in_a_batch() {
    on_every_table(async |table| {
        let twice =
            [Write::Put(Item::new(key("a")), Condition::Always), Write::Check(key("a"), Condition::Absent)];
        assert_invalid(table.write(&twice, None).await);
        assert_invalid(table.batch_get(&[key("a"), key("b"), key("a")], Consistency::Strong).await);
        assert_invalid(table.write(&[Write::Check(key("a"), Condition::Always)], None).await);
        assert_eq!(table.get(&key("a"), Consistency::Strong).await.unwrap().value, None);
        let keys: Vec<Key> = (0..=MAX_BATCH_GET).map(|place| key(&place.to_string())).collect();
        assert_too_large(table.batch_get(&keys, Consistency::Strong).await);
        let found = table.batch_get(&keys[..MAX_BATCH_GET], Consistency::Strong).await.unwrap().value;
        assert_eq!(found, vec![None; MAX_BATCH_GET]);
        assert_eq!(table.batch_get(&[], Consistency::Strong).await.unwrap().value, []);
    })
    .await;
}

#[tokio::test]
async fn queries_that_contradict_themselves_are_refused() {
    on_every_table(async |table| {
        let query = Query::partition("p");
        assert_invalid(table.query(&Query::partition("")).await);
        assert_invalid(table.query(&Query { limit: Some(0), ..query.clone() }).await);
        assert_too_large(table.query(&Query { from: Some("s".repeat(1025)), ..query.clone() }).await);
        let cursors = [
            (Source::Table, Key::new("other", "s"), None),
            (Source::Table, key("a"), None),
            (Source::Table, key("z"), None),
            (Source::Table, key("n"), Some(key("n"))),
            (Source::Index, key("n"), None),
            (Source::Index, key("n"), Some(Key::new("other", "n"))),
        ];
        for (source, key, index) in cursors {
            let after = Some(Cursor { key, index });
            let (from, to) = (Some("m".to_owned()), Some("o".to_owned()));
            assert_invalid(table.query(&Query { source, after, from, to, ..query.clone() }).await);
        }
    })
    .await;
}
