//! `muster import`: the command, and the work that it shares with the server.

mod bar;
mod imports;
mod job;
mod noted;
mod outcome;
mod plan_text;
mod remote;
mod summary;

pub(crate) use imports::{Imports, ObjectImport};
pub(crate) use job::Job;
pub(crate) use outcome::Outcome;
pub(crate) use summary::run_line;

use crate::cli::Import;
use crate::control;
use crate::deployment::Deployment;
use crate::failure::Failure;
use crate::session::{self, Opened};
use adapters::config::Config;
use bar::Bar;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

/// Imports a file, in this process or in the server that has the data folder open.
pub(crate) async fn import(options: Import) -> ExitCode {
    let json = options.json;
    let bar = Arc::new(Bar::new());
    let result = tokio::select! {
        result = carry_out(&options, &bar) => result,
        _ = tokio::signal::ctrl_c() => Err(Failure::new(INTERRUPTED)),
    };
    bar.clear();
    let (outcome, code) = match result {
        Ok(outcome) => {
            let code = outcome.exit_code();
            (outcome, code)
        }
        Err(failure) => (Outcome::failed_before_it_began(), failure.tell()),
    };
    if json {
        if let Some(problem) = &outcome.problem {
            Failure::new(summary::sentences(&problem.text, &problem.remedy).trim_end_matches('.')).tell();
        }
        print(&outcome.json());
    } else if outcome.begun() {
        print(&summary::text(&options, &outcome));
    }
    code
}

const INTERRUPTED: &str = "interrupted. What was applied stays. The same command again, or `muster serve`, goes on \
                           where it stopped; a server that was doing the import finishes it";

async fn carry_out(options: &Import, bar: &Arc<Bar>) -> Result<Outcome, Failure> {
    let job = Job::of(options)?;
    if let Some(url) = &options.url {
        return by_deployment(url, job, Arc::clone(bar)).await;
    }
    match session::open(&options.data).await? {
        Opened::Ours(session) => session.imports.carry_out(&job, Arc::clone(bar) as _).await,
        Opened::InUse(folder) => control::hand_over(&folder, &job, bar.as_ref()).await,
    }
}

async fn by_deployment(url: &str, job: Job, bar: Arc<Bar>) -> Result<Outcome, Failure> {
    let key = Config::from_process().admin_key().map_err(|error| Failure::new(error.to_string()))?;
    let key =
        key.ok_or_else(|| Failure::new("--url needs the key of the deployment; set MUSTER_ADMIN_KEY to it"))?;
    let deployment = Deployment::at(url, &key)?;
    let done = tokio::task::spawn_blocking(move || remote::carry_out(&deployment, &job, bar.as_ref())).await;
    done.map_err(|error| {
        Failure::caused("the import ended unexpectedly; the deployment may go on with it", error)
    })?
}

/// A closed stdout is the reader's decision: the exit code still says how it went.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
