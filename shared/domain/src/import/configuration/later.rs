//! Members of the document that this version does not act on: they are there, and hold nothing.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A member that a later version gives a meaning; null in this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Later;

/// What has to be done to a file before it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decryption {
    /// Nothing.
    #[default]
    None,
}

/// Who is told about the runs of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// Addresses; none in this version, which sends no mail.
    pub recipients: Vec<String>,
    /// About what.
    pub on: Vec<NotifyOn>,
}

/// What somebody is told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotifyOn {
    /// A run has failed.
    Failed,
    /// A run waits for a decision.
    Held,
    /// A file did not come when it should have.
    Missing,
    /// A run was finished after others had failed.
    Recovered,
}

impl Serialize for Later {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl<'de> Deserialize<'de> for Later {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<de::IgnoredAny>::deserialize(deserializer)? {
            None => Ok(Self),
            Some(_) => {
                Err(de::Error::custom("this is not part of this version; write null, or leave it out"))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Decryption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "none" => Ok(Self::None),
            "pgp" => Err(de::Error::custom("decryption is not part of this version; write \"none\"")),
            _ => Err(de::Error::custom("write \"none\"")),
        }
    }
}
