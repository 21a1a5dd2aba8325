//! Changing parts of a user or a group (RFC 7644 §3.5.2).

use super::{Directory, Resource, Versions};
use crate::error::Error;
use crate::store::Kind;
use scim::patch::Patch;
use serde_json::Value;

impl Directory {
    /// Applies a PATCH request, wholly or not at all.
    ///
    /// # Errors
    /// [`Error::Refused`] with the clause's `scimType`; otherwise as for replacing.
    pub async fn patch(
        &self,
        kind: Kind,
        id: &str,
        seen: &Versions,
        body: &Value,
    ) -> Result<Resource, Error> {
        let patch = Patch::parse(body, self.resource_type(kind)?)?;
        self.change(kind, id, seen, |current| {
            let mut document = current.clone();
            patch.apply(&mut document)?;
            Ok(document)
        })
        .await
    }
}
