//! `mapping` of the configuration document: which column of the file goes where, and what its values mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use super::target::{Place, Target};
use super::text::clean;
use scim::fold;

/// Column name to target. A column that bears a target's own name needs no entry.
///
/// Names are compared after NFKC, trimming and case folding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<String, Entry>);

impl Mapping {
    /// The entries: column name, target.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Target)> {
        self.0.iter().map(|(column, entry)| (column.as_str(), entry.target))
    }
}

/// Where a column goes: `"mail"`, or with its values `{"target": "status", "values": {"A": "active"}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it goes.
    pub target: Target,
    /// What its values mean; none where they stand for themselves.
    pub values: Option<Arc<Values>>,
}

impl From<Target> for Entry {
    fn from(target: Target) -> Self {
        Self { target, values: None }
    }
}

/// What the values of a column mean. They are looked up after trimming and without regard to case, before any rule
/// looks at them; an empty cell is only looked up under the empty text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    /// By the folded value: the value as the configuration writes it, and its meaning.
    meanings: BTreeMap<String, (String, String)>,
    otherwise: Option<String>,
}

impl Values {
    /// Values with their meanings, and what all others mean; without that they stand for themselves.
    ///
    /// # Errors
    /// A sentence that names two values which are the same but for case or blanks.
    pub fn new(
        meanings: impl IntoIterator<Item = (String, String)>,
        otherwise: Option<String>,
    ) -> Result<Self, String> {
        let mut values = Self { otherwise, ..Self::default() };
        for (value, meaning) in meanings {
            let key = fold(&clean(&value, false).text);
            if let Some((other, _)) = values.meanings.get(&key) {
                return Err(format!("`{other}` and `{value}` are the same value"));
            }
            values.meanings.insert(key, (value, meaning));
        }
        Ok(values)
    }

    /// What a cleaned cell means; `None` where it stands for itself.
    pub(super) fn meaning(&self, text: &str) -> Option<&str> {
        let meaning = self.meanings.get(&fold(text)).map(|(_, meaning)| meaning);
        let otherwise = || self.otherwise.as_ref().filter(|_| !text.is_empty());
        meaning.or_else(otherwise).map(String::as_str)
    }
}

/// As the document has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    target: Target,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    otherwise: Option<String>,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(values) = &self.values else { return self.target.serialize(serializer) };
        let meanings = values.meanings.values().cloned().collect();
        let long = Long { target: self.target, values: meanings, otherwise: values.otherwise.clone() };
        long.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> de::Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a target such as \"mail\", or {\"target\", \"values\", \"otherwise\"}")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Entry, E> {
        Target::deserialize(de::value::StrDeserializer::new(name)).map(Entry::from)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        let long = Long::deserialize(de::value::MapAccessDeserializer::new(map))?;
        if long.values.is_empty() && long.otherwise.is_none() {
            return Ok(long.target.into());
        }
        let values = Values::new(long.values, long.otherwise).map_err(de::Error::custom)?;
        Ok(Entry { target: long.target, values: Some(Arc::new(values)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_written() {
        let json = r#"{"Mail":"mail","State":{"target":"status","values":{"A":"active","I":"inactive"},"otherwise":null}}"#;
        let mapping: Mapping = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&mapping).unwrap(), json);
        let plain: Mapping = serde_json::from_str(r#"{"Mail":{"target":"mail"}}"#).unwrap();
        assert_eq!(serde_json::to_string(&plain).unwrap(), r#"{"Mail":"mail"}"#);
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        let refused = |json: &str, because: &str| {
            let error = serde_json::from_str::<Mapping>(json).unwrap_err().to_string();
            assert!(error.contains(because), "{error}");
        };
        refused(r#"{"x":"nothing"}"#, "`nothing` is nothing that a column");
        refused(r#"{"x":{"target":"status","value":{}}}"#, "value");
        refused(r#"{"x":{"values":{}}}"#, "target");
        refused(r#"{"x":3}"#, "a target such as");
        refused(
            r#"{"x":{"target":"status","values":{"a":"active"," A ":"inactive"}}}"#,
            "are the same value",
        );
    }

    #[test]
    fn values_are_looked_up_without_regard_to_case() {
        let of = |pairs: &[(&str, &str)], otherwise: Option<&str>| {
            let pairs = pairs.iter().map(|(value, meaning)| ((*value).to_owned(), (*meaning).to_owned()));
            Values::new(pairs, otherwise.map(str::to_owned)).unwrap()
        };
        let values = of(&[("A", "active"), ("ÄMTER", "x")], None);
        assert_eq!(values.meaning("a"), Some("active"));
        assert_eq!(values.meaning("ämter"), Some("x"));
        assert_eq!((values.meaning("b"), values.meaning("")), (None, None));
        let values = of(&[("A", "active")], Some("inactive"));
        assert_eq!((values.meaning("b"), values.meaning("")), (Some("inactive"), None));
        assert_eq!(of(&[("", "active")], None).meaning(""), Some("active"));
    }
}
