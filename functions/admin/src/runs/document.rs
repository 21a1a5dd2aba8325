//! A run as it is shown.

use domain::import::problem::Problem;
use domain::import::run::{self as kept, Purpose, State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// One execution of a configuration on one file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Run {
    /// Ids sort by time.
    id: String,
    configuration: String,
    /// `queued`, `reading`, `planned`, `held`, `approved`, `discarded`, `applying`, `finished`,
    /// `finished-with-rejections`, `failed`, `cancelled`, `reverted`.
    #[schema(value_type = String)]
    state: State,
    counts: Counts,
    /// Rows planned, then rows applied.
    rows_done: u64,
    /// Rows of the file, once known.
    rows_total: u64,
    /// What was noticed about the file as a whole.
    warnings: Vec<RowProblem>,
    /// Why it failed, or why it waits for a decision.
    problem: Option<RowProblem>,
    source: SourceFile,
    /// Where the file was fetched; null for one that was uploaded.
    provenance: Option<Provenance>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// `import`; `preview`: it shows what its file would do, and is imported when that is approved; `revert`: it takes
    /// another run back.
    purpose: &'static str,
    /// The run that it takes back.
    reverts: Option<String>,
    /// The run that took this one back.
    reverted_by: Option<String>,
    /// What the file was read as.
    encoding: Option<String>,
    /// On average since it was queued; null where that says nothing.
    rows_per_second: Option<u64>,
    /// When it will have ended, if it goes on as it went; null where that is not known.
    #[schema(format = DateTime)]
    estimated_end: Option<String>,
}

/// What became of the rows; of a plan that waits for a decision, what would become of them. Users who are missing from
/// the file have no row, and are counted beside them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    created: u64,
    updated: u64,
    reactivated: u64,
    deactivated: u64,
    unchanged: u64,
    /// Rows that were not applied.
    rejected: u64,
    /// Rows that say nothing: blank ones, and repetitions.
    ignored: u64,
    /// Users that were deleted, which only taking back a run does; left out where there are none.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<u64>,
}

/// The file of a run; of a run that takes another one back, that run's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceFile {
    name: String,
    /// In bytes.
    size: u64,
    /// In hexadecimal.
    sha256: String,
}

/// Where a file was fetched, and by what it proved to be the right one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Provenance {
    /// Host and port.
    server: String,
    path: String,
    /// When it was written there.
    #[schema(format = DateTime)]
    modified_at: Option<String>,
    /// Type and fingerprint.
    host_key: String,
    /// The fingerprint of the PGP key that opened it.
    pgp_key: Option<String>,
    /// The fingerprint of who signed it, where that was checked.
    signer: Option<String>,
    /// When it was due; null where it was fetched by hand.
    #[schema(format = DateTime)]
    due_at: Option<String>,
}

impl From<kept::Provenance> for Provenance {
    fn from(provenance: kept::Provenance) -> Self {
        let kept::Provenance { server, path, modified, host_key, pgp_key, signer, due } = provenance;
        let (modified_at, due_at) = (modified.map(|at| at.to_string()), due.map(|at| at.to_string()));
        Self { server, path, modified_at, host_key, pgp_key, signer, due_at }
    }
}

/// Why a row or a file was rejected, or what was noticed about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowProblem {
    /// The line on which the row begins, from 1; 0 where it is about the file as a whole.
    line: u64,
    column: Option<String>,
    /// Stable: clients may rely on it.
    code: &'static str,
    text: String,
    /// How to mend it.
    remedy: String,
}

impl From<Problem> for RowProblem {
    fn from(problem: Problem) -> Self {
        let Problem { line, column, code, text, remedy } = problem;
        Self { line, column, code: code.as_str(), text, remedy }
    }
}

impl From<kept::Counts> for Counts {
    // Taken apart without a rest, so that none can be forgotten here.
    fn from(counts: kept::Counts) -> Self {
        let kept::Counts {
            created,
            updated,
            reactivated,
            deactivated,
            unchanged,
            rejected,
            ignored,
            deleted,
        } = counts;
        let deleted = Some(deleted).filter(|deleted| *deleted > 0);
        Self { created, updated, reactivated, deactivated, unchanged, rejected, ignored, deleted }
    }
}

impl Run {
    /// The run as it is at this moment.
    pub(crate) fn new(run: kept::Run, now: Timestamp) -> Self {
        let (rows_per_second, estimated_end) = (run.rows_per_second(now), run.estimated_end(now));
        let (purpose, reverts) = match run.purpose {
            Purpose::Import => ("import", None),
            Purpose::Preview => ("preview", None),
            Purpose::Revert(of) => ("revert", Some(of)),
        };
        let kept::SourceFile { name, size, sha256 } = run.source;
        Self {
            id: run.id,
            configuration: run.configuration.into(),
            state: run.state,
            counts: run.counts.into(),
            rows_done: run.rows_done,
            rows_total: run.rows_total,
            warnings: run.warnings.into_iter().map(RowProblem::from).collect(),
            problem: run.problem.map(RowProblem::from),
            source: SourceFile { name, size, sha256 },
            provenance: run.provenance.map(Provenance::from),
            created_at: run.created_at.to_string(),
            finished_at: run.finished_at.map(|at| at.to_string()),
            purpose,
            reverts,
            reverted_by: run.reverted_by,
            encoding: run.encoding,
            rows_per_second,
            estimated_end: estimated_end.map(|at| at.to_string()),
        }
    }
}
