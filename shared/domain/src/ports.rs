//! Time, randomness, and the waking of workers, as arguments.

use crate::error::Error;
use crate::import::configuration::Schedule;
use crate::pull::diagnosis::Diagnosis;
use crate::store::{DirectoryId, Name};
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

/// Reaches the worker that fetches files: it alone may reach customers' servers, and opens secrets.
#[async_trait]
pub trait Outpost: Send + Sync {
    /// Lets it attend a configuration. A word that is lost costs only time: whoever looks what is due finds it.
    async fn attend(&self, directory: &DirectoryId, configuration: &Name) -> Result<(), Error>;

    /// Lets it go the way of a pull; `None` where there is no such configuration, or its files are uploaded.
    async fn test_access(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
    ) -> Result<Option<Diagnosis>, Error>;
}

/// Keeps an alarm for each configuration with a schedule, elsewhere than in the table: it wakes the worker that fetches
/// files. An alarm that is lost costs only time, see [`Outpost::attend`].
#[async_trait]
pub trait Alarms: Send + Sync {
    /// Sets the alarm of a configuration, or changes it.
    async fn set(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
        schedule: &Schedule,
    ) -> Result<(), Error>;

    /// Removes it; one that is not there is no error.
    async fn remove(&self, directory: &DirectoryId, configuration: &Name) -> Result<(), Error>;
}

/// No alarms: for a process that looks itself what is due.
pub struct NoAlarms;

#[async_trait]
impl Alarms for NoAlarms {
    async fn set(&self, _: &DirectoryId, _: &Name, _: &Schedule) -> Result<(), Error> {
        Ok(())
    }

    async fn remove(&self, _: &DirectoryId, _: &Name) -> Result<(), Error> {
        Ok(())
    }
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
