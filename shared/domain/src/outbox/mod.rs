//! What administrators are told of runs: once for each incident rather than for each run, in the transaction of the state
//! that it speaks of, so that neither is there without the other.

mod deliver;
mod incidents;

pub use deliver::{Delivered, Mailer};
pub(crate) use incidents::Happened;
