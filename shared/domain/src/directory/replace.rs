//! Replacing a resource (RFC 7644 §3.5.1), and how any change of one is made.

use super::check::keep_access_level;
use super::member_change::MembersWanted;
use super::{Directory, MAX_LOSSES, Resource, Shown, Versions};
use crate::error::Error;
use crate::store::{Id, Kind, Record, Revision, stored};
use crate::table::Consistency;
use scim::Document;
use scim::patch::Patch;
use serde_json::Value;

/// Members that an answer to a write shows at most. A PATCH that adds one member to 100,000 would otherwise have to
/// read them all.
pub const MEMBERS_ANSWERED: usize = 100;

/// What a request does to a resource.
pub(super) enum Edit {
    /// Puts this body in its place.
    Replace(Value),
    /// Changes the document, and the members of a group without looking at the others.
    Patch(Patch, MembersWanted),
    /// Changes a group in a way for which all its members must be seen.
    PatchWithMembers(Patch),
}

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
        shown: Shown,
    ) -> Result<Resource, Error> {
        self.change(kind, id, seen, &Edit::Replace(body), shown).await
    }

    /// Makes a change to the latest state, again where somebody else was faster. A change that leaves everything as
    /// it was writes nothing and keeps the version.
    pub(super) async fn change(
        &self,
        kind: Kind,
        id: &str,
        seen: &Versions,
        edit: &Edit,
        shown: Shown,
    ) -> Result<Resource, Error> {
        let _turn = match (kind, Id::parse(id)) {
            (Kind::Group, Some(group)) => Some(self.store.turns.take(self.id(), group).await),
            _ => None,
        };
        for _ in 0..MAX_LOSSES {
            let current = self.latest(kind, id).await?;
            if current.journal.is_some() {
                self.carry_out(current.id).await?;
                continue;
            }
            seen.check(&current)?;
            match self.change_once(kind, &current, edit).await {
                Err(Error::VersionConflict) => {}
                Err(error) => return Err(error),
                Ok(record) => return self.show_written(kind, record, shown).await,
            }
        }
        Err(Error::Unavailable("the resource kept changing".into()))
    }

    async fn change_once(&self, kind: Kind, current: &Record, edit: &Edit) -> Result<Record, Error> {
        let (document, wanted) = self.edited(kind, current, edit).await?;
        let document = stored(document);
        self.check(kind, Some(&current.document), &document)?;
        let members = match kind {
            Kind::Group => self.member_change(Some(current.id), wanted).await?,
            _ => super::member_change::MemberChange::default(),
        };
        if document == current.document && members.is_empty() {
            return Ok(current.clone());
        }
        let (further, journal) = match members.writes(self.id(), current.id)? {
            Some(writes) => {
                self.store.note_leaving(self.id(), members.leaving()).await?;
                (writes, None)
            }
            None => {
                let name = self.store.timed_name();
                (members.journal().writes(self.id(), current.id, &name)?, Some(name))
            }
        };
        let owner = current.owner.clone();
        let to = Revision {
            document,
            origin: self.origin.clone(),
            bond: None,
            owner,
            brought: current.brought.clone(),
            journal,
        };
        let record = self.store.update(self.id(), self.opened.typed(kind)?, current, to, further).await?;
        if record.journal.is_some() {
            self.carry_out(record.id).await?;
        }
        self.store.tell_groups(self.id(), kind, current, &record).await?;
        Ok(record)
    }

    /// The document after the edit, without members, and what it wants of them.
    async fn edited(
        &self,
        kind: Kind,
        current: &Record,
        edit: &Edit,
    ) -> Result<(Document, MembersWanted), Error> {
        let resource = Resource::of_record(kind, current.clone());
        match edit {
            Edit::Replace(body) => {
                let present = self.document(&resource)?;
                let mut after = scim::body::replace(self.resource_type(kind)?, &present, body.clone())?;
                if kind == Kind::User {
                    keep_access_level(&current.document, &mut after);
                    after = scim::body::arrange(self.resource_type(kind)?, after);
                }
                let wanted = match kind {
                    Kind::Group => MembersWanted::of_document(&mut after)?,
                    _ => MembersWanted::unchanged(),
                };
                Ok((after, wanted))
            }
            Edit::Patch(patch, wanted) => {
                let mut document = self.document(&resource)?;
                patch.apply(&mut document)?;
                Ok((document, wanted.clone()))
            }
            Edit::PatchWithMembers(patch) => {
                let mut resource = resource;
                resource.members = Some(self.members(current.id, Consistency::Strong).await?);
                let mut document = self.document(&resource)?;
                patch.apply(&mut document)?;
                let wanted = MembersWanted::of_document(&mut document)?;
                Ok((document, wanted))
            }
        }
    }

    /// What was written, with the members of a group if there are few.
    pub(super) async fn show_written(
        &self,
        kind: Kind,
        record: Record,
        shown: Shown,
    ) -> Result<Resource, Error> {
        let mut resource = Resource::of_record(kind, record);
        if kind == Kind::Group && shown.members {
            let some = self.some_members(resource.id, MEMBERS_ANSWERED).await?;
            resource.members = (some.len() <= MEMBERS_ANSWERED).then_some(some);
            return Ok(resource);
        }
        self.complete(resource, Shown { members: false, ..shown }).await
    }
}
