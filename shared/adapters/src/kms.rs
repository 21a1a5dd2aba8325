//! Wraps data keys with a key of KMS. Tenant and directory are in the encryption context, so that a wrapped key is of use
//! for that directory only, and the log of KMS says for whom each secret was opened.

use crate::aws::{Retries, Verdict, judge};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::operation::decrypt::DecryptError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use domain::Error;
use domain::ports::Random;
use domain::secret::{DataKey, KeyKeeper};
use domain::store::DirectoryId;
use std::collections::HashMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A key of KMS. What a retry can mend is retried for up to ten seconds.
#[derive(Clone)]
pub struct KmsKeys {
    client: Client,
    key_id: String,
    random: Arc<dyn Random>,
    retries: Retries,
}

impl KmsKeys {
    /// The key of this id, ARN or alias, with the configuration of [`crate::aws`]. `random` spreads retries.
    pub fn new(config: &SdkConfig, key_id: impl Into<String>, random: Arc<dyn Random>) -> Self {
        Self { client: Client::new(config), key_id: key_id.into(), random, retries: Retries::STANDARD }
    }
}

fn context(directory: &DirectoryId) -> HashMap<String, String> {
    HashMap::from([
        ("tenant".to_owned(), directory.tenant.to_string()),
        ("directory".to_owned(), directory.directory.to_string()),
    ])
}

fn key(plain: Option<Blob>) -> Result<Zeroizing<[u8; 32]>, Error> {
    let plain = Zeroizing::new(plain.map(Blob::into_inner).unwrap_or_default());
    let key = <[u8; 32]>::try_from(plain.as_slice());
    key.map(Zeroizing::new).map_err(|_| Error::fault("a data key of KMS has not 32 bytes"))
}

#[async_trait]
impl KeyKeeper for KmsKeys {
    async fn fresh(&self, directory: &DirectoryId) -> Result<DataKey, Error> {
        let request = self
            .client
            .generate_data_key()
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(context(directory)));
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            match request.clone().send().await {
                Ok(made) => {
                    let wrapped = made.ciphertext_blob.map(Blob::into_inner).unwrap_or_default();
                    return Ok(DataKey { key: key(made.plaintext)?, wrapped });
                }
                Err(error) if judge(&error) != Verdict::Final && pauses.wait().await => {}
                Err(error) => return Err(Error::Unavailable(Box::new(error))),
            }
        }
    }

    async fn unwrap(
        &self,
        directory: &DirectoryId,
        wrapped: &[u8],
    ) -> Result<Option<Zeroizing<[u8; 32]>>, Error> {
        let request = self
            .client
            .decrypt()
            .key_id(&self.key_id)
            .ciphertext_blob(Blob::new(wrapped))
            .set_encryption_context(Some(context(directory)));
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            match request.clone().send().await {
                Ok(opened) => return key(opened.plaintext).map(Some),
                Err(error) if error.as_service_error().is_some_and(is_not_ours) => return Ok(None),
                Err(error) if judge(&error) != Verdict::Final && pauses.wait().await => {}
                Err(error) => return Err(Error::Unavailable(Box::new(error))),
            }
        }
    }
}

/// Wrapped with another key, or for another directory.
fn is_not_ours(error: &DecryptError) -> bool {
    error.is_invalid_ciphertext_exception() || error.is_incorrect_key_exception()
}
