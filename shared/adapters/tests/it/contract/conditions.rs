//! Conditions of each kind, and transactions that hold all or nothing.

use crate::stores::{key, on_every_table};
use domain::table::{Condition, Consistency, Item, Key, Reason, Table, TableError, Value, Write};

fn stored() -> Item {
    Item::new(key("there"))
        .indexed(Key::new("i", "s"))
        .with("text", "a")
        .with("empty", "")
        .with("number", 10)
        .with("bytes", vec![0_u8, 255])
}

fn equals(name: &str, value: impl Into<Value>) -> Condition {
    Condition::Equals(name.to_owned(), value.into())
}

fn below(name: &str, bound: i64) -> Condition {
    Condition::AbsentOrBelow(name.to_owned(), bound)
}

/// A check, a put and a delete under this condition, on an item that is there and on one that is not.
async fn check(table: &dyn Table, condition: Condition, there: bool, absent: bool) {
    table.write(&[Write::Put(Item { expires: Some(5), ..stored() }, Condition::Always)], None).await.unwrap();
    for (sort, expect) in [("there", there), ("absent", absent)] {
        let old = table.get(&key(sort), Consistency::Strong).await.unwrap().value;
        let refused = vec![Reason::ConditionFailed(old.clone())];
        let mut attempts = vec![vec![Write::Delete(key(sort), condition.clone())]];
        if condition != Condition::Always {
            attempts.push(vec![Write::Check(key(sort), condition.clone())]);
        }
        let same = old.clone().unwrap_or_else(|| Item::new(key(sort)));
        attempts.push(vec![Write::Put(same, condition.clone())]);
        for attempt in attempts {
            match table.write(&attempt, None).await {
                Ok(_) => assert!(expect, "{condition:?} held of {sort}: {attempt:?}"),
                Err(TableError::Cancelled(reasons)) => {
                    assert!(!expect, "{condition:?} did not hold of {sort}: {attempt:?}");
                    assert_eq!(reasons, refused);
                }
                Err(other) => panic!("{other:?}"),
            }
            let restore = match &old {
                Some(old) => Write::Put(old.clone(), Condition::Always),
                None => Write::Delete(key(sort), Condition::Always),
            };
            table.write(&[restore], None).await.unwrap();
        }
    }
}

#[tokio::test]
async fn each_condition_holds_of_what_it_says() {
    on_every_table(async |table| {
        let table = table.as_ref();
        check(table, Condition::Always, true, true).await;
        check(table, Condition::Absent, false, true).await;
        check(table, Condition::Present, true, false).await;
        check(table, equals("text", "a"), true, false).await;
        check(table, equals("text", "b"), false, false).await;
        check(table, equals("empty", ""), true, false).await;
        check(table, equals("number", 10), true, false).await;
        check(table, equals("number", "10"), false, false).await;
        check(table, equals("bytes", vec![0_u8, 255]), true, false).await;
        check(table, equals("missing", 1), false, false).await;
        check(table, equals("ik", "i"), true, false).await;
        check(table, equals("sk", "there"), true, false).await;
        check(table, equals("ttl", 5), true, false).await;
        check(table, below("number", 11), true, true).await;
        check(table, below("number", 10), false, true).await;
        check(table, below("number", i64::MIN), false, true).await;
        check(table, below("text", i64::MAX), false, true).await;
        check(table, below("missing", i64::MAX), false, true).await;
        check(table, below("ttl", 6), true, true).await;
    })
    .await;
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing_and_tells_each_reason() {
    on_every_table(async |table| {
        let first = Item::new(key("a")).with("n", 1);
        table.write(&[Write::Put(first.clone(), Condition::Absent)], None).await.unwrap();
        let writes = [
            Write::Put(Item::new(key("b")), Condition::Absent),
            Write::Put(Item::new(key("a")).with("n", 2), Condition::Absent),
            Write::Check(key("c"), Condition::Present),
            Write::Delete(key("d"), Condition::Always),
        ];
        let Err(TableError::Cancelled(reasons)) = table.write(&writes, None).await else { panic!() };
        let expect = vec![
            Reason::None,
            Reason::ConditionFailed(Some(first.clone())),
            Reason::ConditionFailed(None),
            Reason::None,
        ];
        assert_eq!(reasons, expect);
        let found = table.batch_get(&[key("a"), key("b")], Consistency::Strong).await.unwrap().value;
        assert_eq!(found, [Some(first), None]);
    })
    .await;
}

#[tokio::test]
async fn items_come_back_as_they_were() {
    on_every_table(async |table| {
        let odd = Key::new("p/#\u{0}\u{1F980}", "\u{0}s\u{FFFF}");
        let mut item = Item::new(odd.clone())
            .indexed(Key::new("i\u{0}", "i"))
            .with("text", "ä\u{0}\"\n")
            .with("empty", "")
            .with("least", i64::MIN)
            .with("most", i64::MAX)
            .with("none", Vec::new())
            .with("bytes", (0..=255).collect::<Vec<u8>>());
        item.expires = Some(-1);
        table.write(&[Write::Put(item.clone(), Condition::Always)], None).await.unwrap();
        let found = table.get(&odd, Consistency::Strong).await.unwrap().value;
        assert_eq!(found, Some(item));
        table.write(&[Write::Delete(odd.clone(), Condition::Present)], None).await.unwrap();
        assert_eq!(table.get(&odd, Consistency::Strong).await.unwrap().value, None);
    })
    .await;
}
