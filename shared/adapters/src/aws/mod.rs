//! What the adapters of AWS share: how a client is set up, and the one policy of retries.

mod failure;
mod retry;

pub(crate) use failure::{Verdict, judge};
pub use retry::Retries;

use crate::config::process_variable;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use std::time::Duration;

/// A connection within a region takes milliseconds; one that takes longer will hardly come.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// DynamoDB answers in milliseconds and a hundred items in tens; S3 begins to. Longer silence means a lost answer.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(3);

/// The roots that Amazon Trust Services names for the interfaces of AWS: Amazon Root CA 1 to 4 and Starfield Services G2.
const AMAZON_ROOTS: &str = include_str!("roots.pem");

/// Regions of China, of the European Sovereign Cloud, and those that the internet does not reach.
const OTHER_ROOTS: [&str; 4] = ["cn-", "eusc-", "us-iso", "eu-isoe"];

/// Region, credentials and endpoint as a Lambda function's environment says. `AWS_ENDPOINT_URL` leads away from AWS.
///
/// AWS is believed by its own roots, as reading all that the system trusts takes longer than all else at a start. Where
/// something else may answer (another endpoint, a file of one's own in `SSL_CERT_FILE`, or a region of those that have other
/// roots), the system is asked.
pub async fn load() -> SdkConfig {
    loader(trusted(process_variable)).load().await
}

fn trusted(variable: impl Fn(&str) -> Option<String>) -> TrustStore {
    let region = variable("AWS_REGION").unwrap_or_default();
    let has_other_roots = OTHER_ROOTS.iter().any(|prefix| region.starts_with(prefix));
    if has_other_roots || ["AWS_ENDPOINT_URL", "SSL_CERT_FILE"].iter().any(|name| variable(name).is_some()) {
        return TrustStore::default();
    }
    TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
}

/// An endpoint that is not AWS, with these credentials: an emulator, on this machine or in a test.
pub async fn at_endpoint(url: &str, access_key: &str, secret_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, secret_key, None, None, "fixed");
    loader(TrustStore::default())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(credentials)
        .load()
        .await
}

/// The SDK's own retries are off: it knows nothing of lost replies, and two policies would multiply.
fn loader(trusted: TrustStore) -> ConfigLoader {
    // It is only looked at when a client is made of it.
    let context = TlsContext::builder().with_trust_store(trusted).build();
    let provider = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    let http = match context {
        Ok(context) => provider.tls_context(context).build_https(),
        Err(_) => provider.build_https(),
    };
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks_the_system(set: &[(&str, &str)]) -> bool {
        let variable =
            |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        format!("{:?}", trusted(variable)).contains("enable_native_roots: true")
    }

    #[test]
    fn only_aws_itself_is_believed_by_its_own_roots() {
        assert!(!asks_the_system(&[]));
        assert!(!asks_the_system(&[("AWS_REGION", "eu-central-1")]));
        assert!(asks_the_system(&[("AWS_REGION", "cn-north-1")]));
        assert!(asks_the_system(&[("AWS_REGION", "eusc-de-east-1")]));
        assert!(asks_the_system(&[("AWS_ENDPOINT_URL", "https://localhost:4566")]));
        assert!(asks_the_system(&[("SSL_CERT_FILE", "/etc/company.pem")]));
    }

    /// A client is made of them when it first connects, and panics where one cannot be read.
    #[cfg(feature = "dynamodb")]
    #[tokio::test]
    async fn the_roots_of_amazon_can_be_read() {
        let credentials = Credentials::new("key", "secret", None, None, "fixed");
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = loader(trusted(|_| None))
            .region(Region::from_static("us-east-1"))
            .endpoint_url(format!("https://{nobody}"))
            .credentials_provider(credentials)
            .load()
            .await;
        let failed = aws_sdk_dynamodb::Client::new(&config).list_tables().send().await.unwrap_err();
        assert!(failed.as_service_error().is_none(), "{failed:?}");
        assert_eq!(AMAZON_ROOTS.matches("BEGIN CERTIFICATE").count(), 5);
    }
}
