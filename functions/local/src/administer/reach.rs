//! The admin API of a data folder: in this process, or in the server that has the folder open.

use super::administration::Administration;
use super::request::{Reply, Request};
use crate::cli::Data;
use crate::control;
use crate::data_folder::DataFolder;
use crate::failure::Failure;
use crate::session::{self, Opened};
use serde_json::Value;
use tokio::sync::mpsc;

/// Whoever answers.
pub(crate) enum Api {
    /// This process.
    Ours(Administration),
    /// The server of this folder.
    Theirs(DataFolder),
}

impl Api {
    /// Of this folder.
    pub(crate) async fn open(data: &Data) -> Result<Self, Failure> {
        Ok(match session::open(data).await? {
            Opened::Ours(session) => Self::Ours(Administration::new(&session.imports)),
            Opened::InUse(folder) => Self::Theirs(folder),
        })
    }

    /// What it answers; a list as a whole.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, Failure> {
        let mut whole = self.ask_once(request).await?;
        while let Some(next) = whole.body["next"].as_str().map(str::to_owned) {
            let mut page = self.ask_once(&request.behind(&next)).await?;
            if !page.is_success() {
                return Ok(page);
            }
            whole.body["next"] = page.body["next"].take();
            if let (Some(items), Value::Array(more)) =
                (whole.body["items"].as_array_mut(), page.body["items"].take())
            {
                items.extend(more);
            }
        }
        Ok(whole)
    }

    async fn ask_once(&self, request: &Request) -> Result<Reply, Failure> {
        match self {
            Self::Ours(administration) => administration.answer(request).await,
            Self::Theirs(folder) => control::ask(folder, request).await,
        }
    }

    /// What it answers, a CSV part by part; an answer of another kind comes at the end.
    pub(crate) async fn stream(
        &self,
        request: &Request,
        parts: mpsc::Sender<String>,
    ) -> Result<Reply, Failure> {
        match self {
            Self::Ours(administration) => administration.stream(request, parts).await,
            Self::Theirs(folder) => control::stream(folder, request, parts).await,
        }
    }
}
