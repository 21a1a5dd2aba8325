//! Reading a user or a group by id (RFC 7644 §3.4.1).

use super::{Directory, Resource};
use crate::error::Error;
use crate::store::{Id, Kind, Record};

impl Directory {
    /// The resource of this id; `with_members` reads the members of a group too.
    ///
    /// # Errors
    /// [`Error::NotFound`], for ids of other directories as well.
    pub async fn get(&self, kind: Kind, id: &str, with_members: bool) -> Result<Resource, Error> {
        let id = Id::parse(id).ok_or(Error::NotFound)?;
        let record = self.store.get(&self.id, kind, id).await?.ok_or(Error::NotFound)?;
        self.show(kind, record, with_members).await
    }

    /// The record of this id as it is now, to be changed.
    pub(super) async fn latest(&self, kind: Kind, id: &str) -> Result<Record, Error> {
        let id = Id::parse(id).ok_or(Error::NotFound)?;
        self.store.get_latest(&self.id, kind, id).await?.ok_or(Error::NotFound)
    }
}
