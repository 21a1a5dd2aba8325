//! The table on DynamoDB.
//!
//! Its index is named `index` and projects keys only; expiry is by `ttl`. Attribute names are those that
//! [`domain::table::Item`] documents.

mod expression;
mod item;
mod read;
mod table;
mod units;
mod write;

pub use table::DynamoTable;
