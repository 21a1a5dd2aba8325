//! Tokens of a directory. A secret is told once, when it is made.

mod create;
mod list;
mod revoke;

pub(crate) use create::{__path_create, create};
pub(crate) use list::{__path_list, list};
pub(crate) use revoke::{__path_revoke, revoke};

use serde::Serialize;
use utoipa::ToSchema;

/// The kind of token that identity providers use.
pub(crate) const SCIM: &str = "scim";

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    id: String,
    /// `scim`: opens the directory for an identity provider.
    kind: &'static str,
    /// The id of the user for whom it stands: it then opens `/Me` and nothing else. Null for a token of the directory.
    user: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// From when on it opens nothing; null for never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

impl From<domain::tenant::Token> for Token {
    fn from(token: domain::tenant::Token) -> Self {
        Self {
            id: token.id,
            kind: SCIM,
            user: token.user.map(|user| user.to_string()),
            created_at: token.created.to_string(),
            expires_at: token.expires.map(|expires| expires.to_string()),
        }
    }
}
