//! Schemas and resource types that lie as files in the data folder: `schemas/{tenant}/{directory}/*.json`, one document
//! of RFC 7643 §6 or §7 each. All of a directory are declared together; what is declared already costs no write.
//!
//! A file that is taken away does not take its schema back: the admin API does, and looks whether it is in use.

use crate::data_folder::{DataFolder, shown};
use crate::failure::Failure;
use domain::store::{DirectoryId, Name, Store};
use domain::tenant::Undeclarable;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of one file; a document has fewer.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Declares all of them.
///
/// # Errors
/// Names the file and the place in it.
pub(super) async fn declare(folder: &DataFolder, store: &Store) -> Result<(), Failure> {
    let root = folder.schemas();
    if !root.exists() {
        return Ok(());
    }
    for tenant in folders(&root)? {
        for directory in folders(&tenant)? {
            let id = DirectoryId::new(name(&tenant)?, name(&directory)?);
            declare_for(&id, &directory, store).await?;
        }
    }
    Ok(())
}

async fn declare_for(id: &DirectoryId, folder: &Path, store: &Store) -> Result<(), Failure> {
    let files = entries(folder)?;
    let files: Vec<PathBuf> =
        files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    let documents = files.iter().map(|path| document(path)).collect::<Result<Vec<_>, _>>()?;
    if documents.is_empty() {
        return Ok(());
    }
    if !store
        .directory_exists(id)
        .await
        .map_err(|error| Failure::caused("the store cannot be read", error))?
    {
        return Err(Failure::new(format!(
            "{} holds schemas for the directory {id}, which there is not; create it with `muster directory create {} \
             {}`, or move the folder away",
            shown(folder),
            id.tenant,
            id.directory,
        )));
    }
    match store.declare(id, &documents, &[]).await {
        Ok(()) => {
            tracing::info!(documents = documents.len(), "the schemas of a directory are declared");
            Ok(())
        }
        Err(error) => Err(undeclarable(&error, folder, &files)),
    }
}

fn undeclarable(error: &Undeclarable, folder: &Path, files: &[PathBuf]) -> Failure {
    let (place, text) = match error {
        Undeclarable::Document(fault) => match files.get(fault.document) {
            Some(file) if fault.path.is_empty() => (file.as_path(), format!("the document {}", fault.detail)),
            Some(file) => (file.as_path(), format!("{} {}", fault.path, fault.detail)),
            None => (
                folder,
                format!("a document that was declared before would not fit: {} {}", fault.path, fault.detail),
            ),
        },
        error => (folder, error.to_string()),
    };
    Failure::new(format!("{} cannot be declared: {text}", shown(place)))
}

fn document(path: &Path) -> Result<Value, Failure> {
    let unread = |error: io::Error| Failure::new(format!("{} cannot be read: {error}", shown(path)));
    let metadata = fs::metadata(path).map_err(unread)?;
    if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
        let text = format!("{} is no file of at most 1 MB; one document is expected in it", shown(path));
        return Err(Failure::new(text));
    }
    let content = fs::read(path).map_err(unread)?;
    serde_json::from_slice(&content)
        .map_err(|error| Failure::new(format!("{} is no JSON document: {error}", shown(path))))
}

/// The folders in a folder, in the order of their names.
fn folders(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    Ok(entries(path)?.into_iter().filter(|entry| entry.is_dir()).collect())
}

/// What is in a folder, in the order of the names; hidden entries are somebody else's.
fn entries(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unread = |error: io::Error| Failure::new(format!("{} cannot be read: {error}", shown(path)));
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The name of a folder as that of a tenant or a directory.
fn name(folder: &Path) -> Result<Name, Failure> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    Name::new(name).map_err(|error| {
        Failure::new(format!(
            "{} is not called like a tenant or a directory: {error}; call it so, or move it away",
            shown(folder)
        ))
    })
}
