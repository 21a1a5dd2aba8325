//! Finding records by a value that a claim or a look-up knows.

use super::Store;
use super::id::Id;
use super::keys::{self, Kind};
use super::name::DirectoryId;
use super::record::{DISPLAY_NAME, USER_NAME};
use crate::error::Error;
use crate::table::{Consistency, Key, MAX_BATCH_GET, Query};
use scim::fold;

/// A value that leads to records without a walk. Values of `userName`, `displayName` and e-mails are
/// compared without regard to case, `externalId` exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup<'a> {
    /// A value of a unique attribute, in the form in which two are equal.
    Unique {
        /// The attribute in lower case.
        key: &'a str,
        /// The value.
        value: &'a str,
    },
    /// The id that the client gave.
    ExternalId(&'a str),
    /// Any e-mail.
    Mail(&'a str),
}

impl Store {
    /// The ids of the records with this value; what they point to may have changed since, so callers compare
    /// again. 0.5 read units (1 for an e-mail); a miss by name is asked again strongly.
    pub(crate) async fn find(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        by: Lookup<'_>,
    ) -> Result<Vec<Id>, Error> {
        match by {
            Lookup::Unique { key, value } => self.find_claim(directory, kind, key, value, true).await,
            Lookup::ExternalId(value) => self.find_lookup(directory, kind, "externalId", value).await,
            Lookup::Mail(mail) => {
                let mut found = self.find_claim(directory, kind, USER_NAME, &fold(mail), false).await?;
                let others = self.find_lookup(directory, kind, "mail", &fold(mail)).await?;
                found.extend(others.into_iter().filter(|id| !found.contains(id)).collect::<Vec<_>>());
                Ok(found)
            }
        }
    }

    /// Who holds each of these `userName`s; strong, as writes are planned on it. 1 read unit each.
    pub(crate) async fn holders(
        &self,
        directory: &DirectoryId,
        names: &[&str],
    ) -> Result<Vec<Option<Id>>, Error> {
        self.holders_of(directory, Kind::User, USER_NAME, names).await
    }

    /// The groups of these names; strong, and 1 read unit each.
    pub(crate) async fn groups_named(
        &self,
        directory: &DirectoryId,
        names: &[&str],
    ) -> Result<Vec<Option<Id>>, Error> {
        self.holders_of(directory, Kind::Group, DISPLAY_NAME, names).await
    }

    async fn holders_of(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        attribute: &str,
        names: &[&str],
    ) -> Result<Vec<Option<Id>>, Error> {
        let mut found = Vec::with_capacity(names.len());
        for part in names.chunks(MAX_BATCH_GET) {
            let keys: Vec<Key> =
                part.iter().map(|name| keys::claim(directory, kind, attribute, &fold(name))).collect();
            let mut distinct = keys.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let items = self.table.batch_get(&distinct, Consistency::Strong).await?.value;
            found.extend(keys.iter().map(|key| {
                let at = distinct.binary_search(key).ok()?;
                items.get(at)?.as_ref()?.text("u").and_then(Id::parse)
            }));
        }
        Ok(found)
    }

    async fn find_claim(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        attribute: &str,
        folded: &str,
        insist: bool,
    ) -> Result<Vec<Id>, Error> {
        let key = keys::claim(directory, kind, attribute, folded);
        let mut item = self.table.get(&key, Consistency::Eventual).await?.value;
        if item.is_none() && insist {
            item = self.table.get(&key, Consistency::Strong).await?.value;
        }
        Ok(item.as_ref().and_then(|item| item.text("u")).and_then(Id::parse).into_iter().collect())
    }

    async fn find_lookup(
        &self,
        directory: &DirectoryId,
        kind: Kind,
        attribute: &str,
        value: &str,
    ) -> Result<Vec<Id>, Error> {
        let query = Query::partition(keys::lookups(directory, kind, attribute, value));
        Ok(self.whole(query).await?.iter().filter_map(|item| Id::parse(&item.key.sort)).collect())
    }
}
