//! The bucket: every version of every object, in memory.

use axum::body::Bytes;
use futures::TryStreamExt;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, ETag, ETagCondition, GetObjectInput, GetObjectOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, PutObjectInput, PutObjectOutput, Range, StreamingBlob,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As many as S3 lists at once.
const MAX_KEYS: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Bucket {
    objects: Mutex<Objects>,
}

#[derive(Debug, Default)]
struct Objects {
    writes: usize,
    /// Oldest version first.
    by_key: BTreeMap<String, Vec<Version>>,
}

#[derive(Debug, Clone)]
struct Version {
    id: String,
    /// `None` marks a deletion.
    content: Option<Bytes>,
}

impl Version {
    fn e_tag(content: &Bytes) -> ETag {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        ETag::Strong(format!("{:032x}", hasher.finish()))
    }
}

impl Objects {
    fn add(&mut self, key: String, content: Option<Bytes>) -> String {
        self.writes += 1;
        let id = format!("version-{:06}", self.writes);
        self.by_key.entry(key).or_default().push(Version { id: id.clone(), content });
        id
    }

    /// One version for good; those before it come to light again.
    fn forget(&mut self, key: &str, id: &str) {
        if let Some(versions) = self.by_key.get_mut(key) {
            versions.retain(|version| version.id != id);
        }
    }

    fn find(&self, key: &str, id: Option<&str>) -> S3Result<(String, Bytes)> {
        let versions = self.by_key.get(key).ok_or_else(|| s3_error!(NoSuchKey))?;
        let found = match id {
            None => versions.last(),
            Some(id) => versions.iter().find(|version| version.id == id),
        };
        match (found, id) {
            (Some(Version { id, content: Some(content) }), _) => Ok((id.clone(), content.clone())),
            (_, None) => Err(s3_error!(NoSuchKey)),
            (_, Some(_)) => Err(s3_error!(NoSuchVersion)),
        }
    }
}

impl Bucket {
    fn objects(&self, bucket: &str) -> S3Result<MutexGuard<'_, Objects>> {
        if bucket != super::BUCKET {
            return Err(s3_error!(NoSuchBucket));
        }
        Ok(self.objects.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait::async_trait]
impl S3 for Bucket {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let announced = input.content_length;
        let content = read(input.body).await?;
        if announced.is_some_and(|length| usize::try_from(length) != Ok(content.len())) {
            return Err(s3_error!(IncompleteBody));
        }
        let e_tag = Version::e_tag(&content);
        let id = self.objects(&input.bucket)?.add(input.key, Some(content));
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(e_tag),
            version_id: Some(id),
            ..PutObjectOutput::default()
        }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let (id, content) = self.objects(&input.bucket)?.find(&input.key, input.version_id.as_deref())?;
        let e_tag = Version::e_tag(&content);
        if matches!(&input.if_match, Some(ETagCondition::ETag(wanted)) if *wanted != e_tag) {
            return Err(s3_error!(PreconditionFailed));
        }
        let content = match &input.range {
            Some(range) => part(&content, range)?,
            None => content,
        };
        let length = i64::try_from(content.len()).ok();
        let body = futures::stream::iter([Ok::<_, std::io::Error>(content)]);
        Ok(S3Response::new(GetObjectOutput {
            body: Some(StreamingBlob::wrap(body)),
            content_length: length,
            e_tag: Some(e_tag),
            version_id: Some(id),
            ..GetObjectOutput::default()
        }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = request.input;
        let mut objects = self.objects(&input.bucket)?;
        if let Some(id) = input.version_id {
            objects.forget(&input.key, &id);
            return Ok(S3Response::new(DeleteObjectOutput {
                version_id: Some(id),
                ..DeleteObjectOutput::default()
            }));
        }
        let id = objects.add(input.key, None);
        Ok(S3Response::new(DeleteObjectOutput {
            delete_marker: Some(true),
            version_id: Some(id),
            ..DeleteObjectOutput::default()
        }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after =
            input.continuation_token.as_ref().or(input.start_after.as_ref()).cloned().unwrap_or_default();
        let limit =
            input.max_keys.and_then(|keys| usize::try_from(keys).ok()).unwrap_or(MAX_KEYS).min(MAX_KEYS);
        let objects = self.objects(&input.bucket)?;
        let mut found = objects.by_key.iter().filter_map(|(key, versions)| {
            let content = versions.last()?.content.as_ref()?;
            (key.starts_with(&prefix) && *key > after).then(|| entry(key, content))
        });
        let contents: Vec<Object> = found.by_ref().take(limit).collect();
        let more = found.next().is_some();
        let next = contents.last().and_then(|last| last.key.clone()).filter(|_| more);
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix,
            key_count: i32::try_from(contents.len()).ok(),
            contents: Some(contents),
            is_truncated: Some(more),
            next_continuation_token: next,
            ..ListObjectsV2Output::default()
        }))
    }
}

/// A range of an object.
fn part(content: &Bytes, range: &Range) -> S3Result<Bytes> {
    let range = range.check(content.len() as u64).map_err(|_| s3_error!(InvalidRange))?;
    let place = |at: u64| usize::try_from(at).map_err(|_| s3_error!(InvalidRange));
    Ok(content.slice(place(range.start)?..place(range.end)?))
}

async fn read(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(body) = body else { return Ok(Bytes::new()) };
    let parts: Vec<Bytes> = body.try_collect().await.map_err(|error| s3_error!(IncompleteBody, "{error}"))?;
    Ok(parts.concat().into())
}

fn entry(key: &str, content: &Bytes) -> Object {
    Object {
        key: Some(key.to_owned()),
        size: i64::try_from(content.len()).ok(),
        e_tag: Some(Version::e_tag(content)),
        ..Object::default()
    }
}
