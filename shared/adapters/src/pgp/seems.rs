//! What a file seems to be by its first bytes: an encrypted message, or what instead.

use std::fmt;

use pgp::packet::PacketHeader;
use pgp::types::Tag;

/// As many bytes of a file as are looked at.
pub(super) const LOOK: usize = 4096;

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const MESSAGE: &[u8] = b"-----BEGIN PGP MESSAGE-----";

/// What a file seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seems {
    /// Packets of OpenPGP that begin with an encryption.
    Binary,
    /// An armoured message; the bytes before its body, which begins in the next line.
    Armoured(usize),
    /// Nothing at all.
    Empty,
    /// An armour that breaks off in its first line.
    Broken,
    /// Something that is not encrypted.
    Other(Other),
}

/// What is not encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    Text,
    Utf16,
    PublicKey,
    PrivateKey,
    Signature,
    SignedText,
    Signed,
    Compressed,
    Literal,
    Zip,
    Gzip,
    SshKey,
    Unknown,
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "it seems to be plain text",
            Self::Utf16 => "it seems to be plain text in UTF-16",
            Self::PublicKey => "it is a public key of OpenPGP",
            Self::PrivateKey => "it is a private key of OpenPGP, which should not have left its owner",
            Self::Signature => "it is a signature without the file",
            Self::SignedText => "it is text that is signed and not encrypted",
            Self::Signed => "it is signed and not encrypted",
            Self::Compressed => "it is compressed by OpenPGP and not encrypted",
            Self::Literal => "it is packed by OpenPGP and not encrypted",
            Self::Zip => "it seems to be a zip archive or a workbook",
            Self::Gzip => "it seems to be a gzip file",
            Self::SshKey => "it is a key or certificate of another kind",
            Self::Unknown => "it is nothing that OpenPGP knows",
        })
    }
}

/// What a file seems to be that begins like this.
pub(super) fn seems(start: &[u8]) -> Seems {
    if start.is_empty() {
        return Seems::Empty;
    }
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        return Seems::Other(Other::Utf16);
    }
    if start.starts_with(b"PK\x03\x04") {
        return Seems::Other(Other::Zip);
    }
    if start.starts_with(b"\x1F\x8B") {
        return Seems::Other(Other::Gzip);
    }
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let packet = start.len() == text.len() && start.first().is_some_and(|byte| byte & 0x80 != 0);
    if packet && !printable(start) {
        return packets(start);
    }
    armoured(text, start.len() - text.len())
}

/// Whether it is text that begins with an umlaut, say: every packet that is known has its version, a control character, among
/// its first bytes.
fn printable(start: &[u8]) -> bool {
    start.len() >= 8 && start.iter().all(|byte| *byte >= b' ' || byte.is_ascii_whitespace())
}

/// By the tag of the first packet that says something (RFC 9580 §5).
fn packets(start: &[u8]) -> Seems {
    let mut rest = start;
    for _ in 0..16 {
        let Ok(header) = PacketHeader::try_from_reader(&mut rest) else {
            // Too short for its header: the tag is all there is.
            return start.first().map_or(Seems::Empty, |byte| tag(first_tag(*byte)));
        };
        let skipped = matches!(
            header.tag(),
            Tag::Marker | Tag::Padding | Tag::UnassignedNonCritical(_) | Tag::Experimental(_)
        );
        let length = header.packet_length().maybe_len().and_then(|length| usize::try_from(length).ok());
        match length.and_then(|length| rest.get(length..)) {
            Some(next) if skipped && !next.is_empty() => rest = next,
            _ => return tag(header.tag()),
        }
    }
    Seems::Other(Other::Unknown)
}

fn first_tag(byte: u8) -> Tag {
    Tag::from(if byte & 0x40 == 0 { (byte >> 2) & 0x0F } else { byte & 0x3F })
}

fn tag(tag: Tag) -> Seems {
    Seems::Other(match tag {
        Tag::PublicKeyEncryptedSessionKey
        | Tag::SymKeyEncryptedSessionKey
        | Tag::SymEncryptedData
        | Tag::SymEncryptedProtectedData
        | Tag::GnupgAeadData => return Seems::Binary,
        Tag::PublicKey | Tag::PublicSubkey => Other::PublicKey,
        Tag::SecretKey | Tag::SecretSubkey => Other::PrivateKey,
        Tag::Signature | Tag::OnePassSignature => Other::Signed,
        Tag::CompressedData => Other::Compressed,
        Tag::LiteralData => Other::Literal,
        _ => Other::Unknown,
    })
}

/// By the first line that begins an armour. Text before it is passed over, as gpg does.
fn armoured(text: &[u8], before: usize) -> Seems {
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let shown = line.trim_ascii();
        let end = before + at + line.len();
        at += line.len();
        if shown == MESSAGE {
            return Seems::Armoured(end);
        }
        if shown.len() >= 8 && MESSAGE.starts_with(shown) && at == text.len() {
            return Seems::Broken;
        }
        if let Some(kind) = shown.strip_prefix(BEGIN) {
            return Seems::Other(block(kind));
        }
        if shown.starts_with(b"-----BEGIN ") || shown.starts_with(b"---- BEGIN SSH2") {
            return Seems::Other(Other::SshKey);
        }
    }
    Seems::Other(if text.contains(&0) { Other::Unknown } else { Other::Text })
}

fn block(kind: &[u8]) -> Other {
    if kind.starts_with(b"PUBLIC KEY") {
        Other::PublicKey
    } else if kind.starts_with(b"PRIVATE KEY") || kind.starts_with(b"SECRET KEY") {
        Other::PrivateKey
    } else if kind.starts_with(b"SIGNATURE") {
        Other::Signature
    } else if kind.starts_with(b"SIGNED MESSAGE") {
        Other::SignedText
    } else {
        Other::Unknown
    }
}

/// Whether the contents of a message begin like another encrypted one.
pub(super) fn encrypted_again(start: &[u8]) -> bool {
    match seems(start) {
        Seems::Armoured(end) => start.get(..end).is_some_and(|head| head.trim_ascii() == MESSAGE),
        // A letter of a table in an old encoding may look like a tag: what follows must fit as well.
        Seems::Binary => {
            let mut rest = start;
            let header = PacketHeader::try_from_reader(&mut rest);
            let key = header.is_ok_and(|header| header.tag() == Tag::PublicKeyEncryptedSessionKey);
            key && matches!(rest.first(), Some(3 | 6))
        }
        _ => false,
    }
}
