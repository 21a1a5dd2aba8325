//! Conditions and key ranges in DynamoDB's expression language.

use super::item::{number, to_value};
use crate::table_rules::{INDEX_PARTITION, INDEX_SORT, PARTITION, SORT};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::table::{Condition, Query, Source};
use std::collections::HashMap;

/// An expression with the names and values that it refers to. Maps that would be empty are absent: DynamoDB refuses
/// them.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Expression {
    /// The text.
    pub(super) text: Option<String>,
    /// What `#` names stand for.
    pub(super) names: Option<HashMap<String, String>>,
    /// What `:` values stand for.
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

impl Expression {
    fn new(text: &str, names: &[(&str, &str)], values: Vec<(&str, AttributeValue)>) -> Self {
        let names: HashMap<_, _> =
            names.iter().map(|(short, name)| ((*short).to_owned(), (*name).to_owned())).collect();
        let values: HashMap<_, _> =
            values.into_iter().map(|(short, value)| (short.to_owned(), value)).collect();
        Self {
            text: Some(text.to_owned()),
            names: Some(names).filter(|names| !names.is_empty()),
            values: Some(values).filter(|values| !values.is_empty()),
        }
    }
}

/// What must hold of the stored item.
pub(super) fn condition(condition: &Condition) -> Expression {
    let partition = ("#p", PARTITION);
    match condition {
        Condition::Always => Expression::default(),
        Condition::Absent => Expression::new("attribute_not_exists(#p)", &[partition], vec![]),
        Condition::Present => Expression::new("attribute_exists(#p)", &[partition], vec![]),
        Condition::Equals(name, value) => {
            Expression::new("#a = :v", &[("#a", name)], vec![(":v", to_value(value))])
        }
        Condition::AbsentOrBelow(name, bound) => Expression::new(
            "attribute_not_exists(#p) OR #a < :v",
            &[partition, ("#a", name)],
            vec![(":v", number(*bound))],
        ),
    }
}

/// Which keys a query wants, between these bounds.
pub(super) fn range(query: &Query, from: Option<&str>, to: Option<&str>) -> Expression {
    let (partition, sort) = match query.source {
        Source::Table => (PARTITION, SORT),
        Source::Index => (INDEX_PARTITION, INDEX_SORT),
    };
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let (partition, sort) = (("#p", partition), ("#s", sort));
    let wanted = (":p", text(&query.partition));
    match (from, to) {
        (None, None) => Expression::new("#p = :p", &[partition], vec![wanted]),
        (Some(from), None) => {
            Expression::new("#p = :p AND #s >= :f", &[partition, sort], vec![wanted, (":f", text(from))])
        }
        (None, Some(to)) => {
            Expression::new("#p = :p AND #s <= :t", &[partition, sort], vec![wanted, (":t", text(to))])
        }
        (Some(from), Some(to)) => Expression::new(
            "#p = :p AND #s BETWEEN :f AND :t",
            &[partition, sort],
            vec![wanted, (":f", text(from)), (":t", text(to))],
        ),
    }
}
