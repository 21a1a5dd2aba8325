//! Imports the objects of a batch of messages; a message that cannot be done is delivered again, and in the
//! end kept aside by the queue, without harm to the others.

use crate::event::{Batch, BatchAnswer, Created, Failed, Message, created};
use domain::import::engine::{Importer, Silent};
use domain::import::upload::Uploaded;

/// Handles a batch. A message is done when every run that it started has ended.
pub async fn handle(importer: &Importer, batch: Batch) -> BatchAnswer {
    let mut answer = BatchAnswer::default();
    for message in batch.records {
        if !done(importer, &message).await {
            answer.batch_item_failures.push(Failed { item_identifier: message.message_id });
        }
    }
    answer
}

async fn done(importer: &Importer, message: &Message) -> bool {
    let Ok(objects) = created(&message.body) else {
        tracing::error!(message = message.message_id, "the message is no notification of a bucket");
        return false;
    };
    let mut done = true;
    for object in &objects {
        done &= import(importer, object, &message.message_id).await;
    }
    done
}

/// Whether nothing is left to do about the object. Names of files are not logged: they may be people's.
async fn import(importer: &Importer, object: &Created, message: &str) -> bool {
    match importer.import_object(&object.key, object.version.as_deref(), &Silent).await {
        Ok(Uploaded::Ended(run)) => {
            tracing::info!(message, run = run.id, state = ?run.state, counts = ?run.counts, "run ended");
            true
        }
        Ok(Uploaded::Busy(run)) => {
            tracing::info!(message, run = run.id, "another worker is at this run; the message comes again");
            false
        }
        Ok(Uploaded::Gone) => {
            tracing::warn!(message, "the object was removed before it could be imported");
            true
        }
        Ok(Uploaded::Unroutable) => {
            tracing::error!(message, "the object's key names no directory and configuration");
            false
        }
        Err(error) => {
            tracing::error!(message, %error, "the import was interrupted; the message comes again");
            false
        }
    }
}
