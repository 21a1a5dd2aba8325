//! Values that are not complex (RFC 7643 sections 2.3.1 to 2.3.7).

use super::{Place, wrong_kind};
use crate::{
    error::{Error, ErrorKind, quoted},
    fold::same,
    schema::{Attribute, Kind},
    tolerance::{Quirk, Tolerances},
};
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn conform(
    place: Place<'_>,
    attribute: &Attribute,
    value: Value,
    tolerances: Tolerances,
) -> Result<Value, Error> {
    if !takes(attribute, &value, tolerances) {
        let expected = format!("one of {}", attribute.canonical_values.join(", "));
        return Err(wrong_kind(place, &expected, &value));
    }
    match (attribute.kind, value) {
        (Kind::String | Kind::Reference, Value::String(text)) if attribute.closed => {
            canonical(place, attribute, &text).map(Value::from)
        }
        (Kind::String | Kind::Reference, value @ Value::String(_))
        | (Kind::Boolean, value @ Value::Bool(_))
        | (Kind::Decimal, value @ Value::Number(_)) => Ok(value),
        (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Ok(Value::Number(number))
        }
        (Kind::Boolean, Value::String(text)) if tolerances.allows(Quirk::BooleanText) => {
            boolean(&text).map(Value::Bool).ok_or_else(|| expected(place, attribute, &Value::String(text)))
        }
        (Kind::DateTime | Kind::Instant, Value::String(text)) if instant(&text).is_some() => {
            Ok(Value::String(text))
        }
        (Kind::Binary, Value::String(text)) if is_base64(&text) => Ok(Value::String(text)),
        (_, other) => Err(expected(place, attribute, &other)),
    }
}

/// The value in its declared spelling, where only declared values are taken (RFC 7643 section 7).
fn canonical<'a>(place: Place<'_>, attribute: &'a Attribute, text: &str) -> Result<&'a str, Error> {
    const SHOWN: usize = 10;
    if let Some(value) = attribute.canonical_value(text) {
        return Ok(value);
    }
    let values = &attribute.canonical_values;
    let shown: Vec<String> = values.iter().take(SHOWN).map(|value| quoted(value)).collect();
    let more = if values.len() > SHOWN { ", …" } else { "" };
    let detail = format!("{place} must be one of {}{more}, not {}", shown.join(", "), quoted(text));
    Err(Error::new(ErrorKind::InvalidValue, detail))
}

/// Whether a `type` is one of the canonical values, where others are not tolerated. Other attributes take any text:
/// what they suggest is only the usual.
pub(crate) fn takes(attribute: &Attribute, value: &Value, tolerances: Tolerances) -> bool {
    let Value::String(text) = value else { return true };
    attribute.name != "type"
        || tolerances.allows(Quirk::AnyType)
        || attribute.canonical_values.is_empty()
        || attribute.canonical_values.iter().any(|canonical| same(canonical, text))
}

fn expected(place: Place<'_>, attribute: &Attribute, came: &Value) -> Error {
    let kind = match attribute.kind {
        Kind::String => "a string",
        Kind::Boolean => "a boolean",
        Kind::Decimal => "a decimal number",
        Kind::Integer => "an integer",
        Kind::DateTime | Kind::Instant => "a dateTime such as 2026-01-31T08:30:00Z",
        Kind::Binary => "binary as base 64",
        Kind::Reference => "a reference",
        Kind::Complex => "a complex value (an object)",
    };
    wrong_kind(place, kind, came)
}

/// `true` and `false` as text, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// The instant of an RFC 3339 text. The shape is looked at first, for jiff also reads other forms of ISO 8601
/// and annotations of RFC 9557, which would not be understood by the next client.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let shape = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let right = separators.iter().all(|(at, byte)| shape.get(*at).map(u8::to_ascii_uppercase) == Some(*byte));
    let zone = matches!(shape, [.., b'Z' | b'z'] | [.., b'+' | b'-', _, _, b':', _, _]);
    if right && zone { text.parse().ok() } else { None }
}

/// RFC 4648 sections 4 and 5, with or without padding; line ends of PEM-like wrapping are let through.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches(['=', '\r', '\n']);
    let alphabet =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'\r' | b'\n');
    text.len() - body.len() <= 6 && body.bytes().all(alphabet)
}
