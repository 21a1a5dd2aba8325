//! Bonds: a user that an import has made as a row of its file says bears the digest of that row. So a later import
//! knows without looking that the user still is as the row says, unless somebody else has changed the user since.
//! Whoever does that notes it first, for the configuration whose bond it breaks; the note costs a write, once.

use super::Store;
use super::brought::Brought;
use super::id::Id;
use super::keys::{self, Kind};
use super::name::{DirectoryId, Name};
use super::record::Record;
use super::update::unchanged;
use crate::error::Error;
use crate::table::{Condition, Consistency, Item, Query, TableError, Write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::HashMap;

/// What a row says, in 16 bytes.
pub type Digest = [u8; 16];

/// The configuration whose row a user is as, and the digest of that row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond(String);

impl Bond {
    /// To a row of this configuration.
    pub fn new(configuration: &Name, digest: Digest) -> Self {
        Self(format!("{configuration}:{}", STANDARD_NO_PAD.encode(digest)))
    }

    pub(super) fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the configuration.
    pub fn configuration(&self) -> &str {
        self.0.split_once(':').map_or("", |(configuration, _)| configuration)
    }
}

impl Store {
    /// Notes that a bound record is about to be changed by somebody else than its configuration: 1 write unit.
    /// Before the change, so that none goes unnoticed; a change that then does not happen costs a look.
    pub(super) async fn loosen(
        &self,
        directory: &DirectoryId,
        current: &Record,
        by: Option<&Bond>,
    ) -> Result<(), Error> {
        let Some(bond) = &current.bond else { return Ok(()) };
        if by.is_some_and(|by| by.configuration() == bond.configuration()) {
            return Ok(());
        }
        let note = Item::new(keys::loosened(directory, bond.configuration(), current.id));
        let note = note.with("r", current.revision + 1);
        self.table.write(&[Write::Put(note, Condition::Always)], None).await?;
        Ok(())
    }

    /// The note that somebody else than its configuration ends a membership of a user.
    pub(crate) fn note_of_end(&self, directory: &DirectoryId, configuration: &str, user: Id) -> Item {
        // Unlike every other note about the user, as the number of the user's writes is not known here.
        let unlike = i64::from_be_bytes(self.random_bytes());
        Item::new(keys::loosened(directory, configuration, user)).with("r", unlike)
    }

    /// The users whose bond to a row of this configuration others have broken, with what tells one note about a user
    /// from a later one: 1 read unit for each 4 KB of notes (90 bytes each).
    pub(crate) async fn loosened(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
    ) -> Result<HashMap<Id, i64>, Error> {
        let partition = keys::all_loosened(directory, configuration.as_str());
        let query = Query { consistency: Consistency::Strong, ..Query::partition(partition) };
        let notes = self.whole(query).await?;
        let note = |item: &Item| Some((Id::parse(&item.key.sort)?, item.number("r")?));
        Ok(notes.iter().filter_map(note).collect())
    }

    /// Takes a note back, after the user was bound again: a writer who noted the same, but has not written yet, then
    /// finds the record changed and notes it anew. 1 write unit.
    pub(crate) async fn tighten(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
        id: Id,
        note: i64,
    ) -> Result<(), Error> {
        let key = keys::loosened(directory, configuration.as_str(), id);
        let same = Condition::Equals("r".to_owned(), note.into());
        match self.table.write(&[Write::Delete(key, same)], None).await {
            // Gone already, or noted again.
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Binds a record to a row that it is as already. It shows in no answer and changes no version. 1 write unit.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where the record has changed since it was read.
    pub(crate) async fn bind(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        current: &Record,
        bond: Bond,
        owner: Option<String>,
        brought: Brought,
    ) -> Result<Record, Error> {
        self.loosen(directory, current, Some(&bond)).await?;
        let revision = current.revision + 1;
        let bound = Record { revision, bond: Some(bond), owner, brought, ..current.clone() };
        let write = Write::Put(bound.to_item(directory, kind)?, unchanged(current));
        self.table.write(&[write], None).await?;
        Ok(bound)
    }
}
