//! Alarms of EventBridge Scheduler: one for each configuration with a schedule, in a group of their own.

use crate::aws::{Retries, Verdict, judge};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, Target};
use domain::Error;
use domain::import::configuration::Schedule;
use domain::ports::{Alarms, Random};
use domain::store::keys::hash;
use domain::store::{DirectoryId, Name};
use std::sync::Arc;

/// How long an alarm that could not wake the function is tried again; the watchdog has found its work by then.
const TRIED_AGAIN_SECONDS: i32 = 15 * 60;

/// A group of schedules.
#[derive(Clone)]
pub struct SchedulerAlarms {
    client: Client,
    function_arn: String,
    group: String,
    role_arn: String,
    random: Arc<dyn Random>,
}

impl SchedulerAlarms {
    /// Wakes the function of this ARN, by schedules in this group that act as this role, with the configuration of
    /// [`crate::aws`]. `random` spreads retries.
    pub fn new(
        config: &SdkConfig,
        [function_arn, group, role_arn]: [String; 3],
        random: Arc<dyn Random>,
    ) -> Self {
        Self { client: Client::new(config), function_arn, group, role_arn, random }
    }

    fn target(&self, directory: &DirectoryId, configuration: &Name) -> Result<Target, Error> {
        let DirectoryId { tenant, directory, .. } = directory;
        let place =
            serde_json::json!({ "tenant": tenant, "directory": directory, "configuration": configuration });
        let retries = RetryPolicy::builder()
            .maximum_event_age_in_seconds(TRIED_AGAIN_SECONDS)
            .maximum_retry_attempts(3)
            .build();
        Target::builder()
            .arn(&self.function_arn)
            .role_arn(&self.role_arn)
            .input(serde_json::json!({ "attend": place }).to_string())
            .retry_policy(retries)
            .build()
            .map_err(|error| Error::fault(format!("a target of a schedule: {error}")))
    }

    /// Repeats a request as long as that may help. Whether it was done, rather than refused with a code that is as good.
    async fn repeat<T, E, F>(
        &self,
        request: impl Fn() -> F + Send + Sync,
        means_done: fn(Option<&str>) -> bool,
    ) -> Result<bool, Error>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E>>> + Send,
    {
        let mut pauses = Retries::STANDARD.begin(self.random.as_ref());
        loop {
            match request().await {
                Ok(_) => return Ok(true),
                Err(SdkError::ServiceError(refusal)) if means_done(refusal.err().code()) => return Ok(false),
                Err(error) if judge(&error) != Verdict::Final && pauses.wait().await => {}
                Err(error) => return Err(Error::Unavailable(Box::new(error))),
            }
        }
    }
}

/// Names have at most 64 characters, and a tenant, a directory and a configuration together more.
fn name(directory: &DirectoryId, configuration: &Name) -> String {
    hash(&format!("{directory}/{configuration}"))
}

fn is_absent(code: Option<&str>) -> bool {
    code == Some("ResourceNotFoundException")
}

#[async_trait]
impl Alarms for SchedulerAlarms {
    async fn set(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
        schedule: &Schedule,
    ) -> Result<(), Error> {
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let window = window.map_err(|error| Error::fault(format!("a window of a schedule: {error}")))?;
        let update = self
            .client
            .update_schedule()
            .name(name(directory, configuration))
            .group_name(&self.group)
            .schedule_expression(schedule.cron())
            .schedule_expression_timezone(schedule.timezone.name())
            .flexible_time_window(window.clone())
            .target(self.target(directory, configuration)?);
        if self.repeat(|| update.clone().send(), is_absent).await? {
            return Ok(());
        }
        let create = self
            .client
            .create_schedule()
            .name(name(directory, configuration))
            .group_name(&self.group)
            .schedule_expression(schedule.cron())
            .schedule_expression_timezone(schedule.timezone.name())
            .flexible_time_window(window)
            .target(self.target(directory, configuration)?);
        // Whoever was quicker has set it for the same configuration; the table says what counts.
        self.repeat(|| create.clone().send(), |code| code == Some("ConflictException")).await?;
        Ok(())
    }

    async fn remove(&self, directory: &DirectoryId, configuration: &Name) -> Result<(), Error> {
        let delete =
            self.client.delete_schedule().name(name(directory, configuration)).group_name(&self.group);
        self.repeat(|| delete.clone().send(), is_absent).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_differ() {
        let id = DirectoryId::demo().unwrap();
        let names = ["nightly", "weekly"].map(|of| name(&id, &Name::new(of).unwrap()));
        assert!(names.iter().all(|name| name.len() <= 64) && names[0] != names[1]);
    }
}
