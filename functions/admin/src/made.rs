//! Who hears what is made over the API: where a thing has something beside it that is not on the table.

use domain::store::{DirectoryId, Name};

/// Hears what is made.
pub trait Made: Send + Sync {
    /// An import configuration.
    fn configuration(&self, directory: &DirectoryId, name: &Name);
}

/// Nobody hears it: a folder of a bucket is there as soon as something is in it.
pub(crate) struct Unheard;

impl Made for Unheard {
    fn configuration(&self, _: &DirectoryId, _: &Name) {}
}
