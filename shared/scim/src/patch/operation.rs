//! An operation in the form in which it is applied: verbs, dialects and value shapes are behind it.

use crate::{
    Document,
    filter::Node,
    schema::{AttributeRef, Schema},
};
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operation {
    /// Something on one attribute; the reference never names a sub-attribute.
    Attribute(AttributeRef, Action),
    /// Takes away an extension, but for what the server set.
    RemoveExtension(Arc<Schema>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Gives a simple attribute this value.
    Set(Value),
    /// Lays these sub-attributes over a single complex value; null clears one.
    Merge(Document),
    /// Puts this in the place of a single complex value.
    Put(Document),
    /// Adds the elements that are not there yet.
    Append(Vec<Value>),
    /// Makes these the only elements.
    ReplaceAll(Vec<Value>),
    /// Takes away the attribute.
    Clear,
    /// Takes away exactly the elements that these describe.
    RemoveListed(Vec<Value>),
    /// Does something to the elements that the filter selects; to all of them without a filter.
    Select(Option<Node>, Effect),
    /// Fails unless the attribute, which the client cannot set, has this value.
    Expect(Value),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// Takes the elements away.
    Remove,
    /// Puts this in the place of each.
    Put(Document),
    /// Lays this over each; null clears a sub-attribute.
    Merge(Document),
}

impl Operation {
    /// How many elements of its attribute it goes over in that document.
    pub(super) fn elements(&self, document: &Document) -> usize {
        match self {
            Self::Attribute(target, _) => target.find(document).and_then(Value::as_array).map_or(0, Vec::len),
            Self::RemoveExtension(_) => 0,
        }
    }

    /// Takes over the next operation if doing both at once comes to the same. Otherwise gives it back.
    ///
    /// A group push sends a thousand operations with one member each; joined, they cost one pass.
    pub(super) fn join(&mut self, next: Operation) -> Option<Operation> {
        let (Self::Attribute(target, action), Self::Attribute(next_target, next_action)) =
            (&mut *self, &next)
        else {
            return Some(next);
        };
        if target != next_target {
            return Some(next);
        }
        match (action, next_action) {
            (Action::Append(values), Action::Append(_))
            | (Action::RemoveListed(values), Action::RemoveListed(_)) => {
                if let Self::Attribute(_, Action::Append(more) | Action::RemoveListed(more)) = next {
                    values.extend(more);
                }
                None
            }
            _ => Some(next),
        }
    }
}
