//! What every request on users and groups brings along, read once.

use crate::Api;
use crate::address::Base;
use crate::error::Failure;
use crate::request::{Parameters, versions};
use crate::session::Session;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header;
use axum::http::request::Parts;
use domain::directory::{Directory, Versions};
use domain::store::Kind;
use scim::projection::Projection;

/// An authenticated request.
pub(crate) struct Call {
    /// The directory that the token opens.
    pub(crate) directory: Directory,
    /// The SCIM base that was called.
    pub(crate) base: Base,
    /// The query string.
    pub(crate) parameters: Parameters,
    /// The id in the path; empty where the path has none.
    pub(crate) id: String,
    /// `If-Match` (RFC 7644 §3.14): a change happens to one of these versions only.
    pub(crate) seen: Versions,
    /// `If-None-Match`: none of these versions is sent again.
    pub(crate) held: Option<Versions>,
}

impl Call {
    /// What the answer may contain.
    pub(crate) fn projection(&self, kind: Kind) -> Result<Projection, Failure> {
        projection(&self.directory, kind, &self.parameters)
    }
}

/// `attributes` and `excludedAttributes` (RFC 7644 §3.9).
pub(crate) fn projection(
    directory: &Directory,
    kind: Kind,
    parameters: &Parameters,
) -> Result<Projection, Failure> {
    let resource_type = directory.resource_type(kind)?;
    Ok(Projection::parse(parameters.get("attributes"), parameters.get("excludedAttributes"), resource_type)?)
}

impl FromRequestParts<Api> for Call {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let Session(directory) = Session::from_request_parts(parts, api).await?;
        let base = Base::from_request_parts(parts, api).await?;
        let path = RawPathParams::from_request_parts(parts, api).await.ok();
        let id = path.iter().flatten().find(|(name, _)| *name == "id").map(|(_, value)| value.to_owned());
        Ok(Self {
            directory,
            base,
            parameters: Parameters::of_query(parts.uri.query()),
            id: id.unwrap_or_default(),
            seen: versions(&parts.headers, header::IF_MATCH).unwrap_or(Versions::Any),
            held: versions(&parts.headers, header::IF_NONE_MATCH),
        })
    }
}
