//! Values that nobody of a directory may have (S6), compared without regard to case through every door.

use crate::import::text::clean;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `exclude_lists` of a directory, as the operator wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ExcludeListsDocument {
    /// Mail addresses.
    pub mail: Vec<String>,
    /// First names.
    pub first_name: Vec<String>,
    /// Last names.
    pub last_name: Vec<String>,
}

/// One list, made fit for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExcludeList(BTreeSet<String>);

impl ExcludeList {
    /// A list of these values.
    pub fn new<S: AsRef<str>>(values: &[S]) -> Self {
        Self(values.iter().map(|value| scim::fold(&clean(value.as_ref(), false).text)).collect())
    }

    /// Whether the value, which is clean, is on the list.
    #[inline]
    pub fn contains(&self, value: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&scim::fold(value))
    }

    /// Whether nothing is on it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The three lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExcludeLists {
    /// Mail addresses.
    pub mail: ExcludeList,
    /// First names.
    pub first_name: ExcludeList,
    /// Last names.
    pub last_name: ExcludeList,
}

impl From<&ExcludeListsDocument> for ExcludeLists {
    fn from(lists: &ExcludeListsDocument) -> Self {
        Self {
            mail: ExcludeList::new(&lists.mail),
            first_name: ExcludeList::new(&lists.first_name),
            last_name: ExcludeList::new(&lists.last_name),
        }
    }
}
