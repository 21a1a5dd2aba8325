//! Carries out what rows change of memberships: behind the user, which is bound to the row only when it is done. So a
//! worker that is cut off in between leaves a user whom the next one looks at again.

use super::apply::{Applied, Applier};
use super::groups::Memberships;
use super::plan::{PlanRow, Target};
use crate::directory::Directory;
use crate::error::Error;
use crate::store::{Bond, Brought, Digest, Id, Kind, Origin, Record};
use crate::table::Consistency;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Applier<'_> {
    /// The rows whose groups exist, and the outcomes of the others. 1 read unit for each group that somebody joins.
    pub(super) async fn with_groups(
        &self,
        rows: Vec<(PlanRow, Target)>,
    ) -> Result<(Vec<(PlanRow, Target)>, Vec<Applied>), Error> {
        let joined =
            |target: &Target| target.groups.iter().flat_map(Memberships::joining).collect::<Vec<_>>();
        let wanted: BTreeSet<Id> = rows.iter().flat_map(|(_, target)| joined(target)).collect();
        let wanted: Vec<Id> = wanted.into_iter().collect();
        let existing =
            self.store.glance_many(self.directory, Kind::Group, &wanted, Consistency::Strong).await?;
        let (rows, gone): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|(_, target)| joined(target).iter().all(|group| existing.contains_key(group)));
        Ok((rows, gone.into_iter().map(|(row, _)| self.not_done(row)).collect()))
    }

    /// Begins and ends the memberships of a row, and then binds the user to it.
    pub(super) async fn settle_groups(&self, target: &Target, record: Record) -> Result<Record, Error> {
        let bond = self.bond(target);
        let Some(groups) = &target.groups else { return Ok(record) };
        if bond.is_some() && record.bond == bond {
            return Ok(record);
        }
        let (join, leave) = (groups.joining(), groups.leaving());
        self.store.bring(self.directory, self.configuration, &record, &join, &leave).await?;
        let Some(bond) = bond else { return Ok(record) };
        let brought = record.brought.by(self.configuration).iter().copied();
        let brought = brought.filter(|group| !leave.contains(group)).collect();
        let brought = record.brought.clone().with(self.configuration, brought);
        let owner = self.owner(&record);
        match self.store.bind(self.directory, Kind::User, &record, bond, owner, brought).await {
            // Somebody changes the user already: it is not as the row says, and the next import will see.
            Err(Error::VersionConflict) => Ok(record),
            bound => bound,
        }
    }

    /// The bond with which a user is written: to no row, while memberships are still to come.
    pub(super) fn bond_until_settled(&self, target: &Target) -> Option<Bond> {
        match &target.groups {
            None => self.bond(target),
            Some(_) if self.reverts => None,
            Some(_) => Some(Bond::new(self.configuration, Digest::default())),
        }
    }

    /// The groups of a user that the next import has to look at, whether or not this one comes to an end.
    pub(super) fn brought_until_settled(&self, target: &Target, current: Option<&Record>) -> Brought {
        let brought = current.map(|record| record.brought.clone()).unwrap_or_default();
        let Some(groups) = &target.groups else { return brought };
        let mine = brought.by(self.configuration).iter().copied().chain(groups.joining()).collect();
        brought.with(self.configuration, mine)
    }

    /// Raises the versions of the groups whose members have changed, each once. What was written into a group that was
    /// deleted meanwhile is taken out again.
    pub(super) async fn note_groups(&self, outcomes: &[Applied]) -> Result<(), Error> {
        let of = |outcome: &Applied| {
            let done = outcome.groups.as_ref().filter(|_| outcome.problem.is_none());
            done.map(|groups| [groups.joining(), groups.leaving()].concat()).unwrap_or_default()
        };
        let changed: BTreeSet<Id> = outcomes.iter().flat_map(of).collect();
        let origin = Origin::run(self.run, 0);
        for group in changed {
            if !self.store.members_changed(self.directory, self.groups, group, &origin).await? {
                let opened = Arc::clone(self.opened);
                let directory = Directory::new(Arc::clone(self.store), opened, origin.clone(), "");
                directory.forget_members(group).await?;
            }
        }
        Ok(())
    }
}
