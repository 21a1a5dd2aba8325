//! Lists and searches (RFC 7644 §3.4.2, §3.4.3): the same question, asked by GET or by POST, of one type or of all.

use crate::Api;
use crate::address::Base;
use crate::answer::{json, shown};
use crate::call::{Call, projection};
use crate::error::Failure;
use crate::request::{Body, Parameters};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use domain::directory::{Directory, Wanted};
use domain::store::Kind;
use scim::Document;
use scim::filter::Filter;
use scim::list::{Paging, list_response};

/// Resources on a page for which no `count` was asked.
pub const DEFAULT_PAGE: usize = 100;
/// Resources on a page at most: with users of 2 KB well below what one answer may carry.
pub const MAX_PAGE: usize = 500;

/// `/.search` below one type, or at the root for all of them.
pub(crate) fn search(kinds: &'static [Kind]) -> MethodRouter<Api> {
    post(move |call: Call, Body(body): Body| async move {
        answer(kinds, &call.directory, &call.base, &Parameters::of_search(&body)?).await
    })
}

/// The list response over these types, one after the other.
pub(crate) async fn answer(
    kinds: &[Kind],
    directory: &Directory,
    base: &Base,
    parameters: &Parameters,
) -> Result<Response, Failure> {
    let (start, count) = (parameters.get("startIndex"), parameters.get("count"));
    let paging = Paging::parse(start, count, DEFAULT_PAGE, MAX_PAGE)?;
    let mut skipped = paging.start_index.saturating_sub(1);
    let (mut total, mut resources) = (0, Vec::new());
    for kind in understanding(kinds, directory, parameters)? {
        let room = paging.count - resources.len();
        let (of_kind, page) = page(kind, directory, base, parameters, skipped, room).await?;
        total += of_kind;
        skipped = skipped.saturating_sub(of_kind);
        resources.extend(page);
    }
    Ok(json(StatusCode::OK, &list_response(total, paging.start_index, resources)))
}

/// The types that have the attributes of the filter; where none has, the filter is at fault.
fn understanding(
    kinds: &[Kind],
    directory: &Directory,
    parameters: &Parameters,
) -> Result<Vec<Kind>, Failure> {
    let (mut able, mut refusal) = (Vec::new(), None);
    for kind in kinds {
        match filter(*kind, directory, parameters) {
            Ok(_) => able.push(*kind),
            Err(failure) => refusal = refusal.or(Some(failure)),
        }
    }
    match refusal.filter(|_| able.is_empty()) {
        Some(failure) => Err(failure),
        None => Ok(able),
    }
}

async fn page(
    kind: Kind,
    directory: &Directory,
    base: &Base,
    parameters: &Parameters,
    offset: usize,
    count: usize,
) -> Result<(usize, Vec<Document>), Failure> {
    let projection = projection(directory, kind, parameters)?;
    let filter = filter(kind, directory, parameters)?;
    let with_members = projection.wants("members");
    let wanted = Wanted { filter: filter.as_ref(), offset, count, with_members };
    let page = directory.list(kind, &wanted).await?;
    let resources = page.resources.into_iter().map(|one| shown(base, kind, one, &projection));
    Ok((page.total, resources.collect()))
}

fn filter(kind: Kind, directory: &Directory, parameters: &Parameters) -> Result<Option<Filter>, Failure> {
    let resource_type = directory.resource_type(kind)?;
    let text = parameters.get("filter").filter(|text| !text.trim().is_empty());
    Ok(text.map(|text| Filter::parse(text, resource_type)).transpose()?)
}
