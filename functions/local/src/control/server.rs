//! Takes requests from commands.

use super::{Answer, Request};
use crate::administer::{self, Administration};
use crate::data_folder::DataFolder;
use crate::failure::Failure;
use crate::import::{Imports, Job};
use crate::serve::Stop;
use domain::import::engine::Progress;
use domain::import::run::State;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Bytes of a request: a path and three names, or a small change of settings.
const MAX_REQUEST_BYTES: u64 = 16 * 1024;
/// Parts of an answer that wait to be sent.
const PARTS_WAITING: usize = 4;

/// Opens the socket. The data folder is ours, so a socket that is there belongs to a process that died.
pub(crate) fn listen(folder: &DataFolder) -> io::Result<UnixListener> {
    let path = folder.control();
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Does what commands ask for until the server stops, and finishes what has begun.
pub(crate) async fn serve(
    listener: UnixListener,
    imports: Arc<Imports>,
    administration: Administration,
    mut stop: Stop,
) {
    let mut commands = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    commands.spawn(answer(stream, Arc::clone(&imports), administration.clone()));
                }
                Err(error) => tracing::warn!(%error, "a command could not connect"),
            },
            Some(_) = commands.join_next() => {}
            () = stop.stopping() => break,
        }
    }
    // From now on commands find the socket closed.
    drop(listener);
    let _ = fs::remove_file(imports.folder().control());
    while commands.join_next().await.is_some() {}
}

async fn answer(stream: UnixStream, imports: Arc<Imports>, administration: Administration) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let request = match BufReader::new(reader.take(MAX_REQUEST_BYTES)).read_line(&mut line).await {
        Ok(_) => serde_json::from_str(&line),
        Err(error) => return tracing::warn!(%error, "a command was lost"),
    };
    let last = match request {
        Ok(Request::Import(job)) => {
            work(&imports, &job, &mut writer).await.map(|outcome| Answer::Ended(Box::new(outcome)))
        }
        Ok(Request::Administer(request)) => administer(&administration, &request, &mut writer).await,
        Err(error) => Err(Failure::caused("the server does not know this version's words", error)),
    };
    send(&mut writer, &last.unwrap_or_else(|failure| Answer::Failed(failure.to_string()))).await;
}

/// Lets the admin API answer, a long answer in parts; one that nobody reads any more is not gone on with.
async fn administer(
    administration: &Administration,
    request: &administer::Request,
    writer: &mut OwnedWriteHalf,
) -> Result<Answer, Failure> {
    let (sender, mut parts) = mpsc::channel(PARTS_WAITING);
    let answer = administration.stream(request, sender);
    let write = async {
        while let Some(part) = parts.recv().await {
            if !send(writer, &Answer::Part(part)).await {
                break;
            }
        }
        drop(parts);
    };
    let (reply, ()) = tokio::join!(answer, write);
    reply.map(Answer::Administered)
}

/// Does the job; whoever asked for it may go away meanwhile.
async fn work(
    imports: &Arc<Imports>,
    job: &Job,
    writer: &mut OwnedWriteHalf,
) -> Result<crate::import::Outcome, Failure> {
    let (sender, mut latest) = watch::channel(None);
    let work = imports.carry_out(job, Arc::new(Latest(sender)));
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Ok(()) = latest.changed() => {
                let progress = *latest.borrow_and_update();
                if let Some((state, done, total)) = progress {
                    send(writer, &Answer::Progress { state, done, total }).await;
                }
            }
        }
    }
}

/// Keeps only the latest progress: a command that does not read must not make the server remember it all.
struct Latest(watch::Sender<Option<(State, u64, u64)>>);

impl Progress for Latest {
    fn rows(&self, state: State, done: u64, total: u64) {
        self.0.send_replace(Some((state, done, total)));
    }
}

/// A command that has gone away is not missed: the run is in history. Whether it is there still.
async fn send(writer: &mut OwnedWriteHalf, answer: &Answer) -> bool {
    let Ok(mut line) = serde_json::to_vec(answer) else { return false };
    line.push(b'\n');
    writer.write_all(&line).await.is_ok()
}
