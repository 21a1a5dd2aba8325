//! `PATCH /tenants/{tenant}/directories/{directory}/configurations/{name}`

use super::document::{Unkept, keeps_name, settable};
use super::{Configuration, entry, named, secrets, version};
use crate::Api;
use crate::body::Body;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use crate::shape;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::import::configuration as kept;
use serde_json::{Map, Value};

/// Change a configuration
///
/// The body is a JSON merge patch (RFC 7396): members that are left out stay as they are, null resets one to its default
/// or takes a column out of the mapping, and lists are replaced as a whole. Null for a limit means that there is none.
/// With `If-Match` only where it is still at that version. The version before is kept.
#[utoipa::path(
    patch,
    path = "/tenants/{tenant}/directories/{directory}/configurations/{name}",
    operation_id = "changeConfiguration",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("name" = String, Path, description = "The configuration's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is to be changed"),
    ),
    request_body(
        content = ref("#/components/schemas/ConfigurationChange"),
        content_type = "application/merge-patch+json",
    ),
    responses((status = 200, description = "The configuration as it is now", body = Configuration)),
)]
pub(crate) async fn change(
    State(api): State<Api>,
    place: DirectoryPlace,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (id, name) = (&place.entry.id, named(&place)?);
    let expected = version::expected(&headers, &entry(&api, id, &name).await?)?;
    let mut patch = settable(body)?;
    keeps_name(&patch, &name)?;
    secrets::seal(&api, id, &name, &mut patch).await?;
    kept::Configuration::check_members(&patch)?;
    let change = |current: &kept::Configuration| {
        let document = patched(current, &patch).map_err(Unkept)?;
        secrets::check(&document, Some(current)).map_err(Unkept)?;
        Ok::<_, Unkept>(document)
    };
    let changed = api.store.change_configuration(id, &name, expected, change).await;
    let changed = changed.map_err(|Unkept(problem)| problem)?;
    api.set_alarm(id, &changed.document).await?;
    version::shown(&api, id, changed).await
}

fn patched(
    current: &kept::Configuration,
    patch: &Map<String, Value>,
) -> Result<kept::Configuration, Problem> {
    let mut document = Value::Object(current.to_document()?);
    shape::merge(&mut document, Value::Object(patch.clone()));
    let Value::Object(mut document) = document else {
        return Err(domain::Error::fault("a patched configuration that is no object").into());
    };
    // Merging takes a null out, and would bring the default back.
    if let Some(Value::Object(limits)) = patch.get("limits") {
        let kept = document.entry("limits").or_insert_with(|| Value::Object(Map::new()));
        let nulls = limits.iter().filter(|(_, limit)| limit.is_null());
        if let Value::Object(kept) = kept {
            kept.extend(nulls.map(|(name, limit)| (name.clone(), limit.clone())));
        }
    }
    Ok(kept::Configuration::from_document(&current.name, document)?)
}
