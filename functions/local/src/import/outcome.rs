//! What an import came to: told to the person, to programs as JSON, and from the server to the command.

use super::noted::Noted;
use domain::import::plan::PlanRow;
use domain::import::problem::Problem;
use domain::import::run::{Counts, Run, State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit code for an import that left rows out.
const SOME_REJECTED: u8 = 2;

/// Exit code for a plan that waits for a decision.
const HELD: u8 = 3;

/// What an import came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The run; none for a dry run, and none where the import failed before it began.
    pub(crate) run: Option<String>,
    /// How it ended; `planned` for a dry run.
    pub(crate) state: State,
    /// The rows by what became of them, or would.
    pub(crate) counts: Counts,
    /// What was noticed about the file as a whole.
    pub(crate) warnings: Vec<Problem>,
    /// Why the file was not imported.
    pub(crate) problem: Option<Problem>,
    /// The report CSV.
    pub(crate) report: Option<Report>,
    /// The first rows with problems.
    pub(crate) noted: Vec<Noted>,
    /// The first rows of the plan, for a dry run.
    pub(crate) plan: Vec<PlanRow>,
    /// How long the run took.
    pub(crate) seconds: Option<f64>,
}

/// Where a report is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Report {
    /// On this machine. The path is absolute, which tells it from an address.
    File(PathBuf),
    /// Over the admin API.
    Url(String),
}

impl Outcome {
    /// Of a run that has ended.
    pub(crate) fn of(run: Run, report: Option<PathBuf>, noted: Vec<Noted>) -> Self {
        let seconds = run.finished_at.map(|end| end.duration_since(run.created_at).as_secs_f64());
        Self {
            run: Some(run.id),
            state: run.state,
            counts: run.counts,
            warnings: run.warnings,
            problem: run.problem,
            report: report.map(Report::File),
            noted,
            plan: Vec::new(),
            seconds,
        }
    }

    /// Of a plan.
    pub(crate) fn planned(counts: Counts, warnings: Vec<Problem>, plan: Vec<PlanRow>) -> Self {
        Self { state: State::Planned, counts, warnings, plan, ..Self::failed_before_it_began() }
    }

    /// Of a file that has no plan.
    pub(crate) fn refused(problem: Problem) -> Self {
        Self { problem: Some(problem), ..Self::failed_before_it_began() }
    }

    /// Of nothing that was begun.
    pub(crate) fn failed_before_it_began() -> Self {
        Self {
            run: None,
            state: State::Failed,
            counts: Counts::default(),
            warnings: Vec::new(),
            problem: None,
            report: None,
            noted: Vec::new(),
            plan: Vec::new(),
            seconds: None,
        }
    }

    /// Whether the file was looked at.
    pub(crate) fn begun(&self) -> bool {
        self.state != State::Failed || self.problem.is_some()
    }

    /// 0 all rows are applied, 2 some are rejected, 3 held, 1 failed; for a plan: would be.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.state {
            State::Finished | State::FinishedWithRejections | State::Planned if self.counts.rejected > 0 => {
                ExitCode::from(SOME_REJECTED)
            }
            State::Finished | State::Planned => ExitCode::SUCCESS,
            State::Held => ExitCode::from(HELD),
            _ => ExitCode::FAILURE,
        }
    }

    /// The line that programs read.
    pub(crate) fn json(&self) -> String {
        json!({
            "run": self.run,
            "state": self.state,
            "counts": self.counts,
            "warnings": self.warnings,
            "report": self.report,
        })
        .to_string()
    }
}
