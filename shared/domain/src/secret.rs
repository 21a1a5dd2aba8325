//! Secrets of tenants: passwords and private keys, which are kept sealed and are opened only where they are used.
//!
//! Each is sealed with a data key of its own, and that key is wrapped by whoever keeps the deployment's (KMS, or a file
//! that only its owner can read). What is sealed is bound to its directory and its purpose: elsewhere it does not open.

use crate::error::Error;
use crate::ports::Random;
use crate::store::DirectoryId;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What sealed texts of this form begin with.
const FORM: &str = "v1";
const NONCE_BYTES: usize = 24;

/// A key that seals one secret.
pub struct DataKey {
    /// The key itself.
    pub key: Zeroizing<[u8; 32]>,
    /// The key as it may be kept.
    pub wrapped: Vec<u8>,
}

/// Keeps the key of the deployment, with which data keys are wrapped.
#[async_trait]
pub trait KeyKeeper: Send + Sync {
    /// A new data key for a secret of this directory.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn fresh(&self, directory: &DirectoryId) -> Result<DataKey, Error>;

    /// A data key that was wrapped for this directory; `None` where it was not, or with another key of the deployment.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn unwrap(
        &self,
        directory: &DirectoryId,
        wrapped: &[u8],
    ) -> Result<Option<Zeroizing<[u8; 32]>>, Error>;
}

/// A secret as it is kept: text that may be stored anywhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Sealed(String);

/// What is not sealed must never be kept as if it were.
impl TryFrom<String> for Sealed {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match taken_apart(&text) {
            Some(_) => Ok(Self(text)),
            None => Err("a secret must be sealed before it is kept"),
        }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// Seals secrets, and opens them.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<dyn KeyKeeper>,
    random: Arc<dyn Random>,
}

impl Vault {
    /// A vault with these keys.
    pub fn new(keys: Arc<dyn KeyKeeper>, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    /// Seals a secret for one purpose in a directory, such as `nightly/password`.
    ///
    /// # Errors
    /// Those of the [`KeyKeeper`].
    pub async fn seal(&self, directory: &DirectoryId, purpose: &str, secret: &[u8]) -> Result<Sealed, Error> {
        let DataKey { key, wrapped } = self.keys.fresh(directory).await?;
        let mut nonce = [0; NONCE_BYTES];
        self.random.fill(&mut nonce);
        let bound = bound(directory, purpose);
        let payload = Payload { msg: secret, aad: bound.as_bytes() };
        let text = cipher(&key).encrypt(&XNonce::from(nonce), payload);
        let text = text.map_err(|_| Error::fault("a secret could not be sealed"))?;
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Ok(Sealed(format!("{FORM}.{}.{}", encode(&wrapped), encode(&[nonce.as_slice(), &text].concat()))))
    }

    /// Opens a secret; `None` where it was sealed elsewhere, for another purpose or with a key that is lost.
    ///
    /// # Errors
    /// Those of the [`KeyKeeper`].
    pub async fn open(
        &self,
        directory: &DirectoryId,
        purpose: &str,
        sealed: &Sealed,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some((wrapped, nonce, text)) = taken_apart(&sealed.0) else { return Ok(None) };
        let Some(key) = self.keys.unwrap(directory, &wrapped).await? else { return Ok(None) };
        let bound = bound(directory, purpose);
        let payload = Payload { msg: &text, aad: bound.as_bytes() };
        Ok(cipher(&key).decrypt(&XNonce::from(nonce), payload).ok().map(Zeroizing::new))
    }

    /// The same for a secret that is text.
    ///
    /// # Errors
    /// Those of the [`KeyKeeper`].
    pub async fn open_text(
        &self,
        directory: &DirectoryId,
        purpose: &str,
        sealed: &Sealed,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let opened = self.open(directory, purpose, sealed).await?;
        Ok(opened
            .and_then(|bytes| std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))))
    }
}

fn taken_apart(text: &str) -> Option<(Vec<u8>, [u8; NONCE_BYTES], Vec<u8>)> {
    let mut parts = text.split('.');
    let (form, wrapped, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let rest = decode(rest).filter(|_| form == FORM && parts.next().is_none())?;
    let (nonce, text) = rest.split_at_checked(NONCE_BYTES)?;
    Some((decode(wrapped)?, nonce.try_into().ok()?, text.to_vec()))
}

/// Names hold no NUL, so that it parts the two.
fn bound(directory: &DirectoryId, purpose: &str) -> String {
    format!("muster secret\0{directory}\0{purpose}")
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

/// A key of the deployment that this process has itself.
pub struct OwnKey {
    key: Zeroizing<[u8; 32]>,
    random: Arc<dyn Random>,
}

impl OwnKey {
    /// With this key. `random` makes data keys.
    pub fn new(key: Zeroizing<[u8; 32]>, random: Arc<dyn Random>) -> Self {
        Self { key, random }
    }
}

#[async_trait]
impl KeyKeeper for OwnKey {
    async fn fresh(&self, directory: &DirectoryId) -> Result<DataKey, Error> {
        let mut key = Zeroizing::new([0; 32]);
        self.random.fill(key.as_mut_slice());
        let mut nonce = [0; NONCE_BYTES];
        self.random.fill(&mut nonce);
        let bound = bound(directory, "");
        let payload = Payload { msg: key.as_slice(), aad: bound.as_bytes() };
        let text = cipher(&self.key).encrypt(&XNonce::from(nonce), payload);
        let text = text.map_err(|_| Error::fault("a data key could not be wrapped"))?;
        Ok(DataKey { key, wrapped: [nonce.as_slice(), &text].concat() })
    }

    async fn unwrap(
        &self,
        directory: &DirectoryId,
        wrapped: &[u8],
    ) -> Result<Option<Zeroizing<[u8; 32]>>, Error> {
        let Some((nonce, text)) = wrapped.split_at_checked(NONCE_BYTES) else { return Ok(None) };
        let Ok(nonce) = <[u8; NONCE_BYTES]>::try_from(nonce) else { return Ok(None) };
        let bound = bound(directory, "");
        let payload = Payload { msg: text, aad: bound.as_bytes() };
        let key = cipher(&self.key).decrypt(&XNonce::from(nonce), payload).ok().map(Zeroizing::new);
        Ok(key.and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok()).map(Zeroizing::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Name;
    use futures::executor::block_on;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Never the same twice, which is all that is asked of it here.
    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::SeqCst));
        }
    }

    fn vault(key: u8) -> Vault {
        let random: Arc<dyn Random> = Arc::new(Counting(AtomicU8::new(key)));
        Vault::new(Arc::new(OwnKey::new(Zeroizing::new([key; 32]), Arc::clone(&random))), random)
    }

    fn people() -> DirectoryId {
        DirectoryId::demo().unwrap()
    }

    #[test]
    fn a_secret_opens_only_where_and_for_what_it_was_sealed() {
        let sealed = block_on(vault(1).seal(&people(), "nightly/password", b"correct horse")).unwrap();
        let open = |vault: Vault, directory: &DirectoryId, purpose: &str| {
            block_on(vault.open(directory, purpose, &sealed)).unwrap().map(|secret| secret.to_vec())
        };
        assert_eq!(open(vault(1), &people(), "nightly/password"), Some(b"correct horse".to_vec()));
        assert_eq!(open(vault(1), &people(), "weekly/password"), None);
        assert_eq!(open(vault(2), &people(), "nightly/password"), None);
        let other = DirectoryId::new(Name::new("acme").unwrap(), Name::new("advocates").unwrap());
        assert_eq!(open(vault(1), &other, "nightly/password"), None);
    }

    #[test]
    fn nothing_of_a_secret_shows() {
        let sealed = block_on(vault(1).seal(&people(), "p", b"correct horse")).unwrap();
        let again = block_on(vault(9).seal(&people(), "p", b"correct horse")).unwrap();
        assert_ne!(sealed, again);
        assert_eq!(format!("{sealed:?}"), "Sealed(…)");
        assert!(!serde_json::to_string(&sealed).unwrap().contains("horse"));
    }

    proptest! {
        #[test]
        fn no_text_opens_that_was_not_sealed(text: String, at in 0usize..200, byte in any::<u8>()) {
            prop_assert_eq!(block_on(vault(1).open(&people(), "p", &Sealed(text))).unwrap(), None);
            let Sealed(sealed) = block_on(vault(1).seal(&people(), "p", b"x")).unwrap();
            let mut bytes = sealed.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(text) = String::from_utf8(bytes) && text != sealed {
                prop_assert_eq!(block_on(vault(1).open(&people(), "p", &Sealed(text))).unwrap(), None);
            }
        }
    }
}
