//! Configurations as items: each change is a version, and what was before is kept, so that an old run can be explained.

use super::Configuration;
use crate::error::Error;
use crate::import::format::Encoding;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, Query, TableError, Write};
use jiff::Timestamp;

/// Changing again what changed in between; each loss means that somebody else won.
const MAX_LOSSES: usize = 16;

/// A configuration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationEntry {
    /// What the administrator has written.
    pub document: Configuration,
    /// Counts its changes, from 1; goes on where a configuration of this name was removed before.
    pub version: i64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

impl ConfigurationEntry {
    fn to_item(&self, id: &DirectoryId) -> Result<Item, Error> {
        Ok(Item::new(keys::configuration(id, &self.document.name))
            .with("c", self.created.as_millisecond())
            .with("d", serde_json::to_string(&self.document)?)
            .with("m", self.modified.as_millisecond())
            .with("n", self.version))
    }

    fn from_item(item: &Item) -> Result<Self, Error> {
        let damaged = || Error::fault("a configuration lacks an attribute");
        let time = |name| item.number(name).and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(Self {
            document: serde_json::from_str(item.text("d").ok_or_else(damaged)?)?,
            version: item.number("n").ok_or_else(damaged)?,
            created: time("c").ok_or_else(damaged)?,
            modified: time("m").ok_or_else(damaged)?,
        })
    }

    /// The write that keeps this version after it was replaced.
    fn former(&self, id: &DirectoryId) -> Result<Write, Error> {
        let key = keys::configuration_version(id, &self.document.name, self.version);
        let item = Item { key, ..self.to_item(id)? };
        Ok(Write::Put(item, Condition::Always))
    }

    fn unchanged(&self) -> Condition {
        Condition::Equals("n".to_owned(), self.version.into())
    }

    fn expect(&self, version: Option<i64>) -> Result<(), Error> {
        match version {
            Some(version) if version != self.version => Err(Error::PreconditionFailed),
            _ => Ok(()),
        }
    }
}

impl Store {
    /// Creates a configuration unless there is one of its name. Whether it was created.
    pub async fn create_configuration(
        &self,
        id: &DirectoryId,
        document: &Configuration,
    ) -> Result<bool, Error> {
        let name = &document.name;
        let former = Query { descending: true, limit: Some(1), ..versions(id, name) };
        let former = self.table.query(&former).await?.value.items;
        let version = former.first().and_then(|item| item.number("n")).unwrap_or_default() + 1;
        let now = self.now();
        let entry = ConfigurationEntry { document: document.clone(), version, created: now, modified: now };
        let mut writes = vec![
            Write::Put(entry.to_item(id)?, Condition::Absent),
            self.audit_entry(id, "configuration-created", name.as_str()),
        ];
        writes.extend(self.pull_of(id, None, document).await?);
        match self.table.write(&writes, None).await {
            Ok(_) => Ok(true),
            Err(TableError::Cancelled(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// All configurations of a directory, in the order of their names. 1 read unit for each 4 KB.
    pub async fn configurations(&self, id: &DirectoryId) -> Result<Vec<ConfigurationEntry>, Error> {
        let partition = keys::configurations(id);
        let query = Query { consistency: Consistency::Strong, ..Query::partition(partition) };
        self.whole(query).await?.iter().map(ConfigurationEntry::from_item).collect()
    }

    /// The configuration of this name as it is kept. 1 read unit for each 4 KB.
    pub async fn configuration_entry(
        &self,
        id: &DirectoryId,
        name: &Name,
    ) -> Result<Option<ConfigurationEntry>, Error> {
        let item = self.table.get(&keys::configuration(id, name), Consistency::Strong).await?.value;
        item.as_ref().map(ConfigurationEntry::from_item).transpose()
    }

    /// The configuration of this name. 1 read unit for each 4 KB.
    pub async fn configuration(&self, id: &DirectoryId, name: &Name) -> Result<Option<Configuration>, Error> {
        Ok(self.configuration_entry(id, name).await?.map(|entry| entry.document))
    }

    /// What a configuration of this name was before its changes, oldest first; after its removal, what it was at last too.
    pub async fn former_configurations(
        &self,
        id: &DirectoryId,
        name: &Name,
    ) -> Result<Vec<ConfigurationEntry>, Error> {
        self.whole(versions(id, name)).await?.iter().map(ConfigurationEntry::from_item).collect()
    }

    /// Replaces a configuration by what `change` makes of it; one that stays as it is gets no new version.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::PreconditionFailed`] where it is not at the version that is expected; whatever
    /// `change` says.
    pub async fn change_configuration<E: From<Error>>(
        &self,
        id: &DirectoryId,
        name: &Name,
        expected: Option<i64>,
        change: impl Fn(&Configuration) -> Result<Configuration, E> + Send + Sync,
    ) -> Result<ConfigurationEntry, E> {
        for _ in 0..MAX_LOSSES {
            let current = self.configuration_entry(id, name).await?.ok_or(Error::NotFound)?;
            current.expect(expected)?;
            let document = Configuration { name: name.clone(), ..change(&current.document)? };
            if document == current.document {
                return Ok(current);
            }
            let version = current.version + 1;
            let next =
                ConfigurationEntry { document, version, modified: self.now(), created: current.created };
            let mut writes = vec![
                Write::Put(next.to_item(id)?, current.unchanged()),
                current.former(id)?,
                self.audit_entry(id, "configuration-changed", name.as_str()),
            ];
            writes.extend(self.pull_of(id, Some(&current.document), &next.document).await?);
            match self.table.write(&writes, None).await {
                Ok(_) => return Ok(next),
                Err(TableError::Cancelled(_)) => {}
                Err(error) => return Err(Error::from(error).into()),
            }
        }
        Err(Error::Unavailable("the configuration kept changing".into()).into())
    }

    /// Removes a configuration. Runs of it that wait fail; the users whom it has brought stay.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::PreconditionFailed`] where it is not at the version that is expected.
    pub async fn remove_configuration(
        &self,
        id: &DirectoryId,
        name: &Name,
        expected: Option<i64>,
    ) -> Result<(), Error> {
        for _ in 0..MAX_LOSSES {
            let current = self.configuration_entry(id, name).await?.ok_or(Error::NotFound)?;
            current.expect(expected)?;
            let mut writes = vec![
                Write::Delete(keys::configuration(id, name), current.unchanged()),
                Write::Delete(keys::incidents(id, name), Condition::Always),
                current.former(id)?,
                self.audit_entry(id, "configuration-removed", name.as_str()),
            ];
            writes.extend(self.without_pulls(id, name).await?);
            match self.table.write(&writes, None).await {
                Ok(_) => return Ok(()),
                Err(TableError::Cancelled(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Unavailable("the configuration kept changing".into()))
    }

    /// Keeps the encoding that a person has confirmed for later files, unless one was set meanwhile.
    pub(in crate::import) async fn pin_encoding(
        &self,
        id: &DirectoryId,
        name: &Name,
        encoding: Encoding,
    ) -> Result<(), Error> {
        let pin = |current: &Configuration| {
            let mut document = current.clone();
            if document.format.encoding == Encoding::Auto {
                document.format.encoding = encoding;
            }
            Ok(document)
        };
        match self.change_configuration(id, name, None, pin).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn versions(id: &DirectoryId, name: &Name) -> Query {
    let partition = keys::configuration_versions(id, name);
    Query { consistency: Consistency::Strong, ..Query::partition(partition) }
}
