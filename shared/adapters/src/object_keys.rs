//! Which keys name an object, in a folder and in a bucket alike, so that what works on a laptop works in the cloud.

use domain::objects::ObjectError;

/// What the names of unfinished files begin with, and therefore no part of a key.
pub(crate) const TEMPORARY: &str = ".muster-";
/// Bytes of a part of a key, as file systems allow.
const MAX_PART_BYTES: usize = 255;
/// Bytes of a key, as S3 allows.
const MAX_KEY_BYTES: usize = 1024;

/// Refuses a key that would name nothing, or something outside the store.
pub(crate) fn check(key: &str) -> Result<(), ObjectError> {
    if is_key(key) { Ok(()) } else { Err(ObjectError::InvalidKey) }
}

/// Whether the key names a file below the root, wherever it is joined, and no unfinished one.
pub(crate) fn is_key(key: &str) -> bool {
    key.len() <= MAX_KEY_BYTES && !key.contains(['\0', '\\']) && key.split('/').all(is_part)
}

fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= MAX_PART_BYTES
        && part != "."
        && part != ".."
        && !part.starts_with(TEMPORARY)
}
