//! What the queue tells us: a file was put into the inbox, or a run waits; import it.

mod event;
mod handle;
mod watch;

pub use event::{Batch, BatchAnswer, Failed, Message};
pub use handle::handle;
pub use watch::Watch;
