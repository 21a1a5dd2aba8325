//! The plan in the making: rows as they are read, and what is known of them all together.

use super::codes::Code;
use super::configuration::Mode;
use super::engine::Progress;
use super::lease::Work;
use super::manifest::{Entries, Entry};
use super::missing::Missing;
use super::names::Names;
use super::plan::{Action, PlanRow};
use super::planner::{Judged, Planner};
use super::planning::{Basis, Preview, Readable, of_guess};
use super::problem::Problem;
use super::read::{ReadError, Reader};
use super::row::{Outcome, RowBuffer};
use super::run::{Counts, State};
use crate::error::Error;
use crate::store::Id;
use std::collections::HashSet;
use std::fs::File;
use std::io::BufWriter;

/// Rows that are compared with the directory at once: they share batches of reads.
const BATCH_ROWS: usize = 256;
/// Rows that wait for a batch to be full, those among them that need no comparison.
const QUEUED_ROWS: usize = 16 * 1024;

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
pub(super) struct Planning<'a> {
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
    pub(super) fn new(planner: Planner<'a>, basis: Basis<'a>) -> Result<Self, Error> {
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

    /// Reads the whole file, and plans it.
    pub(super) async fn run(
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
                Outcome::Accepted => match self.basis.known(row, &self.planner)? {
                    Some(entry) => {
                        let queued = settled(row, Action::Unchanged, Some(entry.user));
                        self.note_known(&entry)?;
                        queued
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
        let buffers = std::mem::take(&mut self.rows);
        let batch: Vec<&RowBuffer> = buffers.iter().take(self.compared).collect();
        let known = self.known_by_now(&batch).await?;
        let open = batch.iter().zip(&known).filter(|(_, known)| known.is_none());
        let open: Vec<&RowBuffer> = open.map(|(row, _)| *row).collect();
        let mut judged = self.planner.plan(&open).await?.into_iter();
        self.rows = buffers;
        let mut known = known.into_iter();
        let queue = std::mem::take(&mut self.queue);
        let rows = queue.len() as u64;
        for queued in queue {
            match queued {
                Queued::Compared => match known.next().flatten() {
                    Some((entry, queued)) => {
                        self.note_known(&entry)?;
                        self.settle(queued)?;
                    }
                    None => judged.next().map_or(Ok(()), |row| self.take(row))?,
                },
                queued => self.settle(queued)?,
            }
        }
        Ok(rows)
    }

    /// Those rows of the batch that only waited for the names of their groups.
    async fn known_by_now(&mut self, batch: &[&RowBuffer]) -> Result<Vec<Option<(Entry, Queued)>>, Error> {
        let waits = |row: &RowBuffer| row.desired().is_some_and(|row| row.groups().next().is_some());
        let mut known: Vec<Option<(Entry, Queued)>> = batch.iter().map(|_| None).collect();
        if self.basis.manifest.is_none() || !batch.iter().any(|row| waits(row)) {
            return Ok(known);
        }
        self.planner.learn_groups(batch).await?;
        for (row, slot) in batch.iter().zip(&mut known).filter(|(row, _)| waits(row)) {
            let entry = self.basis.known(row, &self.planner)?;
            *slot = entry.map(|entry| (entry, settled(row, Action::Unchanged, Some(entry.user))));
        }
        Ok(known)
    }

    fn note_known(&mut self, entry: &Entry) -> Result<(), Error> {
        self.existing += 1;
        Ok(self.entries.push(entry)?)
    }

    fn settle(&mut self, queued: Queued) -> Result<(), Error> {
        match queued {
            Queued::Settled(plan) => self.write(&plan),
            Queued::Known(line, user) => {
                self.counts.unchanged += 1;
                PlanRow::write_unchanged(&mut self.plan, line, user)
            }
            Queued::Compared => Err(Error::fault("a row that is compared is not settled yet")),
        }
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
