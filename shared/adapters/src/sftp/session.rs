//! What is done on a server that has let us in: listing, looking, reading, renaming, removing.

use super::download::download;
use super::handshake::{Believer, Trusted, waited};
use super::wire::{Hook, printable};
use async_trait::async_trait;
use domain::import::problem::Code;
use domain::remote::{Failed, RemoteEntry, RemoteKind, RemoteSession, Step};
use jiff::Timestamp;
use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg, Disconnect};
use russh_sftp::client::error::Error;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use std::fs::File;
use std::time::Duration;
use tokio::time::timeout;

/// How long a server may say nothing to a request, or to all that are under way.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// Bytes of a packet of SFTP, which OpenSSH limits in the same way.
const MAX_PACKET: u32 = 256 * 1024;
/// Seconds after which `russh-sftp` gives up on a request: later than we do, who count from the last sign of life.
const NEVER: u64 = 24 * 60 * 60;
/// Answers without an entry in a row, beyond which a server is not listing anything.
const MAX_EMPTY: usize = 16;
/// The bits of a file's mode that say what it is, and what they say (POSIX `sys/stat.h`).
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

/// A server that has let us in, and speaks SFTP.
pub(super) struct Session {
    sftp: RawSftpSession,
    ssh: Handle<Believer>,
    _hook: Hook,
    host_key: String,
}

impl Session {
    /// Starts SFTP (version 3) for an account that was let in.
    ///
    /// # Errors
    /// At [`Step::OpenFolder`]; [`Code::SftpNotOffered`] where the account has no SFTP.
    pub(super) async fn open(trusted: Trusted) -> Result<Self, Failed> {
        let Trusted { ssh, hook, host_key, .. } = trusted;
        let late = |_| Failed::at(Step::OpenFolder, Code::SftpTimedOut, waited("SFTP to begin", IDLE));
        let channel = timeout(IDLE, subsystem(&ssh)).await.map_err(late)??;
        let config = Config { max_packet_len: MAX_PACKET, request_timeout_secs: NEVER, ..Config::default() };
        let sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
        match timeout(IDLE, sftp.init()).await.map_err(late)? {
            Ok(version) if version.version >= 3 => Ok(Self { sftp, ssh, _hook: hook, host_key }),
            Ok(version) => {
                Err(not_offered(format!("it speaks version {} of SFTP, and 3 is needed", version.version)))
            }
            Err(_) => Err(not_offered(
                "what it sends is not SFTP; a greeting of the account's shell may be in the way",
            )),
        }
    }

    /// What stands under a path, without following a link.
    async fn attributes(&self, path: &str) -> Result<Option<FileAttributes>, Error> {
        match within(self.sftp.lstat(path)).await {
            Ok(found) => Ok(Some(found.attrs)),
            Err(error) if status(&error) == Some(StatusCode::NoSuchFile) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn entries(&self, handle: &str, most: usize) -> Result<Vec<RemoteEntry>, Failed> {
        let failed =
            |error: &Error| words(Step::OpenFolder, error, Code::SftpFolderMissing, Code::SftpFolderMissing);
        let (mut entries, mut seen, mut empty) = (Vec::new(), 0_usize, 0);
        loop {
            let named = match within(self.sftp.readdir(handle)).await {
                Ok(named) => named.files,
                Err(error) if status(&error) == Some(StatusCode::Eof) => return Ok(entries),
                Err(error) => return Err(failed(&error)),
            };
            empty = if named.is_empty() { empty + 1 } else { 0 };
            if empty > MAX_EMPTY {
                return Err(Failed::at(
                    Step::OpenFolder,
                    Code::SftpBrokeOff,
                    "it lists nothing, without an end",
                ));
            }
            // What is passed over counts too, or a server could send it for ever: all but the folder and the one above.
            seen += named.len();
            if seen > most.saturating_add(2) {
                return Err(too_many(most));
            }
            entries.extend(named.into_iter().filter_map(|file| entry(file.filename, &file.attrs)));
            if entries.len() > most {
                return Err(too_many(most));
            }
        }
    }

    /// A folder that is there already, or a link to one.
    async fn is_folder(&self, path: &str) -> bool {
        within(self.sftp.stat(path)).await.is_ok_and(|found| kind(&found.attrs) == RemoteKind::Folder)
    }
}

#[async_trait]
impl RemoteSession for Session {
    fn host_key(&self) -> &str {
        &self.host_key
    }

    async fn list(&mut self, folder: &str, most: usize) -> Result<Vec<RemoteEntry>, Failed> {
        let handle = within(self.sftp.opendir(folder))
            .await
            .map_err(|error| {
                words(Step::OpenFolder, &error, Code::SftpFolderMissing, Code::SftpFolderMissing)
            })?
            .handle;
        let entries = self.entries(&handle, most).await;
        // The list is whole, or has failed, whatever becomes of the handle.
        let _ = within(self.sftp.close(handle)).await;
        entries
    }

    async fn look(&mut self, path: &str) -> Result<Option<RemoteEntry>, Failed> {
        let found = self.attributes(path).await;
        let found = found
            .map_err(|error| words(Step::SizeAndTime, &error, Code::SftpFileMissing, Code::SftpDenied))?;
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
        Ok(found.map(|attributes| described(name.to_owned(), &attributes)))
    }

    async fn read(&mut self, path: &str, most: u64, into: &mut File) -> Result<u64, Failed> {
        let failed = |error: &Error| words(Step::Read, error, Code::SftpFileMissing, Code::SftpDenied);
        let opening = self.sftp.open(path, OpenFlags::READ, FileAttributes::empty());
        let handle = within(opening).await.map_err(|error| failed(&error))?.handle;
        let read = download(&self.sftp, &handle, most, into).await;
        if matches!(read, Err(super::download::Stopped::Remote(Error::Timeout))) {
            // Nobody waits another half minute for a server that has stopped.
            return Err(failed(&Error::Timeout));
        }
        let _ = within(self.sftp.close(handle)).await;
        read.map_err(|stopped| stopped.into_failed(failed))
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), Failed> {
        let failed =
            |error: &Error| words(Step::Archive, error, Code::SftpFileMissing, Code::SftpArchiveFailed);
        // Version 3 leaves open whether a rename replaces (draft-ietf-secsh-filexfer-02 §6.5).
        if self.attributes(to).await.map_err(|error| failed(&error))?.is_some() {
            let fact = format!("there is something at {} already", printable(to, 200));
            return Err(Failed::at(Step::Archive, Code::SftpArchiveFailed, fact));
        }
        within(self.sftp.rename(from, to)).await.map(drop).map_err(|error| failed(&error))
    }

    async fn remove(&mut self, path: &str) -> Result<(), Failed> {
        within(self.sftp.remove(path))
            .await
            .map(drop)
            .map_err(|error| words(Step::Archive, &error, Code::SftpFileMissing, Code::SftpArchiveFailed))
    }

    async fn make_folder(&mut self, path: &str) -> Result<(), Failed> {
        match within(self.sftp.mkdir(path, FileAttributes::empty())).await {
            Ok(_) => Ok(()),
            // Version 3 has no status of its own for what is there already.
            Err(Error::Status(_)) if self.is_folder(path).await => Ok(()),
            Err(error) => Err(words(Step::Archive, &error, Code::SftpFolderMissing, Code::SftpArchiveFailed)),
        }
    }

    async fn close(self: Box<Self>) {
        let Self { sftp, ssh, _hook: hook, .. } = *self;
        // A server that does not take a goodbye is left without one.
        let _ = timeout(GOODBYE, async move {
            let _ = sftp.close_session();
            let _ = ssh.disconnect(Disconnect::ByApplication, "", "").await;
            let _ = ssh.await;
        })
        .await;
        drop(hook);
    }
}

async fn subsystem(ssh: &Handle<Believer>) -> Result<Channel<Msg>, Failed> {
    let hung_up = || Failed::at(Step::OpenFolder, Code::SftpBrokeOff, "it hung up before SFTP began");
    let mut channel = match ssh.channel_open_session().await {
        Ok(channel) => channel,
        Err(russh::Error::ChannelOpenFailure(_)) => {
            return Err(not_offered("it opens no channel for the account"));
        }
        Err(_) => return Err(hung_up()),
    };
    channel.request_subsystem(true, "sftp").await.map_err(|_| hung_up())?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => return Ok(channel),
            Some(ChannelMsg::Failure | ChannelMsg::Close | ChannelMsg::Eof) => {
                return Err(not_offered("it refuses the subsystem sftp"));
            }
            Some(_) => {}
            None => return Err(hung_up()),
        }
    }
}

fn not_offered(fact: impl Into<String>) -> Failed {
    Failed::at(Step::OpenFolder, Code::SftpNotOffered, fact)
}

fn too_many(most: usize) -> Failed {
    Failed::at(Step::OpenFolder, Code::SftpTooManyFiles, format!("more than {most}"))
}

/// An answer, unless the server says nothing for too long.
pub(super) async fn within<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(IDLE, answer).await.unwrap_or(Err(Error::Timeout))
}

fn status(error: &Error) -> Option<StatusCode> {
    match error {
        Error::Status(status) => Some(status.status_code),
        _ => None,
    }
}

/// The code for an error: `missing` where the server says that there is no such file, `other` where it says only that it
/// did not work.
pub(super) fn words(step: Step, error: &Error, missing: Code, other: Code) -> Failed {
    match error {
        Error::Status(status) => {
            let code = match status.status_code {
                StatusCode::NoSuchFile => missing,
                StatusCode::PermissionDenied => Code::SftpDenied,
                StatusCode::NoConnection | StatusCode::ConnectionLost => Code::SftpBrokeOff,
                _ => other,
            };
            let said = if status.error_message.trim().is_empty() {
                status.status_code.to_string()
            } else {
                printable(status.error_message.trim(), 200)
            };
            Failed::at(step, code, format!("it says: {said}"))
        }
        Error::Timeout => Failed::at(step, Code::SftpTimedOut, waited("an answer", IDLE)),
        _ => Failed::at(step, Code::SftpBrokeOff, "the connection is gone, or what came was not SFTP"),
    }
}

/// An entry of a list; none for a name that would lead out of the folder.
fn entry(name: String, attributes: &FileAttributes) -> Option<RemoteEntry> {
    let leads_away = name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']);
    (!leads_away).then(|| described(name, attributes))
}

fn described(name: String, attributes: &FileAttributes) -> RemoteEntry {
    RemoteEntry {
        name,
        kind: kind(attributes),
        size: attributes.size,
        modified: attributes.mtime.and_then(|seconds| Timestamp::from_second(i64::from(seconds)).ok()),
    }
}

fn kind(attributes: &FileAttributes) -> RemoteKind {
    match attributes.permissions.map(|mode| mode & KIND) {
        // Some servers send the permissions alone, without what they are of.
        None | Some(0 | REGULAR) => RemoteKind::File,
        Some(FOLDER) => RemoteKind::Folder,
        Some(LINK) => RemoteKind::Link,
        Some(_) => RemoteKind::Other,
    }
}
