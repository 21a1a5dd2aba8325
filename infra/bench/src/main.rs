//! Measures `muster serve` under load, beside a *floor*: a server that answers the same requests from a map of ready
//! JSON, knows no tokens and keeps nothing on a disk. On one machine in one run, the ratio of the two says what the
//! rest of a server costs, and says it on every machine alike.
//!
//! ```sh
//! cargo build --release
//! cargo run --release -p bench --bin load -- target/release/muster --sizes 1000,10000,100000
//! ```
//!
//! For each size a new directory is imported into a temporary folder, and the floor is given the documents that it
//! then answers with, so that bodies are of equal size. Every kind of request goes to floor, Muster, floor, Muster,
//! half of the time each, so that noise of the machine hits both. The client runs on one thread and shares the
//! processors with the server; its own work is in every figure, which flatters the slower of the two.
//!
//! An answer that is not the expected one ends the run, with the answer on the screen. Only 127.0.0.1 is spoken to,
//! and whatever was started is ended, also after an error or a signal. The last line of the output is JSON.

mod answer;
mod cli;
mod connection;
mod drive;
mod failure;
mod floor;
mod kind;
mod measure;
mod muster;
mod people;
mod process;
mod report;
mod times;

use clap::Parser as _;
use cli::Arguments;
use failure::Failure;
use std::io::{self, Write as _};
use std::process::ExitCode;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.muster.clone() {
        Some(muster) => client(&muster, &arguments),
        None => floor::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints, on one thread: what the client takes, the server lacks.
fn client(muster: &std::path::Path, arguments: &Arguments) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::caused("the runtime cannot be started", error))?;
    let report = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())
            .map_err(|error| Failure::caused("signals cannot be listened to", error))?;
        // Dropping a measurement ends the processes that it started.
        tokio::select! {
            report = measure::all_sizes(muster, arguments) => report,
            _ = tokio::signal::ctrl_c() => Err(Failure::new("interrupted")),
            _ = terminate.recv() => Err(Failure::new("told to end")),
        }
    })?;
    let mut text = if arguments.json { String::new() } else { report.table() };
    text.push_str(&report.json().to_string());
    writeln!(io::stdout(), "{text}").map_err(|error| Failure::caused("the figures cannot be printed", error))
}
