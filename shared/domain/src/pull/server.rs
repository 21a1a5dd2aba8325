//! What a configuration says about a server, with its secrets opened.

use crate::error::Error;
use crate::import::configuration::{Authentication, SecretMember, SftpSource};
use crate::import::problem::Code;
use crate::remote::{Failed, PrivateKey, Server, SshKeys, Step};
use crate::secret::{Sealed, Vault};
use crate::store::{DirectoryId, Name};
use zeroize::Zeroizing;

/// Why a file is not had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    /// A step failed: the run fails, and somebody is told.
    #[error(transparent)]
    Failed(#[from] Failed),
    /// A store of ours failed: it is done again.
    #[error(transparent)]
    Error(#[from] Error),
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Error(error.into())
    }
}

/// The server of a source.
pub(super) async fn server(
    vault: &Vault,
    keys: &dyn SshKeys,
    id: &DirectoryId,
    configuration: &Name,
    source: &SftpSource,
) -> Result<Server, Stopped> {
    let Authentication { username, password, private_key, passphrase, .. } = &source.authentication;
    let open = async |sealed: Option<&Sealed>, member: SecretMember| match sealed {
        None => Ok(None),
        Some(sealed) => match vault.open_text(id, &member.purpose(configuration), sealed).await? {
            Some(secret) => Ok(Some(secret)),
            None => {
                Err(Stopped::Failed(Failed::at(Step::Authenticate, Code::SecretUnreadable, member.name())))
            }
        },
    };
    let key = open(private_key.as_ref().map(|key| &key.sealed), SecretMember::PrivateKey).await?;
    let passphrase: Option<Zeroizing<String>> = open(passphrase.as_ref(), SecretMember::Passphrase).await?;
    let mut host_keys = Vec::new();
    for text in &source.host_keys {
        let pins = keys.pins(text);
        host_keys.extend(pins.map_err(|words| Failed::at(Step::HostKey, Code::SftpHostKeyUntrusted, words))?);
    }
    Ok(Server {
        host: source.url.host().to_owned(),
        port: source.url.port(),
        username: username.clone(),
        password: open(password.as_ref(), SecretMember::Password).await?,
        private_key: key.map(|text| PrivateKey { text, passphrase }),
        host_keys,
        legacy_algorithms: source.legacy_algorithms,
    })
}
