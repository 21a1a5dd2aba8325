//! Reaches the function `sftp-pull`, which alone may reach customers' servers and open secrets.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use domain::Error;
use domain::ports::Outpost;
use domain::pull::diagnosis::Diagnosis;
use domain::store::{DirectoryId, Name};
use serde_json::{Value, json};
use std::time::Duration;

/// API Gateway gives up after half a minute; a server that is as slow as that fails at a step of its own before.
const ANSWER_WITHIN: Duration = Duration::from_secs(28);

/// The function of this name.
#[derive(Clone)]
pub struct LambdaOutpost {
    client: Client,
    function: String,
}

impl LambdaOutpost {
    /// With the configuration of [`crate::aws`].
    pub fn new(config: &SdkConfig, function: impl Into<String>) -> Self {
        // Test Access takes as long as the server that is tested.
        let timeouts = aws_config::timeout::TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .read_timeout(ANSWER_WITHIN)
            .build();
        let config = aws_sdk_lambda::config::Builder::from(config).timeout_config(timeouts).build();
        Self { client: Client::from_conf(config), function: function.into() }
    }

    async fn invoke(&self, kind: InvocationType, event: &Value) -> Result<Vec<u8>, Error> {
        let request = self
            .client
            .invoke()
            .function_name(&self.function)
            .invocation_type(kind)
            .payload(Blob::new(event.to_string()));
        let answer = request.send().await.map_err(|error| Error::Unavailable(Box::new(error)))?;
        if answer.function_error.is_some() {
            return Err(Error::Unavailable(
                "the function that fetches files has failed; its log says why".into(),
            ));
        }
        Ok(answer.payload.map(Blob::into_inner).unwrap_or_default())
    }
}

fn place(directory: &DirectoryId, configuration: &Name) -> Value {
    json!({ "tenant": directory.tenant, "directory": directory.directory, "configuration": configuration })
}

#[async_trait]
impl Outpost for LambdaOutpost {
    async fn attend(&self, directory: &DirectoryId, configuration: &Name) -> Result<(), Error> {
        let event = json!({ "attend": place(directory, configuration) });
        self.invoke(InvocationType::Event, &event).await.map(drop)
    }

    async fn test_access(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
    ) -> Result<Option<Diagnosis>, Error> {
        let event = json!({ "test-access": place(directory, configuration) });
        let answer = self.invoke(InvocationType::RequestResponse, &event).await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}
