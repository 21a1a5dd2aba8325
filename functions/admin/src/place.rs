//! The tenant or the directory that a path names, looked up. A name that nobody can have is as absent as one that
//! nobody has.

use crate::Api;
use crate::error::Problem;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use domain::store::{DirectoryId, Name};
use domain::tenant::Entry;

/// A tenant that exists.
pub(crate) struct TenantPlace(pub(crate) Name);

/// A directory that exists, as it was a moment ago.
pub(crate) struct DirectoryPlace {
    pub(crate) entry: Entry,
    /// What the path names below it, if it names anything.
    pub(crate) below: String,
    /// What the path names below that.
    pub(crate) key: String,
}

impl FromRequestParts<Api> for TenantPlace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let absent = || Problem::absent("there is no such tenant");
        let path = parameters(parts, api).await?;
        let tenant = named(&path, "tenant").ok_or_else(absent)?;
        if api.store.tenant_exists(&tenant).await? { Ok(Self(tenant)) } else { Err(absent()) }
    }
}

impl FromRequestParts<Api> for DirectoryPlace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let absent = || Problem::absent("there is no such directory");
        let path = parameters(parts, api).await?;
        let names = named(&path, "tenant").zip(named(&path, "directory"));
        let (tenant, directory) = names.ok_or_else(absent)?;
        let entry = api.store.directory(&DirectoryId::new(tenant, directory)).await?.ok_or_else(absent)?;
        let value =
            |names: &[&str]| path.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| value);
        let text = |names| value(names).unwrap_or_default().to_owned();
        Ok(Self { entry, below: text(&["id", "name", "pass"]), key: text(&["key"]) })
    }
}

/// The name of the tenant in the path, if there is one that somebody can have.
pub(crate) async fn tenant(parts: &mut Parts, api: &Api) -> Result<Option<Name>, Problem> {
    Ok(named(&parameters(parts, api).await?, "tenant"))
}

async fn parameters(parts: &mut Parts, api: &Api) -> Result<RawPathParams, Problem> {
    let path = RawPathParams::from_request_parts(parts, api).await;
    path.map_err(|_| Problem::absent("the path is not valid UTF-8"))
}

fn named(path: &RawPathParams, parameter: &str) -> Option<Name> {
    path.iter().find(|(name, _)| *name == parameter).and_then(|(_, value)| Name::new(value).ok())
}
