//! How other commands ask the server that has the data folder open: a Unix domain socket in that folder, which only
//! its owner can reach; one line of JSON with the request, then lines of JSON until it is done.

mod client;
mod server;

pub(crate) use client::{ask, hand_over, stream};
pub(crate) use server::{listen, serve};

use crate::administer;
use crate::import::{Job, Outcome};
use domain::import::run::State;
use serde::{Deserialize, Serialize};

/// The line that a command sends; its members tell which it is.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Request {
    /// Import a file.
    Import(Job),
    /// Do what the admin API does.
    Administer(administer::Request),
}

/// A line that the server sends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    /// How far it is.
    Progress { state: State, done: u64, total: u64 },
    /// What it came to; the last line.
    Ended(Box<Outcome>),
    /// A part of a long answer of the admin API.
    Part(String),
    /// What the admin API answered; the last line.
    Administered(administer::Reply),
    /// Why it did not begin or did not end; the last line.
    Failed(String),
}
