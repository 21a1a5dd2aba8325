//! A directory as requests need it: settings made fit for use, and the registry of its schemas.

use super::directory::Entry;
use super::exclude::ExcludeLists;
use super::settings::{Profile, Settings};
use crate::error::Error;
use crate::store::{DirectoryId, Kind, Store, Typed};
use jiff::Timestamp;
use scim::path::Path;
use scim::schema::{Registry, ResourceType};
use std::sync::Arc;

/// A directory that was read from the table, for a minute.
#[derive(Debug)]
pub struct Opened {
    /// Its names.
    pub id: DirectoryId,
    /// What the operator decided about it.
    pub settings: Settings,
    /// Its resource types, tolerant or strict as its profile says.
    pub registry: Registry,
    /// Values that nobody may have.
    pub(crate) exclude: ExcludeLists,
    /// `policies.required`, read.
    pub(crate) required: Vec<Path>,
    pub(crate) cursor_key: [u8; 32],
    pub(crate) logged_since: Option<Timestamp>,
}

impl Opened {
    /// What `entry` says, on a registry with the schemas that were declared for it.
    pub(super) fn new(entry: Entry, registry: Registry) -> Self {
        let Entry { id, settings, cursor_key, logged_since, .. } = entry;
        let registry = registry.forgiving(settings.profile.tolerances());
        let users = registry.by_name("User");
        let path = |path: &String| Path::parse(path, users?).ok();
        let required = settings.policies.required.iter().filter_map(path).collect();
        let exclude = ExcludeLists::from(&settings.exclude_lists);
        Self { id, settings, registry, exclude, required, cursor_key, logged_since }
    }

    /// How it speaks SCIM.
    pub fn profile(&self) -> Profile {
        self.settings.profile
    }

    /// A kind with what the store has to know of it.
    pub(crate) fn typed(&self, kind: Kind) -> Result<Typed<'_>, Error> {
        let resource_type = self.resource_type(kind)?;
        Ok(Typed { kind, resource_type, logged: self.logged_since.is_some() })
    }

    /// The schema of a kind of resource.
    pub fn resource_type(&self, kind: Kind) -> Result<&ResourceType, Error> {
        let found = match kind {
            Kind::Custom(name) => {
                self.registry.resource_types().iter().find(|one| one.name.eq_ignore_ascii_case(name.as_str()))
            }
            _ => self.registry.by_name(kind.name()),
        };
        found.ok_or(Error::NotFound)
    }
}

impl Store {
    /// The directory, if there is one: 2 read units, then none for a minute.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none.
    pub async fn open(&self, id: &DirectoryId) -> Result<Arc<Opened>, Error> {
        let now = self.now();
        if let Some(opened) = self.opened.get(id, now) {
            return Ok(opened);
        }
        let entry = self.directory(id).await?.ok_or(Error::NotFound)?;
        let registry = self.declared(id).await?;
        let opened = Arc::new(Opened::new(entry, registry));
        self.opened.put(id.clone(), Arc::clone(&opened), now);
        Ok(opened)
    }

    pub(super) fn forget_directory(&self, id: &DirectoryId) {
        self.opened.forget(id);
        self.hosts.forget_all();
    }

    /// The directory that a host name leads to, if it leads to one in particular: 0.5 read units, then none for
    /// a minute.
    pub async fn directory_of_host(&self, host: &str) -> Result<Option<DirectoryId>, Error> {
        let now = self.now();
        if let Some(known) = self.hosts.get(host, now) {
            return Ok(known);
        }
        let found = self.read_host(&host.to_ascii_lowercase()).await?;
        self.hosts.put(host.to_owned(), found.clone(), now);
        Ok(found)
    }
}
