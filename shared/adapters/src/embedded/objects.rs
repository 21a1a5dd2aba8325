//! Objects in a folder: one file each, under its key.

use crate::object_keys;
use async_trait::async_trait;
use domain::objects::{Entry, Object, ObjectError, Objects};
use std::collections::BinaryHeap;
use std::fs::{self, DirEntry, File, Metadata};
use std::io::{self, Seek};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The object port on a folder. Files that others move into it are objects as well.
///
/// The version of an object is made of its file's number, size and time of change in nanoseconds: storing always
/// makes a new file, so that two uploads differ even when their bytes do not. Old versions are not kept: fetching one
/// that has been replaced finds nothing.
#[derive(Debug, Clone)]
pub struct FolderObjects {
    root: PathBuf,
}

impl FolderObjects {
    /// On this folder, which is made when first needed.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, key: &str) -> Result<PathBuf, ObjectError> {
        object_keys::check(key)?;
        Ok(self.root.join(key))
    }
}

#[async_trait]
impl Objects for FolderObjects {
    async fn fetch(&self, key: &str, version: Option<&str>) -> Result<Option<Object>, ObjectError> {
        let path = self.path(key)?;
        let found = on_disk(move || open(&path)).await?;
        Ok(found.filter(|object| version.is_none_or(|version| version == object.version)))
    }

    async fn read_at(&self, key: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, ObjectError> {
        let path = self.path(key)?;
        on_disk(move || read_at(&path, offset, length)).await
    }

    async fn store(&self, key: &str, file: File) -> Result<(), ObjectError> {
        let path = self.path(key)?;
        let root = self.root.clone();
        on_disk(move || store(&root, &path, file)).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, ObjectError> {
        let root = self.root.clone();
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        on_disk(move || list(&root, &prefix, after.as_deref(), limit)).await
    }

    async fn remove(&self, key: &str, version: Option<&str>) -> Result<(), ObjectError> {
        let path = self.path(key)?;
        let wanted = version.map(str::to_owned);
        on_disk(move || remove(&path, wanted.as_deref())).await
    }

    async fn upload_url(&self, key: &str, _: u32) -> Result<Option<String>, ObjectError> {
        object_keys::check(key).map(|()| None)
    }
}

/// Disks block, and files are large: not on a thread that serves requests.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ObjectError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| ObjectError::Unavailable(Box::new(error))),
        Err(ended) => Err(ObjectError::Unavailable(Box::new(ended))),
    }
}

fn open(path: &Path) -> io::Result<Option<Object>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(None);
    }
    Ok(Some(Object { size: metadata.len(), version: version(&metadata), file }))
}

fn read_at(path: &Path, offset: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
    let Some(object) = open(path)? else { return Ok(None) };
    // No more than there is: a length is a wish.
    let left = usize::try_from(object.size.saturating_sub(offset)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length.min(left)];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match object.file.read_at(rest, offset + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    Ok(Some(bytes))
}

fn version(metadata: &Metadata) -> String {
    let (changed, nanos) = (metadata.ctime(), metadata.ctime_nsec());
    format!("{:x}-{:x}-{changed:x}.{nanos:09}", metadata.ino(), metadata.len())
}

/// The whole file beside its place, onto the disk, then over what stood there.
fn store(root: &Path, path: &Path, mut source: File) -> io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    make_folders(folder)?;
    let mut temporary = NamedTempFile::with_prefix_in(object_keys::TEMPORARY, folder)?;
    source.rewind()?;
    io::copy(&mut source, temporary.as_file_mut())?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Makes a folder and those above it; each new one lasts only once the folder that holds it is on the disk.
pub(super) fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folders(above)?;
    match fs::create_dir(folder) {
        Ok(()) => File::open(above)?.sync_all(),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// A file that replaces this one between the look and the removal would go instead: its sender has a moment of bad luck,
/// where file systems know no better.
fn remove(path: &Path, version: Option<&str>) -> io::Result<()> {
    if let Some(wanted) = version
        && open(path)?.is_none_or(|object| object.version != wanted)
    {
        return Ok(());
    }
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if is_absence(&error) || error.kind() == io::ErrorKind::IsADirectory => return Ok(()),
        Err(error) => return Err(error),
    }
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// No such file, or a file where the key has a folder.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The `limit` least keys after `after`: a heap of the greatest on top holds no more than that.
fn list(root: &Path, prefix: &str, after: Option<&str>, limit: usize) -> io::Result<Vec<Entry>> {
    let mut least: BinaryHeap<(String, u64)> = BinaryHeap::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let children = match fs::read_dir(root.join(&folder)) {
            Ok(children) => children,
            Err(error) if is_absence(&error) => continue,
            Err(error) => return Err(error),
        };
        for child in children {
            let Some((key, metadata)) = child_of(&folder, &child?)? else { continue };
            if metadata.is_dir() {
                if may_hold(&key, prefix) {
                    folders.push(key + "/");
                }
            } else if key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after) {
                least.push((key, metadata.len()));
                if least.len() > limit {
                    least.pop();
                }
            }
        }
    }
    Ok(least.into_sorted_vec().into_iter().map(|(key, size)| Entry { key, size }).collect())
}

/// Key and kind of what stands in a folder; `None` for what is no object: unfinished, gone again, or with a name that
/// no key has.
fn child_of(folder: &str, child: &DirEntry) -> io::Result<Option<(String, Metadata)>> {
    let Ok(name) = child.file_name().into_string() else { return Ok(None) };
    let key = format!("{folder}{name}");
    if !object_keys::is_key(&key) {
        return Ok(None);
    }
    match child.metadata() {
        Ok(metadata) if metadata.is_dir() || metadata.is_file() => Ok(Some((key, metadata))),
        Ok(_) => Ok(None),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether keys below this folder can begin with the prefix.
fn may_hold(folder: &str, prefix: &str) -> bool {
    let below = format!("{folder}/");
    below.starts_with(prefix) || prefix.starts_with(&below)
}
