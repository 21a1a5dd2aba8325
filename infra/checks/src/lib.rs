//! The house rules. Each module holds some of them as functions from the text of a file to its [`Fault`]s, tried on
//! samples that break them; `tests/it` holds the repository to them.

pub mod changelog;
pub mod documents;
pub mod events;
mod fault;
pub mod manifest;
pub mod names;
pub mod paths;
pub mod privacy;
mod repository;
pub mod sources;
pub mod template;
pub mod yaml;

pub use fault::{Fault, at};
pub use repository::{File, Repository, ends_in};
