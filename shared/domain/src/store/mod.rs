//! Records of a directory on the table: written by user, unique by claims, listed by roster.

mod bond;
mod brought;
mod create;
mod find;
mod holes;
mod id;
pub mod keys;
mod layout;
mod list;
mod log;
mod name;
mod part;
mod read;
mod record;
mod roster;
mod sign_in;
mod turns;
mod type_name;
mod update;

pub use bond::{Bond, Digest};
pub(crate) use brought::Brought;
pub(crate) use create::Further;
pub(crate) use find::Lookup;
pub use id::{BLOCK_SEATS, Id, Seat};
pub use keys::{Kind, TypeName};
pub use layout::LAYOUT;
pub(crate) use list::Walk;
pub use name::{DirectoryId, InvalidName, Name};
pub use part::{Part, Stretch};
pub use record::{Draft, Origin, Record};
pub(crate) use record::{Glance, stored};
pub(crate) use roster::Census;
pub(crate) use update::{Revision, Typed, lives};

use crate::ports::{Clock, Random};
use crate::table::Table;
use crate::tenant::{Opened, Remembered, Token};
use jiff::Timestamp;
use std::sync::Arc;

/// The records of all directories: everything above the [`Table`] port stands on this.
pub struct Store {
    pub(crate) table: Arc<dyn Table>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    lanes: roster::Lanes,
    /// The region in which this process runs, if the deployment has several.
    pub(crate) region: Option<Name>,
    pub(crate) opened: Remembered<DirectoryId, Arc<Opened>>,
    pub(crate) hosts: Remembered<String, Option<DirectoryId>>,
    pub(crate) bearers: Remembered<String, Arc<Token>>,
    /// Whose turn it is to change a group.
    pub(crate) turns: turns::Turns,
}

impl Store {
    /// A store on these ports. One per process: it remembers which seats its writers fill.
    pub fn new(table: Arc<dyn Table>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            table,
            clock,
            random,
            lanes: roster::Lanes::default(),
            region: None,
            opened: Remembered::default(),
            hosts: Remembered::default(),
            bearers: Remembered::default(),
            turns: turns::Turns::default(),
        }
    }

    /// The same in a region: its tokens name the region, and those of others are told apart (O5).
    pub fn in_region(self, region: Option<Name>) -> Self {
        Self { region, ..self }
    }

    /// Now, to the millisecond: what is shown at once must be what is read later.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    pub(crate) fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A name that sorts by time: milliseconds and 80 random bits, in hexadecimal.
    pub(crate) fn timed_name(&self) -> String {
        let random = u128::from_be_bytes(self.random_bytes()) >> 48;
        format!("{:012x}{random:020x}", self.now().as_millisecond())
    }
}
