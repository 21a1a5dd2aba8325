//! What every request on resources brings along, read once.

use crate::Api;
use crate::answer::View;
use crate::error::{Failure, no_such_endpoint};
use crate::request::{Parameters, versions};
use crate::session::Session;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use domain::directory::{Directory, Versions};
use domain::store::{Id, Kind};

/// An authenticated request.
pub(crate) struct Call {
    /// The directory that the token opens.
    pub(crate) directory: Directory,
    /// The user for whom the token stands, if it stands for one.
    pub(crate) user: Option<Id>,
    /// The endpoint in the path; empty where the path has none.
    pub(crate) endpoint: String,
    /// The id in the path; empty where the path has none.
    pub(crate) id: String,
    /// The query string.
    pub(crate) parameters: Parameters,
    /// `If-Match` and `If-None-Match` (RFC 7644 §3.14): a change happens to these versions only.
    pub(crate) seen: Versions,
    /// `If-None-Match` of a GET: none of these versions is sent again.
    pub(crate) held: Option<Versions>,
}

impl Call {
    /// What the answer may contain.
    pub(crate) fn view(&self, kind: Kind) -> Result<View, Failure> {
        let (attributes, excluded) =
            (self.parameters.get("attributes"), self.parameters.get("excludedAttributes"));
        View::new(&self.directory, kind, attributes, excluded)
    }

    /// The kind of resource that the path is about. A token that stands for a user opens none of them.
    pub(crate) fn kind(&self) -> Result<Kind, Failure> {
        self.for_all()?;
        kind_at(&self.directory, &self.endpoint)
    }

    /// Refuses a token that stands for one user only.
    pub(crate) fn for_all(&self) -> Result<(), Failure> {
        match self.user {
            None => Ok(()),
            Some(_) => Err(Failure::new(
                StatusCode::FORBIDDEN,
                "the token stands for a user; it opens /Me and nothing else",
            )),
        }
    }
}

/// The kind of the resources at an endpoint.
pub(crate) fn kind_at(directory: &Directory, endpoint: &str) -> Result<Kind, Failure> {
    match endpoint {
        "Users" => return Ok(Kind::User),
        "Groups" => return Ok(Kind::Group),
        _ => {}
    }
    let found = directory.opened().registry.by_endpoint(endpoint);
    found.and_then(Kind::of).ok_or_else(no_such_endpoint)
}

impl FromRequestParts<Api> for Call {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let Session { directory, user } = Session::of(parts, api).await?;
        let path = RawPathParams::from_request_parts(parts, api).await.ok();
        let part = |wanted| {
            let found = path.iter().flatten().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        let (matching, other) =
            (versions(&parts.headers, header::IF_MATCH), versions(&parts.headers, header::IF_NONE_MATCH));
        let seen = match (matching, &other) {
            (Some(versions), _) => versions,
            (None, Some(versions)) => versions.clone().others(),
            (None, None) => Versions::Any,
        };
        Ok(Self {
            directory,
            user,
            endpoint: part("endpoint"),
            id: part("id"),
            parameters: Parameters::of_query(parts.uri.query()),
            seen,
            held: other,
        })
    }
}
