//! One operation of a bulk request.

use super::reference::{references, referred};
use crate::error::Error;
use serde_json::Value;
use std::{collections::HashMap, fmt};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Creates a resource.
    Post,
    /// Replaces one.
    Put,
    /// Changes one.
    Patch,
    /// Deletes one.
    Delete,
}

impl Method {
    pub(super) const ALL: [Self; 4] = [Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The method as HTTP spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The resource that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The one with this id.
    Id(String),
    /// The one that the operation with this `bulkId` creates.
    BulkId(String),
}

/// An operation that is understood as far as that is possible without doing it.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What to do.
    pub method: Method,
    /// What other operations call the resource that a POST creates; an echo on all others.
    pub bulk_id: Option<String>,
    /// The endpoint of the resource's type, such as `Users`; the registry knows it.
    pub endpoint: String,
    /// The resource; none for a POST, and never none otherwise.
    pub target: Option<Target>,
    /// The version that the client has seen, as an entity tag.
    pub version: Option<String>,
    /// The body; none for a DELETE, and never none otherwise.
    pub data: Option<Value>,
}

impl Operation {
    /// The id of the target, given the ids of the resources created so far by their `bulkId`. The error is the
    /// `bulkId` that is not among them.
    pub fn id<'a>(&'a self, ids: &'a HashMap<String, String>) -> Result<Option<&'a str>, String> {
        match &self.target {
            None => Ok(None),
            Some(Target::Id(id)) => Ok(Some(id)),
            Some(Target::BulkId(bulk_id)) => match ids.get(bulk_id) {
                Some(id) => Ok(Some(id)),
                None => Err(bulk_id.clone()),
            },
        }
    }

    /// The `bulkId`s that the operation refers to, in its path and in its data, as often as it does.
    pub fn references(&self) -> Vec<&str> {
        let target = match &self.target {
            Some(Target::BulkId(bulk_id)) => Some(bulk_id.as_str()),
            _ => None,
        };
        let data = self.data.as_ref().map(references).unwrap_or_default();
        target.into_iter().chain(data).collect()
    }
}

impl Target {
    /// The last part of a path.
    pub(super) fn of(part: &str) -> Self {
        match referred(part) {
            Some(bulk_id) => Self::BulkId(bulk_id.to_owned()),
            None => Self::Id(part.to_owned()),
        }
    }
}

/// An operation that cannot be understood, with what an answer needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Malformed {
    /// The method, if there is one.
    pub method: Option<Method>,
    /// The `bulkId`, if there is one.
    pub bulk_id: Option<String>,
    /// The endpoint and the resource that it is about, if they are known.
    pub target: Option<(String, Target)>,
    /// What is wrong.
    pub error: Error,
}
