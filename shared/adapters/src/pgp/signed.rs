//! What a configuration asks of signatures.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};

use domain::import::problem::Code;
use domain::pgp::{Signatures, Unopened};
use pgp::packet::{Signature, SignatureType};

use super::refused::{damaged, refused};
use super::session::key_id;
use super::signer::Signer;

/// A stretch of a file that was signed.
pub(super) struct Plaintext<'f> {
    pub(super) file: &'f mut File,
    pub(super) start: u64,
    pub(super) bytes: u64,
}

/// The signer whose signature is right, where one was looked for and found. The first wrong one ends it: each takes a walk
/// through the whole file.
pub(super) fn check(
    policy: Signatures,
    signers: &[String],
    signatures: &[Signature],
    plaintext: &mut Plaintext<'_>,
) -> Result<Option<String>, Unopened> {
    if policy == Signatures::Ignore {
        return Ok(None);
    }
    // Those of other types say something about a key or a time, and nothing about the contents.
    let over_contents =
        |signature: &&Signature| matches!(signature.typ(), Some(SignatureType::Binary | SignatureType::Text));
    let signatures: Vec<&Signature> = signatures.iter().filter(over_contents).collect();
    let known: Vec<Signer> = signers.iter().filter_map(|signer| Signer::parse(signer).ok()).collect();
    let mut right = None;
    for signature in &signatures {
        for signer in &known {
            let Some(part) = signer.named(signature) else { continue };
            let bytes = plaintext.read().map_err(damaged)?;
            if let Err(why) = signer.verify(part, signature, bytes) {
                return Err(refused(Code::PgpSignatureWrong, format!("of {}: {why}", signer.fingerprint)));
            }
            right.get_or_insert_with(|| signer.fingerprint.clone());
        }
    }
    match (policy, right) {
        (Signatures::Require, None) if signatures.is_empty() => Err(refused(Code::PgpSignatureMissing, "")),
        (Signatures::Require, None) => Err(refused(Code::PgpSignerUnknown, names(&signatures))),
        (_, right) => Ok(right),
    }
}

impl Plaintext<'_> {
    fn read(&mut self) -> io::Result<impl io::Read + '_> {
        self.file.seek(SeekFrom::Start(self.start))?;
        Ok(BufReader::with_capacity(64 * 1024, &mut *self.file).take(self.bytes))
    }
}

/// Who has signed, as far as they say.
fn names(signatures: &[&Signature]) -> String {
    let mut names: Vec<String> = Vec::new();
    for signature in signatures {
        match (signature.issuer_fingerprint().first(), signature.issuer_key_id().first()) {
            (Some(fingerprint), _) => names.push(format!("{fingerprint:X}")),
            (None, Some(id)) => names.push(key_id(**id)),
            (None, None) => names.push("somebody who is not named".to_owned()),
        }
    }
    format!("it is signed by {}", names.join(", "))
}
