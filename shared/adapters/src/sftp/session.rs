//! Files of a server that has let us in (draft-ietf-secsh-filexfer-02).

use super::handshake::Client;
use async_trait::async_trait;
use domain::import::problem::Code;
use domain::remote::{Failed, RemoteEntry, RemoteKind, RemoteSession, Step};
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use jiff::Timestamp;
use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg, Disconnect};
use russh_sftp::client::error::Error;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, FileMode, OpenFlags, StatusCode};
use std::fs::File;
use std::io::Write as _;
use std::time::Duration;
use tokio::time::timeout;

/// How long a server may be silent.
const IDLE: Duration = Duration::from_secs(30);
/// Bytes of one read: what every server gives.
const READ_BYTES: u32 = 32 * 1024;
/// Reads that are under way at once, once the file has shown to be long.
const READS: usize = 64;
/// Reads at the beginning.
const FIRST_READS: usize = 4;
/// Answers of a server that gives a read piece by piece.
const MAX_PIECES: usize = 64;
/// Bytes of a packet of a server at most.
const MAX_PACKET: u32 = 256 * 1024;

/// A session of SFTP, and the connection below it.
pub(super) struct Session {
    sftp: RawSftpSession,
    handle: Handle<Client>,
    host_key: String,
}

impl Session {
    /// Asks for SFTP.
    pub(super) async fn open(handle: Handle<Client>, host_key: String) -> Result<Self, Failed> {
        let failed = |code, fact: &str| Failed::at(Step::OpenFolder, code, fact);
        let channel = match timeout(IDLE, subsystem(&handle)).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(fact)) => return Err(failed(Code::SftpNotOffered, &fact)),
            Err(_) => return Err(failed(Code::SftpTimedOut, "30 seconds, for SFTP to begin")),
        };
        let config = Config {
            max_packet_len: MAX_PACKET,
            max_concurrent_reads: READS,
            request_timeout_secs: IDLE.as_secs(),
            ..Config::default()
        };
        let sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
        let told = sftp.init().await;
        told.map_err(|error| meaning(Step::OpenFolder, &error, "SFTP", Code::SftpNotOffered))?;
        Ok(Self { sftp, handle, host_key })
    }
}

/// A channel on which SFTP is spoken; otherwise what the server did instead.
async fn subsystem(handle: &Handle<Client>) -> Result<Channel<Msg>, String> {
    let words = |error: russh::Error| error.to_string();
    let mut channel = handle.channel_open_session().await.map_err(words)?;
    channel.request_subsystem(true, "sftp").await.map_err(words)?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => return Ok(channel),
            Some(ChannelMsg::Failure) => return Err("the server refused the subsystem sftp".to_owned()),
            Some(ChannelMsg::Close | ChannelMsg::Eof) | None => {
                return Err("the server closed the channel".to_owned());
            }
            Some(_) => {}
        }
    }
}

/// What a failure means at a step; `missing` is what it means that there is no such path.
fn meaning(step: Step, error: &Error, path: &str, missing: Code) -> Failed {
    let (code, fact) = match error {
        Error::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => (missing, path.to_owned()),
            StatusCode::PermissionDenied => (Code::SftpDenied, path.to_owned()),
            StatusCode::ConnectionLost | StatusCode::NoConnection => (Code::SftpBrokeOff, path.to_owned()),
            code => {
                let text: String =
                    status.error_message.chars().filter(|c| !c.is_control()).take(80).collect();
                (Code::SftpDenied, format!("{path}: {code:?} {text}"))
            }
        },
        Error::Timeout => (Code::SftpTimedOut, format!("{path}: 30 seconds")),
        error => (Code::SftpBrokeOff, format!("{path}: {error}")),
    };
    Failed::at(step, code, fact)
}

fn entry(name: &str, attributes: &FileAttributes) -> RemoteEntry {
    let kind = match attributes.permissions.map(|mode| mode & 0o170_000) {
        // Many servers on Windows say nothing.
        None | Some(0) => RemoteKind::File,
        Some(mode) if mode == FileMode::REG.bits() => RemoteKind::File,
        Some(mode) if mode == FileMode::DIR.bits() => RemoteKind::Folder,
        Some(mode) if mode == FileMode::LNK.bits() => RemoteKind::Link,
        Some(_) => RemoteKind::Other,
    };
    let modified = attributes.mtime.and_then(|seconds| Timestamp::from_second(seconds.into()).ok());
    RemoteEntry { name: name.to_owned(), kind, size: attributes.size, modified }
}

/// A name as one may have it in a folder; a server must not lead out of it.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

/// A part of a file, and whether the file ends in it.
type Part = (Vec<u8>, bool);

/// Reads one part, piece by piece where the server gives less than it was asked for.
async fn part(sftp: &RawSftpSession, handle: &str, offset: u64) -> Result<Part, Error> {
    let mut bytes = Vec::new();
    for _ in 0..MAX_PIECES {
        let got = bytes.len() as u32;
        if got >= READ_BYTES {
            // More than was asked for is no part of this file.
            bytes.truncate(READ_BYTES as usize);
            return Ok((bytes, false));
        }
        match sftp.read(handle, offset + u64::from(got), READ_BYTES - got).await {
            Ok(data) if data.data.is_empty() => return Ok((bytes, true)),
            Ok(data) => bytes.extend_from_slice(&data.data),
            Err(Error::Status(status)) if status.status_code == StatusCode::Eof => return Ok((bytes, true)),
            Err(error) => return Err(error),
        }
    }
    Err(Error::UnexpectedBehavior("the server gives the file in crumbs".to_owned()))
}

/// Reads to the end, or to the limit.
async fn copy(
    sftp: &RawSftpSession,
    handle: &str,
    most: u64,
    into: &mut File,
) -> Result<Result<u64, std::io::Error>, Error> {
    let (mut asked, mut written, mut at_once) = (0, 0, FIRST_READS);
    let mut parts = FuturesOrdered::new();
    loop {
        while parts.len() < at_once && asked < most {
            parts.push_back(part(sftp, handle, asked));
            asked += u64::from(READ_BYTES);
        }
        let Some(read) = parts.next().await else { return Ok(Ok(written)) };
        let (bytes, is_last) = read?;
        let left = usize::try_from(most - written).unwrap_or(usize::MAX);
        let bytes = bytes.get(..left).unwrap_or(&bytes);
        if let Err(error) = into.write_all(bytes) {
            return Ok(Err(error));
        }
        written += bytes.len() as u64;
        if is_last || written >= most {
            return Ok(Ok(written));
        }
        at_once = (at_once * 2).min(READS);
    }
}

#[async_trait]
impl RemoteSession for Session {
    fn host_key(&self) -> &str {
        &self.host_key
    }

    async fn list(&mut self, folder: &str, most: usize) -> Result<Vec<RemoteEntry>, Failed> {
        let failed = |error: &Error| meaning(Step::OpenFolder, error, folder, Code::SftpFolderMissing);
        let handle = self.sftp.opendir(folder).await.map_err(|error| failed(&error))?.handle;
        let mut entries = Vec::new();
        let listed = loop {
            match self.sftp.readdir(handle.as_str()).await {
                // Otherwise it could go on like this for ever.
                Ok(page) if page.files.is_empty() => break Ok(()),
                Ok(page) => {
                    let named = page.files.iter().filter(|file| is_name(&file.filename));
                    entries.extend(named.map(|file| entry(&file.filename, &file.attrs)));
                    if entries.len() > most {
                        break Err(Failed::at(Step::OpenFolder, Code::SftpTooManyFiles, folder));
                    }
                }
                Err(Error::Status(status)) if status.status_code == StatusCode::Eof => break Ok(()),
                Err(error) => break Err(failed(&error)),
            }
        };
        let _ = self.sftp.close(handle).await;
        listed.map(|()| entries)
    }

    async fn look(&mut self, path: &str) -> Result<Option<RemoteEntry>, Failed> {
        let name = path.rsplit('/').next().unwrap_or(path);
        match self.sftp.lstat(path).await {
            Ok(found) => Ok(Some(entry(name, &found.attrs))),
            Err(Error::Status(status)) if status.status_code == StatusCode::NoSuchFile => Ok(None),
            Err(error) => Err(meaning(Step::SizeAndTime, &error, path, Code::SftpFileMissing)),
        }
    }

    async fn read(&mut self, path: &str, most: u64, into: &mut File) -> Result<u64, Failed> {
        let failed = |error: &Error| meaning(Step::Read, error, path, Code::SftpFileMissing);
        let opened = self.sftp.open(path, OpenFlags::READ, FileAttributes::empty()).await;
        let handle = opened.map_err(|error| failed(&error))?.handle;
        let copied = copy(&self.sftp, &handle, most, into).await;
        let _ = self.sftp.close(handle).await;
        match copied {
            Ok(Ok(written)) => Ok(written),
            Ok(Err(error)) => {
                let fact = format!("our own disk: {error}");
                Err(Failed::at(Step::Read, Code::SftpBrokeOff, fact))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), Failed> {
        if self.look(to).await?.is_some() {
            let fact = format!("{to} is there already");
            return Err(Failed::at(Step::Archive, Code::SftpDenied, fact));
        }
        let renamed = self.sftp.rename(from, to).await;
        renamed.map(drop).map_err(|error| meaning(Step::Archive, &error, from, Code::SftpFileMissing))
    }

    async fn remove(&mut self, path: &str) -> Result<(), Failed> {
        let removed = self.sftp.remove(path).await;
        removed.map(drop).map_err(|error| meaning(Step::Archive, &error, path, Code::SftpFileMissing))
    }

    async fn make_folder(&mut self, path: &str) -> Result<(), Failed> {
        let Err(error) = self.sftp.mkdir(path, FileAttributes::empty()).await else { return Ok(()) };
        match self.look(path).await?.map(|entry| entry.kind) {
            Some(RemoteKind::Folder | RemoteKind::Link) => Ok(()),
            _ => Err(meaning(Step::Archive, &error, path, Code::SftpFolderMissing)),
        }
    }

    async fn close(self: Box<Self>) {
        let _ = self.sftp.close_session();
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        let _ = timeout(Duration::from_secs(2), goodbye).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_lead_out_of_a_folder() {
        for (name, good) in
            [("a.csv", true), ("..", false), (".", false), ("a/b", false), ("", false), ("a\0", false)]
        {
            assert_eq!(is_name(name), good, "{name:?}");
        }
    }

    #[test]
    fn kinds() {
        let of = |mode: Option<u32>| {
            let attributes = FileAttributes { permissions: mode, ..FileAttributes::empty() };
            entry("a", &attributes).kind
        };
        assert_eq!(of(None), RemoteKind::File);
        assert_eq!(of(Some(0o100_644)), RemoteKind::File);
        assert_eq!(of(Some(0o040_755)), RemoteKind::Folder);
        assert_eq!(of(Some(0o120_777)), RemoteKind::Link);
        assert_eq!(of(Some(0o010_644)), RemoteKind::Other);
    }
}
