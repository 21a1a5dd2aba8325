//! Creating a user or a group (RFC 7644 §3.3).

use super::check::check;
use super::members::{MEMBERS_AT_ONCE, add, take_members};
use super::{Directory, Resource};
use crate::error::Error;
use crate::store::{Draft, Kind, stored};
use serde_json::Value;

impl Directory {
    /// Creates a resource from a request body.
    ///
    /// # Errors
    /// [`Error::Refused`] for a body that breaks the schema or names members that do not exist,
    /// [`Error::NotUnique`] for a `userName` or `displayName` that is in use.
    pub async fn create(&self, kind: Kind, body: Value) -> Result<Resource, Error> {
        let resource_type = self.resource_type(kind)?;
        let mut document = stored(scim::body::create(resource_type, body)?);
        if kind == Kind::User {
            document.entry("active").or_insert(Value::Bool(true));
        }
        check(kind, &document)?;
        let members = self.resolve(&take_members(&mut document)?).await?;
        let document = scim::body::arrange(resource_type, document);
        let (first, rest) = members.split_at(members.len().min(MEMBERS_AT_ONCE));
        let (directory, at_once) = (self.id.clone(), first.to_vec());
        let draft = Draft { document, origin: self.origin.clone(), owner: None, digest: None };
        let further: crate::store::Further = Box::new(move |group| {
            at_once.iter().flat_map(|member| add(&directory, group, *member)).collect()
        });
        let record =
            self.store.create(&self.id, kind, draft, Some(further)).await.map_err(|error| match error {
                Error::VersionConflict => super::members::vanished(),
                other => other,
            })?;
        self.add_members(record.id, rest).await?;
        self.show(kind, record, true).await
    }
}
