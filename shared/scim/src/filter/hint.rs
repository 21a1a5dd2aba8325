//! Finds what every match must satisfy, so that a store can begin its search there.

use super::node::{Comparison, Literal, Node, Operator};
use crate::schema::AttributeRef;
use jiff::Timestamp;

/// A condition that every match of an alternative satisfies (see [`super::Filter::alternatives`]).
///
/// The key is the attribute in lower case, behind the URN of its extension if it has one: `username`,
/// `emails.value`, `members.value`, `urn:…:user:employeenumber`, `meta.lastmodified`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint<'f> {
    /// The attribute, or one of its values, is this text; by `caseExact`, so perhaps in another spelling.
    Equal {
        /// Which attribute.
        key: String,
        /// The text as it was written.
        text: &'f str,
    },
    /// The attribute is at this instant or after it.
    Since {
        /// Which attribute.
        key: String,
        /// The earliest instant of a match.
        at: Timestamp,
    },
}

/// The hints of each alternative of an `or` at the top; of the filter itself where there is none.
pub(super) fn alternatives(root: &Node) -> Vec<Vec<Hint<'_>>> {
    let mut found = Vec::new();
    split(root, &mut found);
    found
}

fn split<'f>(node: &'f Node, found: &mut Vec<Vec<Hint<'f>>>) {
    match node {
        // Brackets within an `or` change nothing: each part is an alternative of the whole.
        Node::Or(parts) => parts.iter().for_each(|part| split(part, found)),
        node => {
            let mut hints = Vec::new();
            collect(node, None, &mut hints);
            found.push(hints);
        }
    }
}

/// Collects them from a conjunction; `element` is the attribute whose value path surrounds the node.
fn collect<'f>(node: &'f Node, element: Option<&AttributeRef>, hints: &mut Vec<Hint<'f>>) {
    match node {
        Node::And(parts) => parts.iter().for_each(|part| collect(part, element, hints)),
        Node::Element(target, inner) => collect(inner, Some(target), hints),
        Node::Compare(comparison) => hints.extend(hint(comparison, element)),
        Node::Or(_) | Node::Not(_) | Node::Present(_) => {}
    }
}

fn hint<'f>(comparison: &'f Comparison, element: Option<&AttributeRef>) -> Option<Hint<'f>> {
    let key = || match element {
        Some(attribute) => format!("{}.{}", attribute.key(), comparison.target.key()),
        None => comparison.target.key(),
    };
    match (comparison.operator, &comparison.literal) {
        (Operator::Equal, Literal::Text { written, .. }) => Some(Hint::Equal { key: key(), text: written }),
        (Operator::Equal | Operator::Greater | Operator::GreaterOrEqual, Literal::Instant { at, .. }) => {
            Some(Hint::Since { key: key(), at: *at })
        }
        _ => None,
    }
}
