//! Holds a JSON value against its attribute: kind, sub-attributes, required parts, what is forgiven.
//!
//! Bodies and PATCH operations share it, so that a value is judged the same by every door.

mod duplicates;
mod elements;
pub(crate) mod scalar;

pub(crate) use duplicates::{Identity, without_duplicates};
pub(crate) use elements::{is_hollow, keep_one_primary};

use crate::{
    Document,
    error::{Error, ErrorKind, quoted},
    schema::{Attribute, Kind, nearest},
    tolerance::{Quirk, Tolerances},
};
use serde_json::Value;
use std::fmt;

/// Where a value stands, for the detail of an error: `emails[0].value`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    urn: Option<&'a str>,
    name: &'a str,
    index: Option<usize>,
    sub: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(urn: Option<&'a str>, name: &'a str) -> Self {
        Self { urn, name, index: None, sub: None }
    }

    fn element(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }

    pub(crate) fn sub(self, name: &'a str) -> Self {
        Self { sub: Some(name), ..self }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(self.name)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        match self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Whether an absent part of a complex value is missing or merely not mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The value is the whole: cleared parts vanish, required ones must be there.
    Whole,
    /// The value is laid over another one: cleared parts stay as null.
    Overlay,
}

/// The value as it will be kept, in canonical spelling; none if it is absent (null, empty, cleared).
pub(crate) fn conform(
    place: Place<'_>,
    attribute: &Attribute,
    value: Value,
    tolerances: Tolerances,
) -> Result<Option<Value>, Error> {
    if !attribute.multi_valued {
        return conform_single(place, attribute, value, Extent::Whole, tolerances);
    }
    match value {
        Value::Null => Ok(None),
        Value::Array(elements) => {
            let elements = conform_elements(place, attribute, elements, tolerances)?;
            Ok((!elements.is_empty()).then_some(Value::Array(elements)))
        }
        Value::String(text) if text.is_empty() && tolerances.allows(Quirk::EmptyText) => Ok(None),
        other => Err(wrong_kind(place, "an array", &other)),
    }
}

/// The elements of a multi-valued attribute: each conforming, one primary at most, no member twice.
pub(crate) fn conform_elements(
    place: Place<'_>,
    attribute: &Attribute,
    elements: Vec<Value>,
    tolerances: Tolerances,
) -> Result<Vec<Value>, Error> {
    let mut kept = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let place = place.element(index);
        if let Some(element) = conform_element(place, attribute, element, tolerances)? {
            kept.push(element);
        }
    }
    if elements::count_primary(attribute, &kept) > 1 && !tolerances.allows(Quirk::PrimaryTwice) {
        let detail = format!("{place} has more than one value with primary true");
        return Err(Error::new(ErrorKind::InvalidValue, detail));
    }
    let last = elements::last_primary(attribute, &kept);
    keep_one_primary(&mut kept, last);
    Ok(without_duplicates(attribute, kept))
}

/// One element; none if it was given only to be cleared, as `{"type": "work", "value": ""}` is.
fn conform_element(
    place: Place<'_>,
    attribute: &Attribute,
    element: Value,
    tolerances: Tolerances,
) -> Result<Option<Value>, Error> {
    let cleared = element.as_object().is_some_and(|map| {
        map.iter().any(|(key, value)| key.eq_ignore_ascii_case("value") && is_cleared(value, tolerances))
    });
    let required = attribute.sub_attribute("value").is_some_and(|value| value.required);
    let element = conform_single(place, attribute, element, Extent::Whole, tolerances);
    if cleared && !required {
        return Ok(element?.filter(|element| !is_hollow(attribute, element)));
    }
    element
}

fn is_cleared(value: &Value, tolerances: Tolerances) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() && tolerances.allows(Quirk::EmptyText),
        _ => false,
    }
}

/// One value of an attribute, whether or not the attribute is multi-valued.
pub(crate) fn conform_single(
    place: Place<'_>,
    attribute: &Attribute,
    value: Value,
    extent: Extent,
    tolerances: Tolerances,
) -> Result<Option<Value>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() && tolerances.allows(Quirk::EmptyText) => Ok(None),
        Value::Object(map) if attribute.kind == Kind::Complex => {
            let map = conform_complex(place, attribute, map, extent, tolerances)?;
            Ok((!map.is_empty()).then_some(Value::Object(map)))
        }
        Value::String(text) if takes_plain_reference(attribute, tolerances) => {
            let map = Document::from_iter([("value".to_owned(), Value::String(text))]);
            Ok(Some(Value::Object(map)))
        }
        other => scalar::conform(place, attribute, other, tolerances).map(Some),
    }
}

/// Only single values: a list of plain strings in place of e-mail objects is a mistake, not a dialect.
fn takes_plain_reference(attribute: &Attribute, tolerances: Tolerances) -> bool {
    attribute.kind == Kind::Complex
        && !attribute.multi_valued
        && attribute.sub_attribute("value").is_some_and(|value| value.kind.is_text())
        && tolerances.allows(Quirk::PlainReference)
}

fn conform_complex(
    place: Place<'_>,
    attribute: &Attribute,
    map: Document,
    extent: Extent,
    tolerances: Tolerances,
) -> Result<Document, Error> {
    let mut kept = Document::with_capacity(map.len());
    for (key, value) in map {
        let Some(sub) = attribute.sub_attribute(&key) else {
            return Err(unknown_sub(place, attribute, &key));
        };
        if sub.is_read_only() {
            continue;
        }
        let value = conform(place.sub(&sub.name), sub, value, tolerances)?;
        let value = match extent {
            Extent::Whole => value,
            Extent::Overlay => Some(value.unwrap_or(Value::Null)),
        };
        if let Some(value) = value
            && kept.insert(sub.name.clone(), value).is_some()
        {
            return Err(given_twice(place.sub(&sub.name)));
        }
    }
    let missing = |sub: &&std::sync::Arc<Attribute>| sub.required && !kept.contains_key(&sub.name);
    match attribute.sub_attributes.iter().find(missing) {
        Some(sub) if extent == Extent::Whole => Err(missing_value(place.sub(&sub.name))),
        _ => Ok(kept),
    }
}

fn unknown_sub(place: Place<'_>, attribute: &Attribute, key: &str) -> Error {
    let hint = match nearest(key, attribute.sub_attributes.iter().map(|sub| sub.name.as_str())) {
        Some(name) => format!("; did you mean {name}?"),
        None => String::new(),
    };
    Error::new(ErrorKind::InvalidSyntax, format!("{place} has no sub-attribute {}{hint}", quoted(key)))
}

/// The same attribute in two spellings, of which neither can be preferred.
pub(crate) fn given_twice(place: Place<'_>) -> Error {
    Error::new(ErrorKind::InvalidSyntax, format!("{place} is given more than once"))
}

/// A required attribute that is absent.
pub(crate) fn missing_value(place: Place<'_>) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("{place} is required"))
}

/// A value of another kind than the attribute's.
pub(crate) fn wrong_kind(place: Place<'_>, expected: &str, came: &Value) -> Error {
    let came = match came {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string {}", quoted(text)),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    Error::new(ErrorKind::InvalidValue, format!("{place} must be {expected}, not {came}"))
}
