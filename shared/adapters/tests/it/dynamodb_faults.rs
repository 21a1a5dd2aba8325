//! Faults of DynamoDB that the adapter survives, and the clear answer where it cannot.

use crate::stores::{QUICK, dynamodb, key, writes};
use adapters::aws::{Retries, at_endpoint};
use adapters::dynamodb::DynamoTable;
use adapters::system::SystemRandom;
use aws_config::timeout::TimeoutConfig;
use domain::table::{Condition, Consistency, Item, Query, Reason, Table, TableError, Write};
use emulator::{DynamoDb, Fault};
use std::sync::Arc;
use std::time::Duration;

/// Every kind of request, once; each must succeed whatever happens on its way.
async fn every_request(table: &dyn Table) {
    let a = Item::new(key("a")).with("n", 1);
    table.write(&[Write::Put(a.clone(), Condition::Always)], None).await.unwrap();
    let found = table.get(&key("a"), Consistency::Strong).await.unwrap().value;
    assert_eq!(found, Some(a.clone()));
    let both =
        [Write::Put(Item::new(key("b")), Condition::Absent), Write::Check(key("a"), Condition::Present)];
    table.write(&both, None).await.unwrap();
    let found = table.query(&Query::partition("p")).await.unwrap().value.items;
    assert_eq!(found, [a.clone(), Item::new(key("b"))]);
    let found = table.batch_get(&[key("b"), key("a")], Consistency::Strong).await.unwrap().value;
    assert_eq!(found, [Some(Item::new(key("b"))), Some(a)]);
    table.write(&[Write::Delete(key("a"), Condition::Present)], None).await.unwrap();
}

#[tokio::test]
async fn every_request_survives_every_fault() {
    for fault in [Fault::Throttle, Fault::ServerError, Fault::LostReply] {
        eprintln!("{fault:?}");
        let (table, emulator) = dynamodb().await;
        // Before each of the six requests in turn, and twice before one.
        for skipped in 0..6 {
            let table = Arc::new(table.clone());
            emulator.skip(skipped);
            emulator.inject(fault, 2);
            every_request(table.as_ref()).await;
            table.write(&[Write::Delete(key("b"), Condition::Present)], None).await.unwrap();
        }
        assert_eq!(emulator.requests(), 6 * (7 + 2));
    }
}

#[tokio::test]
async fn conflicts_of_transactions_pass() {
    let (table, emulator) = dynamodb().await;
    for fault in [Fault::TransactionConflict, Fault::TransactionInProgress] {
        emulator.inject(fault, 3);
        let both =
            [Write::Put(Item::new(key("a")), Condition::Absent), Write::Check(key("b"), Condition::Absent)];
        assert_eq!(table.write(&both, None).await.unwrap(), writes(4));
        emulator.inject(Fault::TransactionConflict, 1);
        table.write(&[Write::Delete(key("a"), Condition::Present)], None).await.unwrap();
    }
}

#[tokio::test]
async fn unprocessed_keys_are_asked_for_again() {
    let (table, emulator) = dynamodb().await;
    let items: Vec<Item> = (0..20).map(|place| Item::new(key(&format!("{place:02}")))).collect();
    let puts: Vec<Write> = items.iter().map(|item| Write::Put(item.clone(), Condition::Always)).collect();
    table.write(&puts, None).await.unwrap();
    let before = emulator.requests();
    emulator.inject(Fault::UnprocessedKeys, 3);
    let keys: Vec<_> = items.iter().map(|item| item.key.clone()).rev().collect();
    let read = table.batch_get(&keys, Consistency::Strong).await.unwrap();
    assert_eq!(read.value, items.into_iter().rev().map(Some).collect::<Vec<_>>());
    assert!((read.units.reads() - 20.0).abs() < f64::EPSILON, "{:?}", read.units);
    assert_eq!(emulator.requests() - before, 4);
}

#[tokio::test]
async fn a_lost_reply_does_not_make_a_success_a_failure() {
    let (table, emulator) = dynamodb().await;
    let item = Item::new(key("a")).with("n", 1);
    emulator.inject(Fault::LostReply, 1);
    let created = table.write(&[Write::Put(item.clone(), Condition::Absent)], None).await.unwrap();
    assert_eq!(created, writes(1));
    emulator.inject(Fault::LostReply, 1);
    let next = Item::new(key("a")).with("n", 2);
    let condition = Condition::Equals("n".to_owned(), 1.into());
    table.write(&[Write::Put(next.clone(), condition.clone())], None).await.unwrap();
    emulator.inject(Fault::LostReply, 1);
    table.write(&[Write::Delete(key("a"), Condition::Present)], None).await.unwrap();
    emulator.inject(Fault::LostReply, 1);
    let both =
        [Write::Put(item.clone(), Condition::Absent), Write::Put(Item::new(key("b")), Condition::Absent)];
    table.write(&both, None).await.unwrap();
    assert_eq!(table.get(&key("a"), Consistency::Strong).await.unwrap().value, Some(item));
}

#[tokio::test]
async fn a_retry_does_not_make_a_failure_a_success() {
    let (table, emulator) = dynamodb().await;
    let theirs = Item::new(key("a")).with("by", "them");
    table.write(&[Write::Put(theirs.clone(), Condition::Always)], None).await.unwrap();
    let ours = Write::Put(Item::new(key("a")).with("by", "us"), Condition::Absent);
    let expect = [Reason::ConditionFailed(Some(theirs.clone()))];
    for fault in [Fault::LostReply, Fault::ServerError, Fault::Throttle] {
        emulator.inject(fault, 1);
        let refused = table.write(std::slice::from_ref(&ours), None).await;
        assert!(matches!(&refused, Err(TableError::Cancelled(reasons)) if *reasons == expect), "{refused:?}");
    }
    // The very same item, but nothing of ours can have written it: the one refusal before was certain.
    emulator.inject(Fault::Throttle, 1);
    let refused = table.write(&[Write::Put(theirs, Condition::Absent)], None).await;
    assert!(matches!(refused, Err(TableError::Cancelled(_))), "{refused:?}");
}

#[tokio::test]
async fn beyond_the_retries_the_table_is_unavailable() {
    let short = Retries { total: Duration::from_millis(30), ..QUICK };
    for fault in [Fault::Throttle, Fault::ServerError, Fault::LostReply, Fault::TransactionConflict] {
        let (table, emulator) = dynamodb().await;
        let table = table.with_retries(short);
        emulator.inject(fault, 10_000);
        let both =
            [Write::Put(Item::new(key("a")), Condition::Always), Write::Check(key("b"), Condition::Absent)];
        let failed = [
            table.write(&both[..1], None).await.map(drop),
            table.write(&both, None).await.map(drop),
            table.query(&Query::partition("p")).await.map(drop),
        ];
        for failed in failed {
            assert!(matches!(failed, Err(TableError::Unavailable(_))), "{fault:?}: {failed:?}");
        }
        assert!(emulator.requests() > 6, "{fault:?}");
    }
}

#[tokio::test]
async fn keys_that_stay_unprocessed_are_not_taken_for_absent() {
    let (table, emulator) = dynamodb().await;
    let table = table.with_retries(Retries { total: Duration::ZERO, ..QUICK });
    emulator.inject(Fault::UnprocessedKeys, 1);
    let failed = table.batch_get(&[key("a"), key("b")], Consistency::Strong).await;
    assert!(matches!(failed, Err(TableError::Unavailable(_))), "{failed:?}");
}

#[tokio::test]
async fn a_reply_that_never_comes_is_not_waited_for() {
    let emulator = DynamoDb::start();
    let config = at_endpoint(&emulator.endpoint(), emulator::ACCESS_KEY, emulator::SECRET_KEY).await;
    let timeouts = TimeoutConfig::builder().read_timeout(Duration::from_millis(300)).build();
    let config = config.into_builder().timeout_config(timeouts).build();
    let table = DynamoTable::new(&config, emulator::TABLE, Arc::new(SystemRandom)).with_retries(QUICK);
    emulator.inject(Fault::Silence, 1);
    table.write(&[Write::Put(Item::new(key("a")), Condition::Absent)], None).await.unwrap();
    assert_eq!(emulator.requests(), 2);
}
