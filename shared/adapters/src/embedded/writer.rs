//! The one writer of the file: a thread that takes all transactions which wait, evaluates them in order, and commits
//! them together. Syncing the disk is what a commit costs, and so many share one.

use super::transaction::{Outcome, Prepared, StoreError, Tables};
use domain::ports::Clock;
use domain::table::{TableError, Units};
use redb::{Database, Durability};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// Transactions in one commit: enough that the sync is a small part of it, few enough that the first one waits for
/// milliseconds only and the changed pages fit the cache.
const MAX_GROUP: usize = 512;

/// The handle on the thread. Dropping it lets the thread finish what was handed in, and waits for that.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

struct Job {
    prepared: Prepared,
    reply: oneshot::Sender<Result<Units, TableError>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(database: Arc<Database>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new().name("table-writer".to_owned()).spawn(move || {
            while let Some(group) = next_group(&queue) {
                commit(&database, clock.as_ref(), group);
            }
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Answers once the transaction is on disk, or refused. A caller who stops waiting does not stop it.
    pub(super) async fn write(&self, prepared: Prepared) -> Result<Units, TableError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { prepared, reply }).is_ok());
        if !sent {
            return Err(unavailable(StoreError::WriterEnded));
        }
        answer.await.unwrap_or_else(|_| Err(unavailable(StoreError::WriterEnded)))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without a sender the thread ends after the last job.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It fails only if the thread panicked, which has been reported by then.
            let _ = thread.join();
        }
    }
}

/// An error of the file, as the port tells it.
pub(super) fn unavailable(error: impl Into<StoreError>) -> TableError {
    TableError::Unavailable(Box::new(error.into()))
}

/// Waits for a job and takes what else waits; `None` once nobody can send any.
fn next_group(queue: &mpsc::Receiver<Job>) -> Option<Vec<Job>> {
    let first = queue.recv().ok()?;
    Some(std::iter::once(first).chain(queue.try_iter()).take(MAX_GROUP).collect())
}

fn commit(database: &Database, clock: &dyn Clock, group: Vec<Job>) {
    let (prepared, replies): (Vec<_>, Vec<_>) =
        group.into_iter().map(|job| (job.prepared, job.reply)).unzip();
    match perform(database, clock, &prepared) {
        Ok(outcomes) => {
            for (reply, outcome) in replies.into_iter().zip(outcomes) {
                // Nobody listens any more where the caller was cancelled.
                let _ = reply.send(answer(outcome));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for reply in replies {
                let _ = reply.send(Err(TableError::Unavailable(Box::new(Arc::clone(&error)))));
            }
        }
    }
}

fn perform(database: &Database, clock: &dyn Clock, group: &[Prepared]) -> Result<Vec<Outcome>, StoreError> {
    let now = clock.now();
    let mut transaction = database.begin_write().map_err(redb::Error::from)?;
    transaction.set_durability(Durability::Immediate).map_err(redb::Error::from)?;
    let outcomes = {
        let mut tables = Tables::open(&transaction)?;
        group.iter().map(|prepared| tables.perform(prepared, now)).collect::<Result<Vec<_>, _>>()?
    };
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Written(_))) {
        transaction.commit().map_err(redb::Error::from)?;
    } else {
        transaction.abort()?;
    }
    Ok(outcomes)
}

fn answer(outcome: Outcome) -> Result<Units, TableError> {
    match outcome {
        Outcome::Written(units) | Outcome::Repeated(units) => Ok(units),
        Outcome::Refused(error) => Err(error),
    }
}
