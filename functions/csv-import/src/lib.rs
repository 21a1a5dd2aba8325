//! What the queue tells us: a file was put into the inbox, or a run waits; import it.

mod event;
mod handle;
#[cfg(feature = "lambda")]
mod watch;

pub use event::{Batch, BatchAnswer, Failed, Message};
pub use handle::handle;
#[cfg(feature = "lambda")]
pub use watch::Watch;
