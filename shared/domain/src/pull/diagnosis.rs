//! Test Access: the way of a pull, step by step, each with what was seen there. It imports nothing and changes nothing on
//! the server, but that it makes the folder for archived files where one is asked for.

use super::fetch::{ARCHIVE, dated};
use super::find::{self, Found};
use super::puller::Puller;
use super::server::{Stopped, server};
use crate::error::Error;
use crate::import::configuration::{After, Configuration, Decryption, SftpSource};
use crate::import::prepare::prepare;
use crate::import::problem::{Code, Problem};
use crate::import::read::{self, ReadError};
use crate::import::rules::Rules;
use crate::remote::{Failed, RemoteSession, Step, Steps};
use crate::store::{DirectoryId, Name};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};

/// Bytes of the file that are fetched.
const BEGINNING: u64 = 64 * 1024;

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// It went well.
    Ok,
    /// It did not.
    Failed,
    /// It was not tried.
    Skipped,
}

/// A step with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTaken {
    /// Which one.
    pub name: Step,
    /// What came of it.
    pub status: StepStatus,
    /// What was seen; of a step that failed, also what it means and what to do.
    pub fact: String,
}

/// All steps, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Whether none has failed.
    pub ok: bool,
    /// The steps.
    pub steps: Vec<StepTaken>,
}

/// Collects steps.
#[derive(Default)]
struct Taken(Vec<StepTaken>);

impl Steps for Taken {
    fn passed(&mut self, step: Step, fact: String) {
        self.0.push(StepTaken { name: step, status: StepStatus::Ok, fact });
    }
}

impl Taken {
    fn skipped(&mut self, step: Step, fact: &str) {
        self.0.push(StepTaken { name: step, status: StepStatus::Skipped, fact: fact.to_owned() });
    }

    /// The whole, with the steps after one that failed as skipped.
    fn into_diagnosis(self, failed: Option<Failed>) -> Diagnosis {
        let ok = failed.is_none();
        let failed = failed.map(|Failed { step, code, fact }| {
            let fact = if fact.is_empty() { String::new() } else { format!(" ({fact})") };
            let fact = format!("{}{fact}. {}.", code.what(), code.remedy());
            StepTaken { name: step, status: StepStatus::Failed, fact }
        });
        let mut all: Vec<StepTaken> = self.0;
        // A step that was passed in part may still fail.
        all.retain(|taken| failed.as_ref().is_none_or(|failed| taken.name != failed.name));
        all.extend(failed);
        let why = if ok { "" } else { "not tried, as a step before has failed" };
        for step in Step::ALL {
            if !all.iter().any(|taken| taken.name == step) {
                all.push(StepTaken { name: step, status: StepStatus::Skipped, fact: why.to_owned() });
            }
        }
        all.sort_by_key(|taken| taken.name);
        Diagnosis { ok, steps: all }
    }
}

impl Puller {
    /// Goes the way of a pull, and tells what was seen at each step; `None` where there is no such configuration, or its
    /// files are uploaded.
    ///
    /// # Errors
    /// Those of our own stores.
    pub async fn test_access(&self, id: &DirectoryId, name: &Name) -> Result<Option<Diagnosis>, Error> {
        let Some(configuration) = self.store.configuration(id, name).await? else { return Ok(None) };
        let Some(source) = configuration.source.sftp() else { return Ok(None) };
        let mut taken = Taken::default();
        let gone = self.go(id, &configuration, source, &mut taken).await;
        match gone {
            Ok(()) => Ok(Some(taken.into_diagnosis(None))),
            Err(Stopped::Failed(failed)) => Ok(Some(taken.into_diagnosis(Some(failed)))),
            Err(Stopped::Error(error)) => Err(error),
        }
    }

    async fn go(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        source: &SftpSource,
        taken: &mut Taken,
    ) -> Result<(), Stopped> {
        let server = server(&self.vault, self.keys.as_ref(), id, &configuration.name, source).await?;
        let mut session = self.remote.connect(&server, taken).await?;
        let looked = self.look(id, configuration, source, session.as_mut(), taken).await;
        session.close().await;
        looked
    }

    async fn look(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        source: &SftpSource,
        session: &mut dyn RemoteSession,
        taken: &mut Taken,
    ) -> Result<(), Stopped> {
        let at = dated(source, configuration.schedule.as_ref(), self.store.now());
        let found = find::find(session, source, at, taken).await?;
        find::is_stable(session, &found, self.pause.as_ref()).await?;
        let mut file = tempfile::tempfile()?;
        let read = session.read(&found.path(), BEGINNING, &mut file).await?;
        let whole = found.entry.size.is_some_and(|size| size <= read);
        taken.passed(Step::Read, format!("{} {read} bytes", if whole { "all" } else { "the first" }));
        let file = self.plain(id, configuration, file, taken).await?;
        understand(configuration, file, whole, taken)?;
        may_clear(session, &found, source.after, taken).await
    }

    /// The beginning of what the file holds.
    async fn plain(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        mut file: File,
        taken: &mut Taken,
    ) -> Result<File, Stopped> {
        if configuration.decryption == Decryption::None {
            taken.skipped(Step::Decrypt, "the configuration does not decrypt");
            return Ok(file);
        }
        let secrets = self.pgp_secrets(id, &configuration.name).await?;
        if secrets.is_empty() {
            return Err(Failed::at(Step::Decrypt, Code::PgpNoKeys, "").into());
        }
        let mut beginning = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut beginning)?;
        let plain = self.pgp.decrypt_beginning(&beginning, &secrets);
        let plain = plain.map_err(|unopened| Failed::at(Step::Decrypt, unopened.code, unopened.fact))?;
        taken.passed(
            Step::Decrypt,
            format!("{} bytes; signature and integrity are checked when the whole is here", plain.len()),
        );
        let mut decrypted = tempfile::tempfile()?;
        decrypted.write_all(&plain)?;
        Ok(decrypted)
    }
}

/// Sees that the file can be read, as an import would read it.
fn understand(
    configuration: &Configuration,
    mut file: File,
    whole: bool,
    taken: &mut Taken,
) -> Result<(), Stopped> {
    file.rewind()?;
    let (format, mapping) = (&configuration.format, &configuration.mapping);
    let prepared = match prepare(file, format) {
        Ok(prepared) => prepared,
        Err(ReadError::Refused(problem)) if !whole && is_packed(problem.code) => {
            for step in [Step::Decode, Step::Header, Step::Mapping] {
                taken.skipped(step, "the file is packed, and only its beginning was fetched");
            }
            return Ok(());
        }
        Err(error) => return Err(refused(Step::Decode, error)),
    };
    taken.passed(Step::Decode, prepared.encoding.to_string());
    let reader = match read::open(prepared.file, format, mapping, &Rules::default()) {
        Ok(reader) => reader,
        Err(ReadError::Refused(problem)) if is_of_mapping(problem.code) => {
            taken.passed(Step::Header, "there is one".to_owned());
            return Err(refused(Step::Mapping, ReadError::Refused(problem)));
        }
        Err(error) => return Err(refused(Step::Header, error)),
    };
    let names: Vec<&str> = reader.layout().names().collect();
    taken.passed(Step::Header, format!("{} columns", names.len()));
    let ignored: Vec<&str> = reader.warnings().iter().map(|warning| warning.text.as_str()).collect();
    let fact = if ignored.is_empty() { "all columns are known".to_owned() } else { ignored.join(" ") };
    taken.passed(Step::Mapping, fact);
    Ok(())
}

fn is_packed(code: Code) -> bool {
    matches!(code, Code::ArchiveDamaged | Code::ArchiveNotOneFile | Code::ArchiveTooLarge)
}

fn is_of_mapping(code: Code) -> bool {
    matches!(code, Code::ColumnMissing | Code::ColumnDuplicated | Code::ColumnOrder)
}

fn refused(step: Step, error: ReadError) -> Stopped {
    match error {
        ReadError::Refused(Problem { code, text, .. }) => {
            // The words of the code are told anyway; only what is about this file is not.
            let fact = text.strip_prefix(code.what()).unwrap_or(&text).trim_matches([':', '.', ' ']);
            Failed::at(step, code, fact).into()
        }
        ReadError::Io(error) => error.into(),
    }
}

async fn may_clear(
    session: &mut dyn RemoteSession,
    found: &Found,
    after: After,
    taken: &mut Taken,
) -> Result<(), Stopped> {
    match after {
        After::Leave => taken.skipped(Step::Archive, "files are left where they are"),
        After::Delete => taken.skipped(Step::Archive, "only deleting itself shows whether it is allowed"),
        After::Archive => {
            let folder = find::join(&found.folder, ARCHIVE);
            session.make_folder(&folder).await?;
            taken.passed(Step::Archive, format!("the folder {folder} is there"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_told_once() {
        let mut taken = Taken::default();
        taken.passed(Step::Resolve, "192.0.2.7".to_owned());
        taken.passed(Step::Connect, "192.0.2.7:22".to_owned());
        let failed = Failed::at(Step::Banner, Code::SftpNotSsh, "HTTP/1.1 400 Bad Request");
        let diagnosis = taken.into_diagnosis(Some(failed));
        let names: Vec<Step> = diagnosis.steps.iter().map(|step| step.name).collect();
        assert_eq!(names, Step::ALL);
        assert!(!diagnosis.ok);
        let fact = &diagnosis.steps[2].fact;
        assert!(
            fact.starts_with("What answers there does not speak SSH (HTTP/1.1 400 Bad Request). "),
            "{fact}"
        );
        assert!(diagnosis.steps[3..].iter().all(|step| step.status == StepStatus::Skipped));
    }
}
