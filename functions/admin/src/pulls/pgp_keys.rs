//! `…/configurations/{name}/pgp-keys`

use super::path;
use crate::Api;
use crate::answer::{List, created, json};
use crate::body::Body;
use crate::configurations::{absent, entry, named};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::pgp::PgpAlgorithm;
use domain::pull::pgp_keys::{self as kept, NoKey};
use domain::store::Name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key for which the files of a configuration are encrypted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PgpKey {
    /// The fingerprint.
    id: String,
    fingerprint: String,
    /// `rsa-3072` or `curve25519`.
    #[schema(value_type = String)]
    algorithm: PgpAlgorithm,
    #[schema(format = DateTime)]
    created_at: String,
    /// Two years after it was made. Reminders are sent 30, 14 and 3 days before.
    #[schema(format = DateTime)]
    expires_at: String,
    /// `active`: opens files; `retired`: does not any more.
    #[schema(value_type = String)]
    state: kept::PgpKeyState,
    /// The commands with which gpg takes the key and encrypts a file for it.
    commands: Vec<String>,
}

impl From<kept::PgpKey> for PgpKey {
    fn from(key: kept::PgpKey) -> Self {
        let fingerprint = key.fingerprint;
        let commands = vec![
            format!("gpg --import {fingerprint}.asc"),
            format!("gpg --batch --yes --trust-model always -r {fingerprint} -o users.csv.pgp -e users.csv"),
        ];
        Self {
            id: fingerprint.clone(),
            fingerprint,
            algorithm: key.algorithm,
            created_at: key.created.to_string(),
            expires_at: key.expires.to_string(),
            state: key.state,
            commands,
        }
    }
}

/// What a key is to be.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct NewPgpKey {
    /// `rsa-3072` or `curve25519`.
    #[schema(examples("curve25519"), pattern = "^(rsa-3072|curve25519)$")]
    algorithm: String,
}

impl From<NoKey> for Problem {
    fn from(error: NoKey) -> Self {
        match error {
            NoKey::NotFound => no_such_key(),
            NoKey::TooMany => Self::new(StatusCode::CONFLICT, error.to_string()),
            NoKey::Failed(error) => error.into(),
        }
    }
}

fn no_such_key() -> Problem {
    Problem::absent("this configuration has no such key")
}

/// All keys of a configuration
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys",
    operation_id = "listPgpKeys",
    tag = "pgp-keys",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
    ),
    responses((status = 200, description = "All keys, the latest first", body = List<PgpKey>)),
)]
pub(crate) async fn list_pgp_keys(
    State(api): State<Api>,
    place: DirectoryPlace,
) -> Result<Response, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    entry(&api, id, &name).await?;
    let keys = api.store.pgp_keys(id, &name).await?;
    Ok(json(StatusCode::OK, &List::whole(keys.into_iter().map(PgpKey::from).collect())))
}

/// Make a key
///
/// The private half is sealed and never shown. Keys before it open files until they are retired, so that whoever encrypts
/// can take the new one in his own time.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys",
    operation_id = "createPgpKey",
    tag = "pgp-keys",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
    ),
    request_body = NewPgpKey,
    responses((status = 201, description = "The key", body = PgpKey)),
)]
pub(crate) async fn create_pgp_key(
    State(api): State<Api>,
    place: DirectoryPlace,
    body: Body,
) -> Result<Response, Problem> {
    let (id, name) = (place.entry.id.clone(), named(&place)?);
    entry(&api, &id, &name).await?;
    let wanted = body.read::<NewPgpKey>()?;
    let algorithm = serde_json::from_value::<PgpAlgorithm>(wanted.algorithm.into())
        .map_err(|_| Problem::field("algorithm", "write rsa-3072 or curve25519"))?;
    let key = make(&api, &id, &name, algorithm).await?;
    Ok(created(&format!("{}/pgp-keys/{}", path(&id, &name), key.fingerprint), &PgpKey::from(key)))
}

async fn make(
    api: &Api,
    id: &domain::store::DirectoryId,
    name: &Name,
    algorithm: PgpAlgorithm,
) -> Result<kept::PgpKey, Problem> {
    let pulls = &api.pulls;
    match api.store.create_pgp_key(&pulls.vault, pulls.pgp.as_ref(), id, name, algorithm).await {
        Err(NoKey::NotFound) => Err(absent()),
        made => Ok(made?),
    }
}

async fn known(api: &Api, place: &DirectoryPlace) -> Result<kept::PgpKey, Problem> {
    let (id, name) = (&place.entry.id, named(place)?);
    entry(api, id, &name).await?;
    let keys = api.store.pgp_keys(id, &name).await?;
    keys.into_iter().find(|key| key.fingerprint == place.key).ok_or_else(no_such_key)
}

/// The public key, armoured
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys/{key}/public-key",
    operation_id = "downloadPgpKey",
    tag = "pgp-keys",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
        ("key" = String, Path, description = "The key's id"),
    ),
    responses((status = 200, description = "The key, for `gpg --import`", body = String, content_type = "application/pgp-keys")),
)]
pub(crate) async fn public_pgp_key(
    State(api): State<Api>,
    place: DirectoryPlace,
) -> Result<Response, Problem> {
    let key = known(&api, &place).await?;
    let mut response = Response::new(axum::body::Body::from(key.public_key));
    let headers = response.headers_mut();
    // RFC 3156 §7.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pgp-keys"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{}.asc\"", key.fingerprint)).ok();
    headers.extend(disposition.map(|disposition| (header::CONTENT_DISPOSITION, disposition)));
    Ok(response)
}

/// Let a key open no further file
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys/{key}/retire",
    operation_id = "retirePgpKey",
    tag = "pgp-keys",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
        ("key" = String, Path, description = "The key's id"),
    ),
    responses((status = 200, description = "The key, which is retired", body = PgpKey)),
)]
pub(crate) async fn retire_pgp_key(
    State(api): State<Api>,
    place: DirectoryPlace,
) -> Result<Response, Problem> {
    let key = known(&api, &place).await?;
    let retired = api.store.retire_pgp_key(&place.entry.id, &named(&place)?, &key.fingerprint).await?;
    Ok(json(StatusCode::OK, &PgpKey::from(retired)))
}
