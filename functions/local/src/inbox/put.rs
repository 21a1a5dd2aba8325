//! Puts a copy of a file into an inbox, as `muster import` does: what is there can be taken up again by whoever
//! comes after a process that died.

use super::files::is_unfinished;
use crate::data_folder::{DataFolder, inbox_key};
use crate::import::Job;
use std::fs::{self, File};
use std::io::{self, Read, Seek as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// Other names tried when a file of that name, but with another content, waits already.
const MAX_NAMES: usize = 1000;
/// Characters of a name that are kept; with what is put before and after it stays below what file systems allow.
const MAX_NAME_CHARS: usize = 60;

/// The key under which the job's file lies in its inbox. A file with the same name and the same content there is
/// the same file: the job then goes on where an interrupted one stopped. Nothing is ever replaced.
pub(crate) fn put(folder: &DataFolder, job: &Job, file: &mut File) -> io::Result<String> {
    let inbox = folder.inbox(&job.directory(), &job.configuration);
    fs::create_dir_all(&inbox)?;
    let name = name_of(&job.file);
    let mut copy = copy(&inbox, file)?;
    for number in 1..=MAX_NAMES {
        let name = numbered(&name, number);
        let path = inbox.join(&name);
        let key = format!("{}/{name}", inbox_key(&job.directory(), &job.configuration));
        match copy.persist_noclobber(&path) {
            Ok(_) => {
                File::open(&inbox)?.sync_all()?;
                return Ok(key);
            }
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => copy = refused.file,
            Err(refused) => return Err(refused.error),
        }
        if is_same(&path, file)? {
            return Ok(key);
        }
    }
    Err(io::Error::other("too many files of that name wait in the inbox"))
}

/// A copy beside its place, under a name that no watcher takes.
fn copy(inbox: &Path, file: &mut File) -> io::Result<NamedTempFile> {
    let mut copy = NamedTempFile::with_prefix_in(".muster-", inbox)?;
    file.rewind()?;
    io::copy(file, copy.as_file_mut())?;
    copy.as_file().sync_all()?;
    Ok(copy)
}

/// The file's own name, made fit for a key, and one that the watcher will take.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let kept = |c: char| if c.is_control() || matches!(c, '\\' | '/') { '_' } else { c };
    let name: String = name.chars().map(kept).take(MAX_NAME_CHARS).collect();
    if name.is_empty() || is_unfinished(&name) { format!("import-{name}.csv") } else { name }
}

/// `people.csv`, `people-2.csv`, …
fn numbered(name: &str, number: usize) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, ending))) => format!("{stem}-{number}.{ending}"),
        (_, None) => format!("{name}-{number}"),
    }
}

/// Whether the file there has this content. One that is gone has not.
fn is_same(path: &Path, file: &mut File) -> io::Result<bool> {
    let mut other = match File::open(path) {
        Ok(other) => other,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if !other.metadata()?.is_file() || other.metadata()?.len() != file.metadata()?.len() {
        return Ok(false);
    }
    file.rewind()?;
    let (mut one, mut two) = (Vec::new(), Vec::new());
    loop {
        next(file, &mut one)?;
        next(&mut other, &mut two)?;
        if one != two {
            return Ok(false);
        }
        if one.is_empty() {
            return Ok(true);
        }
    }
}

fn next(from: &mut impl Read, into: &mut Vec<u8>) -> io::Result<()> {
    into.clear();
    from.take(64 * 1024).read_to_end(into)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_where_they_can_be() {
        for (path, name) in [
            ("people.csv", "people.csv"),
            ("/tmp/März 2026.csv", "März 2026.csv"),
            ("a\\b\n.csv", "a_b_.csv"),
            (".hidden", "import-.hidden.csv"),
            ("x.tmp", "import-x.tmp.csv"),
            ("..", "import-.csv"),
        ] {
            assert_eq!(name_of(Path::new(path)), name);
        }
        assert_eq!(name_of(Path::new(&"ä".repeat(200))).chars().count(), 60);
        assert_eq!(numbered("people.csv", 1), "people.csv");
        assert_eq!(numbered("people.csv", 2), "people-2.csv");
        assert_eq!(numbered("people", 3), "people-3");
    }
}
