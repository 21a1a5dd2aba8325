//! A command as a request to the admin API; handed to a running server as it is.

use crate::cli::{Administer, Directory, Of, Profile, Tenant, Token};
use domain::store::Name;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A request to the admin API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Below the base of the API.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Null where it has none.
    pub(crate) body: Value,
}

impl Reply {
    /// Whether it was done.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Request {
    /// The request that a command means.
    pub(crate) fn of(command: &Administer) -> Self {
        match command {
            Administer::Tenant(Tenant::Create { name, .. }) => {
                Self::new("POST", "/tenants", Some(json!({ "name": name })))
            }
            Administer::Directory(Directory::Create { tenant, name, profile, .. }) => {
                let body = json!({ "name": name, "profile": profile.map(Profile::name) });
                Self::new("POST", format!("/tenants/{tenant}/directories"), Some(body))
            }
            Administer::Directory(Directory::Set { tenant, name, profile, .. }) => {
                let body = json!({ "profile": profile.name() });
                Self::new("PATCH", format!("/tenants/{tenant}/directories/{name}"), Some(body))
            }
            Administer::Token(Token::Create { of, user, expires, .. }) => {
                let body = json!({ "kind": "scim", "user": user, "expires_at": expires });
                Self::new("POST", tokens(of), Some(body))
            }
            Administer::Token(Token::List { of, .. }) => {
                Self::new("GET", format!("{}?limit=1000", tokens(of)), None)
            }
            Administer::Token(Token::Revoke { of, id, .. }) => {
                Self::new("DELETE", format!("{}/{id}", tokens(of)), None)
            }
        }
    }

    /// The request for all users of a directory in the columns of a configuration.
    pub(crate) fn export(of: &Of, configuration: &Name) -> Self {
        let path = format!("/tenants/{}/directories/{}/export.csv", of.tenant, of.directory);
        Self::new("GET", format!("{path}?configuration={configuration}"), None)
    }

    /// The request to go the way of a pull.
    pub(crate) fn test_access(of: &Of, configuration: &Name) -> Self {
        let path = format!("/tenants/{}/directories/{}/configurations", of.tenant, of.directory);
        Self::new("POST", format!("{path}/{configuration}/test-access"), None)
    }

    /// The same for the page of a list behind this cursor; the request has a parameter already.
    pub(super) fn behind(&self, cursor: &str) -> Self {
        Self { path: format!("{}&cursor={cursor}", self.path), ..self.clone() }
    }

    fn new(method: &str, path: impl Into<String>, body: Option<Value>) -> Self {
        Self { method: method.to_owned(), path: path.into(), body }
    }
}

fn tokens(of: &Of) -> String {
    format!("/tenants/{}/directories/{}/tokens", of.tenant, of.directory)
}
