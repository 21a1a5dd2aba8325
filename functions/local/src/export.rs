//! `muster export`: what the admin API answers, written to a file or to stdout part by part.

use crate::administer::{Api, Request};
use crate::cli::Export;
use crate::failure::Failure;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

/// Parts that wait to be written: whoever reads slowly makes the export slow, not large.
const PARTS_WAITING: usize = 4;

/// Does what the command says.
pub(crate) async fn export(options: &Export) -> ExitCode {
    match carry_out(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

async fn carry_out(options: &Export) -> Result<(), Failure> {
    let (of, configuration) = (&options.of, &options.configuration);
    let request = Request::export(of, configuration);
    let mut output = Output::begin(options.output.as_deref())?;
    let api = Api::open(&options.data).await?;
    let (sender, mut parts) = mpsc::channel(PARTS_WAITING);
    let answer = api.stream(&request, sender);
    let write = async {
        let mut written = Ok(());
        while let (Ok(()), Some(part)) = (&written, parts.recv().await) {
            written = output.write(&part);
        }
        // Whoever stops reading ends the export too: nobody takes its parts any more.
        drop(parts);
        written.map(|()| output)
    };
    let (answer, output) = tokio::join!(answer, write);
    let output = match output {
        Ok(output) => output,
        Err(Unwritten::ReaderLeft) => return Ok(()),
        Err(Unwritten::Failed(failure)) => return Err(failure),
    };
    let reply = answer?;
    if !reply.is_success() {
        let detail = reply.body["detail"].as_str().unwrap_or("the admin API does not say why");
        return Err(Failure::new(format!("{}/{}: {detail}", of.tenant, of.directory)));
    }
    output.end()
}

/// Where the file goes.
enum Output {
    Stdout,
    /// A file beside its place, moved there when it is whole; it is private, as it holds people.
    File(NamedTempFile, PathBuf),
}

/// Why nothing more is written.
enum Unwritten {
    /// A closed stdout is the reader's decision.
    ReaderLeft,
    Failed(Failure),
}

impl Output {
    fn begin(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Stdout) };
        if path.is_dir() {
            return Err(Failure::new(format!("{} is a folder; name a file in it", path.display())));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::with_prefix_in(".muster-", folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|error| unwritable(path, error))?;
        Ok(Self::File(file, path.to_owned()))
    }

    fn write(&mut self, text: &str) -> Result<(), Unwritten> {
        match self {
            Self::Stdout => io::stdout().write_all(text.as_bytes()).map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Unwritten::ReaderLeft,
                _ => Unwritten::Failed(Failure::caused("the export cannot be written", error)),
            }),
            Self::File(file, path) => {
                file.write_all(text.as_bytes()).map_err(|error| Unwritten::Failed(unwritable(path, error)))
            }
        }
    }

    fn end(self) -> Result<(), Failure> {
        match self {
            Self::Stdout => {
                // A reader that has gone has what it wanted.
                let _ = io::stdout().flush();
                Ok(())
            }
            Self::File(file, path) => {
                file.as_file().sync_all().map_err(|error| unwritable(&path, error))?;
                let file: File = file.persist(&path).map_err(|error| unwritable(&path, error.error))?;
                drop(file);
                Ok(())
            }
        }
    }
}

fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::caused(&format!("{} cannot be written", path.display()), error)
}
