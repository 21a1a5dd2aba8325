//! Goes through the packets of a message, layer by layer, and writes what is at the bottom (RFC 9580 §10.3).
//!
//! rPGP has a type that does this. It keeps whatever comes before and after the contents in memory, hashes once for every
//! signature that the head announces, and has states in which it panics. Here each packet is read by rPGP, and the way from
//! one to the next is ours: it is bounded, and it ends only where the outermost layer does.

use std::io::{self, BufRead as _, Write};

use domain::import::problem::Code;
use domain::pgp::Unopened;
use pgp::composed::{LiteralDataReader, PacketBodyReader, SymEncryptedProtectedDataReader};
use pgp::packet::{
    Decompressor, PacketHeader, ProtectedDataConfig, PublicKeyEncryptedSessionKey, Signature,
    SymEncryptedProtectedDataConfig,
};
use pgp::types::{PkeskVersion, Seipdv1ReadMode, Tag};

use super::layer::{Layer, Source, drain};
use super::refused::{damaged, refused, unparsed, unread};
use super::seems::encrypted_again;
use super::session::{Head, Ring};

/// Bytes of all packets of a layer that are no containers. Five hundred recipients with keys of 4,096 bits fit in.
const MOST_AROUND: u64 = 256 * 1024;
/// Signatures of one message.
const MOST_SIGNATURES: usize = 16;
/// What a layer may hold beside the plaintext: lengths of parts, of which a mean writer puts one before each byte.
const SLACK: u64 = 1024 * 1024;

/// What was found on the way.
#[derive(Default)]
pub(super) struct Found<'a> {
    /// The fingerprint of the key that opened it.
    pub(super) key: Option<&'a str>,
    /// The name that the file bears inside.
    pub(super) name: Option<String>,
    /// Bytes that were written.
    pub(super) bytes: u64,
    /// Signatures over what was written.
    pub(super) signatures: Vec<Signature>,
}

/// One message on its way out.
pub(super) struct Walk<'a, 'w> {
    /// Our keys.
    pub(super) ring: &'w Ring<'a>,
    /// Bytes of plaintext that may be written.
    pub(super) most: u64,
    /// Whether this is only the beginning of a file, of which nothing can be proved.
    pub(super) cut: bool,
    /// Where to.
    pub(super) into: &'w mut dyn Write,
    /// So far.
    pub(super) found: Found<'a>,
}

/// Where in the message a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The file itself.
    File,
    /// What was encrypted.
    Encrypted,
    /// What was compressed in that.
    Compressed,
}

impl Walk<'_, '_> {
    /// Goes through a file to its end.
    pub(super) fn file(&mut self, source: &mut dyn Source) -> Result<(), Unopened> {
        self.layer(&mut Layer::new(source, u64::MAX), Level::File)
    }

    fn layer(&mut self, layer: &mut Layer<'_>, level: Level) -> Result<(), Unopened> {
        let (mut head, mut around, mut filled) = (Head::default(), MOST_AROUND, false);
        loop {
            layer.grant(around);
            let Some(header) = layer.header().map_err(|error| unread(&error))? else { break };
            match header.tag() {
                Tag::SymEncryptedData
                | Tag::SymEncryptedProtectedData
                | Tag::GnupgAeadData
                | Tag::CompressedData
                | Tag::LiteralData => {
                    if std::mem::replace(&mut filled, true) {
                        return Err(damaged("it holds a second message"));
                    }
                    layer.grant(u64::MAX);
                    self.container(header, layer, level, &head)?;
                }
                _ => {
                    self.around(header, layer, &mut head)?;
                    around = layer.granted();
                }
            }
        }
        if filled { Ok(()) } else { Err(damaged("it ends before its contents")) }
    }

    fn container(
        &mut self,
        header: PacketHeader,
        layer: &mut Layer<'_>,
        level: Level,
        head: &Head,
    ) -> Result<(), Unopened> {
        match (header.tag(), level) {
            (Tag::SymEncryptedData, Level::File) => Err(refused(Code::PgpUnprotected, "")),
            (Tag::SymEncryptedProtectedData | Tag::GnupgAeadData, Level::File) => {
                self.encrypted(header, layer, head)
            }
            (_, Level::File) => {
                Err(refused(Code::PgpNotEncrypted, "it is signed or packed and not encrypted"))
            }
            (Tag::LiteralData, _) => self.literal(header, layer),
            (Tag::CompressedData, Level::Encrypted) => self.compressed(header, layer),
            (Tag::CompressedData, Level::Compressed) => Err(refused(Code::PgpNested, "it is packed twice")),
            _ => Err(refused(Code::PgpNested, "it is encrypted twice")),
        }
    }

    /// A packet before or after the contents.
    fn around(
        &mut self,
        header: PacketHeader,
        layer: &mut Layer<'_>,
        head: &mut Head,
    ) -> Result<(), Unopened> {
        let mut body = PacketBodyReader::new(header, layer).map_err(|error| unread(&error))?;
        match header.tag() {
            Tag::PublicKeyEncryptedSessionKey => {
                let recipient = PublicKeyEncryptedSessionKey::try_from_reader(header, &mut body);
                head.recipients.push(recipient.map_err(|error| unparsed(&error))?);
            }
            Tag::SymKeyEncryptedSessionKey => head.passwords += 1,
            Tag::Signature => {
                if self.found.signatures.len() == MOST_SIGNATURES {
                    return Err(refused(Code::PgpUnsupported, "it bears more than 16 signatures"));
                }
                let signature = Signature::try_from_reader(header, &mut body);
                self.found.signatures.push(signature.map_err(|error| unparsed(&error))?);
            }
            // It only announces a signature, for those who verify while they read.
            Tag::OnePassSignature
            | Tag::Marker
            | Tag::Padding
            | Tag::UnassignedNonCritical(_)
            | Tag::Experimental(_) => {}
            other => return Err(damaged(format!("it holds a packet of an unexpected kind, {other:?}"))),
        }
        drain(&mut body).map_err(|error| unread(&error))
    }

    fn encrypted(
        &mut self,
        header: PacketHeader,
        layer: &mut Layer<'_>,
        head: &Head,
    ) -> Result<(), Unopened> {
        let body = PacketBodyReader::new(header, &mut *layer).map_err(|error| unread(&error))?;
        let mut reader = match header.tag() {
            // What gpg 2.4 writes where a key asks for it, or --force-ocb is given; not of the RFC.
            Tag::GnupgAeadData => SymEncryptedProtectedDataReader::new_gnupg_aead(body),
            _ => SymEncryptedProtectedDataReader::new(body),
        }
        .map_err(|error| unparsed(&error))?;
        let version = match reader.config() {
            ProtectedDataConfig::Seipd(SymEncryptedProtectedDataConfig::V2 { .. }) => PkeskVersion::V6,
            _ => PkeskVersion::V3,
        };
        let (session, key) = self.ring.open(head, version)?;
        self.found.key = Some(key);
        reader.decrypt(&session, Seipdv1ReadMode::Streaming).map_err(|error| unparsed(&error))?;
        let mut inner = Layer::new(&mut reader, u64::MAX);
        match self.layer(&mut inner, Level::Encrypted) {
            // What is wrong inside may come from what was changed outside: the proof at the end knows.
            Err(error) if !self.cut && error.code != Code::PgpDamaged => match inner.finish() {
                Ok(()) => Err(error),
                Err(broken) => Err(damaged(broken)),
            },
            outcome => outcome,
        }
    }

    fn compressed(&mut self, header: PacketHeader, layer: &mut Layer<'_>) -> Result<(), Unopened> {
        let body = PacketBodyReader::new(header, &mut *layer).map_err(|error| unread(&error))?;
        let mut reader = Decompressor::from_reader(body).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => refused(Code::PgpUnsupported, error.to_string()),
            _ => unread(&error),
        })?;
        let most = self.most.saturating_mul(2).saturating_add(SLACK);
        self.layer(&mut Layer::new(&mut reader, most), Level::Compressed)?;
        drain(&mut reader.into_inner()).map_err(|error| unread(&error))
    }

    fn literal(&mut self, header: PacketHeader, layer: &mut Layer<'_>) -> Result<(), Unopened> {
        let body = PacketBodyReader::new(header, layer).map_err(|error| unread(&error))?;
        let mut reader = LiteralDataReader::new(body).map_err(|error| unread(&error))?;
        self.found.name = name(reader.data_header().file_name());
        loop {
            let bytes = reader.fill_buf().map_err(|error| unread(&error))?;
            if bytes.is_empty() {
                return Ok(());
            }
            if self.found.bytes == 0 && encrypted_again(bytes) {
                return Err(refused(Code::PgpNested, "what is in it is encrypted again"));
            }
            let length = bytes.len();
            let fits = usize::try_from(self.most - self.found.bytes).unwrap_or(usize::MAX).min(length);
            let fitting = bytes.get(..fits).unwrap_or(bytes);
            self.into.write_all(fitting).map_err(|error| damaged(format!("it cannot be kept: {error}")))?;
            self.found.bytes += fits as u64;
            if fits < length {
                return Err(refused(Code::PgpTooLarge, format!("it holds more than {} bytes", self.most)));
            }
            reader.consume(length);
        }
    }
}

/// The name that the file bears inside, without what would not be one.
fn name(bytes: &[u8]) -> Option<String> {
    let name: String = String::from_utf8_lossy(bytes).chars().filter(|letter| !letter.is_control()).collect();
    // RFC 4880 §5.9 made a mark of this name, which is no name.
    (!name.trim().is_empty() && name != "_CONSOLE").then_some(name)
}
