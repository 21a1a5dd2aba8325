//! `PUT /tenants/{tenant}/directories/{directory}/uploads/{pass}`

use crate::answer::json;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use crate::{Api, files};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// A file that was put into the inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Received {
    /// In bytes.
    size: u64,
}

/// Send a file to the address that was given out for it
///
/// Where files are kept by a bucket, the address is the bucket's, and this path takes nothing.
#[utoipa::path(
    put,
    path = "/tenants/{tenant}/directories/{directory}/uploads/{pass}",
    operation_id = "sendFile",
    tag = "uploads",
    security(()),
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("pass" = String, Path, description = "What the address ends in"),
    ),
    request_body(content(
        (String = "text/csv"),
        (Vec<u8> = "application/octet-stream"),
        (Vec<u8> = "application/gzip"),
        (Vec<u8> = "application/zip"),
    )),
    responses((status = 201, description = "The file is in the inbox", body = Received)),
)]
pub(crate) async fn receive(
    State(api): State<Api>,
    place: Result<DirectoryPlace, Problem>,
    body: Body,
) -> Result<Response, Problem> {
    // Who has no pass learns nothing, not even which directories there are.
    let refused =
        || Problem::absent("this address was not given out, or its time is over; ask for another one");
    let place = place.map_err(|problem| if problem.is_absence() { refused() } else { problem })?;
    let (id, pass) = (&place.entry.id, &place.below);
    api.store.open_pass(id, pass).await?.ok_or_else(refused)?;
    let near = files::near(body, api.upload_bytes).await?;
    if !api.importer.receive(id, pass, near.file).await? {
        return Err(refused());
    }
    Ok(json(StatusCode::CREATED, &Received { size: near.size }))
}
