//! Replacing a user or a group (RFC 7644 §3.5.1).

use super::check::check;
use super::members::take_members;
use super::{Directory, MAX_LOSSES, Resource, Versions};
use crate::error::Error;
use crate::store::{Kind, Record, Revision, stored};
use crate::table::Consistency;
use scim::Document;
use serde_json::Value;

impl Directory {
    /// Replaces what the client may write of a resource by the body.
    ///
    /// # Errors
    /// As for creating, and [`Error::NotFound`], and [`Error::PreconditionFailed`] for a version not `seen`.
    pub async fn replace(
        &self,
        kind: Kind,
        id: &str,
        seen: &Versions,
        body: Value,
    ) -> Result<Resource, Error> {
        let resource_type = self.resource_type(kind)?;
        self.change(kind, id, seen, |current| Ok(scim::body::replace(resource_type, current, body.clone())?))
            .await
    }

    /// Applies a change to the latest state, again where somebody else was faster. A change that leaves
    /// everything as it was writes nothing and keeps the version.
    pub(super) async fn change(
        &self,
        kind: Kind,
        id: &str,
        seen: &Versions,
        change: impl Fn(&Document) -> Result<Document, Error> + Send + Sync,
    ) -> Result<Resource, Error> {
        for _ in 0..MAX_LOSSES {
            let current = self.latest(kind, id).await?;
            seen.check(&current)?;
            match self.change_once(kind, &current, &change).await {
                Err(Error::VersionConflict) => {}
                Err(error) => return Err(error),
                Ok(record) => return self.show(kind, record, true).await,
            }
        }
        Err(Error::Unavailable("the resource kept changing".into()))
    }

    async fn change_once(
        &self,
        kind: Kind,
        current: &Record,
        change: &(impl Fn(&Document) -> Result<Document, Error> + Send + Sync),
    ) -> Result<Record, Error> {
        let old_members = match kind {
            Kind::Group => self.members(current.id, Consistency::Strong).await?,
            Kind::User => Vec::new(),
        };
        let mut seen = current.resource(kind);
        seen.extend(super::members::shown(&old_members));
        let mut document = stored(change(&seen)?);
        check(kind, &document)?;
        let wanted = take_members(&mut document)?;
        let members = self.member_change(current.id, &old_members, &wanted).await?;
        if document == current.document && members.is_empty() {
            return Ok(current.clone());
        }
        let mut parts = members.writes(&self.id, current.id);
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            self.write_members(&part).await?;
        }
        let to = Revision { document, origin: self.origin.clone(), digest: None };
        self.store.update(&self.id, kind, current, to, last).await
    }
}
