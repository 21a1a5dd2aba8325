//! Deleting a resource (RFC 7644 §3.6).

use super::member::{Member, leave};
use super::{Directory, MAX_LOSSES, Versions};
use crate::error::Error;
use crate::store::{Id, Kind, Record, Store};
use crate::table::{Consistency, MAX_TRANSACTION_WRITES, Write};

impl Directory {
    /// Deletes a resource and every membership of it. Its identifiers can be used again at once, its id never.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`Error::PreconditionFailed`] for a version not `seen`.
    pub async fn delete(&self, kind: Kind, id: &str, seen: &Versions) -> Result<(), Error> {
        for _ in 0..MAX_LOSSES {
            let current = self.latest(kind, id).await?;
            seen.check(&current)?;
            match self.remove(kind, &current).await {
                Err(Error::VersionConflict) => {}
                done => return done,
            }
        }
        Err(Error::Unavailable("the resource kept changing".into()))
    }

    /// Deletes a resource that is still as it was read, and every membership of it.
    ///
    /// Leaves its groups first: were the work cut off, the resource would still be there to be deleted again.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where it was changed meanwhile.
    pub(crate) async fn remove(&self, kind: Kind, current: &Record) -> Result<(), Error> {
        let typed = self.opened.typed(kind)?;
        let leaving = self.leaving(current).await?;
        let room = Store::room_beside_delete(typed, current);
        let (at_once, before) = leaving.split_at(leaving.len().min(room));
        self.write_all(before).await?;
        self.store.delete(self.id(), typed, current, &self.origin, at_once).await?;
        // Whoever added it to a group after the look above did so before the tombstone, which forbids it since.
        self.write_all(&self.leaving(current).await?).await?;
        if kind == Kind::Group {
            self.forget_members(current.id).await?;
        }
        Ok(())
    }

    /// The writes by which a resource leaves every group that it is in. One that was never in a group is looked for
    /// in none: joining the first one would have written its record.
    async fn leaving(&self, member: &Record) -> Result<Vec<Write>, Error> {
        if !member.grouped {
            return Ok(Vec::new());
        }
        let groups = self.groups_of(member.id).await?;
        Ok(groups.iter().map(|group| leave(self.id(), *group, member.id)).collect())
    }

    /// The group is gone already, so what a cut would leave here is seen by nobody.
    pub(crate) async fn forget_members(&self, group: Id) -> Result<(), Error> {
        let members = self.members(group, Consistency::Strong).await?;
        let leave = |member: &Member| leave(self.id(), group, member.id);
        let mut writes: Vec<Write> = members.iter().map(leave).collect();
        // Journals go last: while one is there, whoever starts next finds that something is left.
        writes.extend(self.drop_journals(group).await?);
        self.write_all(&writes).await
    }

    async fn write_all(&self, writes: &[Write]) -> Result<(), Error> {
        for part in writes.chunks(MAX_TRANSACTION_WRITES) {
            self.store.table.write(part, None).await?;
        }
        Ok(())
    }
}
