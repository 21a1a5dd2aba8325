//! PATCH (RFC 7644 section 3.5.2): operations read and checked first, then applied all or none.

mod apply;
mod elements;
mod merge;
mod operation;
mod parse;
mod select;
mod split;

pub use split::ListChange;

use crate::{
    Document, body,
    error::{Error, ErrorKind},
    schema::ResourceType,
};
use operation::Operation;
use serde_json::Value;

/// How many operations a request may have once neighbours of the same kind on the same attribute are joined, as
/// a thousand additions of one member each are.
pub const MAX_OPERATIONS: usize = 2_000;

/// How many elements of multi-valued attributes the operations of a request may go over in all: a thousand
/// operations on ten thousand values. More could keep the server busy for longer than anybody waits.
pub const MAX_ELEMENTS: usize = 10_000_000;

/// The operations of a PATCH request (or those that [`Patch::split`] left of it), each with its attribute known and its value of the right kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    operations: Vec<Operation>,
    resource_type: ResourceType,
}

impl Patch {
    /// Reads a PATCH request for a resource of that type.
    ///
    /// Errors: `invalidSyntax` for a body that is no PATCH request, an unknown operation, or an unknown name in a
    /// value, and for an operation without a path where that is not tolerated; `invalidPath` and `invalidFilter` as
    /// [`crate::path::Path::parse`] says; `noTarget` for a removal without a path; `mutability` for a path to what
    /// only the server sets; `invalidValue` for a value that is missing or of the wrong kind; `tooMany` beyond
    /// [`MAX_OPERATIONS`].
    ///
    /// In a value without a path, read-only attributes are an echo and ignored (`id` must be the resource's own).
    pub fn parse(body: &Value, resource_type: &ResourceType) -> Result<Self, Error> {
        let operations = parse::operations(body, resource_type)?;
        Ok(Self { operations, resource_type: resource_type.clone() })
    }

    /// Applies all operations in their order, and says whether the resource is now another one.
    ///
    /// The document is in canonical spelling before and in canonical form after. On an error it is as it was:
    /// `noTarget` where a filter selects nothing, `invalidFilter` where it selects several elements and that is not
    /// tolerated, `mutability` for a change of what is set once, and for a required attribute that would be gone;
    /// `tooMany` beyond [`MAX_ELEMENTS`].
    pub fn apply(&self, document: &mut Document) -> Result<bool, Error> {
        if self.operations.is_empty() {
            return Ok(false);
        }
        let mut draft = document.clone();
        let mut elements = 0;
        for operation in &self.operations {
            elements += operation.elements(&draft);
            if elements > MAX_ELEMENTS {
                return Err(too_many_elements());
            }
            apply::apply(operation, &mut draft, self.resource_type.tolerances)?;
        }
        let draft = body::settle(&self.resource_type, draft, ErrorKind::Mutability)?;
        if same(document, &draft) {
            return Ok(false);
        }
        *document = draft;
        Ok(true)
    }
}

fn too_many_elements() -> Error {
    let detail =
        format!("the operations go over more than {MAX_ELEMENTS} values; send them in several requests");
    Error::new(ErrorKind::TooMany, detail)
}

/// Equal but for `schemas`, which only follows from the rest.
fn same(a: &Document, b: &Document) -> bool {
    let rest = |document: &Document| document.len() - usize::from(document.contains_key("schemas"));
    rest(a) == rest(b) && a.iter().all(|(key, value)| key == "schemas" || b.get(key) == Some(value))
}
