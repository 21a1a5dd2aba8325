//! The embedded table beside a map in memory: random transactions and queries, the same answers.

use crate::stores::embedded;
use domain::table::{Condition, Consistency, Item, Key, Query, Reason, Source, Table, TableError, Write};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<Key, Item>;

fn part() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "a\u{0}", "a\u{1}", "ä"]).prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = Key> {
    (part(), part()).prop_map(|(partition, sort)| Key { partition, sort })
}

fn item() -> impl Strategy<Value = Item> {
    (key(), prop::option::of(key()), 0_i64..3)
        .prop_map(|(key, index, n)| Item { index, ..Item::new(key).with("n", n) })
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => Just(Condition::Always),
        1 => Just(Condition::Absent),
        1 => Just(Condition::Present),
        1 => (0_i64..3).prop_map(|n| Condition::Equals("n".to_owned(), n.into())),
        1 => (0_i64..3).prop_map(|n| Condition::AbsentOrBelow("n".to_owned(), n)),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        3 => (item(), condition()).prop_map(|(item, condition)| Write::Put(item, condition)),
        1 => (key(), condition()).prop_map(|(key, condition)| Write::Delete(key, condition)),
    ]
}

fn transaction() -> impl Strategy<Value = Vec<Write>> {
    prop::collection::vec(write(), 1..4).prop_map(|mut writes| {
        let mut seen = Vec::new();
        writes.retain(|write| {
            let new = !seen.contains(write.key());
            seen.push(write.key().clone());
            new
        });
        writes
    })
}

fn query() -> impl Strategy<Value = Query> {
    let bound = || prop::option::of(part());
    (any::<bool>(), part(), bound(), bound(), any::<bool>(), prop::option::of(1_usize..4)).prop_map(
        |(index, partition, from, to, descending, limit)| Query {
            source: if index { Source::Index } else { Source::Table },
            from,
            to,
            descending,
            limit,
            ..Query::partition(partition)
        },
    )
}

fn holds(condition: &Condition, stored: Option<&Item>) -> bool {
    let n = stored.and_then(|item| item.number("n"));
    match condition {
        Condition::Always => true,
        Condition::Absent => stored.is_none(),
        Condition::Present => stored.is_some(),
        Condition::Equals(_, value) => n.map(domain::table::Value::Number).as_ref() == Some(value),
        Condition::AbsentOrBelow(_, bound) => n.is_none_or(|n| n < *bound),
    }
}

fn apply(model: &mut Model, writes: &[Write]) -> Result<(), Vec<Reason>> {
    let reasons: Vec<Reason> = writes
        .iter()
        .map(|write| {
            let stored = model.get(write.key());
            if holds(write.condition(), stored) {
                Reason::None
            } else {
                Reason::ConditionFailed(stored.cloned())
            }
        })
        .collect();
    if reasons.iter().any(|reason| *reason != Reason::None) {
        return Err(reasons);
    }
    for write in writes {
        match write {
            Write::Put(item, _) => drop(model.insert(item.key.clone(), item.clone())),
            Write::Delete(key, _) => drop(model.remove(key)),
            Write::Check(..) => {}
        }
    }
    Ok(())
}

fn select(model: &Model, query: &Query) -> Vec<Item> {
    let place = |item: &Item| match query.source {
        Source::Table => Some(item.key.clone()),
        Source::Index => item.index.clone(),
    };
    let mut found: Vec<Item> = model
        .values()
        .filter(|item| {
            place(item).is_some_and(|key| {
                key.partition == query.partition
                    && query.from.as_ref().is_none_or(|from| key.sort >= *from)
                    && query.to.as_ref().is_none_or(|to| key.sort <= *to)
            })
        })
        .cloned()
        .collect();
    found.sort_by_key(|item| (place(item), item.key.clone()));
    if query.descending {
        found.reverse();
    }
    if query.source == Source::Index {
        for item in &mut found {
            item.attributes.clear();
        }
    }
    found
}

async fn select_all(table: &dyn Table, mut query: Query) -> Vec<Item> {
    let mut found = Vec::new();
    loop {
        let page = table.query(&query).await.unwrap().value;
        found.extend(page.items);
        query.after = page.next;
        if query.after.is_none() {
            return found;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn the_table_answers_as_a_map_does(
        steps in prop::collection::vec((transaction(), prop::collection::vec(query(), 0..3)), 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (table, _folder) = embedded();
        let mut model = Model::new();
        for (writes, queries) in steps {
            let done = match runtime.block_on(table.write(&writes, None)) {
                Ok(_) => Ok(()),
                Err(TableError::Cancelled(reasons)) => Err(reasons),
                Err(other) => panic!("{other:?}"),
            };
            prop_assert_eq!(done, apply(&mut model, &writes));
            for query in queries {
                let found = runtime.block_on(select_all(&table, query.clone()));
                prop_assert_eq!(found, select(&model, &query), "{:?}", query);
            }
        }
        let keys: Vec<Key> = model.keys().cloned().collect();
        let found = runtime.block_on(table.batch_get(&keys, Consistency::Eventual)).unwrap().value;
        prop_assert_eq!(found, model.into_values().map(Some).collect::<Vec<_>>());
    }
}
