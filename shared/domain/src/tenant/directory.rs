//! Tenants and directories as items.

use super::settings::Settings;
use crate::error::Error;
use crate::store::{DirectoryId, Name, Part, Store, Stretch, keys};
use crate::table::{Condition, Consistency, Item, Query, Reason, TableError, Write};
use jiff::Timestamp;

/// Setting again what changed in between; each loss means that somebody else won.
const MAX_LOSSES: usize = 16;

/// A directory as its item says.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its names.
    pub id: DirectoryId,
    /// When it was created.
    pub created: Timestamp,
    /// What the operator decided about it.
    pub settings: Settings,
    /// Counts the changes of settings and schemas.
    pub(super) version: i64,
    /// Signs and hides the cursors of its lists.
    pub(super) cursor_key: [u8; 32],
    /// Since when changes of its records are logged, if they are.
    pub(crate) logged_since: Option<Timestamp>,
}

impl Entry {
    fn new(id: &DirectoryId, settings: Settings, created: Timestamp, cursor_key: [u8; 32]) -> Self {
        Self { id: id.clone(), created, settings, version: 1, cursor_key, logged_since: None }
    }

    fn to_item(&self) -> Result<Item, Error> {
        let item = Item::new(keys::directory(&self.id))
            .with("c", self.created.as_millisecond())
            .with("k", self.cursor_key.to_vec())
            .with("n", self.version)
            .with("s", serde_json::to_string(&self.settings)?);
        Ok(match self.logged_since {
            Some(since) => item.with("l", since.as_millisecond()),
            None => item,
        })
    }

    fn from_item(id: DirectoryId, item: &Item) -> Result<Self, Error> {
        let damaged = || Error::fault("a directory lacks an attribute");
        let time = |name| item.number(name).and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(Self {
            id,
            created: time("c").ok_or_else(damaged)?,
            settings: serde_json::from_str(item.text("s").ok_or_else(damaged)?)?,
            version: item.number("n").ok_or_else(damaged)?,
            cursor_key: item.bytes("k").and_then(|key| key.try_into().ok()).ok_or_else(damaged)?,
            logged_since: time("l"),
        })
    }

    /// The write that replaces the entry as it was read by what it is now.
    pub(crate) fn replacing(&self) -> Result<Write, Error> {
        let next = Self { version: self.version + 1, ..self.clone() };
        Ok(Write::Put(next.to_item()?, Condition::Equals("n".to_owned(), self.version.into())))
    }
}

impl Store {
    /// Creates a tenant. Whether it was created: repeating it changes nothing.
    pub async fn create_tenant(&self, tenant: &Name) -> Result<bool, Error> {
        let item = Item::new(keys::tenant(tenant)).with("c", self.now().as_millisecond());
        self.create_item(item).await
    }

    /// Creates a tenant with a directory, or the directory alone where the tenant exists. Whether anything
    /// was created: repeating it changes nothing.
    pub async fn create_directory(&self, id: &DirectoryId) -> Result<bool, Error> {
        let tenant = self.create_tenant(&id.tenant).await?;
        let entry = Entry::new(id, Settings::default(), self.now(), self.random_bytes());
        Ok(self.create_item(entry.to_item()?).await? || tenant)
    }

    /// Creates a directory of a tenant with these settings, which are checked, and takes its hosts, all or nothing.
    /// Whether it was created: one that exists stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such tenant; [`Error::NotUnique`] where a host leads to another
    /// directory.
    pub async fn create_directory_with(&self, id: &DirectoryId, settings: Settings) -> Result<bool, Error> {
        let hosts = settings.hosts.clone();
        let entry = Entry::new(id, settings, self.now(), self.random_bytes());
        let mut writes = vec![
            Write::Put(entry.to_item()?, Condition::Absent),
            Write::Check(keys::tenant(&id.tenant), Condition::Present),
            self.audit_entry(id, "directory-created", id.directory.as_str()),
        ];
        writes.extend(hosts.iter().map(|host| take_host(id, host)));
        let reasons = match self.table.write(&writes, None).await {
            Ok(_) => {
                self.forget_directory(id);
                return Ok(true);
            }
            Err(TableError::Cancelled(reasons)) => reasons,
            Err(error) => return Err(error.into()),
        };
        let failed = |at: usize| matches!(reasons.get(at), Some(Reason::ConditionFailed(_)));
        match (failed(0), failed(1)) {
            (true, _) => Ok(false),
            (_, true) => Err(Error::NotFound),
            _ if (3..writes.len()).any(failed) => {
                Err(Error::NotUnique { attribute: "hosts".to_owned(), holder: None })
            }
            _ => Err(Error::VersionConflict),
        }
    }

    async fn create_item(&self, item: Item) -> Result<bool, Error> {
        match self.table.write(&[Write::Put(item, Condition::Absent)], None).await {
            Ok(_) => Ok(true),
            Err(TableError::Cancelled(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The directory as it is now, if there is one. 1 read unit.
    pub async fn directory(&self, id: &DirectoryId) -> Result<Option<Entry>, Error> {
        let item = self.table.get(&keys::directory(id), Consistency::Strong).await?.value;
        item.map(|item| Entry::from_item(id.clone(), &item)).transpose()
    }

    /// Whether there is such a directory.
    pub async fn directory_exists(&self, id: &DirectoryId) -> Result<bool, Error> {
        Ok(self.table.get(&keys::directory(id), Consistency::Strong).await?.value.is_some())
    }

    /// Whether there is such a tenant.
    pub async fn tenant_exists(&self, tenant: &Name) -> Result<bool, Error> {
        Ok(self.table.get(&keys::tenant(tenant), Consistency::Strong).await?.value.is_some())
    }

    /// Whether there is any tenant at all.
    pub async fn has_tenants(&self) -> Result<bool, Error> {
        let query = Query { limit: Some(1), ..Query::partition(keys::TENANTS) };
        Ok(!self.table.query(&query).await?.value.items.is_empty())
    }

    /// The names of all tenants, or of all directories of one, in their order.
    pub async fn names(&self, tenant: Option<&Name>) -> Result<Vec<Name>, Error> {
        let partition = tenant.map_or_else(|| keys::TENANTS.to_owned(), keys::directories);
        let items = self.whole(Query { consistency: Consistency::Strong, ..Query::partition(partition) });
        Ok(items.await?.iter().filter_map(|item| Name::new(&item.key.sort).ok()).collect())
    }

    /// Tenants, in the order of their names. 1 read unit for each 4 KB.
    pub async fn tenants(&self, wanted: &Stretch) -> Result<Part<Name>, Error> {
        let query = Query { consistency: Consistency::Strong, ..Query::partition(keys::TENANTS) };
        let Part { items, next } = self.part(query, wanted).await?;
        Ok(Part { items: items.iter().filter_map(|item| Name::new(&item.key.sort).ok()).collect(), next })
    }

    /// Directories of a tenant, in the order of their names. 1 read unit for each 4 KB.
    pub async fn directories(&self, tenant: &Name, wanted: &Stretch) -> Result<Part<Entry>, Error> {
        let query = Query { consistency: Consistency::Strong, ..Query::partition(keys::directories(tenant)) };
        let named = |item: &Item| Name::new(&item.key.sort).ok();
        let Part { items, next } = self.part(query, wanted).await?;
        let entries = items
            .iter()
            .filter_map(|item| Some((DirectoryId::new(tenant.clone(), named(item)?), item)))
            .map(|(id, item)| Entry::from_item(id, item));
        Ok(Part { items: entries.collect::<Result<_, _>>()?, next })
    }

    /// Replaces the settings of a directory by what `change` makes of them, and takes and gives back its hosts.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotUnique`] where a host leads to another directory; whatever `change` says.
    pub async fn change_settings<E: From<Error>>(
        &self,
        id: &DirectoryId,
        change: impl Fn(&Settings) -> Result<Settings, E> + Send + Sync,
    ) -> Result<Entry, E> {
        for _ in 0..MAX_LOSSES {
            let current = self.directory(id).await?.ok_or(Error::NotFound)?;
            let settings = change(&current.settings)?;
            if settings == current.settings {
                return Ok(current);
            }
            let next = Entry { settings, ..current.clone() };
            if self.replace_entry(&current, &next).await? {
                return Ok(Entry { version: next.version + 1, ..next });
            }
        }
        Err(Error::Unavailable("the directory kept changing".into()).into())
    }

    /// Whether nobody was faster.
    async fn replace_entry(&self, current: &Entry, next: &Entry) -> Result<bool, Error> {
        let id = &current.id;
        let mut writes = vec![next.replacing()?];
        let (old, new) = (&current.settings.hosts, &next.settings.hosts);
        for host in new.iter().filter(|host| !old.contains(host)) {
            writes.push(take_host(id, host));
        }
        let given_back = old.iter().filter(|host| !new.contains(host));
        writes.extend(given_back.map(|host| Write::Delete(keys::host(host), Condition::Always)));
        writes.push(self.audit_entry(id, "settings-changed", id.directory.as_str()));
        let done = self.table.write(&writes, None).await;
        self.forget_directory(id);
        match done {
            Ok(_) => Ok(true),
            // Only a claim on a host is left to fail once the entry is as it was read.
            Err(TableError::Cancelled(reasons)) => match reasons.as_slice() {
                [Reason::None, rest @ ..]
                    if rest.iter().any(|one| matches!(one, Reason::ConditionFailed(_))) =>
                {
                    Err(Error::NotUnique { attribute: "hosts".to_owned(), holder: None })
                }
                _ => Ok(false),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Everything that a query finds.
    pub(crate) async fn whole(&self, mut query: Query) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        loop {
            let page = self.table.query(&query).await?.value;
            items.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(items),
            }
        }
    }

    /// The directory that a host name leads to, if it leads to one in particular. 0.5 read units.
    pub(super) async fn read_host(&self, host: &str) -> Result<Option<DirectoryId>, Error> {
        let item = self.table.get(&keys::host(host), Consistency::Eventual).await?.value;
        Ok(item.as_ref().and_then(directory_of))
    }

    /// An entry of a directory's history: what was done, to what. 2 write units.
    pub(crate) fn audit_entry(&self, directory: &DirectoryId, action: &str, subject: &str) -> Write {
        let day = self.now().strftime("%Y-%m-%d").to_string();
        let item = Item::new(keys::audit(directory, &day, &self.timed_name()));
        Write::Put(item.with("a", action).with("s", subject), Condition::Absent)
    }
}

/// The write that makes a host name lead to a directory, unless it leads somewhere already.
fn take_host(id: &DirectoryId, host: &str) -> Write {
    let item = Item::new(keys::host(host)).with("t", id.tenant.as_str()).with("d", id.directory.as_str());
    Write::Put(item, Condition::Absent)
}

/// The directory that an item names by its attributes `t` and `d`.
pub(super) fn directory_of(item: &Item) -> Option<DirectoryId> {
    let name = |attribute| item.text(attribute).and_then(|text| Name::new(text).ok());
    Some(DirectoryId::new(name("t")?, name("d")?))
}

/// The demo's names, for whoever starts on an empty store.
impl DirectoryId {
    /// Tenant `acme`, directory `people`.
    pub fn demo() -> Result<Self, Error> {
        let name = |text| Name::new(text).map_err(|_| Error::fault("a name of the demo"));
        Ok(Self::new(name("acme")?, name("people")?))
    }
}
