//! `POST /tenants/{tenant}/directories/{directory}/uploads`

use crate::answer::json;
use crate::body::{self, Body};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use crate::{Api, BASE};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::import::entrance::{Way, check_file_name};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A file that is to be sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct NewUpload {
    /// The name of the configuration that it is imported by.
    #[schema(required = false, examples("default"))]
    configuration: String,
    /// Its name: neither slashes nor control characters, and none that unfinished files have.
    #[schema(examples("people.csv"))]
    name: String,
}

impl Default for NewUpload {
    fn default() -> Self {
        Self { configuration: "default".to_owned(), name: String::new() }
    }
}

/// How a file is sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Upload {
    /// Where to; relative to the origin of this API where it begins with a slash. It wants no key: whoever has it can
    /// send the file.
    url: String,
    /// `PUT`
    method: &'static str,
    /// What has to be sent beside the file.
    headers: BTreeMap<String, String>,
    /// The key of the object that the file becomes.
    key: String,
    /// From when on it cannot be sent any more.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Get an address for a file that is to be imported
///
/// A PUT of the file to it puts the file into the inbox, from where it is imported. It is good for 15 minutes.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/uploads",
    operation_id = "createUpload",
    tag = "uploads",
    params(("tenant" = String, Path, description = "The tenant's name"), ("directory" = String, Path, description = "The directory's name")),
    request_body = NewUpload,
    responses((status = 201, description = "The address", body = Upload)),
)]
pub(crate) async fn create(
    State(api): State<Api>,
    place: DirectoryPlace,
    body: Body,
) -> Result<Response, Problem> {
    let wanted = body.read::<NewUpload>()?;
    check_file_name(&wanted.name).map_err(|detail| Problem::field("name", detail))?;
    let id = &place.entry.id;
    let configuration = body::name(&wanted.configuration).map_err(|problem| problem.at("configuration"))?;
    if api.store.configuration(id, &configuration).await?.is_none() {
        let detail = "this directory has no such configuration; write the name of one that it has";
        return Err(Problem::field("configuration", detail));
    }
    let entrance = api.importer.entrance(id, &configuration, &wanted.name).await?;
    let url = match entrance.by {
        Way::Url(url) => url,
        Way::Pass(pass) => {
            format!("{BASE}/tenants/{}/directories/{}/uploads/{pass}", id.tenant, id.directory)
        }
    };
    let upload = Upload {
        url,
        method: "PUT",
        headers: BTreeMap::new(),
        key: entrance.key,
        expires_at: entrance.expires.to_string(),
    };
    Ok(json(StatusCode::CREATED, &upload))
}
