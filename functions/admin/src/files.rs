//! Bodies that are files: brought near as they come, and sent from where they lie.

use crate::error::Problem;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use domain::Error;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// Bytes that are read of a file at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A body that was read to its end.
pub(crate) struct Near {
    /// A private file, at its beginning.
    pub(crate) file: File,
    pub(crate) size: u64,
    pub(crate) sha256: [u8; 32],
}

/// Brings a body near that has at most so many bytes.
///
/// # Errors
/// 413 for one that is larger, 400 for one that breaks off.
pub(crate) async fn near(mut body: Body, most: u64) -> Result<Near, Problem> {
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(Error::from)?);
    let (mut size, mut hash) = (0, Sha256::new());
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body could not be read to its end"))?;
        let Ok(data) = frame.into_data() else { continue };
        size += data.len() as u64;
        if size > most {
            let detail = format!("the body is larger than {most} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        hash.update(&data);
        file.write_all(&data).await.map_err(Error::from)?;
    }
    file.flush().await.map_err(Error::from)?;
    file.rewind().await.map_err(Error::from)?;
    Ok(Near { file: file.into_std().await, size, sha256: hash.finalize().into() })
}

/// A body that is the rest of a file.
pub(crate) fn body(file: File) -> Body {
    let file = tokio::fs::File::from_std(file);
    Body::from_stream(futures::stream::try_unfold(file, async |mut file| {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(chunk), file)))
    }))
}
