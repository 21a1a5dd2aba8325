//! From a file to its plan: every row held against the directory, nothing written to it.

use super::applied::LastApplied;
use super::codes::Code;
use super::configuration::Configuration;
use super::drafting::Planning;
use super::duplicates::{Survey, survey};
use super::engine::{Importer, Progress};
use super::format::Format;
use super::groups::Groups;
use super::lease::Work;
use super::manifest::{Entry, Manifest};
use super::planner::Planner;
use super::prepare::{Guess, Prepared, prepare};
use super::problem::{Problem, Quoted, Severity};
use super::read::{self, ReadError, Reader};
use super::row::RowBuffer;
use super::row_digest::of_row;
use super::rules::Rules;
use super::run::Counts;
use super::upload::Folder;
use crate::error::Error;
use crate::store::DirectoryId;
use crate::tenant::Opened;
use std::fs::File;
use std::sync::Arc;

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
pub(super) struct Basis<'a> {
    pub(super) configuration: &'a Configuration,
    opened: &'a Opened,
    last: Option<LastApplied>,
    pub(super) manifest: Option<Manifest>,
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
            loosened: self.store.loosened(directory, &configuration.name).await?,
            groups: Groups::default(),
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
        Ok(Basis { configuration, opened, last, manifest })
    }
}

/// A file that can be read, and what only the whole of it tells.
pub(super) struct Readable {
    pub(super) prepared: Prepared,
    pub(super) survey: Arc<Survey>,
    pub(super) reader: Reader<File>,
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
    pub(super) fn warnings(&self) -> Vec<Problem> {
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

impl Basis<'_> {
    /// The entry of a row that was applied before, if its user is certain to be as it says.
    pub(super) fn known(&mut self, row: &RowBuffer, planner: &Planner<'_>) -> Result<Option<Entry>, Error> {
        let (Some(manifest), Some(desired)) = (&mut self.manifest, row.desired()) else { return Ok(None) };
        if desired.roles().any(|role| !self.opened.settings.roles.iter().any(|known| known == role)) {
            return Ok(None);
        }
        // A group that no row has named yet is looked up, and this row with it.
        let Some(groups) = planner.groups.of_row(desired) else { return Ok(None) };
        let digest = of_row(self.configuration, desired, &groups);
        let user = manifest.take(&digest)?.filter(|user| !planner.loosened.contains_key(user));
        Ok(user.map(|user| Entry { digest, user }))
    }
}

/// A guess, with what a person needs to judge it.
pub(super) fn of_guess(guess: &Guess) -> Problem {
    let samples =
        guess.samples.iter().map(|sample| format!("line {}: {}", sample.line, Quoted(&sample.text)));
    let samples: Vec<String> = samples.collect();
    Problem::of_file(Code::EncodingGuessed).about(format_args!("{}; {}", guess.encoding, samples.join(", ")))
}
