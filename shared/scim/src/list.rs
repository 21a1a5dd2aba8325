//! Paging by index (RFC 7644 section 3.4.2.4) and by cursor (RFC 9865), and the list response of either.

use crate::error::{Error, ErrorKind, quoted};
use serde_json::Value;

/// Schema of a list response.
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Which part of the matches a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// From a place that is counted off.
    Index {
        /// 1-based index of the first match to return.
        start_index: usize,
        /// How many matches to return at most; 0 asks for the total only.
        count: usize,
    },
    /// From where an earlier page ended.
    Cursor {
        /// The cursor that came with that page, as it was given out; none for the first page.
        cursor: Option<String>,
        /// How many matches to return at most; never 0.
        count: usize,
    },
}

impl Paging {
    /// Reads the three query parameters. A `cursor`, even an empty one, asks for paging by cursor, and
    /// `startIndex` is then not looked at; without one, paging is by index.
    ///
    /// By index, numbers are interpreted as in RFC 7644 table 6: an index below 1 means 1, a count below 0
    /// means 0. By cursor, a count that is no whole number or below 1 is `invalidCount` (RFC 9865 section 2.1).
    /// Either way a count above `max` means `max`, and without a count it is `default`. Numbers too large for
    /// 64 bits are the largest ones. What is not a number is `invalidValue`.
    ///
    /// Whether a cursor is one that was given out only who gave it out can tell, by
    /// [`ErrorKind::InvalidCursor`] and [`ErrorKind::ExpiredCursor`].
    pub fn parse(
        start_index: Option<&str>,
        count: Option<&str>,
        cursor: Option<&str>,
        default: usize,
        max: usize,
    ) -> Result<Self, Error> {
        let read = |kind| count.map(|text| integer(kind, "count", text)).transpose();
        if let Some(cursor) = cursor {
            let count = read(ErrorKind::InvalidCount)?;
            if let Some(count) = count.filter(|count| *count < 1) {
                let detail = format!("count must be at least 1 where a cursor is used, not {count}");
                return Err(Error::new(ErrorKind::InvalidCount, detail));
            }
            let cursor = (!cursor.is_empty()).then(|| cursor.to_owned());
            return Ok(Self::Cursor { cursor, count: bounded(count, default, max).max(1) });
        }
        let count = bounded(read(ErrorKind::InvalidValue)?, default, max);
        let start_index = start_index.map(|text| integer(ErrorKind::InvalidValue, "startIndex", text));
        let start_index = start_index.transpose()?.unwrap_or(1).max(1);
        Ok(Self::Index { start_index: usize::try_from(start_index).unwrap_or(usize::MAX), count })
    }

    /// How many matches to return at most.
    pub fn count(&self) -> usize {
        match self {
            Self::Index { count, .. } | Self::Cursor { count, .. } => *count,
        }
    }
}

fn bounded(count: Option<i64>, default: usize, max: usize) -> usize {
    count.map_or(default, |n| usize::try_from(n.max(0)).unwrap_or(usize::MAX)).min(max)
}

fn integer(kind: ErrorKind, parameter: &str, text: &str) -> Result<i64, Error> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::new(kind, format!("{parameter} must be a whole number, not {}", quoted(text))));
    }
    // Only an overflow can be left: all characters are digits.
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

/// What a list response says about its page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Matches on all pages, if that is known.
    pub total: Option<usize>,
    /// 1-based index of the first one, of a page by index.
    pub start_index: Option<usize>,
    /// The cursor of the next page, of a page by cursor that is not the last (RFC 9865 section 2).
    pub next_cursor: Option<String>,
}

/// Writes a list response (RFC 7644 section 3.4.2). `write` appends one resource as JSON, so that text which is JSON
/// already need not be parsed again.
///
/// Errors are those of `write`; what was written until then is no JSON.
pub fn write_list<R, E>(
    out: &mut Vec<u8>,
    facts: &PageFacts,
    resources: &[R],
    mut write: impl FnMut(&R, &mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    out.push(b'{');
    let mut member = |name: &str, value: String| {
        out.extend_from_slice(format!("\"{name}\":{value},").as_bytes());
    };
    member("schemas", format!("[\"{LIST_URN}\"]"));
    if let Some(total) = facts.total {
        member("totalResults", total.to_string());
    }
    if let Some(start_index) = facts.start_index {
        member("startIndex", start_index.to_string());
    }
    member("itemsPerPage", resources.len().to_string());
    if let Some(cursor) = &facts.next_cursor {
        member("nextCursor", Value::from(cursor.as_str()).to_string());
    }
    out.extend_from_slice(b"\"Resources\":[");
    for (at, resource) in resources.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(resource, out)?;
    }
    out.extend_from_slice(b"]}");
    Ok(())
}
