//! Finds the equalities on which a store can begin its search.

use super::node::{Comparison, Literal, Node, Operator};
use crate::schema::AttributeRef;

/// Collects them from the conjunction at the top; `element` is the attribute whose value path surrounds the node.
pub(super) fn collect<'f>(
    node: &'f Node,
    element: Option<&AttributeRef>,
    found: &mut Vec<(String, &'f str)>,
) {
    match node {
        Node::And(parts) => parts.iter().for_each(|part| collect(part, element, found)),
        Node::Element(target, inner) => collect(inner, Some(target), found),
        Node::Compare(Comparison {
            target,
            operator: Operator::Equal,
            literal: Literal::Text { written, .. },
        }) => {
            let key = match element {
                Some(attribute) => format!("{}.{}", attribute.key(), target.key()),
                None => target.key(),
            };
            found.push((key, written));
        }
        Node::Compare(_) | Node::Or(_) | Node::Not(_) | Node::Present(_) => {}
    }
}
