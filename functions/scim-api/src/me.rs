//! `/Me` (RFC 7644 §3.11): the user for whom the token stands.

use crate::Api;
use crate::call::Call;
use crate::error::Failure;
use crate::request::Body;
use crate::resources::{delete_one, patch_one, read_one, replace_one};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use domain::store::Kind;

type Answer = Result<Response, Failure>;

/// The methods of `/Me`. Nobody creates themselves.
pub(crate) fn me() -> MethodRouter<Api> {
    get(read).put(replace).patch(patch).delete(delete).post(create)
}

/// The id of the user; 501 for a token that stands for none, as RFC 7644 §3.11 has it.
fn user(call: &Call) -> Result<String, Failure> {
    call.user.map(|user| user.to_string()).ok_or_else(not_for_this_token)
}

fn not_for_this_token() -> Failure {
    Failure::new(StatusCode::NOT_IMPLEMENTED, "the token stands for a directory and not for a user")
}

async fn read(call: Call) -> Answer {
    let id = user(&call)?;
    read_one(&call, Kind::User, &id).await
}

async fn replace(call: Call, body: Body) -> Answer {
    let id = user(&call)?;
    replace_one(&call, Kind::User, &id, body).await
}

async fn patch(call: Call, body: Body) -> Answer {
    let id = user(&call)?;
    patch_one(&call, Kind::User, &id, body).await
}

async fn delete(call: Call) -> Answer {
    let id = user(&call)?;
    delete_one(&call, Kind::User, &id).await
}

async fn create(_: Call) -> Answer {
    Err(Failure::new(StatusCode::NOT_IMPLEMENTED, "users are created at /Users, not by themselves"))
}
