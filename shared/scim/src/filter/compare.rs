//! One value against one literal. Runs for every row: nothing is allocated while texts are ASCII.

use super::node::{Comparison, Literal, Operator};
use crate::{
    fold::{fold, fold_part},
    value::scalar::instant,
};
use serde_json::{Number, Value};
use std::cmp::Ordering;

impl Comparison {
    /// Whether the value stands in that relation to the literal; never for a value of another type.
    pub(super) fn holds(&self, operator: Operator, value: &Value) -> bool {
        match (&self.literal, value) {
            (Literal::Text { written, folded: None }, Value::String(value)) => {
                exact(operator, value, written)
            }
            (Literal::Text { folded: Some(folded), .. }, Value::String(value)) => {
                insensitive(operator, value, folded)
            }
            (Literal::Instant { at, .. }, Value::String(value)) => {
                instant(value).is_some_and(|value| ordered(operator, value.cmp(at)))
            }
            (Literal::Boolean(literal), Value::Bool(value)) => {
                operator == Operator::Equal && value == literal
            }
            (Literal::Number(literal), Value::Number(value)) => {
                order(value, literal).is_some_and(|order| ordered(operator, order))
            }
            _ => false,
        }
    }
}

fn exact(operator: Operator, value: &str, literal: &str) -> bool {
    match operator {
        Operator::Contains => value.contains(literal),
        Operator::StartsWith => value.starts_with(literal),
        Operator::EndsWith => value.ends_with(literal),
        _ => ordered(operator, value.cmp(literal)),
    }
}

fn insensitive(operator: Operator, value: &str, literal: &str) -> bool {
    if value.is_ascii() {
        // The literal is folded already, and the order of UTF-8 is that of its bytes.
        return insensitive_ascii(operator, value.as_bytes(), literal.as_bytes());
    }
    let value = if operator.is_substring() { fold_part(value) } else { fold(value) };
    exact(operator, &value, literal)
}

fn insensitive_ascii(operator: Operator, value: &[u8], literal: &[u8]) -> bool {
    let same = |part: Option<&[u8]>| part.is_some_and(|part| part.eq_ignore_ascii_case(literal));
    match operator {
        Operator::Equal => value.eq_ignore_ascii_case(literal),
        Operator::Contains => {
            literal.is_empty()
                || value.windows(literal.len()).any(|window| window.eq_ignore_ascii_case(literal))
        }
        Operator::StartsWith => same(value.get(..literal.len())),
        Operator::EndsWith => same(value.len().checked_sub(literal.len()).and_then(|at| value.get(at..))),
        _ => {
            let value = value.iter().map(u8::to_ascii_lowercase);
            ordered(operator, value.cmp(literal.iter().map(u8::to_ascii_lowercase)))
        }
    }
}

fn ordered(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}

/// Whole numbers compare exactly; only where one of them has a fraction do both become binary fractions.
fn order(a: &Number, b: &Number) -> Option<Ordering> {
    let whole = |n: &Number| n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from));
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}
