//! Keys of imports: configurations, runs, pulls and what is told about them.

use super::{ALONE, hash};
use crate::store::{DirectoryId, Name};
use crate::table::Key;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// The partition of a directory's import configurations.
pub fn configurations(id: &DirectoryId) -> String {
    format!("F#{id}")
}

/// An import configuration.
pub fn configuration(id: &DirectoryId, name: &Name) -> Key {
    Key::new(configurations(id), name.as_str())
}

/// The partition of what an import configuration was before.
pub fn configuration_versions(id: &DirectoryId, name: &Name) -> String {
    format!("V#{id}#{name}")
}

/// A former version of an import configuration.
pub fn configuration_version(id: &DirectoryId, name: &Name, version: i64) -> Key {
    Key::new(configuration_versions(id, name), format!("{version:010}"))
}

/// The turn of imports into a directory: one worker at a time.
pub fn import_lease(id: &DirectoryId) -> Key {
    Key::new(format!("Q#{id}"), ALONE)
}

/// The index partition of all runs that wait for a worker.
pub const WAITING_RUNS: &str = "P";

/// The partition of the runs of a directory that wait for a worker, or have one.
pub fn waiting_runs(id: &DirectoryId) -> String {
    format!("P#{id}")
}

/// A run that waits for a worker.
pub fn waiting_run(id: &DirectoryId, run: &str) -> Key {
    Key::new(waiting_runs(id), run)
}

/// The index entry by which it is found without knowing the directory.
pub fn waiting_run_index(id: &DirectoryId, run: &str) -> Key {
    Key::new(WAITING_RUNS, format!("{id}#{run}"))
}

/// The directory that such an index entry names.
pub fn directory_of_waiting(sort: &str) -> Option<DirectoryId> {
    let (tenant, directory) = sort.split_once('#')?.0.split_once('/')?;
    Some(DirectoryId::new(Name::new(tenant).ok()?, Name::new(directory).ok()?))
}

/// The wish that a run be ended, for the worker that has it.
pub fn cancellation(id: &DirectoryId, run: &str) -> Key {
    Key::new(format!("X#{id}#{run}"), ALONE)
}

/// The file that a configuration applied last.
pub fn last_applied(id: &DirectoryId, configuration: &Name) -> Key {
    Key::new(format!("O#{id}#{configuration}"), ALONE)
}

/// The partition of a directory's runs, by time.
pub fn runs(id: &DirectoryId) -> String {
    format!("R#{id}")
}

/// A run.
pub fn run(id: &DirectoryId, run: &str) -> Key {
    Key::new(runs(id), run)
}

/// The run that an uploaded object started: one for a key and version, however often its event comes.
pub fn run_of_object(id: &DirectoryId, object: &str, version: &str) -> Key {
    Key::new(format!("E#{id}#{}", hash(&format!("{object}\0{version}"))), ALONE)
}

/// Partitions over which what is due is spread, so that many schedules of one minute do not meet in one.
pub const DUE_SHARDS: u8 = 16;

/// The partition of how far the pulls of a directory's configurations are.
pub fn pulls(id: &DirectoryId) -> String {
    format!("Y#{id}")
}

/// How far the pulls of a configuration are.
pub fn pull(id: &DirectoryId, configuration: &Name) -> Key {
    Key::new(pulls(id), configuration.as_str())
}

/// An index partition of what is due.
pub fn due_partition(shard: u8) -> String {
    format!("Y#{shard:x}")
}

/// The index entry by which a configuration is found when something is due.
pub fn due(at: Timestamp, id: &DirectoryId, configuration: &Name) -> Key {
    let name = format!("{id}#{configuration}");
    let shard = Sha256::digest(name.as_bytes()).first().copied().unwrap_or_default() % DUE_SHARDS;
    Key::new(due_partition(shard), format!("{}#{name}", due_sort(at)))
}

/// Where a time stands among entries that are found by time: by the millisecond.
fn due_sort(at: Timestamp) -> String {
    format!("{:012x}", at.as_millisecond().max(0))
}

/// The last sort key of entries up to this time, those of its very millisecond included: what follows a time begins with
/// the sign before this one.
pub fn due_until(at: Timestamp) -> String {
    format!("{}$", due_sort(at))
}

/// The directory that an entry which is found by time names, and what in it.
pub fn place_of_due(sort: &str) -> Option<(DirectoryId, &str)> {
    let mut parts = sort.splitn(3, '#').skip(1);
    let (tenant, directory) = parts.next()?.split_once('/')?;
    let id = DirectoryId::new(Name::new(tenant).ok()?, Name::new(directory).ok()?);
    Some((id, parts.next()?))
}

/// The partition of the PGP keys of a configuration.
pub fn pgp_keys(id: &DirectoryId, configuration: &Name) -> String {
    format!("Z#{id}#{configuration}")
}

/// A PGP key of a configuration.
pub fn pgp_key(id: &DirectoryId, configuration: &Name, key: &str) -> Key {
    Key::new(pgp_keys(id, configuration), key)
}

/// What is wrong with a configuration at present, and has been told.
pub fn incidents(id: &DirectoryId, configuration: &Name) -> Key {
    Key::new(format!("i#{id}#{configuration}"), ALONE)
}

/// The index partition of all notices that are still to be sent.
pub const OUTBOX: &str = "o";

/// A notice that is to be sent.
pub fn notice(id: &DirectoryId, notice: &str) -> Key {
    Key::new(format!("o#{id}#{notice}"), ALONE)
}

/// The index entry by which it is found from this time on.
pub fn notice_index(from: Timestamp, id: &DirectoryId, notice: &str) -> Key {
    Key::new(OUTBOX, format!("{}#{id}#{notice}", due_sort(from)))
}
