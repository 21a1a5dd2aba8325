//! Schemas and resource types that are declared for a directory, as documents of RFC 7643 §6 and §7.

mod declare;
mod list;
mod replace;
mod undeclarable;
mod withdraw;

pub(crate) use declare::{__path_declare, declare};
pub(crate) use list::{__path_list, list};
pub(crate) use replace::{__path_replace, replace};
pub(crate) use withdraw::{__path_withdraw, withdraw};

use crate::error::Problem;
use axum::http::StatusCode;
use domain::store::{DirectoryId, Store};
use serde_json::Value;
use undeclarable::Sent;

/// The documents of a body, and how it had them.
fn sent(body: Value) -> Result<(Vec<Value>, Sent), Problem> {
    match body {
        Value::Array(documents) => Ok((documents, Sent::Several)),
        document @ Value::Object(_) => Ok((vec![document], Sent::One)),
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "send a document that describes a schema or a resource type, or a list of such documents",
        )),
    }
}

/// Everything that is declared now.
async fn all(store: &Store, id: &DirectoryId) -> Result<crate::answer::List<Value>, Problem> {
    Ok(crate::answer::List::whole(store.declarations(id).await?))
}
