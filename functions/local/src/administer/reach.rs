//! The admin API of a data folder: in this process, or in the server that has the folder open.

use super::administration::Administration;
use super::request::{Reply, Request};
use crate::cli::Data;
use crate::control;
use crate::data_folder::DataFolder;
use crate::failure::Failure;
use crate::session::{self, Opened};
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

    /// What it answers.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, Failure> {
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
