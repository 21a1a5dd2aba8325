//! The inbox folders: finding files that are complete, importing them, and putting files in.

mod files;
mod looks;
mod put;
mod watch;

pub(crate) use put::put;
pub(crate) use watch::watch;
