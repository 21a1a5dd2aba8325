//! Request units: the same on every table, and as AWS documents them.

use crate::stores::{item_of, key, on_every_table, put_all, reads, writes};
use domain::table::{Condition, Consistency, Item, Key, Query, Source, Table, Write};

fn put(sort: &str, bytes: usize) -> Write {
    Write::Put(item_of(sort, bytes), Condition::Always)
}

fn filed(sort: &str, index: &str) -> Item {
    Item::new(key(sort)).indexed(Key::new("i", index))
}

async fn check(table: &dyn Table, step: &[Write], expect: u64) {
    assert_eq!(table.write(step, None).await.unwrap(), writes(expect), "{:?}", step[0].key());
}

#[tokio::test]
async fn a_write_costs_a_unit_for_each_kib_begun_by_the_larger_of_old_and_new() {
    on_every_table(async |table| {
        let table = table.as_ref();
        check(table, &[put("a", 50)], 1).await;
        check(table, &[put("a", 1024)], 1).await;
        check(table, &[put("a", 1025)], 2).await;
        check(table, &[put("a", 3000)], 3).await;
        check(table, &[put("a", 50)], 3).await;
        check(table, &[put("a", 2048)], 2).await;
        check(table, &[Write::Put(item_of("a", 1000), Condition::Present)], 2).await;
        check(table, &[Write::Put(item_of("new", 1000), Condition::Absent)], 1).await;
        check(table, &[put("b", 5000)], 5).await;
        check(table, &[Write::Delete(key("b"), Condition::Always)], 5).await;
        check(table, &[Write::Delete(key("b"), Condition::Always)], 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_transaction_costs_twice() {
    on_every_table(async |table| {
        let table = table.as_ref();
        check(table, &[put("a", 1024), put("b", 1024)], 4).await;
        check(table, &[put("a", 1025), put("b", 10), Write::Delete(key("none"), Condition::Always)], 8).await;
        check(table, &[Write::Check(key("a"), Condition::Present)], 4).await;
        check(table, &[Write::Check(key("none"), Condition::Absent)], 2).await;
        check(table, &[put("c", 10), Write::Check(key("a"), Condition::Present)], 6).await;
        let single = table.write(&[put("d", 1024)], Some("token")).await.unwrap();
        assert_eq!(single, writes(2));
    })
    .await;
}

#[tokio::test]
async fn the_index_costs_what_changes_in_it_and_is_never_doubled() {
    on_every_table(async |table| {
        let table = table.as_ref();
        let put = |item: Item| [Write::Put(item, Condition::Always)];
        check(table, &put(filed("a", "1")), 1 + 1).await;
        check(table, &put(filed("a", "1").with("n", 1)), 1).await;
        check(table, &put(filed("a", "2")), 1 + 2).await;
        check(table, &put(Item::new(key("a"))), 1 + 1).await;
        check(table, &put(filed("a", "3")), 1 + 1).await;
        check(table, &[Write::Delete(key("a"), Condition::Always)], 1 + 1).await;
        let long = Key::new("i".repeat(1020), "s");
        check(table, &put(Item::new(key("b")).indexed(long)), 2 + 2).await;
        let both = [
            Write::Put(filed("c", "1"), Condition::Absent),
            Write::Put(Item::new(key("d")), Condition::Absent),
        ];
        check(table, &both, 2 * 2 + 1).await;
        let both =
            [Write::Put(filed("c", "2"), Condition::Always), Write::Delete(key("d"), Condition::Always)];
        check(table, &both, 2 * 2 + 2).await;
    })
    .await;
}

#[tokio::test]
async fn reads_cost_half_a_unit_or_a_whole_one_for_each_4_kib_begun() {
    on_every_table(async |table| {
        for (sort, bytes, units) in [("a", 50, 1.0), ("b", 4096, 1.0), ("c", 4097, 2.0), ("d", 8193, 3.0)] {
            put_all(table.as_ref(), [item_of(sort, bytes)]).await;
            let eventual = table.get(&key(sort), Consistency::Eventual).await.unwrap();
            let strong = table.get(&key(sort), Consistency::Strong).await.unwrap();
            assert_eq!((eventual.units, strong.units), (reads(units / 2.0), reads(units)), "{bytes}");
        }
        let absent = table.get(&key("none"), Consistency::Eventual).await.unwrap().units;
        assert_eq!(absent, reads(0.5));
        assert_eq!(table.get(&key("none"), Consistency::Strong).await.unwrap().units, reads(1.0));
        let keys = [key("a"), key("c"), key("none"), key("d")];
        let batch = table.batch_get(&keys, Consistency::Eventual).await.unwrap().units;
        assert_eq!(batch, reads(0.5 + 1.0 + 0.5 + 1.5));
        let batch = table.batch_get(&keys, Consistency::Strong).await.unwrap().units;
        assert_eq!(batch, reads(7.0));
        assert_eq!(table.batch_get(&[], Consistency::Strong).await.unwrap().units, reads(0.0));
    })
    .await;
}

#[tokio::test]
async fn a_query_is_rounded_once() {
    on_every_table(async |table| {
        put_all(table.as_ref(), (0..5).map(|place| item_of(&place.to_string(), 1000))).await;
        let cases = [(Some(1), 0.5), (Some(4), 0.5), (Some(5), 1.0), (None, 1.0)];
        for (limit, units) in cases {
            let query = Query { limit, ..Query::partition("p") };
            assert_eq!(table.query(&query).await.unwrap().units, reads(units), "{limit:?}");
            let strong = Query { consistency: Consistency::Strong, ..query };
            assert_eq!(table.query(&strong).await.unwrap().units, reads(units * 2.0), "{limit:?}");
        }
        let empty = table.query(&Query::partition("none")).await.unwrap().units;
        assert_eq!(empty, reads(0.5));
        let nothing = Query { from: Some("b".to_owned()), to: Some("a".to_owned()), ..Query::partition("p") };
        assert_eq!(table.query(&nothing).await.unwrap().units, reads(0.0));
    })
    .await;
}

#[tokio::test]
async fn an_index_query_counts_the_keys_alone() {
    on_every_table(async |table| {
        // An entry is 8 bytes of names and 3 + 1 + 1 + 36 bytes of keys: 83 of them are just below 4 KiB.
        let index = "s".repeat(36);
        let items = (0..84).map(|place| {
            Item::new(key(&format!("{place:03}")))
                .indexed(Key::new("i", index.as_str()))
                .with("x", "x".repeat(999))
        });
        put_all(table.as_ref(), items).await;
        for (limit, units) in [(83, 0.5), (84, 1.0)] {
            let query = Query { source: Source::Index, limit: Some(limit), ..Query::partition("i") };
            assert_eq!(table.query(&query).await.unwrap().units, reads(units), "{limit}");
            let strong = Query { consistency: Consistency::Strong, ..query };
            assert_eq!(table.query(&strong).await.unwrap().units, reads(units), "{limit}");
        }
    })
    .await;
}
