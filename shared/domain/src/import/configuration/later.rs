//! Members of the document that this version does not act on: they are there, and hold nothing.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A member that a later version gives a meaning; null in this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Later;

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
