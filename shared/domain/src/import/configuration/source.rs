//! Where files come from.

use super::remote_url::RemoteUrl;
use crate::pgp::Signatures;
use crate::remote::SshKey;
use crate::secret::Sealed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where files come from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", try_from = "Map<String, Value>")]
pub enum Source {
    /// They are put into the inbox.
    #[default]
    Upload,
    /// They are fetched from a server.
    Sftp(Box<SftpSource>),
}

impl TryFrom<Map<String, Value>> for Source {
    type Error = String;

    fn try_from(mut members: Map<String, Value>) -> Result<Self, Self::Error> {
        let kind = members.remove("kind");
        match kind.as_ref().and_then(Value::as_str) {
            Some("upload") if members.is_empty() => Ok(Self::Upload),
            Some("upload") => Err("a source of the kind upload has nothing but its kind".to_owned()),
            Some("sftp") => serde_json::from_value(Value::Object(members))
                .map(|source| Self::Sftp(Box::new(source)))
                .map_err(|error| error.to_string()),
            _ => Err(
                "write {\"kind\": \"upload\"}, or {\"kind\": \"sftp\", \"url\": …, \"authentication\": …}"
                    .to_owned(),
            ),
        }
    }
}

impl Source {
    /// The server, if there is one.
    pub fn sftp(&self) -> Option<&SftpSource> {
        match self {
            Self::Upload => None,
            Self::Sftp(source) => Some(source),
        }
    }

    /// The same, to be changed.
    pub fn sftp_mut(&mut self) -> Option<&mut SftpSource> {
        match self {
            Self::Upload => None,
            Self::Sftp(source) => Some(source),
        }
    }
}

/// A file on an SFTP server, and how it is had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SftpSource {
    /// Where it lies.
    pub url: RemoteUrl,
    /// Who asks for it.
    pub authentication: Authentication,
    /// What the server may prove to be; as administrators write it, see [`crate::remote::SshKeys::pins`].
    #[serde(default)]
    pub host_keys: Vec<String>,
    /// Whether old algorithms may be used.
    #[serde(default)]
    pub legacy_algorithms: bool,
    /// What the name of a marker has behind the name of the file; none where files come without.
    #[serde(default)]
    pub marker: Option<String>,
    /// What is done with a file when it was fetched.
    #[serde(default)]
    pub after: After,
    /// How many days before or after the day of the run the dates in the URL are.
    #[serde(default)]
    pub date_offset_days: i16,
}

/// What is done with a file on the server when it was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// Nothing.
    #[default]
    Leave,
    /// It is moved into the folder `archive` beside it.
    Archive,
    /// It is deleted.
    Delete,
}

/// Who asks for files, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// What is tried first.
    pub kind: AuthenticationKind,
    /// The account.
    pub username: String,
    /// Its password; beside a private key for servers that want both.
    #[serde(default)]
    pub password: Option<Sealed>,
    /// Its private key; none until one has been sent or generated.
    #[serde(default)]
    pub private_key: Option<SealedKey>,
    /// What the private key is encrypted with.
    #[serde(default)]
    pub passphrase: Option<Sealed>,
}

/// What an account is opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticationKind {
    /// A password.
    Password,
    /// A private key.
    PrivateKey,
}

/// A private key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedKey {
    /// The key.
    pub sealed: Sealed,
    /// What can be told about it.
    pub about: SshKey,
}

/// How files are decrypted with PGP.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PgpPolicy {
    /// What is asked of signatures.
    pub signatures: Signatures,
    /// Whose signatures count: armoured public keys.
    pub signers: Vec<String>,
}

/// What has to be done to a file before it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decryption {
    /// Nothing.
    #[default]
    None,
    /// It is encrypted with PGP for a key of the configuration.
    Pgp,
}

/// The secrets of a source, by the member of `authentication` that holds each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretMember {
    /// `password`
    Password,
    /// `private_key`
    PrivateKey,
    /// `passphrase`
    Passphrase,
}

impl SecretMember {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Password, Self::PrivateKey, Self::Passphrase];

    /// Its name in the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PrivateKey => "private_key",
            Self::Passphrase => "passphrase",
        }
    }

    /// What a secret of a configuration is sealed for.
    pub fn purpose(self, configuration: &crate::store::Name) -> String {
        format!("{configuration}/{}", self.name())
    }
}

impl Authentication {
    fn secrets(&self) -> [Option<&Sealed>; 3] {
        let key = self.private_key.as_ref().map(|key| &key.sealed);
        [self.password.as_ref(), key, self.passphrase.as_ref()]
    }
}

impl SftpSource {
    /// Takes the secrets over that this source lacks and the one before has, where they go to the same account of the same
    /// server.
    pub fn keep_secrets_of(&mut self, before: &Self) {
        if !self.is_same_account(before) {
            return;
        }
        let of = &before.authentication;
        let kept = &mut self.authentication;
        kept.password = kept.password.take().or_else(|| of.password.clone());
        if kept.private_key.is_none() {
            kept.private_key.clone_from(&of.private_key);
            kept.passphrase.clone_from(&of.passphrase);
        }
    }

    /// The first secret that would be sent to another account or server than the one that it was given for: whoever may
    /// change a configuration could have it sent to a server of his own.
    pub fn diverted_from(&self, before: &Self) -> Option<SecretMember> {
        if self.is_same_account(before) {
            return None;
        }
        let pairs = self.authentication.secrets().into_iter().zip(before.authentication.secrets());
        let diverted = pairs.zip(SecretMember::ALL).find(|((now, then), _)| now.is_some() && now == then);
        diverted.map(|(_, member)| member)
    }

    fn is_same_account(&self, other: &Self) -> bool {
        let of = |source: &Self| (source.url.host().to_owned(), source.url.port());
        of(self) == of(other) && self.authentication.username == other.authentication.username
    }
}
