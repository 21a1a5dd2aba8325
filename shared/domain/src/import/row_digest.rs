//! What a row says under a configuration, in 16 bytes: a user who is bound to it is as the row says.

use super::configuration::Configuration;
use super::desired::{Cell, Desired};
use super::target::Target;
use crate::store::{Digest, Id};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The digest of a row that names these groups, by id as a name may come to mean another group. Two rows that want the
/// same have the same, whatever their columns are called.
pub(super) fn of_row(configuration: &Configuration, row: Desired<'_>, groups: &[Id]) -> Digest {
    let mut hash = Sha256::new();
    let mut add = |kind: [u8; 2], value: &str| {
        hash.update(kind);
        hash.update((value.len() as u32).to_be_bytes());
        hash.update(value);
    };
    add([0, 2], configuration.name.as_str());
    add([0, 3], configuration.access_level.as_deref().unwrap_or_default());
    for (target, cell) in row.cells() {
        match cell {
            Cell::Absent => {}
            Cell::Clear => add([target as u8, 0], ""),
            Cell::Set(_) if target == Target::Groups => {
                for group in groups {
                    add([target as u8, 1], &group.to_string());
                }
            }
            Cell::Set(value) => add([target as u8, 1], value),
        }
    }
    let mut digest = Digest::default();
    digest.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    digest
}

/// The digest as plans and change logs write it.
pub(super) fn in_text(digest: &Digest) -> String {
    STANDARD_NO_PAD.encode(digest)
}

/// The digest that a plan or a change log wrote.
pub(super) fn of_text(text: &str) -> Option<Digest> {
    STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}
