//! Plans: what a run would do, row by row, before anything is written. Stored as lines of JSON in the order
//! of the file.

use super::document::AttributeChange;
use super::problem::Problem;
use super::run::Counts;
use scim::Document;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is to be done about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A new user.
    Create,
    /// Other attributes of a user.
    Update,
    /// An inactive user becomes active, whatever else changes.
    Reactivate,
    /// An active user becomes inactive, whatever else changes.
    Deactivate,
    /// The user is as the row says.
    Unchanged,
    /// The row is not applied; its problems say why.
    Reject,
    /// The row says what another row of the file says.
    Ignore,
}

/// An attribute's value before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// `null` where there is none.
    pub before: Value,
    /// `null` where it is removed.
    pub after: Value,
}

/// A row of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRow {
    /// The physical line on which the row begins.
    pub line: u64,
    /// What is to be done.
    pub action: Action,
    /// Whom it concerns; nobody yet for a user that is to be created.
    pub user: Option<String>,
    /// What changes, by SCIM path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub changes: BTreeMap<String, Values>,
    /// Why it is rejected, or what was noticed about it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub problems: Vec<Problem>,
    /// What applying needs to know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) target: Option<Target>,
}

/// The user as the plan wants it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Target {
    /// The version that the plan was made on; 0 for a user that is to be created.
    pub(super) version: i64,
    /// The whole document afterwards.
    pub(super) document: Document,
    /// What the row said, to be kept with the user; see [`crate::store::Record::digest`].
    pub(super) digest: String,
}

impl PlanRow {
    /// A row with nothing but an action.
    pub(super) fn new(line: u64, action: Action) -> Self {
        Self { line, action, user: None, changes: BTreeMap::new(), problems: Vec::new(), target: None }
    }

    pub(super) fn with_changes(mut self, changes: Vec<AttributeChange>) -> Self {
        self.changes = changes
            .into_iter()
            .map(|change| {
                let values = Values {
                    before: change.before.unwrap_or_default(),
                    after: change.after.unwrap_or_default(),
                };
                (change.attribute.to_owned(), values)
            })
            .collect();
        self
    }
}

impl Counts {
    /// Counts a row by its action.
    pub(super) fn count(&mut self, action: Action) {
        let counter = match action {
            Action::Create => &mut self.created,
            Action::Update => &mut self.updated,
            Action::Reactivate => &mut self.reactivated,
            Action::Deactivate => &mut self.deactivated,
            Action::Unchanged => &mut self.unchanged,
            Action::Reject => &mut self.rejected,
            Action::Ignore => &mut self.ignored,
        };
        *counter += 1;
    }
}
