//! The use cases on the resources of one directory, whichever door they come through.

mod belongings;
mod brought;
mod check;
mod create;
mod cursor;
mod delete;
mod get;
mod journal;
mod list;
mod member;
mod member_change;
mod members;
mod patch;
mod replace;
mod resource;
mod sieve;
mod versions;

pub(crate) use brought::Membership;
pub use cursor::{CURSOR_SECONDS, Cursors, Query};
pub use journal::carry_out_abandoned;
pub use list::{Page, Paging, Position, Wanted};
pub use replace::MEMBERS_ANSWERED;
pub use resource::{Resource, Shown};
pub use versions::Versions;

use crate::error::Error;
use crate::store::{DirectoryId, Kind, Origin, Store};
use crate::tenant::Opened;
use scim::schema::ResourceType;
use std::sync::Arc;

/// Reapplying a change because the resource changed in between; each loss means that somebody else won.
const MAX_LOSSES: usize = 32;

/// A directory, opened by whoever was authenticated for it.
#[derive(Clone)]
pub struct Directory {
    store: Arc<Store>,
    opened: Arc<Opened>,
    origin: Origin,
    base: Arc<str>,
}

impl Directory {
    /// An opened directory, for changes by `origin`. Addresses of its resources begin with `base`, which has no slash
    /// at its end.
    pub fn new(store: Arc<Store>, opened: Arc<Opened>, origin: Origin, base: &str) -> Self {
        Self { store, opened, origin, base: base.into() }
    }

    /// Which directory this is.
    pub fn id(&self) -> &DirectoryId {
        &self.opened.id
    }

    /// Its settings and schemas.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The schema of a kind of resource.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a type that the directory does not have.
    pub fn resource_type(&self, kind: Kind) -> Result<&ResourceType, Error> {
        self.opened.resource_type(kind)
    }
}
