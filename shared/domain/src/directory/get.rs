//! Reading a resource by id (RFC 7644 §3.4.1).

use super::journal::ABANDONED_SECONDS;
use super::member::Member;
use super::{Directory, Resource, Shown};
use crate::error::Error;
use crate::store::{Glance, Id, Kind, Record};
use crate::table::Consistency;

impl Directory {
    /// The resource of this id, with what is wanted beside its document.
    ///
    /// # Errors
    /// [`Error::NotFound`], for ids of other directories as well.
    pub async fn get(&self, kind: Kind, id: &str, shown: Shown) -> Result<Resource, Error> {
        let id = Id::parse(id).ok_or(Error::NotFound)?;
        let glance = self.store.glance(self.id(), kind, id).await?.ok_or(Error::NotFound)?;
        self.show(kind, glance, shown).await
    }

    /// The record of this id as it is now, to be changed.
    pub(super) async fn latest(&self, kind: Kind, id: &str) -> Result<Record, Error> {
        let id = Id::parse(id).ok_or(Error::NotFound)?;
        self.store.get_latest(self.id(), kind, id).await?.ok_or(Error::NotFound)
    }

    pub(super) async fn show(&self, kind: Kind, glance: Glance, shown: Shown) -> Result<Resource, Error> {
        self.complete(Resource::of_glance(kind, glance)?, shown).await
    }

    /// A resource with what is wanted of it beside its document, and nothing else; what was read already is kept.
    pub(super) async fn complete(&self, mut resource: Resource, shown: Shown) -> Result<Resource, Error> {
        match resource.kind() {
            Kind::Group if shown.members && resource.members.is_none() => {
                resource.members = Some(self.members_of(&resource).await?);
            }
            Kind::User if shown.groups && resource.grouped && resource.groups.is_empty() => {
                resource.groups = self.belongings(resource.id).await?;
            }
            _ => {}
        }
        if !shown.members {
            resource.members = None;
        }
        if !shown.groups {
            resource.groups.clear();
        }
        Ok(resource)
    }

    /// The members of a group. A change of them whose writer seems to have died is carried out first.
    pub(super) async fn members_of(&self, group: &Resource) -> Result<Vec<Member>, Error> {
        let Some(journal) = &group.journal else {
            return self.members(group.id, Consistency::Eventual).await;
        };
        if self.store.now().as_second() - group.modified.as_second() >= ABANDONED_SECONDS {
            self.carry_out(group.id).await?;
            return self.members(group.id, Consistency::Strong).await;
        }
        self.members_during(group.id, journal).await
    }
}
