//! Tenants and directories as items.

use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, TableError, Write};
use serde::{Deserialize, Serialize};

/// `exclude_lists` of a directory: values that no user may have, compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ExcludeListsDocument {
    /// Mail addresses.
    pub mail: Vec<String>,
    /// First names.
    pub first_name: Vec<String>,
    /// Last names.
    pub last_name: Vec<String>,
}

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

    /// Sets the values that no user of the directory may have (S6).
    pub async fn set_exclude_lists(
        &self,
        id: &DirectoryId,
        lists: &ExcludeListsDocument,
    ) -> Result<(), Error> {
        let key = keys::directory(id);
        let current = self.table.get(&key, Consistency::Strong).await?.value.ok_or(Error::NotFound)?;
        let item = current.with("e", serde_json::to_string(lists)?);
        self.table.write(&[Write::Put(item, Condition::Present)], None).await?;
        Ok(())
    }

    /// The values that no user of the directory may have. 1 read unit.
    pub async fn exclude_lists(&self, id: &DirectoryId) -> Result<ExcludeListsDocument, Error> {
        let item = self.table.get(&keys::directory(id), Consistency::Strong).await?.value;
        match item.as_ref().and_then(|item| item.text("e")) {
            Some(lists) => Ok(serde_json::from_str(lists)?),
            None => Ok(ExcludeListsDocument::default()),
        }
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
