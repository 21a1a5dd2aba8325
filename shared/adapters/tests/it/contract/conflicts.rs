//! Writers that are after the same item.

use crate::stores::{key, on_every_table};
use domain::table::{Condition, Consistency, Item, Table, TableError, Write};
use futures::future::join_all;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_create_an_item_exactly_one_does() {
    on_every_table(async |table| {
        let attempts = (0..24).map(|writer| {
            let table = table.clone();
            tokio::spawn(async move {
                let claim = Write::Put(Item::new(key("claim")).with("by", writer), Condition::Absent);
                let own = Write::Put(Item::new(key(&format!("own-{writer}"))), Condition::Always);
                let writes = if writer % 2 == 0 { vec![claim] } else { vec![claim, own] };
                match table.write(&writes, None).await {
                    Ok(_) => Some(writer),
                    Err(TableError::Cancelled(_)) => None,
                    Err(other) => panic!("{other:?}"),
                }
            })
        });
        let winners: Vec<i64> = join_all(attempts).await.into_iter().filter_map(Result::unwrap).collect();
        let claim = table.get(&key("claim"), Consistency::Strong).await.unwrap().value.unwrap();
        assert_eq!(winners, [claim.number("by").unwrap()]);
        for writer in (1..24).step_by(2) {
            let own = table.get(&key(&format!("own-{writer}")), Consistency::Strong).await.unwrap().value;
            assert_eq!(own.is_some(), winners == [writer], "writer {writer}");
        }
    })
    .await;
}

async fn increment(table: &dyn Table) {
    loop {
        let old = table.get(&key("counter"), Consistency::Strong).await.unwrap().value.unwrap();
        let count = old.number("n").unwrap();
        let condition = Condition::Equals("n".to_owned(), count.into());
        match table.write(&[Write::Put(old.with("n", count + 1), condition)], None).await {
            Ok(_) => return,
            Err(TableError::Cancelled(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_optimistic_counter_loses_nothing() {
    on_every_table(async |table| {
        let zero = Item::new(key("counter")).with("n", 0);
        table.write(&[Write::Put(zero, Condition::Absent)], None).await.unwrap();
        let writers = (0..8).map(|_| {
            let table = table.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    increment(table.as_ref()).await;
                }
            })
        });
        join_all(writers).await.into_iter().for_each(Result::unwrap);
        let counter = table.get(&key("counter"), Consistency::Strong).await.unwrap().value.unwrap();
        assert_eq!(counter.number("n"), Some(40));
    })
    .await;
}
