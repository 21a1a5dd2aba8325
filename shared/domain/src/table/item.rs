//! Items: a key, at most one index key, and attributes of three types.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// A primary key. Neither part may be empty; at most 2,048 and 1,024 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Items of one partition are stored together.
    pub partition: String,
    /// Orders them, by bytes.
    pub sort: String,
}

impl Key {
    /// A key of these two parts.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }
}

/// An attribute's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text; may be empty.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Bytes; may be empty.
    Bytes(Vec<u8>),
}

/// The name of an attribute.
pub type AttributeName = Cow<'static, str>;

/// Attributes by name. Names are short: they are stored, and billed, with every item.
pub type Attributes = BTreeMap<AttributeName, Value>;

/// A name as items bear it. That of a single small letter, as all of ours are, takes no memory of its own: an item is
/// read more often than anything else is done.
pub fn attribute_name(name: &str) -> AttributeName {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    let letter = match name.as_bytes() {
        [letter @ b'a'..=b'z'] => {
            let at = usize::from(letter - b'a');
            LETTERS.get(at..=at)
        }
        _ => None,
    };
    letter.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed)
}

/// An item of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Where it stands. Stored as attributes `pk` and `sk`.
    pub key: Key,
    /// Where the index files it, if at all. Stored as attributes `ik` and `is`.
    pub index: Option<Key>,
    /// When it may be removed, in seconds since 1970 (stored as `ttl`). Removal may come late: readers that care compare with the clock.
    pub expires: Option<i64>,
    /// Everything else. The names `pk`, `sk`, `ik`, `is` and `ttl` are taken.
    pub attributes: Attributes,
}

impl Item {
    /// An item without attributes.
    pub fn new(key: Key) -> Self {
        Self { key, index: None, expires: None, attributes: Attributes::new() }
    }

    /// The item with one more attribute.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(attribute_name(name), value.into());
        self
    }

    /// The item filed in the index under this key.
    pub fn indexed(mut self, index: Key) -> Self {
        self.index = Some(index);
        self
    }

    /// A text attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A numeric attribute.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.attributes.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// A binary attribute.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.attributes.get(name) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Bytes by DynamoDB's rule: names and values; a number takes a byte for two significant digits, and one more.
    pub fn size(&self) -> usize {
        let key = 4 + self.key.partition.len() + self.key.sort.len();
        let index = self.index.as_ref().map_or(0, |index| 4 + index.partition.len() + index.sort.len());
        let expires = self.expires.map_or(0, |at| 3 + number_size(at));
        let attributes: usize = self.attributes.iter().map(|(name, value)| name.len() + value.size()).sum();
        key + index + expires + attributes
    }
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Number(number) => number_size(*number),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Trailing zeroes are not significant; a negative number takes one byte more.
fn number_size(number: i64) -> usize {
    let sign = usize::from(number < 0);
    let mut digits = number.unsigned_abs();
    while digits != 0 && digits.is_multiple_of(10) {
        digits /= 10;
    }
    let significant = if digits == 0 { 0 } else { digits.ilog10() as usize + 1 };
    significant.div_ceil(2) + 1 + sign
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}
