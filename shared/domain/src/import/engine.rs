//! Runs an import from the file to the report: read, plan, apply, each of them stored before the next, so
//! that a run which was cut off goes on where it stopped.

use super::apply::{Applied, Applier};
use super::configuration::Configuration;
use super::duplicates::survey;
use super::plan::PlanRow;
use super::plan_batch::Planner;
use super::problem::Problem;
use super::read::{self, ReadError};
use super::row::{Outcome, RowBuffer};
use super::rules::Rules;
use super::run::{Counts, Lease, Run, State};
use super::upload::Folder;
use crate::error::Error;
use crate::objects::Objects;
use crate::store::{DirectoryId, Kind, Store};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, Write};
use std::sync::Arc;

/// Rows planned at once: they share batches of reads.
const BATCH_ROWS: usize = 256;
/// Planned rows between two checkpoints: what a successor does again at most.
const PART_ROWS: usize = 4096;

/// Is told how far a run is.
pub trait Progress: Send + Sync {
    /// So many rows of the total are planned (while reading) or applied.
    fn rows(&self, state: State, done: u64, total: u64);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn rows(&self, _: State, _: u64, _: u64) {}
}

/// What a file would do.
#[derive(Debug)]
pub struct Preview {
    /// The plan, as lines of JSON.
    pub plan: File,
    /// Its rows by what would become of them.
    pub counts: Counts,
    /// What was noticed about the file as a whole.
    pub warnings: Vec<Problem>,
}

/// Imports files.
#[derive(Clone)]
pub struct Importer {
    pub(super) store: Arc<Store>,
    pub(super) objects: Arc<dyn Objects>,
}

impl Importer {
    /// Imports into this store, and keeps files in these objects.
    pub fn new(store: Arc<Store>, objects: Arc<dyn Objects>) -> Self {
        Self { store, objects }
    }

    /// The plan of a file, and nothing else: neither a run nor any change.
    ///
    /// # Errors
    /// The outer error is the store's; the inner one says why the file cannot be imported.
    pub async fn preview(
        &self,
        directory: &DirectoryId,
        configuration: &Configuration,
        file: &File,
        progress: &dyn Progress,
    ) -> Result<Result<Preview, Problem>, Error> {
        let mut lease = None;
        self.plan(directory, configuration, file, &mut lease, progress).await
    }

    /// Takes a run to its end.
    pub(super) async fn execute(&self, mut lease: Lease, progress: &dyn Progress) -> Result<Run, Error> {
        let configuration = self.store.configuration(&lease.directory, &lease.run.configuration).await?;
        let configuration = configuration.ok_or_else(|| Error::fault("a run without its configuration"))?;
        if matches!(lease.run.state, State::Queued | State::Reading) {
            lease = match self.read(lease, &configuration, progress).await? {
                Ok(lease) => lease,
                Err(failed) => return Ok(failed),
            };
        }
        let lease = self.apply(lease, progress).await?;
        self.finish(lease, &configuration).await
    }

    async fn read(
        &self,
        mut lease: Lease,
        configuration: &Configuration,
        progress: &dyn Progress,
    ) -> Result<Result<Lease, Run>, Error> {
        lease.run.state = State::Reading;
        lease.run.counts = Counts::default();
        let folder = Folder::of(&lease);
        let file = self.near(&folder.source()).await?;
        let directory = lease.directory.clone();
        let mut held = Some(lease);
        let planned = self.plan(&directory, configuration, &file, &mut held, progress).await?;
        let mut lease = held.ok_or_else(|| Error::fault("a lease was lost"))?;
        match planned {
            Ok(preview) => {
                self.objects.store(&folder.plan(), preview.plan).await?;
                let Counts { unchanged, rejected, ignored, .. } = preview.counts;
                lease.run.counts = Counts { unchanged, rejected, ignored, ..Counts::default() };
                lease.run.warnings = preview.warnings;
                lease.run.rows_done = 0;
                lease.run.state = State::Planned;
                lease.save().await?;
                Ok(Ok(lease))
            }
            Err(problem) => self.fail(lease, problem).await.map(Err),
        }
    }

    /// Plans a file; keeps the lease, if there is one, alive meanwhile.
    async fn plan(
        &self,
        directory: &DirectoryId,
        configuration: &Configuration,
        file: &File,
        lease: &mut Option<Lease>,
        progress: &dyn Progress,
    ) -> Result<Result<Preview, Problem>, Error> {
        let opened = self.store.open(directory).await?;
        let rules = Rules { exclude: opened.exclude.clone(), ..Rules::default() };
        let (format, mapping) = (&configuration.format, &configuration.mapping);
        let survey = match survey(file, format, mapping, &rules) {
            Ok(survey) => Arc::new(survey),
            Err(ReadError::Refused(problem)) => return Ok(Err(problem)),
            Err(ReadError::Io(error)) => return Err(error.into()),
        };
        let total = survey.rows();
        let mut reader = match read::open(file, format, mapping, &rules) {
            Ok(reader) => reader.with_survey(Arc::clone(&survey)),
            Err(ReadError::Refused(problem)) => return Ok(Err(problem)),
            Err(ReadError::Io(error)) => return Err(error.into()),
        };
        let planner = Planner { store: &self.store, directory, configuration };
        let mut plan = BufWriter::new(tempfile::tempfile()?);
        let mut counts = Counts::default();
        let mut rows: Vec<(RowBuffer, Outcome)> = Vec::new();
        let mut planned_rows = 0;
        loop {
            let more = fill(&mut reader, &mut rows)?;
            planned_rows += rows.len() as u64;
            for planned in planner.plan(&rows).await? {
                counts.count(planned.action);
                serde_json::to_writer(&mut plan, &planned)?;
                plan.write_all(b"\n")?;
            }
            progress.rows(State::Reading, reader.counts().rows, total);
            if let Some(lease) = lease {
                (lease.run.rows_done, lease.run.rows_total) = (reader.counts().rows, total);
                lease.keep().await?;
            }
            if !more {
                break;
            }
        }
        let blank = reader.counts().rows - planned_rows;
        counts.ignored += blank;
        let warnings = reader.warnings().iter().cloned().chain(survey.warnings()).collect();
        let plan = plan.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(Ok(Preview { plan, counts, warnings }))
    }

    /// Applies the parts of the plan that are not yet done; each is stored before the next begins.
    async fn apply(&self, mut lease: Lease, progress: &dyn Progress) -> Result<Lease, Error> {
        lease.run.state = State::Applying;
        let folder = Folder::of(&lease);
        let mut lines = BufReader::new(self.near(&folder.plan()).await?).lines();
        let (directory, run) = (lease.directory.clone(), lease.run.id.clone());
        let configuration = lease.run.configuration.clone();
        let opened = self.store.open(&directory).await?;
        let applier = Applier {
            store: &self.store,
            directory: &directory,
            configuration: &configuration,
            run: &run,
            users: opened.typed(Kind::User)?,
        };
        let mut part = 0;
        loop {
            let rows = next_part(&mut lines)?;
            let Some(last) = rows.len().checked_sub(1) else { return Ok(lease) };
            part += 1;
            if part <= lease.run.parts_done {
                continue;
            }
            let done = lease.run.rows_done + last as u64 + 1;
            let applied = applier.apply(rows).await?;
            for one in &applied {
                lease.run.counts.count(one.action);
            }
            if !applied.is_empty() {
                self.objects.store(&folder.changes_part(part), lines_of(&applied)?).await?;
            }
            lease.run.rows_done = done;
            lease.run.parts_done = part;
            lease.save().await?;
            progress.rows(State::Applying, done, lease.run.rows_total.max(done));
        }
    }

    /// Joins the change log, writes the report and closes the run.
    async fn finish(&self, mut lease: Lease, configuration: &Configuration) -> Result<Run, Error> {
        let folder = Folder::of(&lease);
        let mut changes = BufWriter::new(tempfile::tempfile()?);
        let mut failures = Vec::new();
        for part in 1..=lease.run.parts_done {
            let Some(object) = self.objects.fetch(&folder.changes_part(part), None).await? else { continue };
            for line in BufReader::new(object.file).lines() {
                let line = line?;
                let applied: Applied = serde_json::from_str(&line)?;
                match applied.problem {
                    Some(problem) => failures.push(problem),
                    None => writeln!(changes, "{line}")?,
                }
            }
        }
        let changes = changes.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        self.objects.store(&folder.changes(), changes).await?;
        let plan = self.near(&folder.plan()).await?;
        let source = self.near(&folder.source()).await?;
        let report = super::rejected::report(configuration, source, plan, failures)?;
        self.objects.store(&folder.report(), report).await?;
        lease.run.state = match lease.run.counts.rejected {
            0 => State::Finished,
            _ => State::FinishedWithRejections,
        };
        lease.run.finished_at = Some(self.store.now());
        lease.save().await?;
        for part in 1..=lease.run.parts_done {
            self.objects.remove(&folder.changes_part(part)).await?;
        }
        Ok(lease.run)
    }

    async fn fail(&self, mut lease: Lease, problem: Problem) -> Result<Run, Error> {
        let folder = Folder::of(&lease);
        self.objects.store(&folder.report(), super::rejected::report_of_file(&problem)?).await?;
        lease.run.problem = Some(problem);
        lease.run.state = State::Failed;
        lease.run.finished_at = Some(self.store.now());
        lease.save().await?;
        Ok(lease.run)
    }

    async fn near(&self, key: &str) -> Result<File, Error> {
        let object = self.objects.fetch(key, None).await?;
        Ok(object.ok_or_else(|| Error::fault("an object of a run is missing"))?.file)
    }
}

/// Reads the next rows into the memory of the last ones; whether there may be more.
fn fill(reader: &mut read::Reader<&File>, rows: &mut Vec<(RowBuffer, Outcome)>) -> Result<bool, Error> {
    let mut filled = 0;
    while filled < BATCH_ROWS {
        if rows.len() == filled {
            rows.push((RowBuffer::new(), Outcome::Ignored));
        }
        let Some((row, outcome)) = rows.get_mut(filled) else { break };
        match reader.next(row) {
            Ok(Some(found)) => *outcome = found,
            Ok(None) => break,
            Err(ReadError::Io(error)) => return Err(error.into()),
            Err(ReadError::Refused(problem)) => return Err(Error::fault(problem.code.as_str())),
        }
        filled += 1;
    }
    rows.truncate(filled);
    Ok(filled == BATCH_ROWS)
}

fn next_part(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Result<Vec<PlanRow>, Error> {
    lines.by_ref().take(PART_ROWS).map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn lines_of(applied: &[Applied]) -> Result<File, Error> {
    let mut file = BufWriter::new(tempfile::tempfile()?);
    for one in applied {
        serde_json::to_writer(&mut file, one)?;
        file.write_all(b"\n")?;
    }
    let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}
