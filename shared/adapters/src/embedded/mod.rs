//! The table in one file, the objects in one folder and mail in another: what the local command runs on.

mod codec;
mod condition;
mod key_file;
mod keys;
mod mail;
mod objects;
mod query;
mod schema;
mod table;
mod tokens;
mod transaction;
mod writer;

pub use key_file::{KeyFileError, open_key_file};
pub use mail::FolderMail;
pub use objects::FolderObjects;
pub use table::{EmbeddedTable, OpenError};
