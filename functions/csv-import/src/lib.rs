//! What S3 tells us by way of SQS: a file was put into the inbox; import it.

mod event;
mod handle;

pub use event::{Batch, BatchAnswer, Failed, Message};
pub use handle::handle;
