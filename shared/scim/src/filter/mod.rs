//! Filters (RFC 7644 section 3.4.2.2): parsed once against a resource type, then asked for every row.

mod compare;
mod hint;
mod lexer;
mod node;
mod parser;
mod print;

pub use hint::Hint;

pub(crate) use node::{Comparison, Literal, Node, Operator, is_present};
pub(crate) use parser::Parser;

use crate::{Document, error::Error, schema::ResourceType};
use std::fmt;

/// The longest filter that is read, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;
/// How deep parentheses, `not` and value paths may nest.
pub const MAX_DEPTH: usize = 64;
/// How many comparisons a filter may have.
pub const MAX_TERMS: usize = 256;

/// A filter whose attributes are known and whose literals fit them.
///
/// Its `Display` is a filter again, in canonical spelling; parsing that gives an equal filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    pub(crate) root: Node,
}

impl Filter {
    /// Reads a filter over resources of that type.
    ///
    /// Forgiven are keywords and names in any case, any white space, text literals without quotes, booleans as
    /// text, and a sub-attribute behind a value path (`emails[type eq "work"].value eq "x"`). A complex
    /// attribute that has a `value` stands for it (`members eq "id"`).
    ///
    /// Errors are `invalidFilter`, with the character at which reading stopped and what was expected there; also
    /// for filters beyond [`MAX_LENGTH`], [`MAX_DEPTH`] or [`MAX_TERMS`].
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self, Error> {
        Self::parse_beside(text, resource_type, &[])
    }

    /// The same for a search over several types (RFC 7644 section 3.4.2.1): the filter may also name attributes of
    /// the others, of which no resource of this type has a value.
    pub fn parse_beside(
        text: &str,
        resource_type: &ResourceType,
        others: &[ResourceType],
    ) -> Result<Self, Error> {
        let mut parser = Parser::new(text, resource_type)?.beside(others);
        let root = parser.expression()?;
        parser.end("\"and\", \"or\" or the end of the filter")?;
        Ok(Self { root })
    }

    /// Whether the resource, in canonical spelling, is one that the filter describes.
    ///
    /// A multi-valued attribute matches if any of its values does. Text compares by the attribute's `caseExact`,
    /// times as instants. `ne` is true of an attribute without a value, which is not identical to anything but
    /// null; with several values it is true if any of them differs.
    pub fn matches(&self, document: &Document) -> bool {
        self.root.matches(document)
    }

    /// What every match must satisfy, so that a store can begin with look-ups: one entry for each alternative of
    /// an `or` at the top (a filter without `or` has one), in their order, with what follows from that
    /// alternative. A resource that matches satisfies all hints of at least one entry.
    ///
    /// Hints come from equalities with text and lower bounds of instants. They narrow the search and no more: a
    /// match still has to pass [`Filter::matches`]. An entry without hints can match anything. What stands under
    /// `not`, or in an `or` within an `and`, gives none.
    pub fn alternatives(&self) -> Vec<Vec<Hint<'_>>> {
        hint::alternatives(&self.root)
    }

    /// The values that the filter names of a multi-valued core attribute whose elements are told apart by `value`, if it
    /// asks nothing else of that attribute than whether it has them. Only these of its elements need then be read, of
    /// however many there are. None if it asks anything else.
    pub fn values_named(&self, attribute: &str) -> Option<Vec<&str>> {
        let mut values = Vec::new();
        self.root.values_named(attribute, &mut values).then_some(values)
    }

    /// The members of a document that the filter looks at: core attributes by their names, extensions by their URNs.
    /// Nothing else of a resource need be read to know whether it matches.
    pub fn members(&self) -> Vec<&str> {
        let mut members = Vec::new();
        self.root.members(&mut members);
        members
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}
