//! A file as the body of a request.
//!
//! It reads at its own position: an attempt that timed out may still be reading when the next begins, and the position
//! of a file is shared by all who hold it.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinHandle, spawn_blocking};

/// Bytes read at once: large enough for the disk and the network, small beside a function's memory.
const CHUNK: u64 = 256 * 1024;

/// The bytes of a file from its start.
pub(super) struct FileBody {
    file: Arc<File>,
    next: u64,
    size: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileBody {
    /// Of a file that is so long.
    pub(super) fn new(file: Arc<File>, size: u64) -> Self {
        Self { file, next: 0, size, reading: None }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        let (file, next, length) = (Arc::clone(&self.file), self.next, CHUNK.min(self.size - self.next));
        let reading = self.reading.get_or_insert_with(|| spawn_blocking(move || read(&file, next, length)));
        let chunk = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        self.next += length;
        Poll::Ready(Some(chunk.map_err(io::Error::other).flatten().map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.next == self.size
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.size - self.next)
    }
}

fn read(file: &File, at: u64, length: u64) -> io::Result<Bytes> {
    let mut chunk = vec![0; length as usize];
    file.read_exact_at(&mut chunk, at)?;
    Ok(chunk.into())
}
