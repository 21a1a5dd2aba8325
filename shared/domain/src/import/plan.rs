//! Plans: what a run would do, row by row, before anything is written. Stored as lines of JSON in the order
//! of the file; behind its rows stand those that wait for a name which another row gives up, in the order in which
//! they can be applied, and then the users who are missing from the file.

use super::document::AttributeChange;
use super::groups::Memberships;
use super::problem::Problem;
use super::run::Counts;
use crate::error::Error;
use crate::store::Id;
use scim::Document;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;

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
    /// The user is deleted: only in taking a run back, for whom that run created.
    Delete,
}

/// An attribute's value before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// `null` where there is none.
    pub before: Value,
    /// `null` where it is removed.
    pub after: Value,
}

/// A row of a plan. One of line 0 is about a user who is in no row of the file.
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
    /// Whether the user loses access by it: is deactivated, or loses a role or an access level.
    #[serde(skip_serializing_if = "is_false", default)]
    pub removes: bool,
    /// Set where the row is applied after all others, one by one; those of one number above 0 exchange their names in a
    /// circle, and are applied at the same moment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) after: Option<u32>,
    /// What applying needs to know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) target: Option<Target>,
}

/// The user as the plan wants it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Target {
    /// The version that the plan was made on; 0 for a user that is to be created.
    pub(super) version: i64,
    /// The whole document afterwards; none where it stays, and only the bond to the row is new.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) document: Option<Document>,
    /// The whole document until now, so that the change can be taken back; none for a user that is to be created.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) before: Option<Document>,
    /// The digest of the row, in Base64; none where no row stands for the change.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) digest: Option<String>,
    /// The memberships that begin and end, if some do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) groups: Option<Memberships>,
    /// The note that others have broken the user's bond, if the plan was made with one: it is settled by this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) note: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl PlanRow {
    /// A row with nothing but an action.
    pub(super) fn new(line: u64, action: Action) -> Self {
        Self {
            line,
            action,
            user: None,
            changes: BTreeMap::new(),
            problems: Vec::new(),
            removes: false,
            after: None,
            target: None,
        }
    }

    /// Writes it as a line.
    pub(super) fn write(&self, to: &mut impl Write) -> Result<(), Error> {
        serde_json::to_writer(&mut *to, self)?;
        Ok(to.write_all(b"\n")?)
    }

    /// Writes the line of a row that says nothing new, which most rows of most files are, without a detour.
    pub(super) fn write_unchanged(to: &mut impl Write, line: u64, user: Id) -> Result<(), Error> {
        Ok(writeln!(to, "{{\"line\":{line},\"action\":\"unchanged\",\"user\":\"{user}\"}}")?)
    }

    /// Whether nothing is to be done about the row of a line, told without reading all of it.
    pub(super) fn is_idle(line: &str) -> bool {
        let beginning = line.get(..64).unwrap_or(line);
        ["unchanged", "reject", "ignore"]
            .iter()
            .any(|action| beginning.contains(&format!("\"action\":\"{action}\"")))
            && !line.contains("\"target\":{")
    }

    pub(super) fn with_target(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
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
            Action::Delete => &mut self.deleted,
        };
        *counter += 1;
    }

    /// Users that are changed.
    pub(super) fn changes(&self) -> u64 {
        self.total() - self.unchanged - self.rejected - self.ignored
    }

    /// Before any user is changed.
    pub(super) fn without_changes(&self) -> Self {
        let Self { unchanged, rejected, ignored, .. } = *self;
        Self { unchanged, rejected, ignored, ..Self::default() }
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        let Self { created, updated, reactivated, deactivated, unchanged, rejected, ignored, deleted } = self;
        created + updated + reactivated + deactivated + unchanged + rejected + ignored + deleted
    }
}
