//! What gives a user access, and who may not lose it by mistake.

use crate::error::Error;
use crate::store::{Census, DirectoryId, Id, Kind, Seat, Store};
use scim::Document;
use scim::schema::MUSTER_USER_URN;
use serde_json::Value;
use std::collections::HashSet;

/// Access levels and roles that run a directory, in any case.
const ADMINISTRATORS: [&str; 3] = ["administrator", "admin", "owner"];
/// Records of a walk that are looked at together.
const STRIDE: usize = 250;

/// Whether the user may sign in at all (RFC 7643 §4.1.1: `active`).
pub(super) fn is_active(document: &Document) -> bool {
    document.get("active").and_then(Value::as_bool).unwrap_or(true)
}

/// The user's access level.
pub(super) fn level(document: &Document) -> Option<&str> {
    document.get(MUSTER_USER_URN)?.get("accessLevel")?.as_str()
}

fn roles(document: &Document) -> impl Iterator<Item = &str> {
    let roles = document.get("roles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    roles.iter().filter_map(|role| role.get("value")?.as_str())
}

/// Whether the user has this role.
pub(super) fn has_role(document: &Document, role: &str) -> bool {
    roles(document).any(|present| present == role)
}

/// Whether a user who becomes this one loses access: is deactivated, or loses the access level or a role.
pub(super) fn is_lost(before: &Document, after: &Document) -> bool {
    if !is_active(before) {
        return false;
    }
    !is_active(after)
        || (level(before).is_some() && level(before) != level(after))
        || roles(before).any(|role| !roles(after).any(|kept| kept == role))
}

/// Whether the user is active and runs the directory.
pub(super) fn is_administrator(document: &Document) -> bool {
    let runs = |name: &str| ADMINISTRATORS.iter().any(|known| known.eq_ignore_ascii_case(name));
    is_active(document) && (level(document).is_some_and(runs) || roles(document).any(runs))
}

impl Store {
    /// Whether anybody but these runs the directory. Walks until somebody is found: 125 read units for 1,000 users.
    pub(super) async fn has_other_administrator(
        &self,
        directory: &DirectoryId,
        but: &HashSet<Id>,
    ) -> Result<bool, Error> {
        let census: Census = self.census(directory, Kind::User).await?;
        let mut seat = Seat::FIRST;
        loop {
            let glances = self.records_from(directory, Kind::User, &census, seat, STRIDE).await?;
            let Some(last) = glances.last() else { return Ok(false) };
            seat = last.id().seat().next();
            for glance in glances.iter().filter(|glance| !but.contains(&glance.id())) {
                if is_administrator(&glance.record()?.document) {
                    return Ok(true);
                }
            }
        }
    }
}
