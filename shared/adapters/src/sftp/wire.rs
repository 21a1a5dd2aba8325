//! The TCP connection under SSH: it remembers what a server said first, and can be hung up from outside.

use futures::task::AtomicWaker;
use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that are remembered while a server has not said yet that it speaks SSH.
const MAX_HEARD: usize = 8 * 1024;
/// How those begin that speak something else, and may wait for us to speak it too: FTP and SMTP, HTTP, IMAP, POP3, TLS.
const FOREIGN: [&[u8]; 6] = [b"220", b"HTTP/", b"* OK", b"+OK", b"\x15\x03", b"\x16\x03"];

#[derive(Default)]
struct Shared {
    heard: Mutex<Heard>,
    hung_up: AtomicBool,
    waker: AtomicWaker,
}

/// What a server said before encryption began.
#[derive(Default, Clone)]
pub(super) struct Heard {
    bytes: Vec<u8>,
    banner: Option<String>,
}

/// The end of a connection that `russh` is given.
pub(super) struct Wire {
    stream: TcpStream,
    shared: Arc<Shared>,
}

/// The end that stays here. The task of `russh` outlives whoever waits for it, and so would the connection to a server
/// that says nothing: dropping this ends both.
pub(super) struct Hook(Arc<Shared>);

/// A connection, and the hook that ends it.
pub(super) fn wire(stream: TcpStream) -> (Wire, Hook) {
    let shared = Arc::new(Shared::default());
    (Wire { stream, shared: Arc::clone(&shared) }, Hook(shared))
}

impl Hook {
    /// What the server has said so far.
    pub(super) fn heard(&self) -> Heard {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.0.hung_up.store(true, Ordering::SeqCst);
        self.0.waker.wake();
    }
}

impl Heard {
    /// The line with which the server says that it speaks SSH 2 (RFC 4253 §4.2), fit to be shown.
    pub(super) fn banner(&self) -> Option<String> {
        self.banner.as_deref().map(|line| printable(line, 100))
    }

    /// What it said instead, fit to be shown; `None` where it said nothing.
    pub(super) fn other_words(&self) -> Option<String> {
        let said = String::from_utf8_lossy(&self.bytes);
        (!said.is_empty()).then(|| printable(said.trim(), 100))
    }

    fn listen(&mut self, bytes: &[u8]) -> Result<()> {
        if self.banner.is_some() {
            return Ok(());
        }
        let room = MAX_HEARD.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.banner = self
            .bytes
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|line| line.ends_with(b"\n"))
            .find(|line| line.starts_with(b"SSH-2.0-") || line.starts_with(b"SSH-1.99-"))
            .map(|line| String::from_utf8_lossy(line).trim_end().to_owned());
        let foreign = FOREIGN.iter().any(|beginning| self.bytes.starts_with(beginning));
        if self.banner.is_none() && foreign {
            return Err(Error::new(ErrorKind::InvalidData, "what answers does not speak SSH"));
        }
        Ok(())
    }
}

/// Somebody else's words on one line, without what could steer a terminal, and with an end.
pub(super) fn printable(words: &str, most: usize) -> String {
    let mut shown = String::new();
    for (at, sign) in words.chars().enumerate() {
        if at == most {
            shown.push('…');
            break;
        }
        let plain = !sign.is_control()
            && !matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        shown.push(if plain { sign } else { ' ' });
    }
    shown.trim_end().to_owned()
}

impl Wire {
    fn hung_up(&self, context: &Context<'_>) -> bool {
        self.shared.waker.register(context.waker());
        self.shared.hung_up.load(Ordering::SeqCst)
    }
}

fn gone<T>() -> Poll<Result<T>> {
    Poll::Ready(Err(Error::new(ErrorKind::ConnectionAborted, "nobody waits for this connection any more")))
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        if self.hung_up(context) {
            return gone();
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = &read
            && let Some(bytes) = buffer.filled().get(before..)
        {
            self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).listen(bytes)?;
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        if self.hung_up(context) {
            return gone();
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
