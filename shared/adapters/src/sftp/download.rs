//! Reading a file with many requests under way, so that a server far away is not waited for once for each piece.

use super::session::within;
use domain::import::problem::Code;
use domain::remote::{Failed, Step};
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use russh_sftp::client::RawSftpSession;
use russh_sftp::client::error::Error;
use russh_sftp::protocol::StatusCode;
use std::fs::File;
use std::io::Write as _;

/// Bytes asked for at once: what every server answers (draft-ietf-secsh-filexfer-02 §3).
const PIECE: u32 = 32 * 1024;
/// Requests under way: two megabytes, which is 20 MB/s over a tenth of a second.
const AT_ONCE: usize = 64;
/// Requests that a download begins with; each answer adds one more, so that a small file takes few.
const AT_FIRST: usize = 4;
/// Bytes below which a piece is a crumb, and how many of those a file may come in.
const CRUMB: usize = 512;
const MAX_CRUMBS: usize = 10_000;

/// Why a download stopped.
pub(super) enum Stopped {
    /// The server's words, or its silence.
    Remote(Error),
    /// It does not keep to the protocol.
    Misbehaves(&'static str),
    /// The bytes could not be kept.
    Local(std::io::Error),
}

impl Stopped {
    /// The failure at [`Step::Read`]; `remote` finds the words for what the server said.
    pub(super) fn into_failed(self, remote: impl FnOnce(&Error) -> Failed) -> Failed {
        match self {
            Self::Remote(error) => remote(&error),
            Self::Misbehaves(fact) => Failed::at(Step::Read, Code::SftpBrokeOff, fact),
            Self::Local(error) => Failed::at(
                Step::Read,
                Code::SftpBrokeOff,
                format!("it could not be kept here: {}", error.kind()),
            ),
        }
    }
}

struct Piece {
    offset: u64,
    length: u32,
    answer: Result<Vec<u8>, Error>,
}

async fn piece(sftp: &RawSftpSession, handle: &str, offset: u64, length: u32) -> Piece {
    let answer = sftp.read(handle, offset, length).await.map(|data| data.data);
    Piece { offset, length, answer }
}

/// Appends the first `most` bytes of an open file to `into`, up to where the server says that it ends.
pub(super) async fn download(
    sftp: &RawSftpSession,
    handle: &str,
    most: u64,
    into: &mut File,
) -> Result<u64, Stopped> {
    let mut under_way = FuturesOrdered::new();
    let (mut next, mut written, mut at_once, mut size, mut crumbs) = (0_u64, 0_u64, AT_FIRST, PIECE, 0_usize);
    loop {
        while under_way.len() < at_once && next < most {
            let length = u32::try_from(most - next).map_or(size, |left| left.min(size));
            under_way.push_back(piece(sftp, handle, next, length));
            next += u64::from(length);
        }
        // The limit begins anew with each answer: a slow line is no silence.
        let arrived = within(async { Ok(under_way.next().await) }).await.map_err(Stopped::Remote)?;
        let Some(Piece { offset, length, answer }) = arrived else {
            return Ok(written);
        };
        let bytes = match answer {
            Ok(bytes) => bytes,
            Err(Error::Status(status)) if status.status_code == StatusCode::Eof => return Ok(written),
            Err(error) => return Err(Stopped::Remote(error)),
        };
        let got = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if got == 0 {
            return Ok(written);
        }
        if got > length {
            return Err(Stopped::Misbehaves("it sent more than it was asked for"));
        }
        // Into the page cache, a few microseconds: not worth another thread.
        into.write_all(&bytes).map_err(Stopped::Local)?;
        written += u64::from(got);
        at_once = AT_ONCE.min(at_once + 1);
        if got < length {
            // A server may answer with less (§6.4): the rest comes before all that is under way, and from here on it is
            // asked for no more than it gives.
            under_way.push_front(piece(sftp, handle, offset + u64::from(got), length - got));
            size = size.min(got.max(CRUMB as u32));
            crumbs += usize::from(bytes.len() < CRUMB);
            if crumbs > MAX_CRUMBS {
                return Err(Stopped::Misbehaves("it sends the file in crumbs"));
            }
        }
    }
}
