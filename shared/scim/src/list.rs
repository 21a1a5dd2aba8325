//! Index paging and the list response (RFC 7644 section 3.4.2.4). Cursors (RFC 9865) will stand beside it.

use crate::{
    Document,
    error::{Error, ErrorKind, quoted},
};
use serde_json::{Value, json};

/// Schema of a list response.
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Which part of the matches a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// 1-based index of the first match to return.
    pub start_index: usize,
    /// How many matches to return at most; 0 asks for the total only.
    pub count: usize,
}

impl Paging {
    /// Reads the two query parameters as RFC 7644 table 6 interprets them: an index below 1 means 1, a count
    /// below 0 means 0, a count above `max` means `max`, and without a count it is `default`.
    ///
    /// Numbers too large for 64 bits are the largest ones. What is not a number is `invalidValue`.
    pub fn parse(
        start_index: Option<&str>,
        count: Option<&str>,
        default: usize,
        max: usize,
    ) -> Result<Self, Error> {
        let start_index = start_index.map_or(Ok(1), |text| integer("startIndex", text))?;
        let count = count.map(|text| integer("count", text)).transpose()?;
        Ok(Self {
            start_index: usize::try_from(start_index.max(1)).unwrap_or(usize::MAX),
            count: count.map_or(default, |n| usize::try_from(n.max(0)).unwrap_or(usize::MAX)).min(max),
        })
    }
}

fn integer(parameter: &str, text: &str) -> Result<i64, Error> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let detail = format!("{parameter} must be a whole number, not {}", quoted(text));
        return Err(Error::new(ErrorKind::InvalidValue, detail));
    }
    // Only an overflow can be left: all characters are digits.
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

/// The list response: `total` matches in all, of which `resources` stand from `start_index` (1-based) on.
pub fn list_response<R: Into<Value>>(total: usize, start_index: usize, resources: Vec<R>) -> Value {
    let resources: Vec<Value> = resources.into_iter().map(Into::into).collect();
    json!({
        "schemas": [LIST_URN],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

// `Value: From<Map>` makes `list_response` take documents as well as values.
const _: fn(usize, usize, Vec<Document>) -> Value = list_response::<Document>;
