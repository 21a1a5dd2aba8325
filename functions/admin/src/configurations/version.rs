//! Versions as entity tags (RFC 9110 §8.8.3), and conditions on them (§13.1.1).

use super::Configuration;
use crate::Api;
use crate::answer::json;
use crate::error::Problem;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::import::configuration::ConfigurationEntry;
use domain::pull::PullState;
use domain::store::DirectoryId;

/// Answers with a configuration and its entity tag.
pub(super) async fn shown(
    api: &Api,
    id: &DirectoryId,
    entry: ConfigurationEntry,
) -> Result<Response, Problem> {
    let version = entry.version;
    Ok(tagged(json(StatusCode::OK, &document(api, id, entry).await?), version))
}

/// A configuration as it is shown.
pub(super) async fn document(
    api: &Api,
    id: &DirectoryId,
    entry: ConfigurationEntry,
) -> Result<Configuration, Problem> {
    let pulls = match entry.document.source.sftp() {
        Some(_) => api.store.pull_state(id, &entry.document.name).await?,
        None => PullState::default(),
    };
    Ok(Configuration::new(entry, &pulls, api.store.now()))
}

/// The answer with the entity tag of a version.
pub(super) fn tagged(mut response: Response, version: i64) -> Response {
    let tag = HeaderValue::try_from(format!("\"{version}\"")).ok();
    response.headers_mut().extend(tag.map(|tag| (header::ETAG, tag)));
    response
}

/// The version that a change is for, if it is for one in particular.
///
/// # Errors
/// 412 where the configuration is at none of those that `If-Match` names.
pub(super) fn expected(headers: &HeaderMap, current: &ConfigurationEntry) -> Result<Option<i64>, Problem> {
    let tags: Vec<&str> = headers
        .get_all(header::IF_MATCH)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    if tags.is_empty() || tags.contains(&"*") {
        return Ok(None);
    }
    // What stands between may have made a tag weak, as compressing does.
    let ours = format!("\"{}\"", current.version);
    if tags.iter().any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == ours) {
        return Ok(Some(current.version));
    }
    Err(another())
}

pub(super) fn another() -> Problem {
    let detail =
        "the configuration is at another version by now; look at it and repeat the change with its ETag";
    Problem::new(StatusCode::PRECONDITION_FAILED, detail)
}
