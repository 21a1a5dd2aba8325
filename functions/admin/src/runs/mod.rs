//! Runs of imports: how far they are, what they would do and have done, and what a person decides about them.

mod decide;
mod document;
mod list;
mod plan;
mod report;
mod show;

pub(crate) use decide::{
    __path_approve, __path_cancel, __path_discard, __path_revert, approve, cancel, discard, revert,
};
pub(crate) use document::Run;
pub(crate) use list::{__path_list, list};
pub(crate) use plan::{__path_plan, plan};
pub(crate) use report::{__path_report, report};
pub(crate) use show::{__path_show, show};

use crate::Api;
use crate::answer::json;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::import::run::Run as Kept;
use domain::store::DirectoryId;

/// Characters of an id at most; longer ones are nobody's, and no key.
const MAX_ID_CHARS: usize = 64;

fn absent() -> Problem {
    Problem::absent("this directory has no such run")
}

fn is_id(id: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The id that the path gives; one that no run can have is absent.
fn id(place: &DirectoryPlace) -> Result<&str, Problem> {
    Some(place.below.as_str()).filter(|id| is_id(id)).ok_or_else(absent)
}

async fn run(api: &Api, place: &DirectoryPlace) -> Result<Kept, Problem> {
    api.store.run(&place.entry.id, id(place)?).await?.ok_or_else(absent)
}

/// Answers with a run that has just begun (RFC 9110 §15.3.3).
pub(crate) fn begun(api: &Api, directory: &DirectoryId, run: Kept) -> Response {
    let path = format!(
        "{}/tenants/{}/directories/{}/runs/{}",
        crate::BASE,
        directory.tenant,
        directory.directory,
        run.id
    );
    let mut response = json(StatusCode::ACCEPTED, &Run::new(run, api.store.now()));
    let location = HeaderValue::try_from(path).ok();
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    response
}
