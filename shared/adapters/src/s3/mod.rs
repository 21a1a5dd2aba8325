//! The objects in a bucket of S3.

mod file_body;
mod objects;

pub use objects::S3Objects;
