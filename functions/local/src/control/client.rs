//! Hands a request over to the server.

use super::Answer;
use crate::administer;
use crate::data_folder::{DataFolder, shown};
use crate::failure::Failure;
use crate::import::{Job, Outcome};
use domain::import::engine::Progress;
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

/// Lets the server of this folder do the job.
pub(crate) async fn hand_over(
    folder: &DataFolder,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Outcome, Failure> {
    let Some(mut answers) = send(folder, job).await? else { return Err(takes_no_imports(folder, job)) };
    while let Some(answer) = answers.next().await? {
        match answer {
            Answer::Progress { state, done, total } => progress.rows(state, done, total),
            Answer::Ended(outcome) => return Ok(*outcome),
            Answer::Failed(text) => return Err(Failure::new(text)),
            Answer::Administered(_) | Answer::Part(_) => return Err(other_words()),
        }
    }
    Err(Failure::new("the server stopped during the import; start it again, and it goes on where it stopped"))
}

/// Lets the admin API of the server of this folder answer.
pub(crate) async fn ask(
    folder: &DataFolder,
    request: &administer::Request,
) -> Result<administer::Reply, Failure> {
    let (parts, _) = mpsc::channel(1);
    stream(folder, request, parts).await
}

/// The same, a CSV part by part. It ends early where nobody takes the parts any more.
pub(crate) async fn stream(
    folder: &DataFolder,
    request: &administer::Request,
    parts: mpsc::Sender<String>,
) -> Result<administer::Reply, Failure> {
    let Some(mut answers) = send(folder, request).await? else {
        return Err(Failure::new(format!(
            "another muster process is using {} and takes no requests, perhaps because it is an import. Wait until it \
             has ended or stop it, then try again",
            shown(folder.path()),
        )));
    };
    loop {
        match answers.next().await? {
            Some(Answer::Part(text)) => {
                if parts.send(text).await.is_err() {
                    return Ok(administer::Reply { status: 200, body: Value::Null });
                }
            }
            Some(Answer::Administered(reply)) => return Ok(reply),
            Some(Answer::Failed(text)) => return Err(Failure::new(text)),
            Some(_) => return Err(other_words()),
            None => {
                return Err(Failure::new(
                    "the server stopped before it answered; look whether it was done, then try again",
                ));
            }
        }
    }
}

/// What the server sends.
struct Answers(Lines<BufReader<UnixStream>>);

impl Answers {
    async fn next(&mut self) -> Result<Option<Answer>, Failure> {
        let Some(line) = self.0.next_line().await.map_err(lost)? else { return Ok(None) };
        serde_json::from_str(&line).map(Some).map_err(|_| other_words())
    }
}

/// Sends a request; nothing where nobody listens.
async fn send(folder: &DataFolder, request: &impl Serialize) -> Result<Option<Answers>, Failure> {
    let Ok(mut stream) = UnixStream::connect(folder.control()).await else { return Ok(None) };
    let mut line =
        serde_json::to_vec(request).map_err(|error| Failure::caused("the request cannot be sent", error))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(lost)?;
    Ok(Some(Answers(BufReader::new(stream).lines())))
}

fn lost(error: std::io::Error) -> Failure {
    Failure::caused("the server that has the data folder was lost", error)
}

fn other_words() -> Failure {
    Failure::new("the server answers in another version's words; start it again with this version")
}

fn takes_no_imports(folder: &DataFolder, job: &Job) -> Failure {
    Failure::new(format!(
        "another muster process is using {} and takes no imports, perhaps because it is an import itself. Wait until \
         it has ended or stop it, then try again; or copy the file into {}, from where `muster serve` imports it",
        shown(folder.path()),
        shown(&folder.inbox(&job.directory(), &job.configuration)),
    ))
}
