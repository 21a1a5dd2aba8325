//! Time, randomness and the waking of workers, as arguments.

use crate::error::Error;
use crate::store::DirectoryId;
use async_trait::async_trait;
use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Supplies randomness fit for secrets.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// Wakes a worker, here or elsewhere, that carries out the runs of a directory which wait.
#[async_trait]
pub trait Wake: Send + Sync {
    /// Wakes one for this directory. Several for one directory do no harm, and one that never comes costs only time:
    /// the next one does what waits.
    async fn wake(&self, directory: &DirectoryId) -> Result<(), Error>;
}

/// Lets time pass.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Comes back when so much time has passed.
    async fn pause(&self, time: std::time::Duration);
}

/// Wakes nobody: for a process whose only worker is the one that asks.
pub struct Nobody;

#[async_trait]
impl Wake for Nobody {
    async fn wake(&self, _: &DirectoryId) -> Result<(), Error> {
        Ok(())
    }
}
