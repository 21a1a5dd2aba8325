//! Where somebody who is no part of the deployment may put a file into the inbox: an address of the object store, or a
//! pass for one of our own.
//!
//! A pass names the object and the time until which it can be stored. It is encrypted with a key that is made of the
//! directory's, so that it is of use for that directory only, and tells nobody the name of a file.

use super::engine::Importer;
use super::upload::INBOX;
use crate::error::Error;
use crate::store::{DirectoryId, Name, Store};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::File;

/// How long a file can be sent.
pub const UPLOAD_SECONDS: u32 = 900;
/// Bytes of a file's name at most, as file systems allow.
const MAX_NAME_BYTES: usize = 255;
/// What names of files begin or end with that are not finished: the inbox passes over them.
const UNFINISHED_BEGINNINGS: [&str; 2] = [".", "~$"];
const UNFINISHED_ENDINGS: [&str; 4] = [".tmp", ".part", ".filepart", ".partial"];
/// What the key of passes is made with, beside the directory's.
const PURPOSE: &[u8] = b"muster upload pass";
/// Longer texts are no passes of ours.
const MAX_PASS_CHARS: usize = 4096;
const NONCE_BYTES: usize = 24;

/// Where a file may be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// The key of the object.
    pub key: String,
    /// From when on it cannot be stored any more.
    pub expires: Timestamp,
    /// How it is stored.
    pub by: Way,
}

/// How a file is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// At this address of the object store.
    Url(String),
    /// With this pass, see [`Importer::receive`].
    Pass(String),
}

/// What a pass contains.
#[derive(Serialize, Deserialize)]
struct Sealed {
    key: String,
    /// In seconds.
    until: i64,
}

/// Whether a file of this name can be put into the inbox; otherwise what is wrong with it.
///
/// # Errors
/// Words for the sender.
pub fn check_file_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err("the name of a file has 1 to 255 bytes");
    }
    if name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err("the name of a file has neither slashes nor control characters");
    }
    if UNFINISHED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) {
        return Err(
            "names that begin with a full stop or ~$ are those of unfinished files; choose another one",
        );
    }
    if UNFINISHED_ENDINGS.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending)) {
        return Err(
            "names that end in .tmp, .part, .filepart or .partial are those of unfinished files; choose another one",
        );
    }
    Ok(())
}

impl Importer {
    /// Where a file of this name may be put for the next 15 minutes, to be imported by a configuration. The name is one
    /// that [`check_file_name`] takes.
    pub async fn entrance(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
        name: &str,
    ) -> Result<Entrance, Error> {
        let key = format!("{INBOX}{directory}/{configuration}/{name}");
        let expires = self.store.now() + SignedDuration::from_secs(UPLOAD_SECONDS.into());
        let by = match self.objects.upload_url(&key, UPLOAD_SECONDS).await? {
            Some(url) => Way::Url(url),
            None => Way::Pass(self.store.seal_pass(directory, &key, expires).await?),
        };
        Ok(Entrance { key, expires, by })
    }

    /// Stores a file where its pass says. Whether the pass was one of this directory that is still good.
    pub async fn receive(&self, directory: &DirectoryId, pass: &str, file: File) -> Result<bool, Error> {
        let Some(key) = self.store.open_pass(directory, pass).await? else { return Ok(false) };
        self.objects.store(&key, file).await?;
        Ok(true)
    }
}

impl Store {
    async fn seal_pass(&self, directory: &DirectoryId, key: &str, until: Timestamp) -> Result<String, Error> {
        let content = serde_json::to_vec(&Sealed { key: key.to_owned(), until: until.as_second() })?;
        let nonce: [u8; NONCE_BYTES] = self.random_bytes();
        let bound = directory.to_string();
        let payload = Payload { msg: &content, aad: bound.as_bytes() };
        let text = self.cipher(directory).await?.encrypt(&XNonce::from(nonce), payload);
        let text = text.map_err(|_| Error::fault("a pass could not be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text].concat()))
    }

    /// The key that a pass is for, while it is good.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such directory.
    pub async fn open_pass(&self, directory: &DirectoryId, pass: &str) -> Result<Option<String>, Error> {
        let sealed = unseal(&self.cipher(directory).await?, directory, pass);
        Ok(sealed.filter(|sealed| self.now().as_second() < sealed.until).map(|sealed| sealed.key))
    }

    async fn cipher(&self, directory: &DirectoryId) -> Result<XChaCha20Poly1305, Error> {
        let opened = self.open(directory).await?;
        let key: [u8; 32] =
            Sha256::new().chain_update(opened.cursor_key).chain_update(PURPOSE).finalize().into();
        Ok(XChaCha20Poly1305::new(&Key::from(key)))
    }
}

fn unseal(cipher: &XChaCha20Poly1305, directory: &DirectoryId, pass: &str) -> Option<Sealed> {
    let bytes = URL_SAFE_NO_PAD.decode(Some(pass).filter(|pass| pass.len() <= MAX_PASS_CHARS)?).ok()?;
    let (nonce, text) = bytes.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let bound = directory.to_string();
    let payload = Payload { msg: text, aad: bound.as_bytes() };
    serde_json::from_slice(&cipher.decrypt(&XNonce::from(nonce), payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for name in ["people.csv", "März 1.csv", "a", "a.part.csv", &"x".repeat(255)] {
            assert_eq!(check_file_name(name), Ok(()), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a\nb",
            "a\0",
            ".hidden",
            "~$a.xlsx",
            "a.TMP",
            "a.filepart",
            &"x".repeat(256),
        ] {
            assert!(check_file_name(name).is_err(), "{name}");
        }
    }
}
