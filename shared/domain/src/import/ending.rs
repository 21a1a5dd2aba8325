//! Ends runs: joins what they have changed, writes report and manifest, and says how they ended.

use super::applied::LastApplied;
use super::apply::Applied;
use super::codes::Code;
use super::configuration::Configuration;
use super::engine::{Importer, Step};
use super::lease::Work;
use super::manifest::{self, Entry};
use super::parts::Parts;
use super::plan::Action;
use super::problem::Problem;
use super::row_digest::of_text;
use super::run::{Counts, Purpose, Run, State};
use super::upload::Folder;
use crate::error::Error;
use crate::store::Id;
use crate::table::Write as TableWrite;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};

/// Saving again beside somebody who tells of the same configuration.
const MAX_LOSSES: usize = 3;

impl Importer {
    /// Joins the change log, writes the report and the manifest, and closes the run.
    pub(super) async fn finish(
        &self,
        work: &mut Work,
        configuration: &Configuration,
        state: State,
    ) -> Result<Step, Error> {
        let directory = work.lease.directory.clone();
        let folder = Folder::new(&directory, &work.run.id);
        let mut failures = Vec::new();
        let bound = self.join_changes(work, &mut failures).await?;
        let mut further = Vec::new();
        let is_whole = matches!(state, State::Finished | State::FinishedWithRejections);
        let reverts = matches!(work.run.purpose, Purpose::Revert(_));
        if is_whole && !reverts {
            self.store_manifest(&folder, bound).await?;
            let last = LastApplied::of(&work.run);
            further.push(last.write(&directory, &configuration.name)?);
        } else if !reverts
            && let Some(mut last) = self.store.last_applied(&directory, &configuration.name).await?
        {
            // What was applied is no longer what the manifest says.
            last.manifest = false;
            further.push(last.write(&directory, &configuration.name)?);
        }
        if state == State::Cancelled {
            let left = self.not_reached(work).await?;
            work.run.counts.rejected += left.len() as u64;
            failures.extend(left);
        } else {
            work.run.rows_done = work.run.rows_total;
        }
        self.store_report(work, configuration, failures).await?;
        if is_whole && let Purpose::Revert(of) = &work.run.purpose {
            further.extend(self.store.reverted(&directory, of, &work.run.id).await?);
        }
        work.run.state = state;
        self.close(work, Some(configuration), further).await?;
        for part in 1..=work.run.parts_done {
            self.objects.remove(&folder.changes_part(part), None).await?;
        }
        self.objects.remove(&folder.entries(), None).await?;
        Ok(Step::Done)
    }

    /// Joins the outcomes of all parts into the change log. The rows that were bound to users, for the manifest.
    async fn join_changes(&self, work: &Work, failures: &mut Vec<Problem>) -> Result<File, Error> {
        let folder = Folder::new(&work.lease.directory, &work.run.id);
        let mut changes = BufWriter::new(tempfile::tempfile()?);
        let mut bound = manifest::Entries::new()?;
        for part in 1..=work.run.parts_done {
            let Some(object) = self.objects.fetch(&folder.changes_part(part), None).await? else { continue };
            for line in BufReader::new(object.file).lines() {
                let line = line?;
                let applied: Applied = serde_json::from_str(&line)?;
                let user = applied.user.as_deref().and_then(Id::parse);
                let digest = applied.digest.as_deref().and_then(of_text);
                match (user, digest) {
                    (Some(user), Some(digest)) if applied.problem.is_none() => {
                        bound.push(&Entry { digest, user })?;
                    }
                    (Some(user), _) if applied.problem.is_some() => bound.push(&Entry::without_row(user))?,
                    _ => {}
                }
                match applied.problem {
                    Some(problem) => failures.push(problem),
                    None if applied.action == Action::Unchanged => {}
                    None => writeln!(changes, "{line}")?,
                }
            }
        }
        let changes = changes.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        self.objects.store(&folder.changes(), changes).await?;
        Ok(bound.finish()?)
    }

    async fn store_manifest(&self, folder: &Folder, bound: File) -> Result<(), Error> {
        let known = self.near(&folder.entries()).await?;
        let sorted = manifest::sorted(manifest::read(known)?.chain(manifest::read(bound)?))?;
        Ok(self.objects.store(&folder.manifest(), sorted).await?)
    }

    /// The rows of the plan that a cancelled run did not come to, as problems of the report.
    async fn not_reached(&self, work: &Work) -> Result<Vec<Problem>, Error> {
        let folder = Folder::new(&work.lease.directory, &work.run.id);
        let Some(plan) = self.objects.fetch(&folder.plan(), None).await? else { return Ok(Vec::new()) };
        let mut parts = Parts::of(plan.file)?;
        let mut part = 0;
        let mut problems = Vec::new();
        while let Some(rows) = parts.next()? {
            part += 1;
            if part <= work.run.parts_done {
                continue;
            }
            let left = rows.planned.iter().filter(|row| row.target.is_some() && row.line > 0);
            problems.extend(left.map(|row| Problem::new(Code::RunCancelled, row.line)));
        }
        Ok(problems)
    }

    /// Writes the report: the rows that the plan or its application had problems with.
    pub(super) async fn store_report(
        &self,
        work: &Work,
        configuration: &Configuration,
        failures: Vec<Problem>,
    ) -> Result<(), Error> {
        let directory = &work.lease.directory;
        let folder = Folder::new(directory, &work.run.id);
        let source = match &work.run.purpose {
            Purpose::Revert(of) => Folder::new(directory, of).source(),
            Purpose::Import | Purpose::Preview => folder.source(),
        };
        let source = self.objects.fetch(&source, None).await?.map(|object| object.file);
        let plan = self.objects.fetch(&folder.plan(), None).await?.map(|object| object.file);
        let report = super::rejected::report(configuration, source, plan, failures)?;
        Ok(self.objects.store(&folder.report(), report).await?)
    }

    pub(super) async fn fail(
        &self,
        work: &mut Work,
        configuration: Option<&Configuration>,
        problem: Problem,
    ) -> Result<Step, Error> {
        let folder = Folder::new(&work.lease.directory, &work.run.id);
        self.objects.store(&folder.report(), super::rejected::report_of_file(&problem)?).await?;
        work.run.problem = Some(problem);
        work.run.state = State::Failed;
        work.run.counts = Counts::default();
        self.close(work, configuration, Vec::new()).await?;
        Ok(Step::Done)
    }

    /// Ends a run that no worker can carry out, so that those behind it get their turn.
    pub(super) async fn give_up(
        &self,
        work: &mut Work,
        configuration: Option<&Configuration>,
    ) -> Result<Step, Error> {
        work.run.problem = Some(Problem::of_file(Code::RunBrokeOff));
        let mut further = Vec::new();
        if work.run.parts_done > 0 || work.run.state == State::Applying {
            self.join_changes(work, &mut Vec::new()).await?;
            let (directory, name) = (&work.lease.directory, &work.run.configuration);
            if let Some(mut last) = self.store.last_applied(directory, name).await? {
                last.manifest = false;
                further.push(last.write(directory, name)?);
            }
        }
        work.run.state = State::Failed;
        self.close(work, configuration, further).await?;
        Ok(Step::Done)
    }

    /// Saves the run as ended. What it came from is no longer needed: the run keeps its own copy.
    async fn close(
        &self,
        work: &mut Work,
        configuration: Option<&Configuration>,
        further: Vec<TableWrite>,
    ) -> Result<(), Error> {
        work.run.finished_at = Some(self.store.now());
        self.save_telling(work, configuration, further).await?;
        self.clear_inbox(&work.run).await
    }

    /// Saves a run that has ended or is held, together with what is told of it.
    pub(super) async fn save_telling(
        &self,
        work: &mut Work,
        configuration: Option<&Configuration>,
        further: Vec<TableWrite>,
    ) -> Result<(), Error> {
        let Some(configuration) = configuration else { return work.save_with(further).await };
        let mut losses = 0;
        loop {
            let directory = work.lease.directory.clone();
            let notices = self.store.notices_of_run(&directory, configuration, &work.run).await?;
            let tells = !notices.is_empty();
            match work.save_with([further.clone(), notices].concat()).await {
                // A pull may have told of something at the same moment.
                Err(Error::VersionConflict) if tells && losses < MAX_LOSSES => losses += 1,
                saved => return saved,
            }
        }
    }

    /// Takes the object that a run has imported out of the inbox, unless it was replaced.
    pub(super) async fn clear_inbox(&self, run: &Run) -> Result<(), Error> {
        if let Some((key, version)) = &run.object {
            self.objects.remove(key, Some(version)).await?;
        }
        Ok(())
    }
}
