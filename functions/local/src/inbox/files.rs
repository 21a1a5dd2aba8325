//! What lies in the inbox folders.

use crate::data_folder::DataFolder;
use domain::import::upload::INBOX;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// Endings of names under which programs write what is not yet complete.
const UNFINISHED_ENDINGS: [&str; 4] = [".tmp", ".part", ".filepart", ".partial"];
/// Beginnings of the same: hidden files, and the lock files of office programs.
const UNFINISHED_BEGINNINGS: [&str; 2] = [".", "~$"];
/// Folders below the inbox's own; deeper ones are not looked into, for links can make them endless.
const MAX_DEPTH: usize = 16;

/// A file in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InboxFile {
    /// Its object key.
    pub(crate) key: String,
    /// Tells whether it was written to.
    pub(crate) stamp: Stamp,
}

/// What lies in the inbox.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The files, the oldest first.
    pub(crate) files: Vec<InboxFile>,
    /// What can never be imported; it is left where it is.
    pub(crate) unusable: Vec<Unusable>,
}

/// An entry that can never be imported.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Unusable {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What is the matter with it.
    pub(crate) why: &'static str,
}

/// An entry of a folder.
enum Entry {
    File(String, Stamp),
    Folder(String),
    Unusable(&'static str),
}

/// What changes when a file does: time of change in nanoseconds, size, and number in the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    modified: i128,
    size: u64,
    number: u64,
}

impl Stamp {
    /// The stamp of a file.
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        Self { modified, size: metadata.len(), number: metadata.ino() }
    }

    #[cfg(test)]
    pub(super) fn new(modified: i128, size: u64) -> Self {
        Self { modified, size, number: 0 }
    }
}

/// Everything in the inbox whose name is not one of unfinished files. Links are not followed.
pub(crate) fn files(folder: &DataFolder) -> io::Result<Found> {
    let mut found = Found::default();
    let mut folders = vec![(INBOX.trim_end_matches('/').to_owned(), 0)];
    while let Some((key, depth)) = folders.pop() {
        let children = match fs::read_dir(folder.object(&key)) {
            Ok(children) => children,
            Err(error) if is_gone(&error) => continue,
            Err(error) => return Err(error),
        };
        for child in children {
            let child = child?;
            let mut leave = |why| found.unusable.push(Unusable { path: child.path(), why });
            match entry_of(&child)? {
                None => {}
                Some(Entry::Folder(_)) if depth == MAX_DEPTH => leave("it lies too many folders deep"),
                Some(Entry::Folder(name)) => folders.push((format!("{key}/{name}"), depth + 1)),
                Some(Entry::File(name, stamp)) => {
                    found.files.push(InboxFile { key: format!("{key}/{name}"), stamp });
                }
                Some(Entry::Unusable(why)) => leave(why),
            }
        }
    }
    found.files.sort_by(|one, other| (one.stamp, &one.key).cmp(&(other.stamp, &other.key)));
    Ok(found)
}

/// Whether a file of this name is still being written, or is none to import.
pub(super) fn is_unfinished(name: &str) -> bool {
    let name = name.to_lowercase();
    UNFINISHED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || UNFINISHED_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// `None` for what is to be left alone without a word. A name that is not UTF-8 cannot be a key.
fn entry_of(child: &DirEntry) -> io::Result<Option<Entry>> {
    let name = child.file_name();
    if is_unfinished(&name.to_string_lossy()) {
        return Ok(None);
    }
    let metadata = match child.metadata() {
        Ok(metadata) => metadata,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(match name.into_string() {
        Err(_) => Entry::Unusable("its name is not UTF-8"),
        Ok(_) if metadata.is_symlink() => Entry::Unusable("links are not followed"),
        Ok(name) if metadata.is_dir() => Entry::Folder(name),
        Ok(name) if metadata.is_file() => Entry::File(name, Stamp::of(&metadata)),
        Ok(_) => Entry::Unusable("it is no regular file"),
    }))
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_unfinished_files_are_known() {
        for name in [
            ".people.csv",
            ".~lock.people.csv#",
            "~$people.csv",
            "a.tmp",
            "a.csv.PART",
            "a.filepart",
            "a.partial",
        ] {
            assert!(is_unfinished(name), "{name}");
        }
        for name in ["people.csv", "people", "tmp.csv", "a.part.csv", "März 2026.CSV", "~people.csv"] {
            assert!(!is_unfinished(name), "{name}");
        }
    }
}
