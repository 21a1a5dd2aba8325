//! Does what the messages of a batch ask for; one that cannot be done is delivered again, and in the end kept aside by
//! the queue, without harm to the others.

use crate::event::{Batch, BatchAnswer, Created, Failed, Message, Wanted, wanted};
use domain::error::Causes;
use domain::import::engine::{Importer, Progress};
use domain::import::upload::Uploaded;

/// Handles a batch. A message is done when every run that it started has ended, is held, or waits for a worker that is
/// at it or was woken. Messages for which there is no time are delivered again.
pub async fn handle(importer: &Importer, batch: Batch, progress: &dyn Progress) -> BatchAnswer {
    let mut answer = BatchAnswer::default();
    for message in batch.records {
        if progress.is_out_of_time() || !done(importer, &message, progress).await {
            answer.batch_item_failures.push(Failed { item_identifier: message.message_id });
        }
    }
    answer
}

async fn done(importer: &Importer, message: &Message, progress: &dyn Progress) -> bool {
    let message_id = &message.message_id;
    match wanted(&message.body) {
        Ok(Wanted::Objects(objects)) => {
            let mut done = true;
            for object in &objects {
                done &= import(importer, object, message_id, progress).await;
            }
            done
        }
        Ok(Wanted::Work(directory)) => match importer.work(&directory, progress).await {
            Ok(_) => true,
            Err(error) => interrupted(message_id, &error),
        },
        Ok(Wanted::Sweep) => match importer.sweep(progress).await {
            Ok(looked_at) => {
                tracing::info!(message = message_id, looked_at, "swept");
                true
            }
            Err(error) => interrupted(message_id, &error),
        },
        Err(_) => {
            tracing::error!(message = message_id, "the message asks for nothing that is known");
            false
        }
    }
}

fn interrupted(message: &str, error: &domain::Error) -> bool {
    tracing::error!(message, error = %Causes(error), "the import was interrupted; the message comes again");
    false
}

/// Whether nothing is left to do about the object. Names of files are not logged: they may be people's.
async fn import(importer: &Importer, object: &Created, message: &str, progress: &dyn Progress) -> bool {
    match importer.import_object(&object.key, object.version.as_deref(), progress).await {
        Ok(Uploaded::Ended(_) | Uploaded::Held(_)) => true,
        Ok(Uploaded::Waiting(run)) => {
            tracing::info!(message, run = run.id, "the run waits for the worker of its directory");
            true
        }
        Ok(Uploaded::Gone) => {
            tracing::warn!(message, "the object was removed before it could be imported");
            true
        }
        Ok(Uploaded::Unroutable) => {
            tracing::error!(message, "the object's key names no directory and configuration");
            false
        }
        Err(error) => interrupted(message, &error),
    }
}
