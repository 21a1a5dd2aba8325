//! The `muster` command: the functions' own routers and the domain's own importer in one process, on the
//! embedded adapters. Nothing here decides about users; this package only starts things and talks to a person.

mod administer;
pub mod cli;
mod control;
mod data_folder;
mod demo;
mod deployment;
mod export;
mod failure;
mod import;
mod inbox;
mod private_file;
mod pulls;
mod released;
mod serve;
mod session;
mod terminal;
mod test_access;

pub use failure::Failure;

use clap::Parser as _;
use cli::{Arguments, Command};
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;

/// Reads the command line, does what it says and tells how it ended: 0 done, 1 failed, 2 some rows rejected.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return tell(&answer),
    };
    log_to_stderr(arguments.log.into());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::caused("the runtime cannot be started", error).tell(),
    };
    let code = match arguments.wanted() {
        Command::Serve(options) => runtime.block_on(serve::serve(options)),
        Command::Import(options) => runtime.block_on(import::import(options)),
        Command::Export(options) => runtime.block_on(export::export(&options)),
        Command::TestAccess(options) => runtime.block_on(test_access::test_access(&options)),
        Command::Administer(command) => runtime.block_on(administer::administer(&command)),
    };
    // An import that was interrupted goes on in the background; what it has done so far is on the disk.
    runtime.shutdown_background();
    code
}

/// Prints a help text, or what is wrong with the command line. That is a failure like others: clap's own exit code
/// for it is 2, which here means that rows were rejected.
fn tell(answer: &clap::Error) -> ExitCode {
    // Nobody is left to be told when the output is closed.
    let _ = answer.print();
    if answer.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Log lines go beside the output, which may be read by a program.
fn log_to_stderr(level: LevelFilter) {
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false).init();
}
