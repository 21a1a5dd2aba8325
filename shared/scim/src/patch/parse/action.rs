//! From the verb, the place and the shape of the value to what is done to the attribute.

use super::{Parser, Verb, place};
use crate::{
    Document,
    error::{Error, ErrorKind},
    filter::{Comparison, Literal, Node, Operator},
    patch::operation::{Action, Effect},
    schema::{AttributeRef, Kind},
    tolerance::Quirk,
    value::{Extent, conform, conform_elements, conform_single, wrong_kind},
};
use serde_json::Value;

impl Parser<'_> {
    /// What is to be done; none if it comes to nothing.
    pub(super) fn action(
        &self,
        verb: Verb,
        target: &AttributeRef,
        selection: Option<Node>,
        value: Option<&Value>,
    ) -> Result<Option<Action>, Error> {
        if !target.attribute.multi_valued {
            return self.single(verb, target, value).map(Some);
        }
        if selection.is_none() && target.sub.is_none() {
            return self.whole(verb, target, value);
        }
        self.selected(verb, target, selection, value).map(Some)
    }

    fn single(&self, verb: Verb, target: &AttributeRef, value: Option<&Value>) -> Result<Action, Error> {
        let given = if verb == Verb::Remove { None } else { value };
        if let Some(sub) = &target.sub {
            return Ok(Action::Merge(self.sub_value(target, &sub.name, given)?));
        }
        let Some(value) = given else { return Ok(Action::Clear) };
        if verb == Verb::Replace && !self.resource_type.tolerances.allows(Quirk::PartialComplex) {
            return self.replacement(target, value);
        }
        Ok(match self.overlay(target, value)? {
            None => Action::Clear,
            Some(Value::Object(map)) if target.attribute.kind == Kind::Complex => Action::Merge(map),
            Some(value) => Action::Set(value),
        })
    }

    /// A single value of which nothing stays.
    fn replacement(&self, target: &AttributeRef, value: &Value) -> Result<Action, Error> {
        let tolerances = self.resource_type.tolerances;
        Ok(match conform(place(target), &target.attribute, value.clone(), tolerances)? {
            None => Action::Clear,
            Some(Value::Object(map)) if target.attribute.kind == Kind::Complex => Action::Put(map),
            Some(value) => Action::Set(value),
        })
    }

    /// The attribute with all its elements.
    fn whole(
        &self,
        verb: Verb,
        target: &AttributeRef,
        value: Option<&Value>,
    ) -> Result<Option<Action>, Error> {
        let tolerances = self.resource_type.tolerances;
        let nothing = match value {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty() && tolerances.allows(Quirk::EmptyText),
            _ => false,
        };
        match (verb, value) {
            // A removal is never of more than was asked for: an empty list removes nothing, and a list that is not
            // understood is refused.
            (Verb::Remove, Some(value)) if !nothing => {
                if !tolerances.allows(Quirk::RemoveValues) {
                    let detail =
                        format!("remove takes no value: select the elements of {target} by a filter");
                    return Err(Error::new(ErrorKind::InvalidValue, detail));
                }
                Ok(Some(Action::RemoveListed(self.described(target, value)?)))
            }
            (Verb::Remove, _) => Ok(Some(Action::Clear)),
            (Verb::Replace, _) if nothing => Ok(Some(Action::Clear)),
            (Verb::Add, _) if nothing => Ok(None),
            (_, None) => Ok(None),
            (_, Some(value)) => self.elements(verb, target, value).map(Some),
        }
    }

    /// Elements to add or to put in the place of all; one need not stand in an array.
    fn elements(&self, verb: Verb, target: &AttributeRef, value: &Value) -> Result<Action, Error> {
        let elements = match value {
            Value::Array(elements) => elements.clone(),
            single => vec![single.clone()],
        };
        let tolerances = self.resource_type.tolerances;
        let elements = conform_elements(place(target), &target.attribute, elements, tolerances)?;
        Ok(match verb {
            Verb::Add => Action::Append(elements),
            _ if elements.is_empty() => Action::Clear,
            _ => Action::ReplaceAll(elements),
        })
    }

    /// Some of the elements, or one part of each.
    fn selected(
        &self,
        verb: Verb,
        target: &AttributeRef,
        selection: Option<Node>,
        value: Option<&Value>,
    ) -> Result<Action, Error> {
        let given = if verb == Verb::Remove { None } else { value };
        if let Some(sub) = &target.sub {
            if verb == Verb::Remove && selection.is_none() && value.is_some_and(|value| !value.is_null()) {
                // All would lose it, although only one was meant.
                let owner = &target.attribute.name;
                let detail = format!("to remove some of the values, use {owner}[{} eq …]", sub.name);
                return Err(Error::new(ErrorKind::InvalidValue, detail));
            }
            let part = self.sub_value(target, &sub.name, given)?;
            return Ok(Action::Select(selection, Effect::Merge(part)));
        }
        if verb != Verb::Remove && !self.resource_type.tolerances.allows(Quirk::SelectedWhole) {
            let detail =
                format!("the path must end with a sub-attribute, as in {target}[type eq \"work\"].value");
            return Err(Error::new(ErrorKind::InvalidPath, detail));
        }
        let given = match given {
            Some(Value::Array(elements)) => match elements.as_slice() {
                [] => None,
                [only] => Some(only),
                _ => {
                    let detail = format!("one value is needed for what a filter of {target} selects");
                    return Err(Error::new(ErrorKind::InvalidValue, detail));
                }
            },
            other => other,
        };
        let element = match given {
            Some(value) => self.overlay(target, value)?,
            None => None,
        };
        Ok(match (verb, element) {
            (Verb::Remove, None) => listed_or_selected(selection),
            (Verb::Add, Some(Value::Object(map))) => Action::Select(selection, Effect::Merge(map)),
            (_, Some(Value::Object(mut map))) => {
                map.retain(|_, value| !value.is_null());
                Action::Select(selection, Effect::Put(map))
            }
            _ => Action::Select(selection, Effect::Remove),
        })
    }

    /// A value that is laid over what is there; cleared parts are null.
    fn overlay(&self, target: &AttributeRef, value: &Value) -> Result<Option<Value>, Error> {
        let tolerances = self.resource_type.tolerances;
        conform_single(place(target), &target.attribute, value.clone(), Extent::Overlay, tolerances)
    }

    /// One sub-attribute to lay over; null if it is to be cleared.
    fn sub_value(&self, target: &AttributeRef, name: &str, value: Option<&Value>) -> Result<Document, Error> {
        let leaf = target.leaf();
        let value = match value {
            None => None,
            Some(value) => {
                let tolerances = self.resource_type.tolerances;
                conform(place(target).sub(name), leaf, value.clone(), tolerances)?
            }
        };
        Ok(Document::from_iter([(name.to_owned(), value.unwrap_or(Value::Null))]))
    }

    /// The elements that a removal lists, as far as they tell elements apart.
    fn described(&self, target: &AttributeRef, value: &Value) -> Result<Vec<Value>, Error> {
        let listed = match value {
            Value::Array(elements) => elements.as_slice(),
            single => std::slice::from_ref(single),
        };
        listed.iter().map(|element| self.describe(target, element)).collect()
    }

    fn describe(&self, target: &AttributeRef, element: &Value) -> Result<Value, Error> {
        let complex = target.attribute.kind == Kind::Complex;
        match element {
            Value::String(text) if complex && !text.is_empty() => return Ok(by_value(text.clone())),
            Value::Object(_) => {}
            other if complex => {
                return Err(wrong_kind(place(target), "an object for each value to remove", other));
            }
            _ => {}
        }
        let mut described = self.overlay(target, element)?;
        if let Some(Value::Object(parts)) = &mut described {
            parts.retain(|_, part| !part.is_null());
        }
        let told = described.filter(|element| element.as_object().is_none_or(|parts| !parts.is_empty()));
        told.ok_or_else(|| {
            Error::new(ErrorKind::InvalidValue, format!("a value to remove from {target} is empty"))
        })
    }
}

/// The element of that `value`, as a removal describes it.
fn by_value(value: String) -> Value {
    Value::Object(Document::from_iter([("value".to_owned(), Value::String(value))]))
}

/// `members[value eq "x"]` is a list of one, which many such operations in a row can share; with `or` of several.
fn listed_or_selected(selection: Option<Node>) -> Action {
    let values = selection.as_ref().and_then(|filter| match filter {
        Node::Or(parts) => parts.iter().map(value_of).collect(),
        single => value_of(single).map(|value| vec![value]),
    });
    match values {
        Some(values) => Action::RemoveListed(values.into_iter().map(by_value).collect()),
        None => Action::Select(selection, Effect::Remove),
    }
}

/// The text to which a comparison says that `value` is equal.
fn value_of(filter: &Node) -> Option<String> {
    match filter {
        Node::Compare(Comparison {
            target,
            operator: Operator::Equal,
            literal: Literal::Text { written, .. },
        }) if target.attribute.name == "value" && target.attribute.kind.is_text() => Some(written.clone()),
        _ => None,
    }
}
