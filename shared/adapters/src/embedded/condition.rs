//! Conditions, decided as DynamoDB decides the expressions they stand for.

use crate::table_rules::{EXPIRES, INDEX_PARTITION, INDEX_SORT, PARTITION, SORT};
use domain::table::{Condition, Item, Value};

/// Whether the condition holds of what stands under the key.
pub(super) fn holds(condition: &Condition, stored: Option<&Item>) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Absent => stored.is_none(),
        Condition::Present => stored.is_some(),
        Condition::Equals(name, wanted) => stored.is_some_and(|item| equals(item, name, wanted)),
        Condition::AbsentOrBelow(name, bound) => stored.is_none_or(|item| below(item, name, *bound)),
    }
}

fn equals(item: &Item, name: &str, wanted: &Value) -> bool {
    match (part(item, name), wanted) {
        (Some(text), Value::Text(wanted)) => text == wanted,
        _ if name == EXPIRES => item.expires.map(Value::Number).as_ref() == Some(wanted),
        _ => item.attributes.get(name) == Some(wanted),
    }
}

/// An absent attribute, or one that is no number, is below nothing.
fn below(item: &Item, name: &str, bound: i64) -> bool {
    let number = if name == EXPIRES { item.expires } else { item.number(name) };
    number.is_some_and(|number| number < bound)
}

/// The parts of the keys are attributes too, as far as an expression can tell.
fn part<'a>(item: &'a Item, name: &str) -> Option<&'a String> {
    match name {
        PARTITION => Some(&item.key.partition),
        SORT => Some(&item.key.sort),
        INDEX_PARTITION => item.index.as_ref().map(|index| &index.partition),
        INDEX_SORT => item.index.as_ref().map(|index| &index.sort),
        _ => None,
    }
}
