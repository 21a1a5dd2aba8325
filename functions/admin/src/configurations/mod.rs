//! Import configurations of a directory: how files are read and whom their users belong to.

mod change;
mod create;
mod document;
mod list;
mod remove;
mod replace;
mod secrets;
mod show;
mod source;
mod template;
mod version;

pub(crate) use change::{__path_change, change};
pub(crate) use create::{__path_create, create};
pub(crate) use document::{Configuration, Unkept};
pub(crate) use list::{__path_list, list};
pub(crate) use remove::{__path_remove, remove};
pub(crate) use replace::{__path_replace, replace};
pub(crate) use show::{__path_show, show};
pub(crate) use template::{__path_template, template};

use crate::Api;
use crate::error::Problem;
use crate::place::DirectoryPlace;
use domain::import::configuration::ConfigurationEntry;
use domain::store::{DirectoryId, Name};

pub(crate) fn absent() -> Problem {
    Problem::absent("this directory has no such configuration")
}

/// The name that the path gives; one that nobody can have is absent.
pub(crate) fn named(place: &DirectoryPlace) -> Result<Name, Problem> {
    Name::new(&place.below).map_err(|_| absent())
}

/// A configuration of a directory.
///
/// # Errors
/// 404 where there is none of this name.
pub(crate) async fn entry(api: &Api, id: &DirectoryId, name: &Name) -> Result<ConfigurationEntry, Problem> {
    let entry = api.store.configuration_entry(id, name).await?;
    entry.ok_or_else(|| Problem::absent(&format!("this directory has no configuration {name}")))
}
