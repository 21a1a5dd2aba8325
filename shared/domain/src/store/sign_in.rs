//! The moment at which a mapping becomes a user (P13): the first sign-in.

use super::Store;
use super::id::Id;
use super::keys::Kind;
use super::name::DirectoryId;
use super::record::Record;
use super::update::{Typed, unchanged};
use crate::error::Error;
use crate::table::{TableError, Write};

/// Noting it again because the record changed in between; each loss means that somebody else won.
const MAX_LOSSES: usize = 32;

impl Store {
    /// Notes that a user has signed in for the first time; whoever has signed in before stays as he is. It raises the
    /// version, as `lifecycle` changes, and leaves the user bound to the row of an import: 1 write unit and 1 read.
    ///
    /// # Errors
    /// [`Error::NotFound`] for nobody's id.
    pub async fn note_first_sign_in(&self, directory: &DirectoryId, user: Id) -> Result<Record, Error> {
        let opened = self.open(directory).await?;
        let users: Typed<'_> = opened.typed(Kind::User)?;
        for _ in 0..MAX_LOSSES {
            let Some(current) = self.get_latest(directory, Kind::User, user).await? else {
                return Err(Error::NotFound);
            };
            if current.signed_in.is_some() {
                return Ok(current);
            }
            let now = self.now();
            let next = Record {
                version: current.version + 1,
                revision: current.revision + 1,
                modified: now.max(current.modified),
                signed_in: Some(now),
                ..current.clone()
            };
            self.note_changes(directory, users, std::iter::once(&next)).await?;
            let write = Write::Put(next.to_item(directory, Kind::User)?, unchanged(&current));
            match self.table.write(&[write], None).await {
                Err(TableError::Cancelled(_)) => {}
                done => return Ok(done.map(|_| next)?),
            }
        }
        Err(Error::Unavailable("the user kept changing".into()))
    }
}
