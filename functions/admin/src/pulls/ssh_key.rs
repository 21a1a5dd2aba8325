//! `…/configurations/{name}/ssh-key`

use super::{fetched, path};
use crate::Api;
use crate::answer::{created, json};
use crate::configurations::{Unkept, entry, named};
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::import::configuration::{AuthenticationKind, Configuration, SealedKey, SecretMember};
use serde::Serialize;
use utoipa::ToSchema;

/// The public half of the key with which a configuration logs in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SshKey {
    /// `ssh-ed25519`, `ssh-rsa` and so on.
    kind: String,
    bits: u32,
    /// `SHA256:…`
    fingerprint: String,
    /// The line for the account's `authorized_keys`.
    public_key: String,
}

impl SshKey {
    fn of(key: domain::remote::SshKey, configuration: &domain::store::Name) -> Self {
        let domain::remote::SshKey { kind, bits, fingerprint, public_key } = key;
        Self { kind, bits, fingerprint, public_key: format!("{public_key} muster-{configuration}") }
    }
}

/// The public key with which a configuration logs in
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/ssh-key",
    operation_id = "showSshKey",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
    ),
    responses((status = 200, description = "The public key", body = SshKey)),
)]
pub(crate) async fn show_ssh_key(State(api): State<Api>, place: DirectoryPlace) -> Result<Response, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    let document = entry(&api, id, &name).await?.document;
    let key = fetched(&document)?.authentication.private_key.clone();
    let absent = || Problem::absent("this configuration has no private key; POST generates one");
    Ok(json(StatusCode::OK, &SshKey::of(key.ok_or_else(absent)?.about, &name)))
}

/// Generate a key with which a configuration logs in
///
/// The private half is sealed and never shown. It takes the place of the key before, so install the public half on the
/// server; `authentication.kind` is `private-key` from then on.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}/ssh-key",
    operation_id = "createSshKey",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
    ),
    responses((status = 201, description = "The public key", body = SshKey)),
)]
pub(crate) async fn create_ssh_key(
    State(api): State<Api>,
    place: DirectoryPlace,
) -> Result<Response, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    fetched(&entry(&api, id, &name).await?.document)?;
    let (private, about) = api.pulls.keys.generate();
    let purpose = SecretMember::PrivateKey.purpose(&name);
    let sealed = api.pulls.vault.seal(id, &purpose, private.as_bytes()).await?;
    let key = SealedKey { sealed, about: about.clone() };
    let change = |current: &Configuration| {
        let mut document = current.clone();
        let source = document.source.sftp_mut().ok_or_else(|| Unkept(super::uploaded()))?;
        source.authentication.kind = AuthenticationKind::PrivateKey;
        source.authentication.private_key = Some(key.clone());
        source.authentication.passphrase = None;
        Ok::<_, Unkept>(document)
    };
    let changed = api.store.change_configuration(id, &name, None, change).await;
    changed.map_err(|Unkept(problem)| problem)?;
    Ok(created(&format!("{}/ssh-key", path(id, &name)), &SshKey::of(about, &name)))
}
