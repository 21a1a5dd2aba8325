//! Creating a resource (RFC 7644 §3.3).

use super::member_change::{MemberChange, MembersWanted};
use super::{Directory, MAX_LOSSES, Resource, Shown};
use crate::error::Error;
use crate::store::{Brought, Draft, Further, Kind, Record, stored};
use scim::Document;
use serde_json::Value;

impl Directory {
    /// Creates a resource from a request body.
    ///
    /// # Errors
    /// [`Error::Refused`] for a body that breaks the schema or a policy, or names members that do not exist;
    /// [`Error::NotUnique`] for a value that only one resource may have and another has.
    pub async fn create(&self, kind: Kind, body: Value, shown: Shown) -> Result<Resource, Error> {
        let resource_type = self.resource_type(kind)?;
        let mut document = stored(scim::body::create(resource_type, body)?);
        let wanted = match kind {
            Kind::Group => MembersWanted::of_document(&mut document)?,
            _ => MembersWanted::unchanged(),
        };
        if kind == Kind::User {
            document.entry("active").or_insert(Value::Bool(true));
            self.give_access_level(&mut document);
        }
        self.check(kind, None, &document)?;
        let document = scim::body::arrange(resource_type, document);
        let record = self.create_with(kind, &document, &wanted).await?;
        self.show_written(kind, record, shown).await
    }

    async fn create_with(
        &self,
        kind: Kind,
        document: &Document,
        wanted: &MembersWanted,
    ) -> Result<Record, Error> {
        for _ in 0..MAX_LOSSES {
            let members = match kind {
                Kind::Group => self.member_change(None, wanted.clone()).await?,
                _ => MemberChange::default(),
            };
            match self.create_once(kind, document.clone(), members).await {
                // A member was deleted, or joined its first group, since it was read.
                Err(Error::VersionConflict) => {}
                done => return done,
            }
        }
        Err(Error::Unavailable("the members kept changing".into()))
    }

    async fn create_once(
        &self,
        kind: Kind,
        document: Document,
        members: MemberChange,
    ) -> Result<Record, Error> {
        let directory = self.id().clone();
        // Whether they fit does not depend on the id; a new one is as long as any other.
        let placeholder = crate::store::Id::mint(crate::store::Seat::FIRST, [0; 10]);
        let fits = members.writes(&directory, placeholder)?.is_some();
        let journal = (!fits).then(|| self.store.timed_name());
        let name = journal.clone();
        let further: Further = Box::new(move |group| match &name {
            Some(name) => members.journal().writes(&directory, group, name),
            None => Ok(members.writes(&directory, group)?.unwrap_or_default()),
        });
        let draft = Draft {
            document,
            origin: self.origin.clone(),
            owner: None,
            bond: None,
            brought: Brought::default(),
            journal,
        };
        let record = self.store.create(self.id(), self.opened.typed(kind)?, draft, Some(further)).await?;
        if record.journal.is_some() {
            self.carry_out(record.id).await?;
        }
        Ok(record)
    }
}
