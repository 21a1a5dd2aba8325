//! Finds the file on the server, and sees that it is whole: finished, of the size that it had a moment ago, and with its
//! marker where files come with one.

use super::server::Stopped;
use crate::import::configuration::{RemoteUrl, SftpSource};
use crate::import::entrance::check_file_name;
use crate::import::problem::Code;
use crate::ports::Pause;
use crate::remote::{Failed, RemoteEntry, RemoteKind, RemoteSession, Step, Steps};
use jiff::civil::DateTime;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::time::Duration;

/// Entries of a folder that are looked through.
const MAX_ENTRIES: usize = 100_000;
/// The time between the two looks that have to agree.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
/// Bytes of a marker that are read.
const MARKER_BYTES: u64 = 4096;
/// Bytes of a file that are fetched at most.
pub(super) const MAX_BYTES: u64 = 4 << 30;

/// A file on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) folder: String,
    pub(super) entry: RemoteEntry,
    pub(super) marker: Option<Marker>,
}

/// A file beside the file that says that it is finished, and perhaps what it has to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) path: String,
    /// How many rows it has.
    pub(super) rows: Option<u64>,
    /// Its SHA-256, in small hexadecimal digits.
    pub(super) sha256: Option<String>,
}

impl Found {
    pub(super) fn path(&self) -> String {
        join(&self.folder, &self.entry.name)
    }
}

/// A path below a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "." => name.to_owned(),
        "/" => format!("/{name}"),
        folder => format!("{folder}/{name}"),
    }
}

/// The file of a source for dates of this day, and whether it lies there whole as far as one look tells.
pub(super) async fn find(
    session: &mut dyn RemoteSession,
    source: &SftpSource,
    at: DateTime,
    steps: &mut dyn Steps,
) -> Result<Found, Stopped> {
    let (folder, wanted) = (source.url.folder(at), source.url.name(at));
    let entry = if source.url.is_pattern() {
        let entries = session.list(&folder, MAX_ENTRIES).await?;
        steps.passed(Step::OpenFolder, format!("{folder}: {} entries", entries.len()));
        latest(entries, &wanted, source.marker.as_deref())
    } else {
        open_folder(session, &folder, steps).await?;
        session.look(&join(&folder, &wanted)).await?
    };
    let missing = || Failed::at(Step::MatchFile, Code::SftpFileMissing, format!("{wanted} in {folder}"));
    let entry = entry.ok_or_else(missing)?;
    let found = Found { folder, entry, marker: None };
    if found.entry.kind != RemoteKind::File {
        return Err(Failed::at(Step::MatchFile, Code::SftpNotAFile, found.path()).into());
    }
    steps.passed(Step::MatchFile, found.path());
    let marker = marker(session, &found, source).await?;
    if found.entry.size.is_some_and(|size| size > MAX_BYTES) {
        return Err(Failed::at(Step::SizeAndTime, Code::SftpFileTooLarge, told(&found.entry)).into());
    }
    steps.passed(Step::SizeAndTime, told(&found.entry));
    Ok(Found { marker, ..found })
}

async fn open_folder(
    session: &mut dyn RemoteSession,
    folder: &str,
    steps: &mut dyn Steps,
) -> Result<(), Stopped> {
    match session.look(folder).await?.map(|entry| entry.kind) {
        None => Err(Failed::at(Step::OpenFolder, Code::SftpFolderMissing, folder).into()),
        // Whoever runs the server may well have the folder elsewhere; only files are not followed.
        Some(RemoteKind::Folder | RemoteKind::Link) => {
            steps.passed(Step::OpenFolder, folder.to_owned());
            Ok(())
        }
        Some(_) => {
            Err(Failed::at(Step::OpenFolder, Code::SftpFolderMissing, format!("{folder} is no folder"))
                .into())
        }
    }
}

/// Of the files that fit, the one that was written last; among those of one time, the last by name.
fn latest(entries: Vec<RemoteEntry>, wanted: &str, marker: Option<&str>) -> Option<RemoteEntry> {
    entries
        .into_iter()
        .filter(|entry| RemoteUrl::fits(wanted, &entry.name) && is_finished(&entry.name))
        .filter(|entry| entry.kind == RemoteKind::File)
        .filter(|entry| marker.is_none_or(|marker| !entry.name.ends_with(marker)))
        .max_by(|one, two| (one.modified, &one.name).cmp(&(two.modified, &two.name)))
}

/// Whether a name is not one that files have while they are written.
fn is_finished(name: &str) -> bool {
    check_file_name(name).is_ok() && !name.starts_with('~')
}

/// The marker of a file, where the source has them.
async fn marker(
    session: &mut dyn RemoteSession,
    found: &Found,
    source: &SftpSource,
) -> Result<Option<Marker>, Stopped> {
    let Some(ending) = &source.marker else { return Ok(None) };
    let path = format!("{}{ending}", found.path());
    if session.look(&path).await?.is_none_or(|entry| entry.kind != RemoteKind::File) {
        let fact = format!("the marker {path} is not there");
        return Err(Failed::at(Step::MatchFile, Code::SftpFileUnfinished, fact).into());
    }
    let mut file = tempfile::tempfile()?;
    session.read(&path, MARKER_BYTES, &mut file).await?;
    let mut content = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut content)?;
    Ok(Some(Marker { path, ..read_marker(&String::from_utf8_lossy(&content)) }))
}

/// What a marker says: a number of rows, a SHA-256 as `sha256sum` writes it, or nothing.
fn read_marker(text: &str) -> Marker {
    let first =
        text.split(|c: char| c.is_whitespace() || c == '=' || c == ':').filter(|word| !word.is_empty());
    let mut marker = Marker::default();
    for word in first.take(8) {
        if word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            marker.sha256.get_or_insert(word.to_ascii_lowercase());
        } else if let (None, Ok(rows)) = (marker.rows, word.parse()) {
            marker.rows = Some(rows);
        }
    }
    marker
}

/// Looks again after some seconds: a file that is being written grows. One with a marker is finished.
pub(super) async fn is_stable(
    session: &mut dyn RemoteSession,
    found: &Found,
    pause: &dyn Pause,
) -> Result<(), Stopped> {
    if found.marker.is_some() {
        return Ok(());
    }
    pause.pause(BETWEEN_LOOKS).await;
    is_same(session, found).await
}

/// Sees that the file is still as it was.
pub(super) async fn is_same(session: &mut dyn RemoteSession, found: &Found) -> Result<(), Stopped> {
    let now = session.look(&found.path()).await?;
    match now {
        Some(now) if (now.size, now.modified) == (found.entry.size, found.entry.modified) => Ok(()),
        now => {
            let now = now.as_ref().map_or_else(|| "gone".to_owned(), told);
            let fact = format!("{}, then {now}", told(&found.entry));
            Err(Failed::at(Step::SizeAndTime, Code::SftpFileUnfinished, fact).into())
        }
    }
}

/// Sees that what was fetched is what its marker says.
pub(super) fn check_hash(found: &Found, sha256: &str) -> Result<(), Failed> {
    match found.marker.as_ref().and_then(|marker| marker.sha256.as_deref()) {
        Some(wanted) if wanted != sha256 => {
            let fact = format!("SHA-256 {sha256}, and the marker says {wanted}");
            Err(Failed::at(Step::Read, Code::SftpMarkerWrong, fact))
        }
        _ => Ok(()),
    }
}

/// The same for its rows. Whether the header is counted is for whoever writes markers to know.
pub(super) fn check_rows(found: &Found, file: &File) -> Result<(), Stopped> {
    let Some(wanted) = found.marker.as_ref().and_then(|marker| marker.rows) else { return Ok(()) };
    let rows = rows(file)?;
    if rows == wanted || rows == wanted.saturating_add(1) {
        return Ok(());
    }
    let fact = format!("{rows} lines with the header, and the marker says {wanted} rows");
    Err(Failed::at(Step::Read, Code::SftpMarkerWrong, fact).into())
}

/// Records of a file, its header among them.
fn rows(mut file: &File) -> Result<u64, std::io::Error> {
    file.rewind()?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(std::io::BufReader::new(file));
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    file.rewind()?;
    Ok(rows)
}

/// Size and time, as a fact.
pub(super) fn told(entry: &RemoteEntry) -> String {
    let size = entry.size.map_or_else(|| "of unknown size".to_owned(), |size| format!("{size} bytes"));
    let modified = entry.modified.map_or_else(|| "of unknown time".to_owned(), |at| at.to_string());
    format!("{size}, {modified}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn entry(name: &str, modified: i64) -> RemoteEntry {
        let modified = Timestamp::from_second(modified).ok();
        RemoteEntry { name: name.to_owned(), kind: RemoteKind::File, size: Some(1), modified }
    }

    #[track_caller]
    fn check(entries: &[RemoteEntry], wanted: &str, expect: Option<&str>) {
        let found = latest(entries.to_vec(), wanted, Some(".done"));
        assert_eq!(found.map(|entry| entry.name).as_deref(), expect, "{wanted}");
    }

    #[test]
    fn the_latest_that_fits() {
        let folder = RemoteEntry { kind: RemoteKind::Folder, ..entry("users_9.csv", 9) };
        let link = RemoteEntry { kind: RemoteKind::Link, ..entry("users_8.csv", 8) };
        let untimed = RemoteEntry { modified: None, ..entry("users_z.csv", 0) };
        let all = [
            entry("users_1.csv", 3),
            entry("users_2.csv", 5),
            entry("users_3.csv", 5),
            entry("users_4.csv.part", 7),
            entry("users_3.csv.done", 8),
            entry("~$users_5.csv", 9),
            entry(".users_6.csv", 9),
            folder,
            link,
            untimed,
        ];
        check(&all, "users_*.csv", Some("users_3.csv"));
        check(&all, "users_?.csv*", Some("users_3.csv"));
        check(&all, "users_1.csv", Some("users_1.csv"));
        check(&all, "people_*.csv", None);
        check(&[], "*", None);
    }

    #[test]
    fn markers() {
        let hash = "AB".repeat(32);
        let read = |text: &str| read_marker(text);
        assert_eq!(read(""), Marker::default());
        assert_eq!(read("done\n"), Marker::default());
        assert_eq!(read("400\r\n").rows, Some(400));
        assert_eq!(read("rows=400").rows, Some(400));
        assert_eq!(read(&format!("{hash}  users.csv\n")).sha256, Some("ab".repeat(32)));
        assert_eq!(read("-1").rows, None);
    }

    #[test]
    fn paths() {
        assert_eq!(join(".", "a"), "a");
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("/out", "a"), "/out/a");
    }
}
