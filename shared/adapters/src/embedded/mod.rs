//! The table in one file and the objects in one folder: what the local command runs on.

mod codec;
mod condition;
mod key_file;
mod keys;
mod objects;
mod query;
mod schema;
mod table;
mod tokens;
mod transaction;
mod writer;

pub use key_file::{KeyFileError, open_key_file};
pub use objects::FolderObjects;
pub use table::{EmbeddedTable, OpenError};
