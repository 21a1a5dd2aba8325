//! Names of tenants, directories, applications and configurations. They stand in keys, object paths and
//! URLs, so they are restricted to what needs no escaping in any of them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// 1 to 63 of `a-z 0-9 -`, beginning with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// The text was no [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name is 1 to 63 of the characters a-z, 0-9 and -, and begins with a letter or a digit")]
pub struct InvalidName;

impl Name {
    /// The name, if the text is one.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let fits = (1..=63).contains(&text.len())
            && !text.starts_with('-')
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidName) }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(&text)
    }
}

impl std::str::FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Which directory: every key of its data begins with this.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DirectoryId {
    /// The customer.
    pub tenant: Name,
    /// Its population.
    pub directory: Name,
}

impl DirectoryId {
    /// The directory of these two names.
    pub fn new(tenant: Name, directory: Name) -> Self {
        Self { tenant, directory }
    }
}

/// `tenant/directory`; no name holds a slash, so this is injective.
impl fmt::Display for DirectoryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.tenant, self.directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_no_escaping_is_a_name() {
        for good in ["a", "acme", "9lives", "a-b-c", &"x".repeat(63)] {
            assert_eq!(Name::new(good).map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "-a", "A", "a b", "a/b", "a#b", "%2e%2e", "..", "ä", "a\0", &"x".repeat(64)] {
            assert_eq!(Name::new(bad), Err(InvalidName), "{bad:?}");
        }
    }
}
