//! Bulk requests (RFC 7644 section 3.7): read whole, put into an order that can be done, answered one by one.
//!
//! Nothing here does anything to a resource; whoever does goes through [`Request::schedule`], gives each new
//! resource's id to [`resolve`] for those that refer to it, and counts the errors.

mod components;
mod operation;
mod outcome;
mod parse;
mod reference;
mod schedule;

pub use operation::{Malformed, Method, Operation, Target};
pub use outcome::{Outcome, response};
pub use parse::MAX_BULK_ID;
pub use reference::{references, resolve, without};
pub use schedule::Step;

use crate::{error::Error, schema::Registry};
use serde_json::Value;

/// Schema of a bulk request.
pub const REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// Schema of a bulk response.
pub const RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A bulk request. What is wrong with one operation leaves the others alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The operations in the order in which they were sent; those that cannot be understood are answered with 400.
    pub operations: Vec<Result<Operation, Malformed>>,
    /// After how many errors the rest is not even tried; none if all are to be tried.
    pub fail_on_errors: Option<usize>,
}

/// Why a bulk request is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no bulk request.
    #[error(transparent)]
    Invalid(#[from] Error),
    /// It has more operations than are taken at once (HTTP says 413, RFC 7644 section 3.7.4).
    #[error("the request has {sent} operations; at most {max} are taken at once, so send it in parts")]
    TooManyOperations {
        /// How many it has.
        sent: usize,
        /// How many it may have.
        max: usize,
    },
}

impl Request {
    /// Reads a bulk request over the types of the registry.
    ///
    /// Errors: `invalidSyntax` for a body that is no bulk request, `invalidValue` for a `failOnErrors` that is no
    /// positive integer, and [`Refusal::TooManyOperations`] beyond `max_operations`. `schemas` may be absent where
    /// every type forgives that.
    pub fn parse(body: Value, registry: &Registry, max_operations: usize) -> Result<Self, Refusal> {
        parse::request(body, registry, max_operations)
    }

    /// The steps that carry the request out, each operation after those whose `bulkId` it refers to and otherwise
    /// in the order sent. Where references run in a circle, one resource of it is first created without what is
    /// not there yet, and completed when it is. Takes time in proportion to operations and references.
    pub fn schedule(&self) -> Vec<Step> {
        schedule::schedule(&self.operations)
    }
}
