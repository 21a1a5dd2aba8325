//! Muster as it is measured: `muster serve` on a new folder, filled by `muster import`.

use crate::connection::{Connection, Server};
use crate::failure::Failure;
use crate::people;
use crate::process::{Running, output};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;
use tokio::process::Command;

/// Users that are read at a time before anything is measured.
const PAGE: usize = 200;

/// A server with a directory. Dropping it ends the process, and then takes the folder away.
#[derive(Debug)]
pub(crate) struct Muster {
    /// The process.
    pub(crate) running: Running,
    /// Where it listens, and the token of the directory.
    pub(crate) server: Server,
    folder: TempDir,
}

impl Muster {
    /// Starts `command` on an empty folder.
    pub(crate) async fn start(command: &Path) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|error| Failure::caused("no temporary folder", error))?;
        let mut serve = Command::new(command);
        serve.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(data(&folder));
        let (running, line) = Running::start(serve).await?;
        let said = json(&line)?;
        let text = |name: &str| {
            let text = said.get(name).and_then(Value::as_str);
            text.ok_or_else(|| Failure::new(format!("`serve --json` does not tell `{name}`")))
        };
        let address = text("listen")?.parse().map_err(|error| Failure::caused("`listen`", error))?;
        let server = Server::new(address, Some(text("scim_token")?));
        Ok(Self { running, server, folder })
    }

    /// Imports so many new users while the server serves.
    pub(crate) async fn fill(&self, command: &Path, users: u32) -> Result<(), Failure> {
        let file = self.folder.path().join("people.csv");
        people::write(&file, users)
            .map_err(|error| Failure::caused("people.csv cannot be written", error))?;
        let mut import = Command::new(command);
        import.args(["import", "--json", "--data"]).arg(data(&self.folder)).arg(&file);
        let said = output(import).await?;
        let created = json(said.lines().last().unwrap_or_default())?;
        if created.pointer("/counts/created").and_then(Value::as_u64) == Some(users.into()) {
            return Ok(());
        }
        Err(Failure::new(format!("the import should create {users} users; it said:\n{said}")))
    }

    /// The bodies of a listing of this many users, page by page.
    pub(crate) async fn pages(&self, users: u32) -> Result<Vec<String>, Failure> {
        let mut connection = Connection::open(&self.server).await?;
        let (mut request, mut pages) = (String::new(), Vec::new());
        for start in (1..=users).step_by(PAGE) {
            let path = format!("/scim/v2/Users?startIndex={start}&count={PAGE}");
            self.server.write(&mut request, "GET", &path, "");
            pages.push(String::from_utf8_lossy(connection.ask(&request).await?).into_owned());
        }
        Ok(pages)
    }

    /// Ends the server and removes the folder.
    pub(crate) async fn end(self) -> Result<(), Failure> {
        self.running.end().await?;
        self.folder.close().map_err(|error| Failure::caused("the temporary folder cannot be removed", error))
    }
}

fn data(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("data")
}

fn json(line: &str) -> Result<Value, Failure> {
    serde_json::from_str(line).map_err(|error| Failure::caused("the command prints no line of JSON", error))
}
