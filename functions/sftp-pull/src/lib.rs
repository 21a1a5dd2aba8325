//! What wakes the worker that fetches files: an alarm, a person, or the watchdog. It alone reaches customers' servers and
//! opens their secrets.

mod event;
mod handle;

pub use event::{Event, Place};
pub use handle::handle;
