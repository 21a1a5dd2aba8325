//! SCIM 2.0 (RFC 7643, RFC 7644) as a library: schemas as data, bodies, filters, paths, PATCH, bulk,
//! projection.
//!
//! Nothing here reads a clock, a network or a store, and nothing knows a tenant or an HTTP status. Every
//! operation takes a [`schema::ResourceType`] and a [`Document`] and answers with a value or an [`Error`].

pub mod body;
pub mod bulk;
pub mod error;
pub mod filter;
mod fold;
pub mod list;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
pub mod sort;
pub mod tolerance;
mod value;

pub use error::{Error, ErrorKind};
pub use fold::fold;

/// A resource as JSON, in the canonical spelling of its schemas.
///
/// [`body::create`], [`body::replace`] and [`patch::Patch::apply`] produce that form; filters and projections
/// rely on it, which is what lets them look attributes up by hash and without folding case for each row.
pub type Document = serde_json::Map<String, serde_json::Value>;
