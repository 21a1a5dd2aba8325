//! From a file to its plan: every row held against the directory, nothing written to it.

use super::applied::LastApplied;
use super::codes::Code;
use super::configuration::{Configuration, Mode};
use super::duplicates::{Survey, survey};
use super::engine::{Importer, Progress};
use super::format::Format;
use super::lease::Work;
use super::manifest::{Entries, Entry, Manifest};
use super::missing::Missing;
use super::names::Names;
use super::plan::{Action, PlanRow};
use super::planner::{Judged, Planner};
use super::prepare::{Guess, Prepared, prepare};
use super::problem::{Problem, Quoted, Severity};
use super::read::{self, ReadError, Reader};
use super::row::{Outcome, RowBuffer};
use super::row_digest::of_row;
use super::rules::Rules;
use super::run::{Counts, State};
use super::upload::Folder;
use crate::error::Error;
use crate::store::{DirectoryId, Id};
use crate::tenant::Opened;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

/// Rows that are compared with the directory at once: they share batches of reads.
const BATCH_ROWS: usize = 256;
/// Rows that wait for a batch to be full, those among them that need no comparison.
const QUEUED_ROWS: usize = 16 * 1024;

/// What a file would do.
#[derive(Debug)]
pub struct Preview {
    /// The plan, as lines of JSON; see [`PlanRow`].
    pub plan: File,
    /// Its rows by what would become of them.
    pub counts: Counts,
    /// What was noticed about the file as a whole.
    pub warnings: Vec<Problem>,
    /// Why it would not be carried out without somebody's decision.
    pub hold: Option<Problem>,
    /// Users who would lose their access.
    pub removals: u64,
    /// Users who are as their rows say, and are only to be bound to them anew.
    pub(super) rebound: u64,
    /// What the file was read as.
    pub encoding: String,
    /// The names of its columns.
    pub(super) header: Vec<String>,
    /// The rows whose users are known already, for the next manifest.
    pub(super) entries: File,
}

/// What planning does not look at again.
struct Basis<'a> {
    configuration: &'a Configuration,
    opened: &'a Opened,
    last: Option<LastApplied>,
    manifest: Option<Manifest>,
    /// Users of the manifest who may not be as their rows say.
    loosened: HashMap<Id, i64>,
}

impl Importer {
    /// Plans a file; keeps the work, if there is some, alive meanwhile.
    pub(super) async fn plan(
        &self,
        directory: &DirectoryId,
        configuration: &Configuration,
        file: File,
        work: Option<&mut Work>,
        progress: &dyn Progress,
    ) -> Result<Result<Preview, Problem>, Error> {
        let opened = self.store.open(directory).await?;
        let rules = Rules { exclude: opened.exclude.clone(), ..Rules::default() };
        let read = match Readable::open(file, configuration, &rules) {
            Ok(read) => read,
            Err(ReadError::Refused(problem)) => return Ok(Err(problem)),
            Err(ReadError::Io(error)) => return Err(error.into()),
        };
        let basis = self.basis(directory, configuration, &opened).await?;
        let differences: Vec<Problem> =
            basis.last.as_ref().into_iter().flat_map(|last| of_the_last(last, &read)).collect();
        let planner = Planner {
            store: &self.store,
            directory,
            configuration,
            opened: &opened,
            removals_blocked: !differences.is_empty() || !read.survey.doubts().is_empty(),
        };
        let planning = Planning::new(planner, basis)?;
        planning.run(read, differences, work, progress).await.map(Ok)
    }

    async fn basis<'a>(
        &self,
        directory: &DirectoryId,
        configuration: &'a Configuration,
        opened: &'a Opened,
    ) -> Result<Basis<'a>, Error> {
        let last = self.store.last_applied(directory, &configuration.name).await?;
        let of_run = last.as_ref().filter(|last| last.manifest).map(|last| last.run.as_str());
        let object = match of_run {
            Some(run) => self.objects.fetch(&Folder::new(directory, run).manifest(), None).await?,
            None => None,
        };
        let manifest = object.map(|object| Manifest::open(object.file)).transpose()?;
        // Without a manifest every row is looked at anyway.
        let loosened = match manifest {
            Some(_) => self.store.loosened(directory, &configuration.name).await?,
            None => HashMap::new(),
        };
        Ok(Basis { configuration, opened, last, manifest, loosened })
    }
}

/// A file that can be read, and what only the whole of it tells.
struct Readable {
    prepared: Prepared,
    survey: Arc<Survey>,
    reader: Reader<File>,
}

impl Readable {
    fn open(file: File, configuration: &Configuration, rules: &Rules) -> Result<Self, ReadError> {
        let (format, mapping): (&Format, _) = (&configuration.format, &configuration.mapping);
        let prepared = prepare(file, format)?;
        let survey = Arc::new(survey(&prepared.file, format, mapping, rules)?);
        let reader = read::open(prepared.file.try_clone()?, format, mapping, rules)?;
        let reader = reader.with_survey(Arc::clone(&survey));
        Ok(Self { prepared, survey, reader })
    }
}

impl Readable {
    /// What was noticed about the file as a whole. What holds the run is not said twice.
    fn warnings(&self) -> Vec<Problem> {
        let of_reader = self.reader.warnings().iter().cloned();
        let all = self.prepared.warnings.iter().cloned().chain(of_reader).chain(self.survey.warnings());
        all.filter(|warning| warning.code.severity() != Severity::RunHeld).collect()
    }
}

/// What the file before makes doubtful about this one.
fn of_the_last(last: &LastApplied, read: &Readable) -> impl Iterator<Item = Problem> {
    let header: Vec<String> = read.reader.layout().names().map(str::to_owned).collect();
    let changed = last.header_differs(&header).then(|| Problem::of_file(Code::HeaderChanged));
    let rows = read.survey.rows();
    let shrunken = (rows > 0 && rows * 2 < last.rows)
        .then(|| Problem::of_file(Code::FileShrunken).about(format_args!("{rows} rows after {}", last.rows)));
    changed.into_iter().chain(shrunken)
}

/// A row of the file on its way into the plan.
enum Queued {
    /// Needs no comparison, as it was applied before; with its line.
    Known(u64, Id),
    /// Needs none for another reason, or has problems.
    Settled(Box<PlanRow>),
    /// Is the next one of the batch that is compared with the directory.
    Compared,
}

/// The plan in the making.
struct Planning<'a> {
    planner: Planner<'a>,
    basis: Basis<'a>,
    plan: BufWriter<File>,
    entries: Entries,
    counts: Counts,
    removals: u64,
    rebound: u64,
    /// Rows whose user exists.
    existing: u64,
    names: Names,
    missing: Missing,
    queue: Vec<Queued>,
    rows: Vec<RowBuffer>,
    compared: usize,
}

impl<'a> Planning<'a> {
    fn new(planner: Planner<'a>, basis: Basis<'a>) -> Result<Self, Error> {
        Ok(Self {
            planner,
            basis,
            plan: BufWriter::with_capacity(128 * 1024, tempfile::tempfile()?),
            entries: Entries::new()?,
            counts: Counts::default(),
            removals: 0,
            rebound: 0,
            existing: 0,
            names: Names::default(),
            missing: Missing::default(),
            queue: Vec::new(),
            rows: Vec::new(),
            compared: 0,
        })
    }

    async fn run(
        mut self,
        mut read: Readable,
        differences: Vec<Problem>,
        mut work: Option<&mut Work>,
        progress: &dyn Progress,
    ) -> Result<Preview, Error> {
        let total = read.survey.rows();
        let mut written = 0;
        loop {
            let more = self.fill(&mut read.reader)?;
            written += self.flush().await?;
            let done = read.reader.counts().rows;
            progress.rows(State::Reading, done, total);
            if let Some(work) = &mut work {
                (work.run.rows_done, work.run.rows_total) = (done, total);
                work.keep().await?;
            }
            if !more {
                break;
            }
        }
        self.counts.ignored += read.reader.counts().rows - written;
        let mut warnings = read.warnings();
        warnings.extend(differences);
        self.put_waiting().await?;
        warnings.extend(self.put_missing().await?);
        let guessed = read.prepared.guessed.as_ref().map(of_guess);
        let no_rows = (total == 0).then(|| Problem::of_file(Code::FileWithoutRows));
        let hold = guessed.or(no_rows).or_else(|| self.over_limit());
        let plan = self.plan.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(Preview {
            plan,
            counts: self.counts,
            warnings,
            hold,
            removals: self.removals,
            rebound: self.rebound,
            encoding: read.prepared.encoding.to_string(),
            header: read.reader.layout().names().map(str::to_owned).collect(),
            entries: self.entries.finish()?,
        })
    }

    /// Reads rows until a batch is full; whether there may be more.
    fn fill(&mut self, reader: &mut Reader<File>) -> Result<bool, Error> {
        self.compared = 0;
        while self.compared < BATCH_ROWS && self.queue.len() < QUEUED_ROWS {
            if self.rows.len() == self.compared {
                self.rows.push(RowBuffer::new());
            }
            let Some(row) = self.rows.get_mut(self.compared) else { return Ok(false) };
            let outcome = match reader.next(row) {
                Ok(Some(outcome)) => outcome,
                Ok(None) => return Ok(false),
                Err(ReadError::Io(error)) => return Err(error.into()),
                Err(ReadError::Refused(problem)) => return Err(Error::fault(problem.code.as_str())),
            };
            let queued = match outcome {
                Outcome::Ignored => settled(row, Action::Ignore, None),
                Outcome::Rejected => {
                    self.missing.note_rejected(row);
                    settled(row, Action::Reject, None)
                }
                Outcome::Accepted => match self.basis.known(row)? {
                    Some(entry) => {
                        self.existing += 1;
                        self.entries.push(&entry)?;
                        settled(row, Action::Unchanged, Some(entry.user))
                    }
                    None => {
                        self.compared += 1;
                        Queued::Compared
                    }
                },
            };
            self.queue.push(queued);
        }
        Ok(true)
    }

    /// Compares the rows of the batch, and writes all that are queued; how many rows of the file that were.
    async fn flush(&mut self) -> Result<u64, Error> {
        let batch: Vec<&RowBuffer> = self.rows.iter().take(self.compared).collect();
        let judged = self.planner.plan(&batch).await?;
        let mut judged = judged.into_iter();
        let queue = std::mem::take(&mut self.queue);
        let rows = queue.len() as u64;
        for queued in queue {
            match queued {
                Queued::Settled(plan) => self.write(&plan)?,
                Queued::Known(line, user) => {
                    self.counts.unchanged += 1;
                    PlanRow::write_unchanged(&mut self.plan, line, user)?;
                }
                Queued::Compared => {
                    if let Some(row) = judged.next() {
                        self.take(row)?;
                    }
                }
            }
        }
        Ok(rows)
    }

    /// A compared row: written, or kept for the end where it depends on others.
    fn take(&mut self, row: Judged) -> Result<(), Error> {
        if let Some(user) = row.user {
            self.existing += 1;
            self.missing.note_seen(user);
        }
        if row.unseats || row.is_contested() {
            return match self.names.wait(row) {
                Ok(()) => Ok(()),
                Err(refused) => self.put(&refused),
            };
        }
        self.names.note(&row);
        self.put(&row)
    }

    fn put(&mut self, row: &Judged) -> Result<(), Error> {
        self.removals += u64::from(row.plan.removes);
        self.rebound += u64::from(row.plan.target.as_ref().is_some_and(|target| target.document.is_none()));
        if let (None, Some(user), Some(digest)) = (&row.plan.target, row.user, row.digest) {
            self.entries.push(&Entry { digest, user })?;
        }
        if let (Action::Reject, Some(user)) = (row.plan.action, row.user) {
            self.entries.push(&Entry::without_row(user))?;
        }
        self.write(&row.plan)
    }

    fn write(&mut self, row: &PlanRow) -> Result<(), Error> {
        self.counts.count(row.action);
        row.write(&mut self.plan)?;
        Ok(())
    }

    /// The rows that depend on others, in an order in which they can be applied.
    async fn put_waiting(&mut self) -> Result<(), Error> {
        let names = std::mem::take(&mut self.names);
        let rows = names.in_order();
        let unseated: HashSet<Id> =
            rows.iter().filter(|row| row.unseats).filter_map(|row| row.user).collect();
        let nobody_left = !unseated.is_empty()
            && !self.planner.store.has_other_administrator(self.planner.directory, &unseated).await?;
        for row in rows {
            let refused = nobody_left && row.unseats;
            self.put(&if refused { row.refused(Code::LastAdministrator) } else { row })?;
        }
        Ok(())
    }

    /// Users of the configuration who are in no row, and what is to be said about them.
    async fn put_missing(&mut self) -> Result<Vec<Problem>, Error> {
        let missing = std::mem::take(&mut self.missing);
        let mut warnings = Vec::new();
        let mut blocked = self.planner.removals_blocked;
        if self.basis.configuration.mode == Mode::Full && missing.has_unidentified() {
            warnings.push(Problem::of_file(Code::RowsUnidentified));
            blocked = true;
        }
        let manifest = self.basis.manifest.take();
        let may_remove = self.basis.configuration.mode == Mode::Full && !blocked;
        if !may_remove {
            let left = missing.keep(manifest, &mut self.entries)?;
            if left > 0 && self.basis.configuration.mode == Mode::Full {
                warnings.push(Problem::of_file(Code::RemovalsBlocked).about(format_args!("{left} users")));
            }
            return Ok(warnings);
        }
        let mut search = missing.search(manifest)?;
        let mut kept = 0;
        while let Some(found) = search.next(&self.planner).await? {
            for one in found {
                self.existing += 1;
                if one.is_administrator {
                    kept += 1;
                    self.entries.push(&Entry::without_row(one.user))?;
                } else if let Some(plan) = one.plan {
                    self.removals += 1;
                    self.write(&plan)?;
                } else {
                    self.entries.push(&Entry::without_row(one.user))?;
                }
            }
        }
        if kept > 0 {
            warnings.push(Problem::of_file(Code::AdministratorKept).about(format_args!("{kept} users")));
        }
        Ok(warnings)
    }

    /// The limit that the plan goes over, if it goes over one.
    fn over_limit(&self) -> Option<Problem> {
        let limits = &self.basis.configuration.limits;
        let allowed = limits.removals_allowed(self.existing);
        if let Some(allowed) = allowed.filter(|allowed| self.removals > *allowed) {
            let detail = format!("{} of {} users, and {allowed} are allowed", self.removals, self.existing);
            return Some(Problem::of_file(Code::RemovalsOverLimit).about(detail));
        }
        let percent = u64::from(limits.rejected_percent?);
        let (rejected, rows) = (self.counts.rejected, self.counts.total() - self.counts.ignored);
        (rejected * 100 > rows * percent).then(|| {
            let detail = format!("{rejected} of {rows} rows, and {percent} % are allowed");
            Problem::of_file(Code::RejectionsOverLimit).about(detail)
        })
    }
}

impl Basis<'_> {
    /// The entry of a row that was applied before, if its user is certain to be as it says.
    fn known(&mut self, row: &RowBuffer) -> Result<Option<Entry>, Error> {
        let (Some(manifest), Some(desired)) = (&mut self.manifest, row.desired()) else { return Ok(None) };
        if desired.roles().any(|role| !self.opened.settings.roles.iter().any(|known| known == role)) {
            return Ok(None);
        }
        let digest = of_row(self.configuration, desired);
        let user = manifest.take(&digest)?.filter(|user| !self.loosened.contains_key(user));
        Ok(user.map(|user| Entry { digest, user }))
    }
}

fn settled(row: &RowBuffer, action: Action, user: Option<Id>) -> Queued {
    match user {
        Some(user) if row.problems().is_empty() => Queued::Known(row.line(), user),
        _ => Queued::Settled(Box::new(PlanRow {
            user: user.map(|user| user.to_string()),
            problems: row.problems().to_vec(),
            ..PlanRow::new(row.line(), action)
        })),
    }
}

/// A guess, with what a person needs to judge it.
fn of_guess(guess: &Guess) -> Problem {
    let samples =
        guess.samples.iter().map(|sample| format!("line {}: {}", sample.line, Quoted(&sample.text)));
    let samples: Vec<String> = samples.collect();
    Problem::of_file(Code::EncodingGuessed).about(format_args!("{}; {}", guess.encoding, samples.join(", ")))
}
