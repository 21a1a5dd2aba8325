//! Items: a key, at most one index key, and attributes of three types.

use std::borrow::Cow;

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

/// Attributes by name, in the order of the names. Names are short: they are stored, and billed, with every item.
///
/// A list: an item has some ten attributes, and lists of items are decoded by the hundred.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes(Vec<(AttributeName, Value)>);

impl Attributes {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an attribute, and gives back what it was.
    pub fn insert(&mut self, name: AttributeName, value: Value) -> Option<Value> {
        // Most come in order.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, value));
            return None;
        }
        match self.0.binary_search_by(|(known, _)| known.cmp(&name)) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes an attribute out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Takes all of them out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&AttributeName, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl FromIterator<(AttributeName, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (AttributeName, Value)>>(attributes: I) -> Self {
        let mut all = Self::new();
        for (name, value) in attributes {
            all.insert(name, value);
        }
        all
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn attributes_are_a_map(writes in prop::collection::vec(("[a-c]{1,2}", any::<Option<i64>>()), 0..20)) {
            let (mut ours, mut map) = (Attributes::new(), BTreeMap::new());
            for (name, value) in writes {
                match value {
                    Some(value) => {
                        let before = map.insert(name.clone(), Value::from(value));
                        prop_assert_eq!(ours.insert(attribute_name(&name), value.into()), before);
                    }
                    None => prop_assert_eq!(ours.remove(&name), map.remove(&name)),
                }
                prop_assert_eq!(ours.get(&name), map.get(&name));
            }
            let all: Vec<_> = ours.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
            prop_assert_eq!(all, map.into_iter().collect::<Vec<_>>());
        }
    }
}
