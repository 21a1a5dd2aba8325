//! The public key of somebody who signs: whether it can, and whether a signature is right.

use std::io::Read;

use pgp::composed::{Deserializable as _, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType, SubpacketData};
use pgp::types::{Duration, KeyDetails, Tag};

use super::armour::Armour;
use super::seems::{Other, Seems, seems};

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const DAMAGED: &str = "The public key is damaged; export and copy it again.";
/// The longest text that is read as a key. Keys with the photographs of their owners stay below it.
const MOST: usize = 1024 * 1024;

/// A signer.
pub(super) struct Signer {
    /// Of the primary key, in capital hexadecimal digits.
    pub(super) fingerprint: String,
    key: SignedPublicKey,
}

/// One of a signer's keys.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Primary,
    Subkey(&'a SignedPublicSubKey),
}

impl Signer {
    /// Reads an armoured public key.
    ///
    /// # Errors
    /// A sentence for the sender.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST {
            return Err("This is longer than any public key.".to_owned());
        }
        let Some((_, armour)) = text.split_once(BEGIN) else { return Err(not_a_key(text)) };
        let lines = armour.split_once('\n').map_or("", |(_, lines)| lines);
        let mut body = Vec::new();
        Armour::new(lines.as_bytes(), b"-----END PGP PUBLIC KEY BLOCK-----", false)
            .read_to_end(&mut body)
            .map_err(|_| DAMAGED)?;
        let mut keys = SignedPublicKey::from_bytes_many(body.as_slice()).map_err(|_| DAMAGED)?;
        let Some(key) = keys.next().transpose().map_err(|_| DAMAGED)? else {
            return Err("There is no public key in this block.".to_owned());
        };
        if keys.next().is_some() {
            return Err("There is more than one key in this block; export one at a time.".to_owned());
        }
        let fingerprint = format!("{:X}", key.fingerprint());
        Ok(Self { fingerprint, key })
    }

    /// Whether any of its keys may sign.
    ///
    /// # Errors
    /// A sentence that says why none may.
    pub(super) fn can_sign(&self) -> Result<(), String> {
        let parts = std::iter::once(Part::Primary).chain(self.key.public_subkeys.iter().map(Part::Subkey));
        let mut why = "it is made only for encrypting";
        for part in parts {
            match self.term(part) {
                Ok(_) => return Ok(()),
                Err(reason) if matches!(part, Part::Primary) => why = reason,
                Err(_) => {}
            }
        }
        Err(format!("The key {} cannot sign: {why}.", self.fingerprint))
    }

    /// Which of its keys a signature names, if any.
    pub(super) fn named(&self, signature: &Signature) -> Option<Part<'_>> {
        let names = |key: &dyn KeyDetails| {
            let (id, fingerprint) = (key.legacy_key_id(), key.fingerprint());
            signature.issuer_fingerprint().contains(&&fingerprint) || signature.issuer_key_id().contains(&&id)
        };
        if names(&self.key.primary_key) {
            return Some(Part::Primary);
        }
        self.key.public_subkeys.iter().find(|subkey| names(&subkey.key)).map(Part::Subkey)
    }

    /// Whether the signature is right over these bytes.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn verify(
        &self,
        part: Part<'_>,
        signature: &Signature,
        bytes: impl Read,
    ) -> Result<(), String> {
        let weak = [HashAlgorithm::Md5, HashAlgorithm::Sha1, HashAlgorithm::Ripemd160];
        if let Some(hash) = signature.hash_alg().filter(|hash| weak.contains(hash)) {
            return Err(format!("it is made with {hash}, which can be forged"));
        }
        let term = self.term(part)?;
        let signed = signature.created().map(|time| u64::from(time.as_secs()));
        if signed.is_none_or(|time| time < term.from || time >= term.to) {
            return Err("it was made when the signer's key was not valid".to_owned());
        }
        match part {
            Part::Primary => signature.verify(&self.key.primary_key, bytes),
            Part::Subkey(subkey) => signature.verify(&subkey.key, bytes),
        }
        .map_err(|_| "it does not fit what is in the file".to_owned())
    }

    /// When a key may sign; an error says why it never may.
    fn term(&self, part: Part<'_>) -> Result<Term, &'static str> {
        let primary = &self.key.primary_key;
        if self.key.details.revocation_signatures.iter().any(|revoked| revoked.verify_key(primary).is_ok()) {
            return Err("it was revoked");
        }
        let own = self.own_signature().ok_or("its owner has not signed it")?;
        let whole = Term::new(primary, own.key_expiration_time());
        match part {
            Part::Primary if !signs(primary, own) => Err("it is made only for encrypting"),
            Part::Primary => Ok(whole),
            Part::Subkey(subkey) => {
                let binding = self.binding(subkey)?;
                let term = Term::new(&subkey.key, binding.key_expiration_time());
                Ok(Term { from: term.from.max(whole.from), to: term.to.min(whole.to) })
            }
        }
    }

    /// The latest of the owner's signatures over the key and its names.
    fn own_signature(&self) -> Option<&Signature> {
        let (details, primary) = (&self.key.details, &self.key.primary_key);
        let names = details.users.iter().flat_map(|user| {
            user.signatures.iter().filter(|signature| {
                signature.typ() != Some(SignatureType::CertRevocation)
                    && signature.verify_certification(primary, Tag::UserId, &user.id).is_ok()
            })
        });
        let direct =
            details.direct_signatures.iter().filter(|signature| signature.verify_key(primary).is_ok());
        names.chain(direct).max_by_key(|signature| signature.created())
    }

    /// The latest signature that makes a subkey the signer's and lets it sign, which the subkey must have signed in turn.
    fn binding<'k>(&self, subkey: &'k SignedPublicSubKey) -> Result<&'k Signature, &'static str> {
        let primary = &self.key.primary_key;
        let valid = |signature: &&Signature| signature.verify_subkey_binding(primary, &subkey.key).is_ok();
        let signatures = || subkey.signatures.iter().filter(valid);
        if signatures().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation)) {
            return Err("it was revoked");
        }
        let latest = signatures().max_by_key(|signature| signature.created());
        let binding = latest.ok_or("its owner has not signed it")?;
        let agreed = || {
            let back = binding.embedded_signature();
            back.is_some_and(|back| back.verify_primary_key_binding(&subkey.key, primary).is_ok())
        };
        if signs(&subkey.key, binding) && agreed() {
            Ok(binding)
        } else {
            Err("it is made only for encrypting")
        }
    }
}

/// When a key is valid, in seconds since 1970; from the first to before the second.
struct Term {
    from: u64,
    to: u64,
}

impl Term {
    fn new(key: &impl KeyDetails, lifetime: Option<Duration>) -> Self {
        let from = u64::from(key.created_at().as_secs());
        // None and zero both mean for ever (RFC 9580 §5.2.3.13).
        let lifetime = lifetime.map(|lifetime| u64::from(lifetime.as_secs())).filter(|seconds| *seconds > 0);
        Self { from, to: lifetime.map_or(u64::MAX, |lifetime| from + lifetime) }
    }
}

/// Whether a key is of a kind that can sign, and for signing; one that does not say what it is for is for everything.
fn signs(key: &impl KeyDetails, signature: &Signature) -> bool {
    let says = signature.config().is_some_and(|config| {
        config.hashed_subpackets().any(|packet| matches!(packet.data, SubpacketData::KeyFlags(_)))
    });
    key.algorithm().can_sign() && (!says || signature.key_flags().sign())
}

/// What somebody has sent instead of a public key.
fn not_a_key(text: &str) -> String {
    let what = match seems(text.trim_start().as_bytes()) {
        Seems::Other(Other::PrivateKey) => {
            "This is a private key. Keep it to yourself, and send the public key: gpg --armor --export."
        }
        Seems::Other(Other::SshKey) => "This is a key of another kind than OpenPGP.",
        Seems::Armoured(_) | Seems::Broken => "This is an encrypted message and no public key.",
        Seems::Other(Other::Signature | Other::SignedText) => "This is a signature and no public key.",
        Seems::Empty => "There is no text.",
        _ => "This is no armoured public key: it begins with -----BEGIN PGP PUBLIC KEY BLOCK-----.",
    };
    what.to_owned()
}
