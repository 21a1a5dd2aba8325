//! One layer of a file: what stands between an encryption or a compression and what is read of it.

use std::fmt;
use std::io::{self, BufRead, Read};

use pgp::packet::PacketHeader;

/// What can be read, in the form that rPGP wants it.
pub(super) trait Source: BufRead + fmt::Debug + Send {}

impl<T: BufRead + fmt::Debug + Send> Source for T {}

/// More came than may come.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(super) enum Overflow {
    /// Of the whole layer.
    #[error("more comes out of it than is allowed")]
    Layer,
    /// Of a packet that is kept in memory.
    #[error("a packet is longer than any honest one")]
    Packet,
}

/// Counts what is read, so that neither memory nor time is without bounds, and remembers a failure: rPGP's readers may not be
/// asked again after one.
pub(super) struct Layer<'a> {
    inner: &'a mut dyn Source,
    /// Bytes that may still come.
    left: u64,
    /// Of those, the bytes that may come before [`Layer::grant`] is called the next time.
    granted: u64,
    failed: bool,
}

impl fmt::Debug for Layer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer")
            .field("left", &self.left)
            .field("granted", &self.granted)
            .finish_non_exhaustive()
    }
}

impl<'a> Layer<'a> {
    /// A layer of which at most `most` bytes are read.
    pub(super) fn new(inner: &'a mut dyn Source, most: u64) -> Self {
        Self { inner, left: most, granted: 0, failed: false }
    }

    /// Lets at most so many bytes come from here on.
    pub(super) fn grant(&mut self, bytes: u64) {
        self.granted = bytes;
    }

    /// Of those, how many may still come.
    pub(super) fn granted(&self) -> u64 {
        self.granted
    }

    /// The header of the next packet, or `None` at the end.
    pub(super) fn header(&mut self) -> io::Result<Option<PacketHeader>> {
        if self.fill_buf()?.is_empty() { Ok(None) } else { PacketHeader::try_from_reader(self).map(Some) }
    }

    /// Reads to the end for its own sake: the end of an encryption holds the proof that all of it is as it was.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        (self.left, self.granted) = (u64::MAX, u64::MAX);
        drain(self)
    }
}

impl BufRead for Layer<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.failed {
            return Err(io::Error::other("read after a failure"));
        }
        match self.inner.fill_buf() {
            Ok(bytes) => {
                let most = usize::try_from(self.left.min(self.granted)).unwrap_or(usize::MAX);
                if most == 0 && !bytes.is_empty() {
                    let what = if self.left == 0 { Overflow::Layer } else { Overflow::Packet };
                    return Err(io::Error::other(what));
                }
                Ok(bytes.get(..most).unwrap_or(bytes))
            }
            Err(error) => {
                self.failed = true;
                Err(error)
            }
        }
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.granted = self.granted.saturating_sub(amount as u64);
        // Some of rPGP's readers cannot be told of nothing.
        if amount > 0 {
            self.inner.consume(amount);
        }
    }
}

impl Read for Layer<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// Reads to the end and keeps nothing.
pub(super) fn drain(source: &mut impl BufRead) -> io::Result<()> {
    loop {
        let read = source.fill_buf()?.len();
        if read == 0 {
            return Ok(());
        }
        source.consume(read);
    }
}
