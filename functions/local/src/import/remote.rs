//! `muster import --url`: the import of a file by a deployment, over its admin API.

use super::job::Job;
use super::noted::{self, Noted};
use super::outcome::{Outcome, Report};
use crate::deployment::Deployment;
use crate::failure::Failure;
use domain::import::engine::Progress;
use domain::import::plan::PlanRow;
use domain::import::problem::Problem;
use domain::import::run::{Counts, State};
use domain::import::upload::fingerprint;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::thread;
use std::time::Duration;

/// Between two looks at a run.
const LOOK: Duration = Duration::from_millis(500);
/// Looks for a run after its file was sent, two minutes: an event of the bucket can be late.
const LOOKS_AT_FIRST: usize = 240;
/// Rows of a plan that are shown.
const SHOWN_ROWS: usize = 50;

/// What the admin API says of a run.
#[derive(Debug, Deserialize)]
struct Run {
    id: String,
    state: State,
    counts: Counts,
    rows_done: u64,
    rows_total: u64,
    warnings: Vec<Problem>,
    problem: Option<Problem>,
    source: Source,
    purpose: String,
    finished_at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Source {
    sha256: String,
}

#[derive(Debug, Deserialize)]
struct Page<T> {
    items: Vec<T>,
}

impl Run {
    /// Whether it goes on by itself.
    fn is_under_way(&self) -> bool {
        let shown = self.purpose == "preview" && self.state == State::Planned;
        self.finished_at.is_none() && self.state != State::Held && !shown
    }
}

/// Does the job over there. Blocks.
pub(super) fn carry_out(
    deployment: &Deployment,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Outcome, Failure> {
    let remote =
        Remote { deployment, directory: format!("/tenants/{}/directories/{}", job.tenant, job.directory) };
    if job.dry_run { remote.plan(job, progress) } else { remote.import(job, progress) }
}

struct Remote<'a> {
    deployment: &'a Deployment,
    directory: String,
}

impl Remote<'_> {
    fn plan(&self, job: &Job, progress: &dyn Progress) -> Result<Outcome, Failure> {
        let path = format!("{}/preview?configuration={}", self.directory, job.configuration);
        let run: Run = self.deployment.post_file(&path, &name_of(job), job.open()?)?;
        let run = self.followed(run, progress)?;
        if run.state == State::Failed {
            return run.problem.map_or_else(|| Err(unexplained()), |problem| Ok(Outcome::refused(problem)));
        }
        let rows: Page<PlanRow> =
            self.deployment.get(&format!("{}/plan?limit={SHOWN_ROWS}", self.of(&run.id)))?;
        // Nobody decides about it later; whoever was faster has.
        let _ = self.deployment.post::<Value>(&format!("{}/discard", self.of(&run.id)), &json!({}));
        let mut warnings = run.warnings;
        warnings.extend(run.problem);
        Ok(Outcome::planned(run.counts, warnings, rows.items))
    }

    fn import(&self, job: &Job, progress: &dyn Progress) -> Result<Outcome, Failure> {
        let sent = fingerprint(&mut job.open()?, &name_of(job))
            .map_err(|error| Failure::caused("the file cannot be read", error))?;
        let before: HashSet<String> = self.runs(job)?.into_iter().map(|run| run.id).collect();
        let wanted = json!({ "configuration": job.configuration, "name": name_of(job) });
        let upload: Value = self.deployment.post(&format!("{}/uploads", self.directory), &wanted)?;
        let url = upload["url"].as_str().ok_or_else(unexplained)?;
        self.deployment.put(url, job.open()?)?;
        let run = self.begun(job, &sent.sha256, &before)?;
        let mut run = self.followed(run, progress)?;
        if run.state == State::Held && job.approve {
            run = self.deployment.post(&format!("{}/approve", self.of(&run.id)), &json!({}))?;
            run = self.followed(run, progress)?;
        }
        self.outcome(run)
    }

    /// The run of the file that was sent.
    fn begun(&self, job: &Job, sha256: &str, before: &HashSet<String>) -> Result<Run, Failure> {
        for _ in 0..LOOKS_AT_FIRST {
            let new = self
                .runs(job)?
                .into_iter()
                .find(|run| run.source.sha256 == sha256 && !before.contains(&run.id));
            if let Some(run) = new {
                return Ok(run);
            }
            pause();
        }
        Err(Failure::new(
            "the file was sent, and its run has not begun yet; look at the runs of the directory later, and do not send \
             it again before",
        ))
    }

    fn runs(&self, job: &Job) -> Result<Vec<Run>, Failure> {
        let path = format!("{}/runs?configuration={}&limit=50", self.directory, job.configuration);
        self.deployment.get(&path).map(|page: Page<Run>| page.items)
    }

    /// The run when it goes on no more by itself.
    fn followed(&self, mut run: Run, progress: &dyn Progress) -> Result<Run, Failure> {
        while run.is_under_way() {
            if matches!(run.state, State::Reading | State::Applying) {
                progress.rows(run.state, run.rows_done, run.rows_total);
            }
            pause();
            run = self.deployment.get(&self.of(&run.id))?;
        }
        Ok(run)
    }

    fn outcome(&self, run: Run) -> Result<Outcome, Failure> {
        let path = format!("{}/report.csv", self.of(&run.id));
        let noted = if run.counts.rejected > 0 { self.noted(&path)? } else { Vec::new() };
        Ok(Outcome {
            run: Some(run.id),
            state: run.state,
            counts: run.counts,
            warnings: run.warnings,
            problem: run.problem,
            report: Some(Report::Url(self.deployment.address(&path))),
            noted,
            ..Outcome::failed_before_it_began()
        })
    }

    fn noted(&self, report: &str) -> Result<Vec<Noted>, Failure> {
        let unread = |error: csv::Error| Failure::caused("the report cannot be read", error);
        let mut near = tempfile::NamedTempFile::new().map_err(|error| unread(error.into()))?;
        self.deployment.fetch(report, near.as_file_mut())?;
        noted::first(near.path()).map_err(unread)
    }

    fn of(&self, run: &str) -> String {
        format!("{}/runs/{run}", self.directory)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a deployment tells nobody that a run goes on; it has to be asked"
)]
fn pause() {
    thread::sleep(LOOK);
}

fn name_of(job: &Job) -> String {
    job.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unexplained() -> Failure {
    Failure::new("the deployment does not say why")
}
