//! What fetching needs, on this machine.

use crate::data_folder::{DataFolder, shown};
use crate::failure::Failure;
use adapters::config::Config;
use adapters::embedded::{FolderMail, open_key_file};
use adapters::pgp::RPgp;
use adapters::sftp::{Keys, Sftp};
use adapters::system::{SystemClock, SystemPause, SystemRandom};
use async_trait::async_trait;
use domain::import::engine::Importer;
use domain::outbox::Mailer;
use domain::pgp::Pgp;
use domain::ports::{NoAlarms, Outpost};
use domain::pull::diagnosis::Diagnosis;
use domain::pull::puller::{Puller, Reach};
use domain::remote::SshKeys;
use domain::secret::Vault;
use domain::store::{DirectoryId, Name, Store};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Who mail is from, unless the environment says so. Nobody is written to: it lies in a folder.
const FROM: &str = "muster@localhost.localdomain";

/// Fetches files, and sends mail.
pub(crate) struct Fetching {
    pub(super) puller: Puller,
    pub(super) mailer: Mailer,
    vault: Vault,
    pgp: Arc<dyn Pgp>,
    keys: Arc<dyn SshKeys>,
    asked: UnboundedSender<(DirectoryId, Name)>,
    /// Configurations that somebody wants looked after at once.
    pub(super) asks: Mutex<Option<UnboundedReceiver<(DirectoryId, Name)>>>,
}

impl Fetching {
    /// Into this store, for this importer.
    ///
    /// # Errors
    /// Where the environment or the key file cannot be meant.
    pub(crate) fn new(folder: &DataFolder, store: &Arc<Store>, importer: Importer) -> Result<Self, Failure> {
        let config = Config::from_process();
        let wrong = |error: adapters::config::ConfigError| Failure::new(error.to_string());
        let random = Arc::new(SystemRandom);
        let own = open_key_file(&folder.vault_key(), Arc::clone(&random) as _).map_err(|error| {
            Failure::caused(
                &format!("the key of secrets in {} cannot be had", shown(&folder.vault_key())),
                error,
            )
        })?;
        let vault = Vault::new(Arc::new(own), Arc::clone(&random) as _);
        let (pgp, keys): (Arc<dyn Pgp>, Arc<dyn SshKeys>) = (Arc::new(RPgp), Arc::new(Keys));
        let reach = Reach {
            remote: Arc::new(Sftp::new(config.sftp_allow().map_err(wrong)?)),
            keys: Arc::clone(&keys),
            pgp: Arc::clone(&pgp),
            vault: vault.clone(),
            pause: Arc::new(SystemPause),
        };
        let mail = FolderMail::new(folder.mail(), Arc::new(SystemClock), random);
        let from = config.optional_mail_from().map_err(wrong)?.unwrap_or_else(|| FROM.to_owned());
        let mailer =
            Mailer::new(Arc::clone(store), Arc::new(mail), from, config.console_url().map_err(wrong)?);
        let puller = Puller::new(Arc::clone(store), importer, reach);
        let (asked, asks) = unbounded_channel();
        Ok(Self { puller, mailer, vault, pgp, keys, asked, asks: Mutex::new(Some(asks)) })
    }

    /// What the admin API needs of it.
    pub(crate) fn of_admin(&self) -> admin::Pulls {
        admin::Pulls {
            vault: self.vault.clone(),
            pgp: Arc::clone(&self.pgp),
            keys: Arc::clone(&self.keys),
            outpost: Arc::new(Here { puller: self.puller.clone(), asked: self.asked.clone() }),
            // The watch looks itself what is due.
            alarms: Arc::new(NoAlarms),
        }
    }
}

/// This process.
struct Here {
    puller: Puller,
    asked: UnboundedSender<(DirectoryId, Name)>,
}

#[async_trait]
impl Outpost for Here {
    async fn attend(&self, directory: &DirectoryId, configuration: &Name) -> Result<(), domain::Error> {
        // Without a server nobody listens; the next one finds what is due.
        let _ = self.asked.send((directory.clone(), configuration.clone()));
        Ok(())
    }

    async fn test_access(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
    ) -> Result<Option<Diagnosis>, domain::Error> {
        self.puller.test_access(directory, configuration).await
    }
}
