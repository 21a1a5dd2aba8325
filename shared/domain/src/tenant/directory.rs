//! Tenants and directories as items.

use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, TableError, Write};

impl Store {
    /// Creates a tenant with a directory, or the directory alone where the tenant exists. Whether anything
    /// was created: repeating it changes nothing.
    pub async fn create_directory(&self, id: &DirectoryId) -> Result<bool, Error> {
        let created = self.now().as_millisecond();
        let mut created_any = false;
        for key in [keys::tenant(&id.tenant), keys::directory(id)] {
            let item = Item::new(key).with("c", created);
            match self.table.write(&[Write::Put(item, Condition::Absent)], None).await {
                Ok(_) => created_any = true,
                Err(TableError::Cancelled(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(created_any)
    }

    /// Whether there is such a directory.
    pub async fn directory_exists(&self, id: &DirectoryId) -> Result<bool, Error> {
        Ok(self.table.get(&keys::directory(id), Consistency::Strong).await?.value.is_some())
    }

    /// Whether there is any tenant at all.
    pub async fn has_tenants(&self) -> Result<bool, Error> {
        let query = crate::table::Query { limit: Some(1), ..crate::table::Query::partition(keys::TENANTS) };
        Ok(!self.table.query(&query).await?.value.items.is_empty())
    }
}

/// The demo's names, for whoever starts on an empty store.
impl DirectoryId {
    /// Tenant `acme`, directory `people`.
    pub fn demo() -> Result<Self, Error> {
        let name = |text| Name::new(text).map_err(|_| Error::fault("a name of the demo"));
        Ok(Self::new(name("acme")?, name("people")?))
    }
}
