//! How `muster import` asks the server that has the data folder open: a Unix domain socket in that folder, which
//! only its owner can reach; one line of JSON with the job, then lines of JSON until the job is done.

mod client;
mod server;

pub(crate) use client::hand_over;
pub(crate) use server::{listen, serve};

use crate::import::Outcome;
use domain::import::run::State;
use serde::{Deserialize, Serialize};

/// A line that the server sends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    /// How far it is.
    Progress { state: State, done: u64, total: u64 },
    /// What it came to; the last line.
    Ended(Box<Outcome>),
    /// Why it did not begin or did not end; the last line.
    Failed(String),
}
