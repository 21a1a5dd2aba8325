//! What belongs to the pulls of a configuration: fetching by hand, Test Access, and the keys of SSH and PGP.

mod by_hand;
mod pgp_keys;
mod ssh_key;

pub(crate) use by_hand::{__path_run, __path_test_access, run, test_access};
pub(crate) use pgp_keys::{
    __path_create_pgp_key, __path_list_pgp_keys, __path_public_pgp_key, __path_retire_pgp_key,
    create_pgp_key, list_pgp_keys, public_pgp_key, retire_pgp_key,
};
pub(crate) use ssh_key::{__path_create_ssh_key, __path_show_ssh_key, create_ssh_key, show_ssh_key};

use crate::Api;
use crate::error::Problem;
use axum::http::StatusCode;
use domain::import::configuration::{Configuration, SftpSource};
use domain::pgp::Pgp;
use domain::ports::{Alarms, Outpost};
use domain::remote::SshKeys;
use domain::secret::Vault;
use domain::store::{DirectoryId, Name};
use std::sync::Arc;

/// What pulls need beside the store.
#[derive(Clone)]
pub struct Pulls {
    /// Seals secrets.
    pub vault: Vault,
    /// Makes keys of PGP, and looks at those of signers.
    pub pgp: Arc<dyn Pgp>,
    /// Makes keys of SSH, and looks at those that are sent.
    pub keys: Arc<dyn SshKeys>,
    /// The worker that fetches files.
    pub outpost: Arc<dyn Outpost>,
    /// What wakes it.
    pub alarms: Arc<dyn Alarms>,
}

impl Api {
    /// Sets the alarm of a configuration as its schedule says, or removes it. The table is written before: where this
    /// fails, the same request again mends it, and until then whoever looks what is due finds it.
    pub(crate) async fn set_alarm(&self, id: &DirectoryId, document: &Configuration) -> Result<(), Problem> {
        let alarms = &self.pulls.alarms;
        match document.schedule.as_ref().filter(|schedule| schedule.enabled) {
            Some(schedule) => alarms.set(id, &document.name, schedule).await?,
            None => alarms.remove(id, &document.name).await?,
        }
        Ok(())
    }
}

/// The source of a configuration whose files are fetched.
///
/// # Errors
/// 409 where they are uploaded.
fn fetched(document: &Configuration) -> Result<&SftpSource, Problem> {
    document.source.sftp().ok_or_else(uploaded)
}

fn uploaded() -> Problem {
    let detail = "files of this configuration are uploaded, not fetched; change its source to sftp first";
    Problem::new(StatusCode::CONFLICT, detail)
}

/// The path of a configuration, below the base.
fn path(id: &DirectoryId, name: &Name) -> String {
    format!("/tenants/{}/directories/{}/configurations/{name}", id.tenant, id.directory)
}
