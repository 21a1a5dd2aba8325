//! Range queries on the table and on the index, and their pages.

use crate::stores::{item_of, key, on_every_table, put_all, writes};
use domain::table::{
    Condition, Consistency, Cursor, Item, Key, MAX_PAGE_BYTES, Page, Query, Source, Table, Units, Write,
};

/// Sort keys of all pages, joined; with the number of pages.
async fn walk(table: &dyn Table, mut query: Query) -> (String, usize) {
    let mut found = Vec::new();
    for pages in 1..100 {
        let Page { items, next } = table.query(&query).await.unwrap().value;
        if let Some(limit) = query.limit {
            assert!(items.len() <= limit);
        }
        let wanted = |item: &Item| match query.source {
            Source::Table => item.key.sort.clone(),
            Source::Index => format!("{}:{}", item.index.as_ref().unwrap().sort, item.key.sort),
        };
        found.extend(items.iter().map(wanted));
        match next {
            Some(next) => query.after = Some(next),
            None => return (found.join(" "), pages),
        }
    }
    panic!("the pages do not end");
}

fn between(from: &str, to: &str) -> Query {
    let bound = |text: &str| (text != "-").then(|| text.to_owned());
    Query { from: bound(from), to: bound(to), consistency: Consistency::Strong, ..Query::partition("p") }
}

#[tokio::test]
async fn ranges_keep_the_byte_order_of_sort_keys() {
    on_every_table(async |table| {
        let sorts = ["a", "a#", "a#b", "a0", "b", "ä", "\u{FFFD}", "\u{1F980}", "Z"];
        put_all(table.as_ref(), sorts.map(|sort| Item::new(key(sort)))).await;
        let others = [Key::new("p\u{0}", "x"), Key::new("o", "x"), Key::new("pp", "x")];
        put_all(table.as_ref(), others.map(Item::new)).await;
        let cases = [
            ("-", "-", "Z a a# a#b a0 b ä \u{FFFD} \u{1F980}"),
            ("a", "a", "a"),
            ("a", "a0", "a a# a#b a0"),
            ("a#", "-", "a# a#b a0 b ä \u{FFFD} \u{1F980}"),
            ("-", "a", "Z a"),
            ("", "a", "Z a"),
            ("a!", "a1", "a# a#b a0"),
            ("c", "d", ""),
            ("b", "a", ""),
            ("-", "", ""),
        ];
        for (from, to, expect) in cases {
            let query = between(from, to);
            assert_eq!(walk(table.as_ref(), query.clone()).await.0, expect, "{query:?}");
            let reversed = expect.split(' ').rev().collect::<Vec<_>>().join(" ");
            let descending = Query { descending: true, ..query.clone() };
            assert_eq!(walk(table.as_ref(), descending).await.0, reversed, "{query:?}");
            for limit in 1..4 {
                let limited = Query { limit: Some(limit), ..query.clone() };
                assert_eq!(walk(table.as_ref(), limited.clone()).await.0, expect, "{limited:?}");
                let limited = Query { descending: true, ..limited };
                assert_eq!(walk(table.as_ref(), limited.clone()).await.0, reversed, "{limited:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_goes_on_where_its_item_was_even_if_that_is_gone() {
    on_every_table(async |table| {
        put_all(table.as_ref(), ["a", "b", "c"].map(|sort| Item::new(key(sort)))).await;
        table.write(&[Write::Delete(key("b"), Condition::Always)], None).await.unwrap();
        let after = Some(Cursor { key: key("b"), index: None });
        let query = Query { after, consistency: Consistency::Strong, ..Query::partition("p") };
        assert_eq!(walk(table.as_ref(), query.clone()).await.0, "c");
        assert_eq!(walk(table.as_ref(), Query { descending: true, ..query }).await.0, "a");
    })
    .await;
}

#[tokio::test]
async fn a_page_holds_a_mebibyte() {
    on_every_table(async |table| {
        let quarter = MAX_PAGE_BYTES / 4;
        let sorts: Vec<String> = (0..9).map(|place| format!("s{place}")).collect();
        put_all(table.as_ref(), sorts.iter().map(|sort| item_of(sort, quarter))).await;
        let query = Query { consistency: Consistency::Strong, ..Query::partition("p") };
        let page = table.query(&query).await.unwrap();
        assert_eq!(page.value.items.len(), 4);
        assert_eq!(page.value.next, Some(Cursor { key: key("s3"), index: None }));
        assert_eq!(page.units, Units::read(256.0));
        assert_eq!(walk(table.as_ref(), query.clone()).await, (sorts.join(" "), 3));
        // One byte more, and the fourth belongs to the next page.
        put_all(table.as_ref(), [item_of("s0", quarter + 1)]).await;
        assert_eq!(table.query(&query).await.unwrap().value.items.len(), 3);
    })
    .await;
}

fn filed(sort: &str, index: &str) -> Item {
    Item::new(key(sort)).indexed(Key::new("i", index)).with("x", "not projected")
}

#[tokio::test]
async fn the_index_files_keys_and_follows_the_items() {
    on_every_table(async |table| {
        let table = table.as_ref();
        put_all(
            table,
            [filed("1", "b"), filed("2", "a"), filed("3", "b"), filed("4", "a#"), filed("5", "c")],
        )
        .await;
        put_all(table, [Item::new(key("6")), Item::new(key("7")).indexed(Key::new("other", "b"))]).await;
        let query = Query { source: Source::Index, ..Query::partition("i") };
        assert_eq!(walk(table, query.clone()).await.0, "a:2 a#:4 b:1 b:3 c:5");
        let page = table.query(&query).await.unwrap().value;
        assert_eq!(page.items[0], Item::new(key("2")).indexed(Key::new("i", "a")));
        let descending = Query { descending: true, ..query.clone() };
        assert_eq!(walk(table, descending.clone()).await.0, "c:5 b:3 b:1 a#:4 a:2");
        for limit in 1..5 {
            let limited = Query { limit: Some(limit), ..query.clone() };
            assert_eq!(walk(table, limited).await.0, "a:2 a#:4 b:1 b:3 c:5");
            let limited = Query { limit: Some(limit), ..descending.clone() };
            assert_eq!(walk(table, limited).await.0, "c:5 b:3 b:1 a#:4 a:2");
        }
        let bound = |text: &str| Some(text.to_owned());
        let range = Query { from: bound("a#"), to: bound("b"), ..query.clone() };
        assert_eq!(walk(table, range).await.0, "a#:4 b:1 b:3");
        // It moves, is replaced without an index key, and goes.
        let changes = [
            Write::Put(filed("2", "z"), Condition::Always),
            Write::Put(Item::new(key("4")), Condition::Always),
            Write::Delete(key("5"), Condition::Always),
        ];
        assert_eq!(table.write(&changes, None).await.unwrap(), writes(3 * 2 + 2 + 1 + 1));
        assert_eq!(walk(table, query).await.0, "b:1 b:3 z:2");
    })
    .await;
}
