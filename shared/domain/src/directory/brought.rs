//! Memberships that imports bring about, and end. Each is a write of its own, beside the group and without its version:
//! a file that names one group in every row would otherwise have all its rows wait for that group.

use super::MAX_LOSSES;
use super::member::{Member, brought_by_still, name_of};
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Name, Origin, Record, Revision, Store, Typed, keys};
use crate::table::{Condition, Consistency, Key, MAX_BATCH_GET, TableError, Write};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use std::collections::HashMap;

/// Memberships that are written at the same time.
const AT_ONCE: usize = 16;

/// A membership that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    /// The configuration that brought it; none where it came through another door.
    pub(crate) brought_by: Option<String>,
}

impl Store {
    /// Those of these memberships, of a member in a group, that exist: 1 read unit each.
    pub(crate) async fn memberships(
        &self,
        directory: &DirectoryId,
        of: &[(Id, Id)],
    ) -> Result<HashMap<(Id, Id), Membership>, Error> {
        let mut keys: Vec<(Key, (Id, Id))> = of
            .iter()
            .map(|(member, group)| (keys::membership(directory, *group, *member), (*member, *group)))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let mut found = HashMap::with_capacity(keys.len());
        for part in keys.chunks(MAX_BATCH_GET) {
            let (keys, of): (Vec<Key>, Vec<(Id, Id)>) = part.iter().cloned().unzip();
            let items = self.table.batch_get(&keys, Consistency::Strong).await?.value;
            let members = items.iter().zip(of).filter_map(|(item, of)| {
                let brought_by = Member::of_item(item.as_ref()?)?.brought_by;
                Some((of, Membership { brought_by }))
            });
            found.extend(members);
        }
        Ok(found)
    }

    /// Makes a user a member of groups, and no longer of others, as a configuration demands. What others have brought
    /// about is left alone: a membership that exists stays theirs, and one that they began anew is not ended. 2 write
    /// units for each, its index entry counted; doing it again changes nothing.
    pub(crate) async fn bring(
        &self,
        directory: &DirectoryId,
        configuration: &Name,
        user: &Record,
        join: &[Id],
        leave: &[Id],
    ) -> Result<(), Error> {
        let brought_by = Some(configuration.to_string());
        let member = Member { brought_by, ..Member::of_record(Kind::User, user) };
        let joining = join.iter().map(|group| Write::Put(member.item(directory, *group), Condition::Absent));
        let leaving = leave.iter().map(|group| {
            let key = keys::membership(directory, *group, user.id);
            Write::Delete(key, brought_by_still(configuration.as_str()))
        });
        let writes: Vec<Write> = joining.chain(leaving).collect();
        self.write_each(writes).await
    }

    /// Writes each by itself; one whose condition does not hold is left out.
    pub(super) async fn write_each(&self, writes: Vec<Write>) -> Result<(), Error> {
        let writes: Vec<_> = writes
            .into_iter()
            .map(|write| async move {
                match self.table.write(&[write], None).await {
                    Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
                    Err(error) => Err(Error::from(error)),
                }
            })
            .collect();
        futures::stream::iter(writes).buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Notes that others are about to end memberships that an import has brought: 1 write unit for each of those.
    pub(super) async fn note_leaving(
        &self,
        directory: &DirectoryId,
        members: &[Member],
    ) -> Result<(), Error> {
        let brought = members.iter().filter_map(|member| {
            let note = self.note_of_end(directory, member.brought_by.as_deref()?, member.id);
            Some(Write::Put(note, Condition::Always))
        });
        self.write_each(brought.collect()).await
    }

    /// Raises the version of a group whose members an import has changed: 1 write unit and 1 read. Whether the group
    /// still exists.
    pub(crate) async fn members_changed(
        &self,
        directory: &DirectoryId,
        groups: Typed<'_>,
        group: Id,
        origin: &Origin,
    ) -> Result<bool, Error> {
        for _ in 0..MAX_LOSSES {
            let Some(current) = self.get_latest(directory, Kind::Group, group).await? else {
                return Ok(false);
            };
            let to = Revision {
                document: current.document.clone(),
                origin: origin.clone(),
                bond: None,
                owner: current.owner.clone(),
                brought: current.brought.clone(),
                journal: current.journal.clone(),
            };
            match self.update(directory, groups, &current, to, Vec::new()).await {
                Err(Error::VersionConflict) => {}
                Err(error) => return Err(error),
                Ok(_) => return Ok(true),
            }
        }
        Err(Error::Unavailable("a group kept changing".into()))
    }

    /// The names of these groups, as far as they exist: 1 read unit each.
    pub(crate) async fn group_names(
        &self,
        directory: &DirectoryId,
        groups: &[Id],
    ) -> Result<HashMap<Id, String>, Error> {
        let found = self.glance_many(directory, Kind::Group, groups, Consistency::Strong).await?;
        let name = |record: Record| (record.id, name_of(&record.document).unwrap_or_default());
        found.values().map(|glance| Ok(name(glance.record()?))).collect()
    }
}
