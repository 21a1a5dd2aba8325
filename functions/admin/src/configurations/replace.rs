//! `PUT /tenants/{tenant}/directories/{directory}/configurations/{name}`

use super::document::{Unkept, keeps_name, settable};
use super::{Configuration, entry, named, secrets, version};
use crate::Api;
use crate::body::Body;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::import::configuration as kept;

/// Replace a configuration
///
/// Members that are left out or null have their defaults; null for a limit means that there is none. With `If-Match`
/// only where it is still at that version. The version before is kept.
#[utoipa::path(
    put,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}",
    operation_id = "replaceConfiguration",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is to be replaced"),
    ),
    request_body(content = ref("#/components/schemas/ConfigurationChange")),
    responses((status = 200, description = "The configuration as it is now", body = Configuration)),
)]
pub(crate) async fn replace(
    State(api): State<Api>,
    place: DirectoryPlace,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    let expected = version::expected(&headers, &entry(&api, id, &name).await?)?;
    let mut members = settable(body)?;
    keeps_name(&members, &name)?;
    secrets::seal(&api, id, &name, &mut members).await?;
    let document = kept::Configuration::from_document(&name, members)?;
    let change = |current: &kept::Configuration| {
        let mut document = document.clone();
        if let (Some(source), Some(before)) = (document.source.sftp_mut(), current.source.sftp()) {
            source.keep_secrets_of(before);
        }
        secrets::check(&document, Some(current)).map_err(Unkept)?;
        Ok::<_, Unkept>(document)
    };
    let changed = api.store.change_configuration(id, &name, expected, change).await;
    let changed = changed.map_err(|Unkept(problem)| problem)?;
    api.set_alarm(id, &changed.document).await?;
    version::shown(&api, id, changed).await
}
