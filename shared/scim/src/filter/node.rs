//! The tree of a filter, its attributes resolved and its literals typed.

use crate::{Document, schema::AttributeRef};
use jiff::Timestamp;
use serde_json::{Number, Value};

/// A part of a filter. Its depth is bounded by the parser, so that recursion over it is safe.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// All of at least two.
    And(Vec<Node>),
    /// Any of at least two.
    Or(Vec<Node>),
    Not(Box<Node>),
    Present(AttributeRef),
    Compare(Comparison),
    /// Some element of the attribute for which the inner filter holds; inside, names are sub-attributes.
    Element(AttributeRef, Box<Node>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) target: AttributeRef,
    pub(crate) operator: Operator,
    pub(crate) literal: Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A literal in the form in which it is compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Boolean(bool),
    Number(Number),
    /// `folded` is set where case does not distinguish values.
    Text {
        written: String,
        folded: Option<String>,
    },
    Instant {
        written: String,
        at: Timestamp,
    },
}

impl Operator {
    pub(super) const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Equal),
        ("ne", Self::NotEqual),
        ("co", Self::Contains),
        ("sw", Self::StartsWith),
        ("ew", Self::EndsWith),
        ("gt", Self::Greater),
        ("ge", Self::GreaterOrEqual),
        ("lt", Self::Less),
        ("le", Self::LessOrEqual),
    ];

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, operator)| *operator)
    }

    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    pub(super) const fn is_substring(self) -> bool {
        matches!(self, Self::Contains | Self::StartsWith | Self::EndsWith)
    }

    pub(super) const fn is_order(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual)
    }
}

impl Node {
    /// Whether the filter holds for a resource, or for an element of a value path.
    pub(crate) fn matches(&self, map: &Document) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(map)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(map)),
            Self::Not(inner) => !inner.matches(map),
            Self::Present(target) => any_leaf(target, map, &mut is_present),
            Self::Compare(comparison) => comparison.matches(map),
            Self::Element(target, inner) => match target.find(map) {
                Some(Value::Array(elements)) => {
                    elements.iter().filter_map(Value::as_object).any(|element| inner.matches(element))
                }
                Some(Value::Object(single)) => inner.matches(single),
                _ => false,
            },
        }
    }

    /// Collects the values; whether nothing else is asked of the attribute.
    pub(super) fn values_named<'n>(&'n self, attribute: &str, values: &mut Vec<&'n str>) -> bool {
        let is = |target: &AttributeRef| target.extension.is_none() && target.attribute.name == attribute;
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().all(|part| part.values_named(attribute, values))
            }
            Self::Not(inner) => inner.values_named(attribute, values),
            Self::Present(target) => !is(target),
            Self::Compare(comparison) if is(&comparison.target) => {
                let of_value = comparison.target.sub.as_ref().is_some_and(|sub| sub.name == "value");
                of_value && comparison.names(values)
            }
            Self::Element(target, inner) if is(target) => match inner.as_ref() {
                Self::Compare(comparison) => {
                    comparison.target.attribute.name == "value" && comparison.names(values)
                }
                _ => false,
            },
            Self::Compare(_) | Self::Element(..) => true,
        }
    }

    pub(super) fn members<'n>(&'n self, members: &mut Vec<&'n str>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.members(members)),
            Self::Not(inner) => inner.members(members),
            Self::Present(target) | Self::Element(target, _) => members.push(target.member()),
            Self::Compare(comparison) => members.push(comparison.target.member()),
        }
    }
}

impl Comparison {
    /// Whether it is an equality with text, which is then noted.
    fn names<'n>(&'n self, values: &mut Vec<&'n str>) -> bool {
        match (&self.literal, self.operator) {
            (Literal::Text { written, .. }, Operator::Equal) => {
                values.push(written);
                true
            }
            _ => false,
        }
    }

    fn matches(&self, map: &Document) -> bool {
        let equals_null = self.literal == Literal::Null;
        match self.operator {
            Operator::Equal if equals_null => !any_leaf(&self.target, map, &mut is_present),
            Operator::NotEqual if equals_null => any_leaf(&self.target, map, &mut is_present),
            Operator::NotEqual => {
                let mut values = false;
                let differs = any_leaf(&self.target, map, &mut |leaf| {
                    values = true;
                    !self.holds(Operator::Equal, leaf)
                });
                differs || !values
            }
            operator => any_leaf(&self.target, map, &mut |leaf| self.holds(operator, leaf)),
        }
    }
}

/// Whether any value that the reference reaches passes the test; elements of arrays are reached one by one.
fn any_leaf(target: &AttributeRef, map: &Document, test: &mut dyn FnMut(&Value) -> bool) -> bool {
    let Some(value) = target.find(map) else { return false };
    let mut of_one = |value: &Value| match &target.sub {
        None => test(value),
        Some(sub) => match value.get(&sub.name) {
            Some(Value::Array(values)) => values.iter().any(&mut *test),
            Some(value) => test(value),
            None => false,
        },
    };
    match value {
        Value::Array(elements) => elements.iter().any(of_one),
        single => of_one(single),
    }
}

/// A value that is not empty; a complex one needs a part that is not.
pub(crate) fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_present),
        Value::Object(map) => map.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
