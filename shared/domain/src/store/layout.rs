//! Which layout the items of a table have: what keys they stand under and what is in them.

use super::{Store, keys};
use crate::error::Error;
use crate::table::{Condition, Consistency, Item, TableError, Write};

/// The layout that this version reads and writes ([`keys`]).
///
/// A version that only adds items or attributes keeps it, as versions work side by side while one replaces the other, and
/// the one before must be able to come back. A version that writes what the one before would misread raises it; from the
/// moment at which the table says so, the one before refuses to start rather than to change what it does not understand.
pub const LAYOUT: i64 = 1;

const VERSION: &str = "v";

impl Store {
    /// Whether this version understands the table; a new table is marked with [`LAYOUT`]. To be asked once, at the start of
    /// a process, before anything else. 0.5 read units; 1 write the first time.
    ///
    /// # Errors
    /// [`Error::Fault`] where a later version has written the table.
    pub async fn check_layout(&self) -> Result<(), Error> {
        let key = keys::layout();
        let found = self.table.get(&key, Consistency::Eventual).await?.value;
        let Some(item) = found else {
            let mark = Write::Put(Item::new(key).with(VERSION, LAYOUT), Condition::Absent);
            return match self.table.write(&[mark], None).await {
                // Another process was first; which layout it means, the next start will tell.
                Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
                Err(error) => Err(error.into()),
            };
        };
        match item.number(VERSION) {
            Some(version) if version <= LAYOUT => Ok(()),
            Some(version) => Err(Error::fault(format!(
                "the table has layout {version}, and this version of Muster knows layouts up to {LAYOUT}: deploy a later one"
            ))),
            None => Err(Error::fault("the layout of the table lacks its number")),
        }
    }
}
