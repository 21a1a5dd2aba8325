//! Separates what a PATCH does to a long list, such as a group's members, from what it does to the rest.

use super::{
    Patch,
    operation::{Action, Operation},
};
use crate::{
    schema::{Attribute, AttributeRef, Kind, Mutability},
    value::Identity,
};
use serde_json::Value;
use std::collections::HashSet;

/// A step of what a PATCH does to the elements of an attribute, each named by its `value`.
///
/// No step names a `value` twice; two steps may name the same one, and the later step wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListChange {
    /// These become elements, unless they are already.
    Add(Vec<String>),
    /// These are elements no longer; those that are none do not matter.
    Remove(Vec<String>),
    /// These are the only elements; with none the attribute is gone.
    Set(Vec<String>),
}

impl Patch {
    /// The patch without its operations on the core attribute of that name (in any case), and those operations as
    /// changes of a list, in their order. Doing both comes to the same as [`Patch::apply`], so that a group with a
    /// hundred thousand members can be patched without reading them. A patch of which no operation is left
    /// applies and changes nothing.
    ///
    /// None if the attribute is not one whose elements are told apart by `value` alone, or if some operation must
    /// see the elements that are there: one that selects by anything but `value eq`, that describes what it
    /// removes without its `value`, or that changes a sub-attribute. Then the patch needs the whole document.
    pub fn split(&self, attribute: &str) -> Option<(Self, Vec<ListChange>)> {
        let attribute = self.resource_type.schema.attribute(attribute)?;
        if !is_list_of_values(attribute) {
            return None;
        }
        let mut rest = Vec::new();
        let mut changes = Vec::new();
        for operation in &self.operations {
            match operation {
                Operation::Attribute(target, action) if is(target, attribute) => {
                    changes.push(change(action)?);
                }
                other => rest.push(other.clone()),
            }
        }
        Some((Self { operations: rest, resource_type: self.resource_type.clone() }, changes))
    }
}

/// Whether a set of `value`s says all there is to say about the attribute, and may become any other set.
fn is_list_of_values(attribute: &Attribute) -> bool {
    let identity = Identity::of(attribute);
    let exact =
        attribute.sub_attribute("value").is_some_and(|value| value.kind.is_text() && value.case_exact);
    attribute.multi_valued
        && attribute.kind == Kind::Complex
        && attribute.mutability != Mutability::Immutable
        && !attribute.required
        && identity.is_value_alone()
        && exact
        && attribute.sub_attribute("primary").is_none()
}

fn is(target: &AttributeRef, attribute: &Attribute) -> bool {
    target.extension.is_none() && target.attribute.name == attribute.name
}

fn change(action: &Action) -> Option<ListChange> {
    match action {
        Action::Append(elements) => values(elements).map(ListChange::Add),
        Action::RemoveListed(elements) => values(elements).map(ListChange::Remove),
        Action::ReplaceAll(elements) => values(elements).map(ListChange::Set),
        Action::Clear => Some(ListChange::Set(Vec::new())),
        Action::Set(_) | Action::Merge(_) | Action::Put(_) | Action::Select(..) | Action::Expect(_) => None,
    }
}

/// The `value` of each element, each once; none if one has no text there.
fn values(elements: &[Value]) -> Option<Vec<String>> {
    let mut seen = HashSet::with_capacity(elements.len());
    let mut values = Vec::with_capacity(elements.len());
    for element in elements {
        let value = element.get("value")?.as_str()?;
        if seen.insert(value) {
            values.push(value.to_owned());
        }
    }
    Some(values)
}
