//! Changing parts of a resource (RFC 7644 §3.5.2).

use super::member_change::MembersWanted;
use super::replace::Edit;
use super::{Directory, Resource, Shown, Versions};
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
        shown: Shown,
    ) -> Result<Resource, Error> {
        let patch = Patch::parse(body, self.resource_type(kind)?)?;
        let edit = match kind {
            Kind::Group => match patch.split("members") {
                Some((rest, program)) => Edit::Patch(rest, MembersWanted::of_program(&program)?),
                None => Edit::PatchWithMembers(patch),
            },
            _ => Edit::Patch(patch, MembersWanted::unchanged()),
        };
        self.change(kind, id, seen, &edit, shown).await
    }
}
