//! Tenants, their directories, and the tokens that open them.

mod directory;
mod token;

pub use directory::ExcludeListsDocument;
pub use token::{NewToken, TOKEN_CACHE_SECONDS, Token, Tokens};
