//! Sorting (RFC 7644 §3.4.2.3): from `sortBy` and `sortOrder` to a key that each resource sorts by.

mod number;

use crate::{
    Document,
    body::describe_unknown,
    error::{Error, ErrorKind, quoted},
    fold::fold,
    schema::{AttributeRef, Kind, Resolved, ResourceType, Returned},
    value::scalar::instant,
};
use jiff::Timestamp;
use number::Exact;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{cmp::Ordering, sync::Arc};

/// By which attribute a listing is sorted, and in which direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// The attribute; its leaf is not complex.
    target: AttributeRef,
    descending: bool,
}

/// What a resource sorts by. Keys of one [`Sort`] order as the listing does, whatever its direction, so that they
/// can stand in a heap or between two pages. Resources with equal keys stand in any order that the caller keeps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SortKey {
    descending: bool,
    value: Option<Sortable>,
}

/// A value by its kind. One attribute has values of one kind only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Sortable {
    Boolean(bool),
    Number(Exact),
    Instant(Timestamp),
    Text(String),
}

impl Sort {
    /// Reads the two query parameters; none if `sortBy` is absent or empty. The order is `ascending`, also if it
    /// is absent or empty, or `descending`, in any case.
    ///
    /// A complex attribute that has a `value` sorts by it. Errors are `invalidValue`: for an attribute that the
    /// type does not have, that is never returned or that has no order, and for any other `sortOrder`.
    pub fn parse(
        sort_by: Option<&str>,
        sort_order: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Option<Self>, Error> {
        let descending = is_descending(sort_order)?;
        let name = sort_by.map(str::trim).filter(|name| !name.is_empty());
        name.map(|name| Ok(Self { target: target(name, resource_type)?, descending })).transpose()
    }

    /// What the resource, in canonical spelling, sorts by. Of several values the primary one counts, else the
    /// first. A resource without a value comes last in ascending and first in descending order. Text goes by the
    /// attribute's `caseExact`, times go as instants, false comes before true.
    pub fn key(&self, document: &Document) -> SortKey {
        let value = self.target.find(document).and_then(preferred).and_then(|value| match &self.target.sub {
            Some(sub) => value.get(&sub.name).and_then(preferred),
            None => Some(value),
        });
        SortKey { descending: self.descending, value: value.and_then(|value| self.sortable(value)) }
    }

    /// The member of a document on which the order hangs: a core attribute by its name, an extension by its URN.
    pub fn member(&self) -> &str {
        self.target.member()
    }

    fn sortable(&self, value: &Value) -> Option<Sortable> {
        let leaf = self.target.leaf();
        match (leaf.kind, value) {
            (Kind::DateTime | Kind::Instant, Value::String(text)) => instant(text).map(Sortable::Instant),
            (_, Value::String(text)) if text.is_empty() => None,
            (_, Value::String(text)) if leaf.case_exact => Some(Sortable::Text(text.clone())),
            (_, Value::String(text)) => Some(Sortable::Text(fold(text))),
            (_, Value::Bool(value)) => Some(Sortable::Boolean(*value)),
            (_, Value::Number(number)) => Exact::of(number).map(Sortable::Number),
            (_, Value::Null | Value::Array(_) | Value::Object(_)) => None,
        }
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let ascending = match (&self.value, &other.value) {
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        // The direction is compared only so that keys of two listings, which never meet, are not equal.
        let direction = self.descending.cmp(&other.descending);
        direction.then(if self.descending { ascending.reverse() } else { ascending })
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn is_descending(order: Option<&str>) -> Result<bool, Error> {
    let order = order.map(str::trim).unwrap_or_default();
    if order.is_empty() || order.eq_ignore_ascii_case("ascending") {
        return Ok(false);
    }
    if order.eq_ignore_ascii_case("descending") {
        return Ok(true);
    }
    Err(invalid(format!("sortOrder must be ascending or descending, not {}", quoted(order))))
}

fn target(name: &str, resource_type: &ResourceType) -> Result<AttributeRef, Error> {
    let target = match resource_type.resolve(name) {
        Some(Resolved::Attribute(target)) => target,
        Some(Resolved::Extension(schema)) => {
            return Err(invalid(format!("sortBy must name an attribute: add one to {}:", schema.id)));
        }
        None => return Err(invalid(format!("sortBy: {}", describe_unknown(resource_type, name)))),
    };
    if target.attribute.returned == Returned::Never || target.leaf().returned == Returned::Never {
        return Err(invalid(format!("sortBy cannot be {target}, which is never returned")));
    }
    if target.leaf().kind != Kind::Complex {
        return Ok(target);
    }
    match target.attribute.sub_attribute("value") {
        Some(value) if target.sub.is_none() && value.kind != Kind::Complex => {
            Ok(AttributeRef { sub: Some(Arc::clone(value)), ..target })
        }
        _ => Err(no_order(&target)),
    }
}

fn no_order(target: &AttributeRef) -> Error {
    let example = target.attribute.sub_attributes.iter().find(|sub| sub.kind != Kind::Complex);
    let hint = example.map_or(String::new(), |sub| {
        format!("; sort by one of its sub-attributes, such as {target}.{}", sub.name)
    });
    invalid(format!("sortBy cannot be {target}, which is complex and has no order{hint}"))
}

fn invalid(detail: String) -> Error {
    Error::new(ErrorKind::InvalidValue, detail)
}

/// The value itself; of several the primary one, else the first.
fn preferred(value: &Value) -> Option<&Value> {
    let Value::Array(elements) = value else { return Some(value) };
    let primary = elements.iter().find(|element| element.get("primary") == Some(&Value::Bool(true)));
    primary.or_else(|| elements.first())
}
