//! From rPGP's errors to the codes of the catalogue.

use std::fmt::Display;
use std::io;

use domain::import::problem::Code;
use domain::pgp::Unopened;
use pgp::errors::Error;

use super::layer::Overflow;

/// Characters of an error that is not ours.
const MOST_OF_A_FACT: usize = 160;

/// A refusal with what was seen.
pub(super) fn refused(code: Code, fact: impl Into<String>) -> Unopened {
    Unopened { code, fact: fact.into() }
}

/// Damaged, with what was seen. Some of rPGP's errors show the whole of their cause.
pub(super) fn damaged(fact: impl Display) -> Unopened {
    let fact: String = fact.to_string().chars().take(MOST_OF_A_FACT).collect();
    refused(Code::PgpDamaged, fact)
}

/// A failure to read.
pub(super) fn unread(error: &io::Error) -> Unopened {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Overflow>()) {
        Some(Overflow::Layer) => refused(Code::PgpTooLarge, "it expands far beyond what it may"),
        Some(Overflow::Packet) => refused(Code::PgpUnsupported, Overflow::Packet.to_string()),
        None => damaged(error),
    }
}

/// A packet that rPGP cannot make sense of.
pub(super) fn unparsed(error: &Error) -> Unopened {
    match error {
        Error::IO { source, .. } => unread(source),
        Error::Unsupported { message, .. } | Error::Unimplemented { message, .. } => {
            refused(Code::PgpUnsupported, message.as_str())
        }
        _ => damaged("a packet of it makes no sense"),
    }
}
