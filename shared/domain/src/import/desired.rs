//! What an accepted row asks for: a three-way value for every target.

use super::row::RowBuffer;
use super::target::Target;

/// A cell's meaning for the user's attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// No column, or an empty cell that leaves things as they are.
    Absent,
    /// The attribute is to be removed.
    Clear,
    /// The attribute is to have this value.
    Set(&'a str),
}

impl<'a> Cell<'a> {
    /// The value to be set.
    pub fn value(self) -> Option<&'a str> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Clear => None,
        }
    }
}

/// A view of an accepted row: cleaned and checked values by target.
#[derive(Debug, Clone, Copy)]
pub struct Desired<'a> {
    pub(super) row: &'a RowBuffer,
}

impl<'a> Desired<'a> {
    /// The cell of this target: trimmed, in NFC, without invisible characters. Status is `active` or
    /// `inactive`, dates are RFC 3339 in UTC, languages are as in RFC 5646 (`de`, `de-DE`).
    pub fn cell(&self, target: Target) -> Cell<'a> {
        self.row.cell(target)
    }

    /// Target and cell of every column that says something, absent ones left out, in the file's order.
    pub fn cells(&self) -> impl Iterator<Item = (Target, Cell<'a>)> + use<'a> {
        let row = self.row;
        row.layout()
            .mapped
            .iter()
            .map(|(_, target)| (*target, row.cell(*target)))
            .filter(|(_, cell)| *cell != Cell::Absent)
    }

    /// Whether the user may sign in; `None` without a status.
    pub fn active(&self) -> Option<bool> {
        self.cell(Target::Status).value().map(|status| status == "active")
    }

    /// The login name, or else the mail address (S3); an accepted row has one of them.
    pub fn user_name(&self) -> &'a str {
        self.cell(Target::LoginName).value().or_else(|| self.mail()).unwrap_or_default()
    }

    /// The work mail address.
    pub fn mail(&self) -> Option<&'a str> {
        self.cell(Target::Mail).value()
    }

    /// `uid`, the identifier that the sender gave.
    pub fn external_id(&self) -> Option<&'a str> {
        self.cell(Target::Uid).value()
    }

    /// The groups that the user is to be in, by name, each once (S10). None of them where the cell is empty or there
    /// is no column; [`Self::cell`] tells the two apart.
    pub fn groups(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.names(Target::Groups)
    }

    /// The roles that the user is to have, by name, each once (P16); as [`Self::groups`].
    pub fn roles(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.names(Target::Roles)
    }

    fn names(self, target: Target) -> impl Iterator<Item = &'a str> + use<'a> {
        let separator = target.separator().unwrap_or_default();
        self.cell(target).value().into_iter().flat_map(move |names| names.split(separator))
    }
}
