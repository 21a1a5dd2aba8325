//! The settings that come from the environment. Nothing else reads it, except the SDK of AWS (region, credentials,
//! `AWS_ENDPOINT_URL`).

use crate::networks::Allowed;
use domain::store::Name;
use std::collections::HashMap;

/// Why the environment does not make a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable that must be there is not, or is empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable has a value that cannot be meant.
    #[error("the environment variable {name} is not right: {reason}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong with it. Never the value itself: it may be a secret.
        reason: &'static str,
    },
}

const TABLE: &str = "MUSTER_TABLE";
const BUCKET: &str = "MUSTER_BUCKET";
const QUEUE_URL: &str = "MUSTER_QUEUE_URL";
const ADMIN_KEY: &str = "MUSTER_ADMIN_KEY";
const ADMIN_KEY_SHA256: &str = "MUSTER_ADMIN_KEY_SHA256";
const REGION: &str = "MUSTER_REGION";
const REGIONS: &str = "MUSTER_REGIONS";
const REQUESTS_PER_SECOND: &str = "MUSTER_REQUESTS_PER_SECOND";
const SFTP_ALLOW: &str = "MUSTER_SFTP_ALLOW";
const SECRETS_KEY: &str = "MUSTER_SECRETS_KEY";
const MAIL_FROM: &str = "MUSTER_MAIL_FROM";
const CONSOLE_URL: &str = "MUSTER_CONSOLE_URL";
const PULL_FUNCTION: &str = "MUSTER_PULL_FUNCTION";
const PULL_FUNCTION_ARN: &str = "MUSTER_PULL_FUNCTION_ARN";
const SCHEDULE_GROUP: &str = "MUSTER_SCHEDULE_GROUP";
const SCHEDULE_ROLE_ARN: &str = "MUSTER_SCHEDULE_ROLE_ARN";
/// Characters of an admin key below which it could be guessed.
const MIN_ADMIN_KEY_CHARS: usize = 16;

/// The settings of a deployment.
#[derive(Debug, Clone, Copy)]
pub struct Config<F> {
    read: F,
}

impl Config<fn(&str) -> Option<String>> {
    /// From the process's environment.
    pub fn from_process() -> Self {
        Config { read: process_variable }
    }
}

impl<F: Fn(&str) -> Option<String>> Config<F> {
    /// From any source of variables.
    pub fn from_env(read: F) -> Self {
        Self { read }
    }

    /// `MUSTER_TABLE`: the name of the DynamoDB table.
    pub fn table(&self) -> Result<String, ConfigError> {
        self.required(TABLE)
    }

    /// `MUSTER_BUCKET`: the name of the S3 bucket.
    pub fn bucket(&self) -> Result<String, ConfigError> {
        self.required(BUCKET)
    }

    /// `MUSTER_QUEUE_URL`: the address of the queue that wakes `csv-import`.
    pub fn queue_url(&self) -> Result<String, ConfigError> {
        self.required(QUEUE_URL)
    }

    /// `MUSTER_ADMIN_KEY`: the operator's key, if one is set; at least 16 printable ASCII characters.
    pub fn admin_key(&self) -> Result<Option<String>, ConfigError> {
        let Some(key) = self.optional(ADMIN_KEY) else { return Ok(None) };
        let refuse = |reason| Err(ConfigError::Invalid { name: ADMIN_KEY, reason });
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse("it must be printable ASCII without blanks, for it is sent in a header");
        }
        if key.len() < MIN_ADMIN_KEY_CHARS {
            return refuse("it must have at least 16 characters");
        }
        Ok(Some(key))
    }

    /// `MUSTER_ADMIN_KEY_SHA256`: the SHA-256 of the operator's key, in hexadecimal.
    pub fn admin_key_sha256(&self) -> Result<[u8; 32], ConfigError> {
        let text = self.required(ADMIN_KEY_SHA256)?;
        let reason = "it must be the 64 hexadecimal digits of a SHA-256";
        hash(&text).ok_or(ConfigError::Invalid { name: ADMIN_KEY_SHA256, reason })
    }

    /// `MUSTER_REGION`: the region in which this process runs, if the deployment has several.
    pub fn region(&self) -> Result<Option<Name>, ConfigError> {
        let Some(text) = self.optional(REGION) else { return Ok(None) };
        let reason = "it must be a name of a-z, 0-9 and -, such as eu";
        Name::new(&text).map(Some).map_err(|_| ConfigError::Invalid { name: REGION, reason })
    }

    /// `MUSTER_REGIONS`: where each region of the deployment is reached, as in
    /// `us=https://us.muster.example,eu=https://eu.muster.example`. The addresses come without a slash at their end.
    pub fn regions(&self) -> Result<HashMap<Name, String>, ConfigError> {
        let refuse = |reason| ConfigError::Invalid { name: REGIONS, reason };
        let mut regions = HashMap::new();
        for entry in self.optional(REGIONS).iter().flat_map(|text| text.split(',')) {
            let (name, address) = entry.trim().split_once('=').ok_or_else(|| {
                refuse("it must be a list such as us=https://us.muster.example,eu=https://eu.muster.example")
            })?;
            let name =
                Name::new(name).map_err(|_| refuse("a region's name is of a-z, 0-9 and -, such as eu"))?;
            let address = address.trim_end_matches('/');
            if !is_origin(address) {
                return Err(refuse(
                    "a region's address is https:// or http:// with a host, and nothing after it",
                ));
            }
            if regions.insert(name, address.to_owned()).is_some() {
                return Err(refuse("it names a region twice"));
            }
        }
        Ok(regions)
    }

    /// `MUSTER_REQUESTS_PER_SECOND`: how many SCIM requests a tenant may send a second, if there is a limit.
    pub fn requests_per_second(&self) -> Result<Option<u32>, ConfigError> {
        let Some(text) = self.optional(REQUESTS_PER_SECOND) else { return Ok(None) };
        let reason = "it must be a whole number, such as 100";
        text.parse().map(Some).map_err(|_| ConfigError::Invalid { name: REQUESTS_PER_SECOND, reason })
    }

    /// `MUSTER_SECRETS_KEY`: the key of KMS with which secrets are sealed.
    pub fn secrets_key(&self) -> Result<String, ConfigError> {
        self.required(SECRETS_KEY)
    }

    /// `MUSTER_MAIL_FROM`: the address that mail is sent from.
    pub fn mail_from(&self) -> Result<String, ConfigError> {
        self.optional_mail_from()?.ok_or(ConfigError::Missing(MAIL_FROM))
    }

    /// The same where it need not be set.
    pub fn optional_mail_from(&self) -> Result<Option<String>, ConfigError> {
        let Some(from) = self.optional(MAIL_FROM) else { return Ok(None) };
        match domain::mail::address(&from) {
            Ok(()) => Ok(Some(from)),
            Err(reason) => Err(ConfigError::Invalid { name: MAIL_FROM, reason }),
        }
    }

    /// `MUSTER_CONSOLE_URL`: where the console is, if there is one.
    pub fn console_url(&self) -> Result<Option<String>, ConfigError> {
        let Some(url) = self.optional(CONSOLE_URL) else { return Ok(None) };
        let reason = "it must be https:// or http:// with a host, and no blanks";
        let fits = url.starts_with("https://") || url.starts_with("http://");
        let fits = fits && url.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Some(url)) } else { Err(ConfigError::Invalid { name: CONSOLE_URL, reason }) }
    }

    /// `MUSTER_PULL_FUNCTION`: the name of the function `sftp-pull`.
    pub fn pull_function(&self) -> Result<String, ConfigError> {
        self.required(PULL_FUNCTION)
    }

    /// `MUSTER_PULL_FUNCTION_ARN`: what alarms wake.
    pub fn pull_function_arn(&self) -> Result<String, ConfigError> {
        self.required(PULL_FUNCTION_ARN)
    }

    /// `MUSTER_SCHEDULE_GROUP`: where alarms are kept.
    pub fn schedule_group(&self) -> Result<String, ConfigError> {
        self.required(SCHEDULE_GROUP)
    }

    /// `MUSTER_SCHEDULE_ROLE_ARN`: as whom alarms wake it.
    pub fn schedule_role_arn(&self) -> Result<String, ConfigError> {
        self.required(SCHEDULE_ROLE_ARN)
    }

    /// `MUSTER_SFTP_ALLOW`: inside networks that URLs of sources may reach; none where it is not set.
    pub fn sftp_allow(&self) -> Result<Allowed, ConfigError> {
        let reason = "it must be a list of networks or addresses with commas between them, such as 10.1.0.0/16,192.168.1.7";
        let text = self.optional(SFTP_ALLOW).unwrap_or_default();
        Allowed::parse(&text).map_err(|_| ConfigError::Invalid { name: SFTP_ALLOW, reason })
    }

    fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    /// A variable that is empty counts as absent, as in most shells.
    fn optional(&self, name: &str) -> Option<String> {
        (self.read)(name).filter(|value| !value.is_empty())
    }
}

fn hash(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(hash)
}

/// Scheme, host and perhaps a port.
fn is_origin(address: &str) -> bool {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(fits))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(crate) fn process_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expect: &Result<(String, Option<String>), ConfigError>) {
        let config = Config::from_env(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        });
        let found = config.table().and_then(|table| config.admin_key().map(|key| (table, key)));
        assert_eq!(&found, expect, "{variables:?}");
    }

    #[test]
    fn settings_are_read_or_refused_by_name() {
        let long = "0123456789abcdef";
        let invalid = |reason| Err(ConfigError::Invalid { name: ADMIN_KEY, reason });
        check(&[("MUSTER_TABLE", "t")], &Ok(("t".to_owned(), None)));
        check(&[("MUSTER_TABLE", "t"), ("MUSTER_ADMIN_KEY", "")], &Ok(("t".to_owned(), None)));
        check(
            &[("MUSTER_TABLE", "t"), ("MUSTER_ADMIN_KEY", long)],
            &Ok(("t".to_owned(), Some(long.to_owned()))),
        );
        check(&[], &Err(ConfigError::Missing("MUSTER_TABLE")));
        check(&[("MUSTER_TABLE", "")], &Err(ConfigError::Missing("MUSTER_TABLE")));
        check(
            &[("MUSTER_TABLE", "t"), ("MUSTER_ADMIN_KEY", "short")],
            &invalid("it must have at least 16 characters"),
        );
        check(
            &[("MUSTER_TABLE", "t"), ("MUSTER_ADMIN_KEY", "0123456789 abcdef")],
            &invalid("it must be printable ASCII without blanks, for it is sent in a header"),
        );
        let missing = ConfigError::Missing(BUCKET).to_string();
        assert_eq!(missing, "the environment variable MUSTER_BUCKET is not set");
    }
    #[track_caller]
    fn check_text<T: std::fmt::Debug>(found: Result<T, ConfigError>, expect: &str) {
        let found = found.map_or_else(|error| error.to_string(), |value| format!("{value:?}"));
        assert!(found.contains(expect), "{found}");
    }

    #[test]
    fn the_hash_of_the_admin_key() {
        let hash = |text: &str| Config::from_env(|_| Some(text.to_owned())).admin_key_sha256();
        check_text(hash(&"0F".repeat(32)), &format!("{:?}", [15; 32]));
        for bad in ["0f".repeat(31), "0f".repeat(33), "0g".repeat(32), "é".repeat(32), "+f".repeat(32)] {
            check_text(
                hash(&bad),
                "MUSTER_ADMIN_KEY_SHA256 is not right: it must be the 64 hexadecimal digits",
            );
        }
        check_text(hash(""), "MUSTER_ADMIN_KEY_SHA256 is not set");
    }

    #[test]
    fn regions_have_names_and_addresses() {
        let config = |text: &str| {
            Config::from_env({
                let text = text.to_owned();
                move |_| Some(text.clone())
            })
        };
        check_text(config("").region(), "None");
        check_text(config("eu").region(), "Some(Name(\"eu\"))");
        check_text(config("EU").region(), "MUSTER_REGION is not right");
        check_text(config("").regions(), "{}");
        let regions = config("us=https://us.muster.example, eu=http://[::1]:8080/").regions().unwrap();
        let address = |name: &str| regions.get(&Name::new(name).unwrap()).map(String::as_str);
        assert_eq!(
            [address("us"), address("eu"), address("ap")],
            [Some("https://us.muster.example"), Some("http://[::1]:8080"), None]
        );
        for (bad, reason) in [
            ("us", "it must be a list such as"),
            ("us=https://a.example,", "it must be a list such as"),
            ("US=https://a.example", "a region's name"),
            ("us=a.example", "a region's address"),
            ("us=https://", "a region's address"),
            ("us=https://a.example/path", "a region's address"),
            ("us=https://a.example,us=https://b.example", "twice"),
        ] {
            check_text(config(bad).regions(), reason);
        }
    }

    #[test]
    fn the_limit_of_requests() {
        let limit = |text: &str| Config::from_env(|_| Some(text.to_owned())).requests_per_second();
        check_text(limit(""), "None");
        check_text(limit("100"), "Some(100)");
        for bad in ["many", "-1", "1.5", "4294967296"] {
            check_text(limit(bad), "MUSTER_REQUESTS_PER_SECOND is not right");
        }
    }
}
