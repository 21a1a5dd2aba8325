//! The object port: whole files under slash-separated keys (a bucket, or a folder).

use async_trait::async_trait;
use std::fs::File;

/// A stored object, brought near.
#[derive(Debug)]
pub struct Object {
    /// A local copy, readable and seekable from its start. Private to the caller; gone when dropped.
    pub file: File,
    /// Its length in bytes.
    pub size: u64,
    /// Names exactly these bytes under this key: a version id, or what else tells two uploads apart.
    pub version: String,
}

/// What a listing says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its length in bytes.
    pub size: u64,
}

/// Why the store did not do what it was asked. The adapter has already retried what a retry can mend.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The key cannot name an object: empty, absolute, or with a `..` in it.
    #[error("not an object key")]
    InvalidKey,
    /// The store could not be reached or refused.
    #[error("the object store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The object port.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Brings an object near: the named version, or the latest. `None` where there is none.
    async fn fetch(&self, key: &str, version: Option<&str>) -> Result<Option<Object>, ObjectError>;

    /// The bytes of the latest object from `offset` on, at most `length` of them: fewer at its end, none behind it. `None`
    /// where there is no object.
    async fn read_at(&self, key: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, ObjectError>;

    /// Stores a whole file, read from its start, replacing what stood there; done when durable. A reader sees the old
    /// or the new object, never a part.
    async fn store(&self, key: &str, file: File) -> Result<(), ObjectError>;

    /// Keys that begin with `prefix`, in byte order, up to `limit`, after `after`.
    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, ObjectError>;

    /// Removes an object: the named version and no other, or whatever is there. Removing nothing is not an error.
    async fn remove(&self, key: &str, version: Option<&str>) -> Result<(), ObjectError>;

    /// An address to which anybody may PUT an object under this key for so many seconds; `None` where the store has no
    /// address of its own.
    async fn upload_url(&self, key: &str, seconds: u32) -> Result<Option<String>, ObjectError>;
}
