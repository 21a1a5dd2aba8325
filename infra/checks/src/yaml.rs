//! A YAML document with the line of every node, as far as our template needs it.

use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, YamlData};

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it begins, counted from 1.
    pub line: usize,
    /// What a tag such as `!Sub` makes of it, without the exclamation mark.
    pub tag: Option<String>,
    /// What it is.
    pub data: Data,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Text, a number, a truth value or nothing: as it is written.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the document.
    Mapping(Vec<(String, Node)>),
}

impl Node {
    /// The document of a text that holds one.
    ///
    /// # Errors
    /// Says what is wrong with the text, and where; a key that stands twice in a mapping is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let documents = MarkedYaml::load_from_str(text).map_err(|error| error.to_string())?;
        match documents.as_slice() {
            [document] => Ok(Self::of(document, None)),
            documents => Err(format!("{} documents instead of one", documents.len())),
        }
    }

    fn of(node: &MarkedYaml<'_>, tag: Option<String>) -> Self {
        let data = match &node.data {
            YamlData::Tagged(tag, inner) => {
                return Self::of(inner, Some(tag.suffix.clone())).on(node.span.start.line());
            }
            YamlData::Sequence(items) => Data::List(items.iter().map(|item| Self::of(item, None)).collect()),
            YamlData::Mapping(entries) => Data::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (Self::of(key, None).written(), Self::of(value, None)))
                    .collect(),
            ),
            YamlData::Value(scalar) => Data::Scalar(match scalar {
                Scalar::String(text) => text.to_string(),
                Scalar::Integer(number) => number.to_string(),
                Scalar::Boolean(truth) => truth.to_string(),
                Scalar::FloatingPoint(number) => number.to_string(),
                Scalar::Null => String::new(),
            }),
            YamlData::Representation(text, ..) => Data::Scalar(text.to_string()),
            YamlData::Alias(_) | YamlData::BadValue => Data::Scalar(String::new()),
        };
        Self { line: node.span.start.line(), tag, data }
    }

    fn on(mut self, line: usize) -> Self {
        if line > 0 {
            self.line = line;
        }
        self
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries of a mapping; of anything else, none.
    pub fn entries(&self) -> &[(String, Self)] {
        match &self.data {
            Data::Mapping(entries) => entries,
            Data::Scalar(_) | Data::List(_) => &[],
        }
    }

    /// The items of a list; of a scalar, itself.
    pub fn items(&self) -> &[Self] {
        match &self.data {
            Data::List(items) => items,
            Data::Scalar(_) => std::slice::from_ref(self),
            Data::Mapping(_) => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(text) => Some(text),
            Data::List(_) | Data::Mapping(_) => None,
        }
    }

    /// The number of a scalar.
    pub fn number(&self) -> Option<i64> {
        self.text()?.parse().ok()
    }

    fn written(&self) -> String {
        self.text().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_know_their_line_and_tag() {
        let node = Node::parse("a: 1\nb:\n  - !GetAtt Table.Arn\n  - \"*\" # why\nc: !Sub [x, {k: true}]\n")
            .unwrap();
        assert_eq!(node.get("a").and_then(Node::number), Some(1));
        let items = node.get("b").unwrap().items();
        assert_eq!(
            (items[0].line, items[0].tag.as_deref(), items[0].text()),
            (3, Some("GetAtt"), Some("Table.Arn"))
        );
        assert_eq!((items[1].line, items[1].text()), (4, Some("*")));
        let sub = node.get("c").unwrap();
        assert_eq!((sub.tag.as_deref(), sub.items().len()), (Some("Sub"), 2));
    }

    #[test]
    fn what_is_no_single_document_is_refused() {
        for text in ["a: [", "a: 1\na: 2\n", "a: 1\n---\nb: 2\n"] {
            assert!(Node::parse(text).is_err(), "{text}");
        }
    }
}
