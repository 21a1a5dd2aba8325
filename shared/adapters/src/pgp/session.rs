//! Finds the key of a message among those that its head names (RFC 9580 §5.1).

use domain::import::problem::Code;
use domain::pgp::{PgpSecret, Unopened};
use pgp::composed::{Deserializable as _, PlainSessionKey, SignedSecretKey};
use pgp::packet::PublicKeyEncryptedSessionKey as Recipient;
use pgp::types::{DecryptionKey as _, EskType, KeyId, Password, PkeskVersion};

use super::refused::{damaged, refused};

/// Operations with a private key that one file may cost us; each takes milliseconds, and a head could ask for thousands.
const MOST_TRIES: usize = 128;
/// Recipients that a fact names.
const NAMED: usize = 8;

/// Our private keys, read.
pub(super) struct Ring<'a> {
    keys: Vec<(&'a str, SignedSecretKey)>,
    /// Those that cannot be read.
    unreadable: Vec<&'a str>,
}

/// What the head of a message says about who may read it.
#[derive(Default)]
pub(super) struct Head {
    /// Who can with a private key.
    pub(super) recipients: Vec<Recipient>,
    /// How many passwords can.
    pub(super) passwords: usize,
}

impl<'a> Ring<'a> {
    /// Reads the keys.
    pub(super) fn new(secrets: &'a [PgpSecret]) -> Self {
        let mut ring = Self { keys: Vec::new(), unreadable: Vec::new() };
        for secret in secrets {
            match SignedSecretKey::from_bytes(secret.private_key.as_slice()) {
                Ok(key) => ring.keys.push((&secret.fingerprint, key)),
                Err(_) => ring.unreadable.push(&secret.fingerprint),
            }
        }
        ring
    }

    /// The key of the message, and the fingerprint of the private key that gave it. Recipients of another version than
    /// the encryption wants do not count (RFC 9580 §10.3.2.1).
    pub(super) fn open(
        &self,
        head: &Head,
        version: PkeskVersion,
    ) -> Result<(PlainSessionKey, &'a str), Unopened> {
        let kind = if version == PkeskVersion::V6 { EskType::V6 } else { EskType::V3_4 };
        let (mut tries, mut broken) = (0, None);
        for recipient in head.recipients.iter().filter(|recipient| recipient.version() == version) {
            let Ok(values) = recipient.values() else { continue };
            for (fingerprint, key) in &self.keys {
                for subkey in &key.secret_subkeys {
                    if tries == MOST_TRIES || !recipient.match_identity(subkey.key.public_key()) {
                        continue;
                    }
                    tries += 1;
                    match subkey.key.decrypt(&Password::empty(), values, kind) {
                        Ok(Ok(session)) => return Ok((session, fingerprint)),
                        _ if hidden(recipient) => {}
                        _ => broken = Some(*fingerprint),
                    }
                }
            }
        }
        Err(match broken {
            Some(fingerprint) => damaged(format!("it names the key {fingerprint}, which does not open it")),
            None => self.not_ours(head),
        })
    }

    fn not_ours(&self, head: &Head) -> Unopened {
        if head.recipients.is_empty() {
            return match head.passwords {
                0 => damaged("it does not say who may read it"),
                _ => refused(Code::PgpPassword, ""),
            };
        }
        if self.keys.is_empty() && self.unreadable.is_empty() {
            return refused(Code::PgpNoKeys, "");
        }
        let mut names: Vec<String> = head.recipients.iter().take(NAMED).map(name).collect();
        if head.recipients.len() > NAMED {
            names.push(format!("{} more", head.recipients.len() - NAMED));
        }
        let theirs = names.join(", ");
        let fact = match self.unreadable.join(", ") {
            none if none.is_empty() => format!("it is for {theirs}"),
            ours => format!("it is for {theirs}; of the keys here, {ours} cannot be read"),
        };
        refused(Code::PgpForOthers, fact)
    }
}

/// In capitals, as gpg shows it.
pub(super) fn key_id(id: KeyId) -> String {
    format!("{id}").to_uppercase()
}

fn hidden(recipient: &Recipient) -> bool {
    match recipient {
        Recipient::V3 { id, .. } => id.is_wildcard(),
        Recipient::V6 { fingerprint, .. } => fingerprint.is_none(),
        Recipient::Other { .. } => false,
    }
}

fn name(recipient: &Recipient) -> String {
    match recipient {
        _ if hidden(recipient) => "somebody who is not named".to_owned(),
        Recipient::V3 { id, .. } => key_id(*id),
        Recipient::V6 { fingerprint: Some(fingerprint), .. } => format!("{fingerprint:X}"),
        _ => "a key of an unknown kind".to_owned(),
    }
}
