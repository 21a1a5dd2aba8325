//! The port of OpenPGP (RFC 9580 and, as most files are, RFC 4880): keys that we make, and files that were encrypted for
//! them.

use crate::import::problem::Code;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use zeroize::Zeroizing;

/// What a key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PgpAlgorithm {
    /// RSA of 3,072 bits, as gpg makes by default. Primes of 4,096 bits take longer to find than whoever asked waits for
    /// an answer.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    /// `EdDSA` and ECDH on Curve25519, in the forms that gpg 2.2 takes.
    #[serde(rename = "curve25519")]
    Curve25519,
}

/// A key that was made.
pub struct PgpPair {
    /// Of the primary key, in capital hexadecimal digits.
    pub fingerprint: String,
    /// The public key, armoured.
    pub public_key: String,
    /// The private key, in binary, without a passphrase: it is sealed by whoever keeps it.
    pub private_key: Zeroizing<Vec<u8>>,
}

/// A private key that may open a file.
pub struct PgpSecret {
    /// The fingerprint by which the answer names it.
    pub fingerprint: String,
    /// What [`PgpPair::private_key`] was.
    pub private_key: Zeroizing<Vec<u8>>,
}

/// What is asked of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signatures {
    /// They are not looked at.
    #[default]
    Ignore,
    /// One of a signer that is known must be right; others are not looked at.
    Verify,
    /// There must be a right one of a signer that is known.
    Require,
}

/// A file that was decrypted whole, its integrity proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The fingerprint of the key that opened it.
    pub key: String,
    /// The fingerprint of the signer, where a signature was found right.
    pub signer: Option<String>,
    /// Bytes that were written.
    pub bytes: u64,
    /// The name that the file bears inside, where it bears one.
    pub name: Option<String>,
}

/// Why a file is not decrypted. Whatever was written by then is worthless and must be thrown away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Unopened {
    /// What kind of problem; its words say what to do.
    pub code: Code,
    /// What was seen, for the administrator; not for logs. Empty where the code says all.
    pub fact: String,
}

/// OpenPGP.
pub trait Pgp: Send + Sync {
    /// Makes a key for encrypting, which gpg 2.2 and later can import.
    ///
    /// # Errors
    /// What kept it from being made, for the operator.
    fn generate(
        &self,
        algorithm: PgpAlgorithm,
        user_id: &str,
        created: Timestamp,
        expires: Timestamp,
    ) -> Result<PgpPair, String>;

    /// Decrypts a file from its start to its end, at most `most` bytes of plaintext, and checks its integrity and, as
    /// asked, its signature. `signers` are armoured public keys.
    ///
    /// # Errors
    /// Why it is not decrypted.
    fn decrypt(
        &self,
        encrypted: &mut File,
        secrets: &[PgpSecret],
        signatures: Signatures,
        signers: &[String],
        most: u64,
        into: &mut File,
    ) -> Result<Opened, Unopened>;

    /// What can be had of the beginning of an encrypted file, to show how its plaintext begins. Nothing of it is proved.
    ///
    /// # Errors
    /// Why nothing can be had.
    fn decrypt_beginning(&self, beginning: &[u8], secrets: &[PgpSecret]) -> Result<Vec<u8>, Unopened>;

    /// The fingerprint of a public key that somebody has sent as a signer's.
    ///
    /// # Errors
    /// A sentence for the sender.
    fn signer(&self, armoured: &str) -> Result<String, String>;
}
