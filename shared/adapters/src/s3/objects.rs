//! The object port on a bucket.

use super::file_body::FileBody;
use crate::aws::{CONNECT_TIMEOUT, READ_TIMEOUT, Retries, Verdict, judge};
use crate::object_keys;
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use domain::objects::{Entry, Object, ObjectError, Objects};
use domain::ports::Random;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

/// What answers that there is nothing: no such object or version, one that was deleted, one that is another by now.
const ABSENT: [&str; 5] =
    ["NoSuchKey", "NoSuchVersion", "NotFound", "MethodNotAllowed", "PreconditionFailed"];
/// What answers that a range begins behind the end of its object.
const BEHIND_THE_END: &str = "InvalidRange";
/// As many keys as S3 lists at once.
const MAX_KEYS: usize = 1000;

/// A slower way to S3 counts as none.
const SLOWEST_BYTES_A_SECOND: u64 = 5_000_000;

/// How long an answer to so many bytes may take to begin. It begins when the last byte is sent, so it is longer for more.
/// A power of two in seconds, as the client keeps a set of connections for each length that it meets.
fn patience(size: u64) -> Duration {
    let sending = Duration::from_secs((size / SLOWEST_BYTES_A_SECOND).next_power_of_two());
    if size < SLOWEST_BYTES_A_SECOND { READ_TIMEOUT } else { READ_TIMEOUT + sending }
}

/// The object port on a bucket of S3. What a retry can mend is retried for up to ten seconds.
///
/// The version of an object is its version id; in a bucket without versions it is the entity tag, in its quotes, which
/// tells contents apart, and with which only the latest object can be fetched.
#[derive(Clone)]
pub struct S3Objects {
    client: Client,
    bucket: String,
    random: Arc<dyn Random>,
    retries: Retries,
}

impl std::fmt::Debug for S3Objects {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("S3Objects").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl S3Objects {
    /// On the bucket of this name, with the configuration of [`crate::aws`]. `random` spreads retries.
    pub fn new(config: &SdkConfig, bucket: impl Into<String>, random: Arc<dyn Random>) -> Self {
        // An endpoint that is not AWS has no host name for each bucket.
        let own = Builder::from(config).force_path_style(config.endpoint_url().is_some()).build();
        Self { client: Client::from_conf(own), bucket: bucket.into(), random, retries: Retries::STANDARD }
    }

    /// With another policy of retries.
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    async fn page(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Entry>, bool), ObjectError> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned))
            .max_keys(i32::try_from(limit.min(MAX_KEYS)).unwrap_or(i32::MAX));
        let mut pauses = self.retries.begin(self.random.as_ref());
        let answer = loop {
            match request.clone().send().await {
                Ok(answer) => break answer,
                Err(error) if may_repeat(&error) && pauses.wait().await => {}
                Err(error) => return Err(unavailable(error)),
            }
        };
        let more = answer.is_truncated().unwrap_or_default();
        let entry = |object: aws_sdk_s3::types::Object| {
            let size = object.size().and_then(|size| u64::try_from(size).ok())?;
            Some(Entry { key: object.key?, size })
        };
        Ok((answer.contents.into_iter().flatten().filter_map(entry).collect(), more))
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn fetch(&self, key: &str, version: Option<&str>) -> Result<Option<Object>, ObjectError> {
        object_keys::check(key)?;
        let (tag, id) = pinned(version);
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .set_version_id(id.map(str::to_owned))
            .set_if_match(tag.map(str::to_owned));
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            let answer = match request.clone().send().await {
                Ok(answer) => answer,
                Err(error) if error.code().is_some_and(|code| ABSENT.contains(&code)) => return Ok(None),
                Err(error) if may_repeat(&error) && pauses.wait().await => continue,
                Err(error) => return Err(unavailable(error)),
            };
            // The body may be cut after a good beginning.
            match bring_near(answer).await {
                Ok(object) => return Ok(Some(object)),
                Err(_) if pauses.wait().await => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
    }

    async fn read_at(&self, key: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, ObjectError> {
        object_keys::check(key)?;
        // A range has a byte at least.
        let last = offset.saturating_add((length as u64).max(1) - 1);
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let request = request.range(format!("bytes={offset}-{last}"));
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            let answer = match request.clone().send().await {
                Ok(answer) => answer,
                Err(error) if error.code() == Some(BEHIND_THE_END) => return Ok(Some(Vec::new())),
                Err(error) if error.code().is_some_and(|code| ABSENT.contains(&code)) => return Ok(None),
                Err(error) if may_repeat(&error) && pauses.wait().await => continue,
                Err(error) => return Err(unavailable(error)),
            };
            match answer.body.collect().await {
                Ok(body) => {
                    let mut bytes = body.to_vec();
                    bytes.truncate(length);
                    return Ok(Some(bytes));
                }
                Err(_) if pauses.wait().await => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
    }

    async fn store(&self, key: &str, file: File) -> Result<(), ObjectError> {
        object_keys::check(key)?;
        let size = file.metadata().map_err(unavailable)?.len();
        let file = Arc::new(file);
        let patience = patience(size);
        let retries = Retries { total: self.retries.total + patience, ..self.retries };
        let mut pauses = retries.begin(self.random.as_ref());
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(patience).build();
        loop {
            let body = SdkBody::from_body_1_x(FileBody::new(Arc::clone(&file), size));
            let request = self.client.put_object().bucket(&self.bucket).key(key);
            let request = request.content_length(i64::try_from(size).unwrap_or(i64::MAX));
            let request = request.body(ByteStream::new(body)).customize();
            match request.config_override(Builder::new().timeout_config(timeouts.clone())).send().await {
                Ok(_) => return Ok(()),
                Err(error) if may_repeat(&error) && pauses.wait().await => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, ObjectError> {
        let mut found: Vec<Entry> = Vec::new();
        while found.len() < limit {
            let after = found.last().map(|entry| entry.key.clone()).or_else(|| after.map(str::to_owned));
            let (entries, more) = self.page(prefix, after.as_deref(), limit - found.len()).await?;
            let ended = !more || entries.is_empty();
            found.extend(entries);
            if ended {
                break;
            }
        }
        Ok(found)
    }

    async fn remove(&self, key: &str, version: Option<&str>) -> Result<(), ObjectError> {
        object_keys::check(key)?;
        let (tag, id) = pinned(version);
        let request = self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .set_version_id(id.map(str::to_owned))
            .set_if_match(tag.map(str::to_owned));
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            match request.clone().send().await {
                Ok(_) => return Ok(()),
                Err(error) if error.code().is_some_and(|code| ABSENT.contains(&code)) => return Ok(()),
                Err(error) if may_repeat(&error) && pauses.wait().await => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
    }

    async fn upload_url(&self, key: &str, seconds: u32) -> Result<Option<String>, ObjectError> {
        object_keys::check(key)?;
        let expiry =
            PresigningConfig::expires_in(Duration::from_secs(seconds.into())).map_err(unavailable)?;
        let request = self.client.put_object().bucket(&self.bucket).key(key).presigned(expiry).await;
        Ok(Some(request.map_err(unavailable)?.uri().to_owned()))
    }
}

/// A version as its entity tag, or as its version id.
fn pinned(version: Option<&str>) -> (Option<&str>, Option<&str>) {
    match version {
        Some(version) if version.starts_with('"') => (Some(version), None),
        version => (None, version),
    }
}

/// Copies the body into a private file, which has no name and so goes with its last handle.
async fn bring_near(answer: GetObjectOutput) -> io::Result<Object> {
    let version = answer.version_id.filter(|id| id != "null").or(answer.e_tag).unwrap_or_default();
    let mut file = tokio::fs::File::from_std(tempfile::tempfile()?);
    let mut body = answer.body;
    let mut size = 0;
    while let Some(chunk) = body.try_next().await.map_err(io::Error::other)? {
        size += chunk.len() as u64;
        file.write_all(&chunk).await?;
    }
    if answer.content_length.is_some_and(|announced| u64::try_from(announced) != Ok(size)) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    file.flush().await?;
    file.rewind().await?;
    Ok(Object { file: file.into_std().await, size, version })
}

fn may_repeat<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    judge(error) != Verdict::Final
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> ObjectError {
    ObjectError::Unavailable(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_much_may_be_long_in_coming() {
        let seconds = |bytes: u64| patience(bytes).as_secs();
        assert_eq!([0, 4_999_999, 5_000_000].map(seconds), [3, 3, 4]);
        assert_eq!([300_000_000, 4_000_000_000].map(seconds), [3 + 64, 3 + 1024]);
        let lengths: std::collections::BTreeSet<u64> = (0..1000).map(|at| seconds(at * 4_000_000)).collect();
        assert!(lengths.len() <= 12, "{lengths:?}");
    }
}
