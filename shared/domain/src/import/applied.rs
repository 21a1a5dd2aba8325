//! What a configuration knows of the file that it applied last: what the next one is held against.

use super::run::Run;
use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, Write};
use serde::{Deserialize, Serialize};

/// The file that a configuration applied last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastApplied {
    /// The run that applied it.
    pub(super) run: String,
    /// Rows of the file that spoke of somebody.
    pub(super) rows: u64,
    /// The names of its columns.
    pub(super) header: Vec<String>,
    /// Whether the run left a manifest.
    pub(super) manifest: bool,
}

impl LastApplied {
    /// After this run.
    pub(super) fn of(run: &Run) -> Self {
        let counts = &run.planned;
        let rows =
            counts.created + counts.updated + counts.reactivated + counts.deactivated + counts.unchanged;
        Self { run: run.id.clone(), rows, header: run.header.clone(), manifest: true }
    }

    /// The write that keeps it.
    pub(super) fn write(&self, directory: &DirectoryId, configuration: &Name) -> Result<Write, Error> {
        let item = Item::new(keys::last_applied(directory, configuration));
        Ok(Write::Put(item.with("j", serde_json::to_string(self)?), Condition::Always))
    }

    /// Whether the header is another than that of the file before, its order left aside.
    pub(super) fn header_differs(&self, header: &[String]) -> bool {
        let sorted = |names: &[String]| {
            let mut names: Vec<String> = names.iter().map(|name| super::text::folded(name)).collect();
            names.sort_unstable();
            names
        };
        !self.header.is_empty() && sorted(&self.header) != sorted(header)
    }
}

impl Store {
    /// The file that a configuration applied last, if it has applied one. 1 read unit.
    pub(super) async fn last_applied(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
    ) -> Result<Option<LastApplied>, Error> {
        let key = keys::last_applied(directory, configuration);
        let Some(item) = self.table.get(&key, Consistency::Strong).await?.value else { return Ok(None) };
        let text = item.text("j").ok_or_else(|| Error::fault("a last file without its document"))?;
        Ok(Some(serde_json::from_str(text)?))
    }
}
