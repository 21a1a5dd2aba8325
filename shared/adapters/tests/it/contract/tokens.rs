//! Idempotency tokens. That they end after ten minutes is tested where the clock can be set: on the embedded table.

use crate::stores::{assert_invalid, key, on_every_table, reads, writes};
use domain::table::{Condition, Consistency, Item, TableError, Write};

#[tokio::test]
async fn a_repetition_is_acknowledged_and_not_done_again() {
    on_every_table(async |table| {
        let create = [
            Write::Put(Item::new(key("a")).with("n", 1), Condition::Absent),
            Write::Put(Item::new(key("b")), Condition::Always),
        ];
        assert_eq!(table.write(&create, Some("token")).await.unwrap(), writes(4));
        table.write(&[Write::Put(Item::new(key("a")).with("n", 2), Condition::Always)], None).await.unwrap();
        // It is billed as the reading of what it wrote.
        assert_eq!(table.write(&create, Some("token")).await.unwrap(), reads(4.0));
        let found = table.get(&key("a"), Consistency::Strong).await.unwrap().value.unwrap();
        assert_eq!(found.number("n"), Some(2));
    })
    .await;
}

#[tokio::test]
async fn a_token_stands_for_one_transaction() {
    on_every_table(async |table| {
        let one = [Write::Put(Item::new(key("a")), Condition::Always)];
        table.write(&one, Some("token")).await.unwrap();
        let others = [
            vec![Write::Put(Item::new(key("b")), Condition::Always)],
            vec![Write::Put(Item::new(key("a")).with("n", 1), Condition::Always)],
            vec![Write::Put(Item::new(key("a")), Condition::Present)],
            vec![Write::Delete(key("a"), Condition::Always)],
            vec![one[0].clone(), Write::Delete(key("b"), Condition::Always)],
        ];
        for other in others {
            assert_invalid(table.write(&other, Some("token")).await);
        }
        table.write(&one, Some("token")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_token_of_a_refused_transaction_may_be_used_again() {
    on_every_table(async |table| {
        let update = [Write::Put(Item::new(key("a")), Condition::Present)];
        let refused = table.write(&update, Some("token")).await;
        assert!(matches!(refused, Err(TableError::Cancelled(_))), "{refused:?}");
        table.write(&[Write::Put(Item::new(key("a")), Condition::Absent)], None).await.unwrap();
        assert_eq!(table.write(&update, Some("token")).await.unwrap(), writes(2));
    })
    .await;
}

#[tokio::test]
async fn a_token_has_1_to_36_characters() {
    on_every_table(async |table| {
        let one = [Write::Put(Item::new(key("a")), Condition::Always)];
        assert_invalid(table.write(&one, Some("")).await);
        assert_invalid(table.write(&one, Some(&"t".repeat(37))).await);
        table.write(&one, Some(&"t".repeat(36))).await.unwrap();
    })
    .await;
}
