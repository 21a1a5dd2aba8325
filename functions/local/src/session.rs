//! An open data folder: only one process has it at a time.

use crate::cli::Data;
use crate::data_folder::DataFolder;
use crate::demo::{self, Demo};
use crate::failure::Failure;
use crate::import::Imports;
use crate::released;
use adapters::config::Config;
use adapters::embedded::{EmbeddedTable, OpenError};
use adapters::system::{SystemClock, SystemRandom};
use domain::store::Store;
use domain::table::Table;
use std::sync::Arc;

/// What a command works with.
pub(crate) struct Session {
    pub(crate) folder: DataFolder,
    pub(crate) store: Arc<Store>,
    pub(crate) imports: Arc<Imports>,
    /// The demo, if this folder has one.
    pub(crate) demo: Option<Demo>,
    /// Whether it was made just now.
    pub(crate) first_start: bool,
}

/// What opening came to.
pub(crate) enum Opened {
    /// The folder is ours.
    Ours(Box<Session>),
    /// Another process has it open.
    InUse(DataFolder),
}

/// Opens the data folder, makes the demo in it where it is empty, and sets free the runs of a process that died.
pub(crate) async fn open(data: &Data) -> Result<Opened, Failure> {
    let region = Config::from_process().region().map_err(|error| Failure::new(error.to_string()))?;
    let folder = DataFolder::make(&data.folder)?;
    let table: Arc<dyn Table> = match EmbeddedTable::open(&folder.table(), Arc::new(SystemClock)) {
        Ok(table) => Arc::new(table),
        Err(OpenError::InUse) => return Ok(Opened::InUse(folder)),
        Err(error @ OpenError::Failed(_)) => {
            let text = format!("{} cannot be opened", folder.table().display());
            return Err(Failure::caused(&text, error));
        }
    };
    let store = Store::new(table, Arc::new(SystemClock), Arc::new(SystemRandom));
    let store = Arc::new(store.in_region(region));
    let cannot_be_used =
        |error| Failure::caused(&format!("{} cannot be used", folder.table().display()), error);
    store.check_layout().await.map_err(cannot_be_used)?;
    let first_start = !data.no_demo && demo::is_due(&folder, &store).await?;
    if first_start {
        demo::make(&folder, &store).await?;
    }
    released::release(&store).await?;
    let demo = demo::read(&folder)?;
    let imports = Arc::new(Imports::new(folder.clone(), Arc::clone(&store))?);
    Ok(Opened::Ours(Box::new(Session { folder, store, imports, demo, first_start })))
}
