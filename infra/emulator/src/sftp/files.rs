//! The part of the server that has files.

use super::ssh::hang_up;
use super::{Quirk, SftpSetup, lock};
use russh::server::Handle as Connection;
use russh_sftp::protocol::{Attrs, Data, File, FileAttributes, Handle, Name, OpenFlags, Status, StatusCode};
use russh_sftp::server::Handler;
use std::collections::{BTreeMap, HashMap};
use std::future::pending;
use std::sync::{Arc, Mutex};

/// Entries that one answer lists, as with OpenSSH.
const PAGE: usize = 100;
/// The time of every file: 2026-01-01T00:00:00Z.
const MODIFIED: u32 = 1_767_225_600;
const REGULAR: u32 = 0o100_644;
const FOLDER: u32 = 0o040_755;
const LINK: u32 = 0o120_777;

/// What lies on the server, and who came.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) logins: usize,
}

/// The files as one guest sees them.
pub(super) struct Files {
    setup: Arc<SftpSetup>,
    disk: Arc<Mutex<Disk>>,
    connection: Connection,
    /// Lists that are being read, by the folder that is their handle.
    lists: HashMap<String, Vec<File>>,
}

impl Files {
    pub(super) fn new(setup: Arc<SftpSetup>, disk: Arc<Mutex<Disk>>, connection: Connection) -> Self {
        Self { setup, disk, connection, lists: HashMap::new() }
    }

    fn is(&self, quirk: &Quirk) -> bool {
        self.setup.quirk.as_ref() == Some(quirk)
    }

    fn attributes(&self, path: &str) -> Option<FileAttributes> {
        let path = path.trim_end_matches('/');
        let (mode, size) = if self.setup.links.iter().any(|link| link == path) {
            (LINK, 11)
        } else if let Some(bytes) = lock(&self.disk).files.get(path) {
            let told = match self.setup.quirk {
                Some(Quirk::LiesAboutSize(told)) => told,
                _ => bytes.len() as u64,
            };
            (REGULAR, told)
        } else if path.is_empty() || lock(&self.disk).files.keys().any(|file| is_below(file, path)) {
            (FOLDER, 4096)
        } else {
            return None;
        };
        let attributes =
            FileAttributes { permissions: Some(mode), size: Some(size), ..FileAttributes::empty() };
        Some(FileAttributes { mtime: Some(MODIFIED), atime: Some(MODIFIED), ..attributes })
    }

    fn entries(&self, folder: &str) -> Vec<File> {
        if let Some(Quirk::Entries(count)) = self.setup.quirk {
            return (0..count).map(|at| File::new(format!("{at}.csv"), FileAttributes::empty())).collect();
        }
        let folder = folder.trim_end_matches('/');
        let links = self.setup.links.iter().cloned();
        let paths: Vec<String> = lock(&self.disk).files.keys().cloned().chain(links).collect();
        let mut names: Vec<String> = [".", ".."].map(str::to_owned).to_vec();
        if self.is(&Quirk::NamesThatLeadAway) {
            names.extend(["../../etc/passwd", "a/b.csv", "", "nul\0.csv"].map(str::to_owned));
        }
        for below in paths.iter().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/')) {
            let name = below.split('/').next().unwrap_or(below).to_owned();
            // An empty file that is called `.` stands for its folder.
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let file = |name: String| {
            let attributes =
                self.attributes(&format!("{folder}/{name}")).unwrap_or_else(FileAttributes::empty);
            File::new(name, attributes)
        };
        names.into_iter().map(file).collect()
    }

    fn may_change(&self) -> Result<(), StatusCode> {
        if self.is(&Quirk::ReadOnly) { Err(StatusCode::PermissionDenied) } else { Ok(()) }
    }

    fn bytes(&self, path: &str, offset: u64, length: usize) -> Result<Vec<u8>, StatusCode> {
        if self.is(&Quirk::Grows) {
            return Ok(vec![b'x'; length]);
        }
        let disk = lock(&self.disk);
        let bytes = disk.files.get(path).ok_or(StatusCode::NoSuchFile)?;
        let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
        let length = match self.setup.quirk {
            Some(Quirk::Crumbs(most)) => length.min(most),
            _ => length,
        };
        let mut answer = rest.get(..length).unwrap_or(rest).to_vec();
        if answer.is_empty() {
            return Err(StatusCode::Eof);
        }
        if self.is(&Quirk::TooMuch) {
            answer.resize(length + 1, b'x');
        }
        Ok(answer)
    }
}

fn is_below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn done(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: "Ok".to_owned(), language_tag: String::new() }
}

impl Handler for Files {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn open(
        &mut self,
        id: u32,
        path: String,
        _: OpenFlags,
        _: FileAttributes,
    ) -> Result<Handle, StatusCode> {
        let found = lock(&self.disk).files.contains_key(&path) || self.is(&Quirk::Grows);
        if found { Ok(Handle { id, handle: path }) } else { Err(StatusCode::NoSuchFile) }
    }

    async fn close(&mut self, id: u32, handle: String) -> Result<Status, StatusCode> {
        self.lists.remove(&handle);
        Ok(done(id))
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, length: u32) -> Result<Data, StatusCode> {
        match self.setup.quirk {
            Some(Quirk::StallsAt(at)) if offset >= at => pending::<()>().await,
            Some(Quirk::HangsUpAt(at)) if offset >= at => hang_up(&self.connection).await,
            _ => {}
        }
        Ok(Data { id, data: self.bytes(&handle, offset, length as usize)? })
    }

    async fn lstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        let attrs = self.attributes(&path).ok_or(StatusCode::NoSuchFile)?;
        Ok(Attrs { id, attrs })
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        self.lstat(id, path).await
    }

    async fn opendir(&mut self, id: u32, path: String) -> Result<Handle, StatusCode> {
        if self.is(&Quirk::StallsAtList) {
            pending::<()>().await;
        }
        let folder = self.attributes(&path).is_some_and(|found| found.is_dir());
        if !folder {
            return Err(StatusCode::NoSuchFile);
        }
        let entries = self.entries(&path);
        self.lists.insert(path.clone(), entries);
        Ok(Handle { id, handle: path })
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Result<Name, StatusCode> {
        if self.is(&Quirk::EmptyLists) {
            return Ok(Name { id, files: Vec::new() });
        }
        let left = self.lists.get_mut(&handle).ok_or(StatusCode::Failure)?;
        if left.is_empty() {
            return Err(StatusCode::Eof);
        }
        let page = left.drain(..PAGE.min(left.len())).collect();
        Ok(Name { id, files: page })
    }

    async fn remove(&mut self, id: u32, path: String) -> Result<Status, StatusCode> {
        self.may_change()?;
        lock(&self.disk).files.remove(&path).map(|_| done(id)).ok_or(StatusCode::NoSuchFile)
    }

    async fn rename(&mut self, id: u32, from: String, to: String) -> Result<Status, StatusCode> {
        self.may_change()?;
        let mut disk = lock(&self.disk);
        let bytes = disk.files.remove(&from).ok_or(StatusCode::NoSuchFile)?;
        // Some servers replace what is there: nobody may rely on it that they do not.
        disk.files.insert(to, bytes);
        Ok(done(id))
    }

    async fn mkdir(&mut self, id: u32, path: String, _: FileAttributes) -> Result<Status, StatusCode> {
        self.may_change()?;
        if self.attributes(&path).is_some() {
            return Err(StatusCode::Failure);
        }
        // A folder is there where something lies in it.
        lock(&self.disk).files.insert(format!("{path}/."), Vec::new());
        Ok(done(id))
    }
}
