//! Paths of PATCH operations (RFC 7644 figure 7): what an operation is about.

use crate::{
    Document,
    body::describe_unknown,
    error::{Error, ErrorKind, quoted},
    filter::{Filter, Parser, is_present},
    schema::{Kind, Resolved, ResourceType},
};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// A path whose attribute is known: `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub` or an extension's URN,
/// each name perhaps behind a URN.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The attribute (with its sub-attribute, also one that follows a filter) or the extension.
    pub target: Resolved,
    /// Which elements of a multi-valued complex attribute are meant; all of them if absent.
    pub selection: Option<Filter>,
}

impl Path {
    /// Reads a path over resources of that type.
    ///
    /// Errors: `invalidPath` for a name that the type does not have, for brackets behind anything but a
    /// multi-valued complex attribute, for brackets that do not close and for text that is left over;
    /// `invalidFilter` for what is wrong between the brackets.
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self, Error> {
        let invalid = |detail: String| Error::new(ErrorKind::InvalidPath, detail);
        let mut parser = Parser::new(text, resource_type).map_err(|error| invalid(error.detail))?;
        let Some(name) = parser.word() else {
            return Err(invalid(format!("the path {} must begin with an attribute", quoted(text))));
        };
        let Some(target) = resource_type.resolve(name) else {
            return Err(invalid(describe_unknown(resource_type, name)));
        };
        let left_over = |_| invalid(format!("the path {} has more than an attribute", quoted(text)));
        if !parser.at_selection() {
            parser.end("the end").map_err(left_over)?;
            return Ok(Self { target, selection: None });
        }
        let mut target = match target {
            Resolved::Attribute(found)
                if found.sub.is_none()
                    && found.attribute.multi_valued
                    && found.attribute.kind == Kind::Complex =>
            {
                found
            }
            _ => return Err(invalid(format!("{} has no elements that a filter could select", quoted(name)))),
        };
        let root = parser.selection(&target).map_err(|error| match parser.end("") {
            // Read to the end and still not closed: that is a matter of the path.
            Ok(()) => invalid(error.detail),
            Err(_) => error,
        })?;
        if let Some(word) = parser.word() {
            let sub = word.strip_prefix('.').and_then(|sub| target.attribute.sub_attribute(sub));
            let Some(sub) = sub else {
                return Err(invalid(format!("{} is no sub-attribute of {target}", quoted(word))));
            };
            target.sub = Some(Arc::clone(sub));
        }
        parser.end("the end").map_err(left_over)?;
        Ok(Self { target: Resolved::Attribute(target), selection: Some(Filter { root }) })
    }
}

impl Path {
    /// Whether the resource has a value there: of any element that the selection picks. That of a whole extension is
    /// any of its attributes.
    pub fn is_present(&self, document: &Document) -> bool {
        let target = match &self.target {
            Resolved::Extension(schema) => {
                return document
                    .get(&schema.id)
                    .and_then(Value::as_object)
                    .is_some_and(|part| !part.is_empty());
            }
            Resolved::Attribute(target) => target,
        };
        let Some(value) = target.find(document) else { return false };
        let has = |value: &Value| match &target.sub {
            Some(sub) => value.get(&sub.name).is_some_and(is_present),
            None => is_present(value),
        };
        match (value, &self.selection) {
            (Value::Array(elements), None) => elements.iter().any(has),
            (Value::Array(elements), Some(filter)) => {
                let picked =
                    |element: &&Value| element.as_object().is_some_and(|map| filter.root.matches(map));
                elements.iter().filter(picked).any(has)
            }
            (single, _) => has(single),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.target, &self.selection) {
            (Resolved::Extension(schema), _) => f.write_str(&schema.id),
            (Resolved::Attribute(target), None) => target.fmt(f),
            (Resolved::Attribute(target), Some(filter)) => {
                let mut whole = target.clone();
                match whole.sub.take() {
                    Some(sub) => write!(f, "{whole}[{filter}].{}", sub.name),
                    None => write!(f, "{whole}[{filter}]"),
                }
            }
        }
    }
}
