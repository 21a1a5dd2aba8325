//! The demo: a tenant with a directory, an import configuration and a token, so that the first start has
//! something to try things on.

use crate::data_folder::{DataFolder, make_inbox};
use crate::failure::Failure;
use crate::private_file;
use domain::import::configuration::Configuration;
use domain::store::{DirectoryId, Name, Store};
use serde::{Deserialize, Serialize};

/// The name of the demo's import configuration.
const CONFIGURATION: &str = "default";

/// What a start prints about the demo.
///
/// It is kept in a file of mode 0600, because the table has only the token's hash and later starts print the
/// token again. A token of the administration is never kept like this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Demo {
    /// Tenant and directory.
    pub(crate) directory: DirectoryId,
    /// The import configuration whose inbox is watched.
    pub(crate) configuration: Name,
    /// Opens the directory over SCIM.
    pub(crate) scim_token: String,
}

/// Whether the store is empty, or making the demo was cut off.
pub(crate) async fn is_due(folder: &DataFolder, store: &Store) -> Result<bool, Failure> {
    if !store.has_tenants().await.map_err(unmade)? {
        return Ok(true);
    }
    let Some(begun) = read(folder)? else { return Ok(false) };
    Ok(!store.directory_exists(&begun.directory).await.map_err(unmade)?)
}

/// Makes the demo. The tenant comes last: while there is none, a start that was cut off is made good by the next.
pub(crate) async fn make(folder: &DataFolder, store: &Store) -> Result<Demo, Failure> {
    let directory = DirectoryId::demo().map_err(unmade)?;
    let name = Name::new(CONFIGURATION).map_err(|error| Failure::caused("the demo cannot be made", error))?;
    let configuration = Configuration::upload(name.clone());
    make_inbox(folder, &directory, &name).map_err(|error| Failure::caused("no inbox can be made", error))?;
    store.create_configuration(&directory, &configuration).await.map_err(unmade)?;
    let scim_token = store.create_token(&directory).await.map_err(unmade)?.secret;
    let demo = Demo { directory, configuration: name, scim_token };
    let json = serde_json::to_vec_pretty(&demo)
        .map_err(|error| Failure::caused("the demo cannot be made", error))?;
    private_file::write(&folder.demo(), &json)
        .map_err(|error| Failure::caused("demo.json cannot be written", error))?;
    store.create_directory(&demo.directory).await.map_err(unmade)?;
    Ok(demo)
}

/// The demo that was made in this folder, if one was.
pub(crate) fn read(folder: &DataFolder) -> Result<Option<Demo>, Failure> {
    let content = private_file::read(&folder.demo())
        .map_err(|error| Failure::caused("demo.json cannot be read", error))?;
    content
        .map(|content| serde_json::from_slice(&content))
        .transpose()
        .map_err(|error| Failure::caused("demo.json is damaged; remove it to start without its token", error))
}

fn unmade(error: domain::Error) -> Failure {
    Failure::caused("the demo cannot be made", error)
}
