//! Hands an import over to the server.

use super::Answer;
use crate::data_folder::{DataFolder, shown};
use crate::failure::Failure;
use crate::import::{Job, Outcome};
use domain::import::engine::Progress;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

/// Lets the server of this folder do the job.
pub(crate) async fn hand_over(
    folder: &DataFolder,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Outcome, Failure> {
    let Ok(mut stream) = UnixStream::connect(folder.control()).await else {
        return Err(nobody_listens(folder, job));
    };
    let lost = |error: std::io::Error| Failure::caused("the server that has the data folder was lost", error);
    let mut line =
        serde_json::to_vec(job).map_err(|error| Failure::caused("the job cannot be sent", error))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(lost)?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await.map_err(lost)? {
        match serde_json::from_str(&line) {
            Ok(Answer::Progress { state, done, total }) => progress.rows(state, done, total),
            Ok(Answer::Ended(outcome)) => return Ok(*outcome),
            Ok(Answer::Failed(text)) => return Err(Failure::new(text)),
            Err(error) => {
                return Err(Failure::caused("the server answers in another version's words", error));
            }
        }
    }
    Err(Failure::new("the server stopped during the import; start it again, and it goes on where it stopped"))
}

fn nobody_listens(folder: &DataFolder, job: &Job) -> Failure {
    Failure::new(format!(
        "another muster process is using {} and takes no imports, perhaps because it is an import itself. Wait until \
         it has ended or stop it, then try again; or copy the file into {}, from where `muster serve` imports it",
        shown(folder.path()),
        shown(&folder.inbox(&job.directory(), &job.configuration)),
    ))
}
