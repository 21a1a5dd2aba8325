//! The port of remote files: a server of a customer's on which a file lies, and the keys that open it.
//!
//! What goes wrong comes with the step at which it did and one fact about it. Facts are for the administrator who asks:
//! they may name hosts, folders and fingerprints, never a password or a private key, and they are not logged.

use crate::import::problem::Code;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use zeroize::Zeroizing;

/// A step on the way to an imported file, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The name of the host becomes an address.
    Resolve,
    /// A TCP connection.
    Connect,
    /// The server says that it speaks SSH 2.
    Banner,
    /// Both sides agree on algorithms.
    Algorithms,
    /// The server proves who it is.
    HostKey,
    /// We prove who we are.
    Authenticate,
    /// SFTP is there, and the folder can be listed.
    OpenFolder,
    /// A file of the name is in it.
    MatchFile,
    /// Its size and time are known.
    SizeAndTime,
    /// Its beginning can be read.
    Read,
    /// It can be decrypted.
    Decrypt,
    /// Its letters are known.
    Decode,
    /// It has a header.
    Header,
    /// The header has the columns that the configuration needs.
    Mapping,
    /// What is done with it afterwards is possible.
    Archive,
}

impl Step {
    /// All steps, in their order.
    pub const ALL: [Self; 15] = [
        Self::Resolve,
        Self::Connect,
        Self::Banner,
        Self::Algorithms,
        Self::HostKey,
        Self::Authenticate,
        Self::OpenFolder,
        Self::MatchFile,
        Self::SizeAndTime,
        Self::Read,
        Self::Decrypt,
        Self::Decode,
        Self::Header,
        Self::Mapping,
        Self::Archive,
    ];

    /// Its name, as in the answers of the admin API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Banner => "banner",
            Self::Algorithms => "algorithms",
            Self::HostKey => "host-key",
            Self::Authenticate => "authenticate",
            Self::OpenFolder => "open-folder",
            Self::MatchFile => "match-file",
            Self::SizeAndTime => "size-and-time",
            Self::Read => "read",
            Self::Decrypt => "decrypt",
            Self::Decode => "decode",
            Self::Header => "header",
            Self::Mapping => "mapping",
            Self::Archive => "archive",
        }
    }
}

/// Hears of each step that was passed, with its fact.
pub trait Steps: Send {
    /// The step went well; `fact` is a short phrase such as `192.0.2.7` or `SSH-2.0-OpenSSH_9.2`.
    fn passed(&mut self, step: Step, fact: String);
}

/// A step that was not passed; those after it were not tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at {}", step.as_str())]
pub struct Failed {
    /// Which one.
    pub step: Step,
    /// What kind of problem; its words say what to do.
    pub code: Code,
    /// What was seen, for the administrator; not for logs.
    pub fact: String,
}

impl Failed {
    /// A step that was not passed.
    pub fn at(step: Step, code: Code, fact: impl Into<String>) -> Self {
        Self { step, code, fact: fact.into() }
    }
}

/// A server and who asks for entrance.
pub struct Server {
    /// A DNS name or an IP address without brackets.
    pub host: String,
    /// 22 by default.
    pub port: u16,
    /// The account.
    pub username: String,
    /// The password, where the account has one; also the answer to a keyboard-interactive question.
    pub password: Option<Zeroizing<String>>,
    /// The private key, where the account has one, tried before the password.
    pub private_key: Option<PrivateKey>,
    /// What the host may prove to be, in the form that [`SshKeys::pins`] gives. One that fits is enough; with none, the
    /// step `host-key` fails with [`Code::SftpHostKeyUntrusted`] and the fact shows the key that the server has.
    pub host_keys: Vec<String>,
    /// Whether old algorithms (SHA-1, CBC) may be used as well.
    pub legacy_algorithms: bool,
}

/// A private key as somebody has written it.
pub struct PrivateKey {
    /// OpenSSH, PKCS#1, PKCS#8, SEC1 or PPK, perhaps damaged by copying: see [`SshKeys::inspect`].
    pub text: Zeroizing<String>,
    /// What it is encrypted with.
    pub passphrase: Option<Zeroizing<String>>,
}

/// Connects to servers.
#[async_trait]
pub trait RemoteFiles: Send + Sync {
    /// Connects, checks the host key before anything is sent that is secret, and logs in, once: the steps from
    /// [`Step::Resolve`] to [`Step::Authenticate`]. Addresses inside the network are refused unless the operator has
    /// allowed them; the address is resolved once.
    ///
    /// # Errors
    /// The step that failed. [`Code::SftpCredentialsRefused`] is never to be retried.
    async fn connect(&self, server: &Server, steps: &mut dyn Steps)
    -> Result<Box<dyn RemoteSession>, Failed>;
}

/// What stands in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteKind {
    /// A regular file, or something of which the server does not say what it is.
    File,
    /// A folder.
    Folder,
    /// A symbolic link; it is not followed.
    Link,
    /// A device, a pipe or a socket.
    Other,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteEntry {
    /// Its name in the folder, without a slash.
    pub name: String,
    /// What it is.
    pub kind: RemoteKind,
    /// Bytes, where the server says so.
    pub size: Option<u64>,
    /// When it was written last, where the server says so; to the second.
    pub modified: Option<Timestamp>,
}

/// A server that has let us in. Paths are absolute, or relative to the account's home. Each call has a time limit of its
/// own, [`Code::SftpTimedOut`].
#[async_trait]
pub trait RemoteSession: Send {
    /// The key of the host, as `ssh-ed25519 SHA256:…`.
    fn host_key(&self) -> &str;

    /// What is in a folder, at most `most` entries, in the server's order.
    ///
    /// # Errors
    /// At [`Step::OpenFolder`]; [`Code::SftpTooManyFiles`] for more entries.
    async fn list(&mut self, folder: &str, most: usize) -> Result<Vec<RemoteEntry>, Failed>;

    /// What stands under a path, without following a link; `None` where nothing does. Its name is the last part of the
    /// path.
    ///
    /// # Errors
    /// At [`Step::SizeAndTime`].
    async fn look(&mut self, path: &str) -> Result<Option<RemoteEntry>, Failed>;

    /// Appends the first `most` bytes of a file to `into`, with many reads under way at once, and tells how many there
    /// were. It reads to the end that the server shows, whatever size it told before.
    ///
    /// # Errors
    /// At [`Step::Read`].
    async fn read(&mut self, path: &str, most: u64, into: &mut File) -> Result<u64, Failed>;

    /// Gives a file another path. It never replaces what stands there.
    ///
    /// # Errors
    /// At [`Step::Archive`].
    async fn rename(&mut self, from: &str, to: &str) -> Result<(), Failed>;

    /// Removes a file.
    ///
    /// # Errors
    /// At [`Step::Archive`].
    async fn remove(&mut self, path: &str) -> Result<(), Failed>;

    /// Makes a folder; one that is there already is no error.
    ///
    /// # Errors
    /// At [`Step::Archive`].
    async fn make_folder(&mut self, path: &str) -> Result<(), Failed>;

    /// Says goodbye.
    async fn close(self: Box<Self>);
}

/// What can be told about a private key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKey {
    /// `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` and so on.
    pub kind: String,
    /// Its length.
    pub bits: u32,
    /// `SHA256:…` of its public half.
    pub fingerprint: String,
    /// The line for `authorized_keys`, without a comment.
    pub public_key: String,
}

/// Keys of SSH: makes them, looks at them.
pub trait SshKeys: Send + Sync {
    /// A new Ed25519 pair: the private half in OpenSSH's form, and what can be told about it.
    fn generate(&self) -> (Zeroizing<String>, SshKey);

    /// Looks at a private key that somebody has sent, whatever happened to its text on the way (a byte order mark, UTF-16,
    /// indentation, line ends written as `\n`, all on one line).
    ///
    /// # Errors
    /// A sentence for the sender that says what it is instead (a public key, a certificate), or that the passphrase is
    /// missing or wrong, or that RSA under 2,048 bits is refused. It holds nothing of the key.
    fn inspect(&self, key: &PrivateKey) -> Result<SshKey, String>;

    /// What a host may prove to be, from a line of `known_hosts`, the output of `ssh-keyscan`, a bare public key, or a
    /// `SHA256:…`: one pin for each key in it, `kind base64` or `SHA256:…`. Comments and blank lines are passed over.
    ///
    /// # Errors
    /// A sentence for the sender.
    fn pins(&self, text: &str) -> Result<Vec<String>, String>;
}
