//! The settings that come from the environment. Nothing else reads it, except the SDK of AWS (region, credentials,
//! `AWS_ENDPOINT_URL`).

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
const ADMIN_KEY: &str = "MUSTER_ADMIN_KEY";
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

    fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    /// A variable that is empty counts as absent, as in most shells.
    fn optional(&self, name: &str) -> Option<String> {
        (self.read)(name).filter(|value| !value.is_empty())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn process_variable(name: &str) -> Option<String> {
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
}
