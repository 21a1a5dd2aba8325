//! What the adapters of AWS share: how a client is set up, and the one policy of retries.

mod failure;
mod retry;

pub(crate) use failure::{Verdict, judge};
pub use retry::Retries;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::time::Duration;

/// A connection within a region takes milliseconds; one that takes longer will hardly come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// DynamoDB answers in milliseconds and a hundred items in tens; S3 begins to. Longer silence means a lost answer.
const READ_TIMEOUT: Duration = Duration::from_secs(3);

/// Region, credentials and endpoint as a Lambda function's environment says. `AWS_ENDPOINT_URL` leads away from AWS.
pub async fn load() -> SdkConfig {
    loader().load().await
}

/// An endpoint that is not AWS, with these credentials: an emulator, on this machine or in a test.
pub async fn at_endpoint(url: &str, access_key: &str, secret_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, secret_key, None, None, "fixed");
    loader()
        .region(Region::from_static("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(credentials)
        .load()
        .await
}

/// The SDK's own retries are off: it knows nothing of lost replies, and two policies would multiply.
fn loader() -> ConfigLoader {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
}
