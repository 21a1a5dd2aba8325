//! The files of the repository, as far as they are not made by building and running it.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// A checkout.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
    files: Vec<String>,
}

/// A text file of the repository.
#[derive(Debug)]
pub struct File {
    /// Its path from the root, with slashes.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl Repository {
    /// The checkout at `root`: all files that its `.gitignore` does not name.
    ///
    /// # Errors
    /// Where a folder or `.gitignore` cannot be read.
    pub fn open(root: &Path) -> io::Result<Self> {
        let ignored = fs::read_to_string(root.join(".gitignore"))?;
        let ignored: Vec<&str> = ignored.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let mut files = Vec::new();
        walk(root, "", &ignored, &mut files)?;
        files.sort();
        Ok(Self { root: root.to_owned(), files })
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The paths of all files, from the root, with slashes, sorted.
    pub fn paths(&self) -> &[String] {
        &self.files
    }

    /// Whether a file or a folder stands under this path.
    pub fn has(&self, path: &str) -> bool {
        !path.split('/').any(|part| part == "..") && self.root.join(path).exists()
    }

    /// One file.
    ///
    /// # Errors
    /// Where it cannot be read as text.
    pub fn read(&self, path: &str) -> io::Result<File> {
        let text = fs::read_to_string(self.root.join(path))?;
        Ok(File { path: path.to_owned(), text })
    }

    /// The files whose path is wanted, but for those that are no text.
    ///
    /// # Errors
    /// Where one cannot be read.
    pub fn texts(&self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<File>> {
        let mut texts = Vec::new();
        for path in self.files.iter().filter(|path| wanted(path)) {
            match self.read(path) {
                Ok(file) => texts.push(file),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
                Err(error) => return Err(error),
            }
        }
        Ok(texts)
    }
}

/// Whether a path ends in a dot and this ending.
pub fn ends_in(path: &str, ending: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

fn walk(root: &Path, folder: &str, ignored: &[&str], found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if name == ".git" || is_ignored(&path, &name, ignored) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(root, &path, ignored, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// As git reads the plain lines that our `.gitignore` consists of: `/path` from the root, `name` anywhere.
fn is_ignored(path: &str, name: &str, ignored: &[&str]) -> bool {
    ignored.iter().any(|line| {
        let line = line.trim_end_matches('/');
        match line.strip_prefix('/') {
            Some(rooted) => path == rooted,
            None => name == line,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_no_part_of_it() {
        let ignored = ["/target", "__pycache__/"];
        for (path, expect) in
            [("target", true), ("infra/target", false), (".ci/__pycache__", true), ("src/lib.rs", false)]
        {
            let name = path.rsplit('/').next().unwrap();
            assert_eq!(is_ignored(path, name, &ignored), expect, "{path}");
        }
    }
}
