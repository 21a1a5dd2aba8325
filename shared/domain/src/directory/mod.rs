//! The use cases on the users and groups of one directory, whichever door they come through.

mod check;
mod create;
mod delete;
mod get;
mod list;
mod members;
mod patch;
mod replace;
mod versions;

pub use list::{Page, Wanted};
pub use versions::Versions;

use crate::error::Error;
use crate::store::{DirectoryId, Kind, Origin, Record, Store};
use scim::Document;
use scim::schema::{Registry, ResourceType};
use std::sync::Arc;

/// Reapplying a change because the resource changed in between; each loss means that somebody else won.
const MAX_LOSSES: usize = 32;

/// A directory, opened by whoever was authenticated for it.
#[derive(Clone)]
pub struct Directory {
    store: Arc<Store>,
    registry: Arc<Registry>,
    id: DirectoryId,
    origin: Origin,
}

/// A record with the resource that the protocol shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// What is stored.
    pub record: Record,
    /// What is shown, but for `meta.location`.
    pub document: Document,
}

impl Directory {
    /// The directory of this id, for changes by `origin`.
    pub fn new(store: Arc<Store>, registry: Arc<Registry>, id: DirectoryId, origin: Origin) -> Self {
        Self { store, registry, id, origin }
    }

    /// Which directory this is.
    pub fn id(&self) -> &DirectoryId {
        &self.id
    }

    /// The schema of a kind of resource.
    pub fn resource_type(&self, kind: Kind) -> Result<&ResourceType, Error> {
        let found = self.registry.by_name(kind.resource_type());
        found.ok_or_else(|| Error::fault("a resource type is not registered"))
    }

    async fn show(&self, kind: Kind, record: Record, with_members: bool) -> Result<Resource, Error> {
        let mut document = record.resource(kind);
        if kind == Kind::Group && with_members {
            self.show_members(&record, &mut document).await?;
        }
        Ok(Resource { record, document })
    }
}
