//! `mapping` of the configuration document: which column of the file goes where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::target::{Place, Target};

/// Column name to target. A column that bears a target's own name needs no entry.
///
/// Names are compared after NFKC, trimming and case folding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<String, Target>);

impl Mapping {
    /// The entries: column name, target.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Target)> {
        self.0.iter().map(|(column, target)| (column.as_str(), *target))
    }
}
