//! Every key and every access pattern: the only place that spells one.
//!
//! `D` stands for `tenant/directory`. Names hold neither `/` nor `#` ([`crate::store::Name`]), and whatever a
//! client chose (a `userName`, a file's name) is hashed, so keys are injective, of bounded length, and say
//! nothing about a person.
//!
//! | item | partition | sort | index (partition, sort) |
//! |---|---|---|---|
//! | layout of all of these | `v` | `-` | |
//! | tenant | `T` | tenant | |
//! | directory | `T#tenant` | directory | |
//! | import configuration | `F#D` | name | |
//! | former version of one | `V#D#name` | version | |
//! | token | `K#hash` | `-` | `K#D`, time |
//! | declared schema or resource type | `S#D` | hash | |
//! | host name of a directory | `H#host` | `-` | |
//! | record or tombstone | `kind#D#block`: `U`, `G`, `Xname` | seat | |
//! | block of a roster | `B#D#kind` | block | |
//! | claim (unique value) | `C#D#hash` | `-` | |
//! | look-up (value that many may have) | `L#D#kind#attribute#hash` | id | |
//! | membership | `M#D#group` | member | `m#D#member`, group |
//! | part of a journal of members | `J#D#group` | name, part | `J`, D and group (the first part) |
//! | change of a record, where they are logged | `W#D#kind#day#shard` | time, id | |
//! | broken bond of a user to a row | `N#D#configuration` | id | |
//! | file that a configuration applied last | `O#D#configuration` | `-` | |
//! | run | `R#D` | time and random | |
//! | run that waits for a worker, or has one | `P#D` | run | `P`, D and run |
//! | turn of imports into a directory | `Q#D` | `-` | |
//! | wish to end a run | `X#D#run` | `-` | |
//! | how far the pulls of a configuration are | `Y#D` | name | `Y#shard`, time and name: while something is due |
//! | PGP key of a configuration | `Z#D#name` | fingerprint | |
//! | what is wrong with a configuration | `i#D#name` | `-` | |
//! | notice that is to be sent | `o#D#id` | `-` | `o`, time and id |
//! | run of an uploaded object | `E#D#hash` | `-` | |
//! | request that may be repeated | `I#tenant#hash` (of a tenant to be: `I#-#hash`) | `-` | |
//! | audit entry | `A#D#day` | time and random | |
//!
//! What each access pattern costs for records of up to 1 KB, in request units (a strong read costs twice an
//! eventual one). `shared/adapters/tests/it/domain/cost.rs`, and `pulls/cost.rs` beside it, count every row on both stores.
//!
//! | access | units |
//! |---|---|
//! | create | 4 write: record 2, `userName` or `displayName` claim 2; and 2 for each look-up (`externalId`, each e-mail that is not the `userName`) |
//! | get | 0.5 read |
//! | look-up by `userName` | 1 read: claim 0.5, record 0.5 (a miss is asked again strongly: 1.5) |
//! | look-up by `externalId` or e-mail | 1 read and 0.5 for each further match; e-mail 0.5 more, as it may be a `userName` |
//! | update, deactivate | 1 write, 1 read |
//! | update that changes nothing | 1 read |
//! | rename | 6 write, 1 read |
//! | delete | 6 write (tombstone 2, claim 2, block 2) and 2 for each look-up; 2 read. Who was ever in a group: 1 read more, and 3 write for each membership |
//! | total of a directory | 0.5 read for each 4 KB of blocks (60 bytes for 4,096 users) and 0.5 for each open block (1 to 16) |
//! | page of 100 from any `startIndex`, or behind any cursor | the total, and 12.5 read |
//! | page of a sorted list | a walk over all that match, and 0.5 read for each of the page |
//! | filter that no claim or look-up answers | the total, and 125 read for 1,000 users, eight blocks of 4,096 at a time |
//! | filter by `members` | 0.5 read, and 1 for each group that has the member, however many others it has |
//! | filter by `meta.lastModified` from a time on, where changes are logged | 8 read a day, 0.5 for each record that changed; 1 write more for every change |
//! | filter by `groups.value` | the members of the group and of those in it, and a get of each user with its groups |
//! | add a member | 5 write: membership 2, its index entry 1, check of the member 2 for each KB (the first time it is written instead, to say that it has groups); 2 read; and 2 write, 1 read a request for the group |
//! | remove a member | 3 write, 1 read; and 2 write, 1 read a request for the group; 1 write more for a member whom an import has brought |
//! | the same of more than 46 who join, or 92 who leave, in one request | 2 read more for each; 2 write for each KB of the journal (62 ids) and 1 for its index entry, when it is written and again when it goes; 2 write for the group once more, and 2 for each part of 46 who join or 99 who leave; 2 read |
//! | delete a group | as any, and 3 write for each member; 2 read more |
//! | rename a member | 1 write for each of its groups, and 0.5 read; 1 read more for each that an import has brought it into |
//! | members of a group | 0.5 read for each 4 KB (100 bytes a member) |
//! | groups of a user | none for who was never in one; else 0.5 read for each 4 KB of memberships (130 bytes each), 0.5 for each group, and as much again for groups that are in groups |
//! | start of a process: the layout | 0.5 read; 1 write the first time |
//! | token to directory | 1 read, then none for a minute |
//! | settings and schemas of a directory | 2 read, then none for a minute |
//! | looking for what is due, of all tenants | 0.5 read for each of 16 shards, and for each 4 KB that is due |
//! | a night whose file is the one of the night before | 18 read, 23 write: fetched 6 and 12, imported 12 and 11 |
//! | a file that is looked for in vain | 5 read, 6 write each time; 7 read, 14 write the last time, with what is to be told |
//! | a notice that is sent | 1.5 read, 5 write |
//! | directory of a host name | 0.5 read, then none for a minute |
//!
//! Heat: a partition takes 1,000 write units a second. Records are spread over the open blocks of their
//! roster (up to 16, opened as writers meet) and keep their block for life; claims and look-ups have a
//! partition each. So a directory's ceiling is 8,000 creates a second while it grows, and more once grown.

mod imports;
#[cfg(test)]
mod tests;

pub use imports::*;

use super::id::{Id, Seat};
use super::name::{DirectoryId, Name};
pub use super::type_name::TypeName;
use crate::table::Key;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use scim::schema::ResourceType;
use sha2::{Digest, Sha256};

/// What a roster holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Users.
    User,
    /// Groups.
    Group,
    /// Resources of a type that an operator declared.
    Custom(TypeName),
}

impl Kind {
    /// The kind of the resources of a type; none for a name that no declaration can have.
    pub fn of(resource_type: &ResourceType) -> Option<Self> {
        match resource_type.name.as_str() {
            "User" => Some(Self::User),
            "Group" => Some(Self::Group),
            name => TypeName::new(name).map(Self::Custom),
        }
    }

    /// What stands for it in keys: a letter, and the name of a declared type.
    pub fn tag(self) -> String {
        match self {
            Self::User => "U".to_owned(),
            Self::Group => "G".to_owned(),
            Self::Custom(name) => format!("X{}", name.as_str()),
        }
    }

    /// The name of the SCIM resource type (RFC 7643 §6); that of a declared one in lower case.
    pub fn name(&self) -> &str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Custom(name) => name.as_str(),
        }
    }
}

/// The sort key of what stands alone in its partition.
const ALONE: &str = "-";

/// The layout of the table.
pub fn layout() -> Key {
    Key::new("v", ALONE)
}

/// The partition of all tenants.
pub const TENANTS: &str = "T";

/// A tenant.
pub fn tenant(name: &Name) -> Key {
    Key::new(TENANTS, name.as_str())
}

/// The partition of a tenant's directories.
pub fn directories(tenant: &Name) -> String {
    format!("T#{tenant}")
}

/// A directory.
pub fn directory(id: &DirectoryId) -> Key {
    Key::new(directories(&id.tenant), id.directory.as_str())
}

/// The claim of a directory on a host name, which is in lower case.
pub fn host(host: &str) -> Key {
    Key::new(format!("H#{host}"), ALONE)
}

/// The partition of the schemas and resource types that were declared for a directory.
pub fn declarations(id: &DirectoryId) -> String {
    format!("S#{id}")
}

/// A declared schema or resource type, by its name in lower case.
pub fn declaration(id: &DirectoryId, name: &str) -> Key {
    Key::new(declarations(id), hash(name))
}

/// A token, by the hash of its secret.
pub fn token(secret: &str) -> Key {
    Key::new(format!("K#{}", hash(secret)), ALONE)
}

/// The index partition that lists a directory's tokens.
pub fn token_partition(id: &DirectoryId) -> String {
    format!("K#{id}")
}

/// The index entry of a token, whose id begins with its time.
pub fn token_index(id: &DirectoryId, token: &str) -> Key {
    Key::new(token_partition(id), token)
}

/// The partition of a block of users or groups.
pub fn block_partition(id: &DirectoryId, kind: Kind, block: u32) -> String {
    format!("{}#{id}#{block:08x}", kind.tag())
}

/// The sort key of a seat.
pub fn seat_sort(number: u16) -> String {
    format!("{number:03x}")
}

/// The seat that a sort key names.
pub fn seat_of_sort(sort: &str) -> Option<u16> {
    u16::from_str_radix(sort, 16).ok()
}

/// A user or a group on its seat.
pub fn seat(id: &DirectoryId, kind: Kind, seat: Seat) -> Key {
    Key::new(block_partition(id, kind, seat.block), seat_sort(seat.number))
}

/// The partition that lists the blocks of a roster.
pub fn blocks(id: &DirectoryId, kind: Kind) -> String {
    format!("B#{id}#{}", kind.tag())
}

/// A block of a roster.
pub fn block(id: &DirectoryId, kind: Kind, number: u32) -> Key {
    Key::new(blocks(id, kind), format!("{number:08x}"))
}

/// The claim on a value that only one record of a kind may have. `attribute` may hold anything, as extensions do.
pub fn claim(id: &DirectoryId, kind: Kind, attribute: &str, folded: &str) -> Key {
    Key::new(format!("C#{id}#{}", hash(&format!("{}\0{attribute}\0{folded}", kind.tag()))), ALONE)
}

/// The partition of the records that have a value.
pub fn lookups(id: &DirectoryId, kind: Kind, attribute: &str, folded: &str) -> String {
    format!("L#{id}#{}#{attribute}#{}", kind.tag(), hash(folded))
}

/// The look-up entry of one record.
pub fn lookup(id: &DirectoryId, kind: Kind, attribute: &str, folded: &str, record: Id) -> Key {
    Key::new(lookups(id, kind, attribute, folded), record.to_string())
}

/// The partition of a group's members.
pub fn members(id: &DirectoryId, group: Id) -> String {
    format!("M#{id}#{group}")
}

/// A membership.
pub fn membership(id: &DirectoryId, group: Id, member: Id) -> Key {
    Key::new(members(id, group), member.to_string())
}

/// The index partition of the groups that a member is in.
pub fn memberships(id: &DirectoryId, member: Id) -> String {
    format!("m#{id}#{member}")
}

/// The index partition of all journals that are being carried out.
pub const JOURNALS: &str = "J";

/// The partition of the journals of a group: of one, but for what a deleted group left.
pub fn journals(id: &DirectoryId, group: Id) -> String {
    format!("J#{id}#{group}")
}

/// A part of a journal.
pub fn journal(id: &DirectoryId, group: Id, name: &str, part: usize) -> Key {
    Key::new(journals(id, group), format!("{name}#{part:02}"))
}

/// The index entry by which a journal is found.
pub fn journal_index(id: &DirectoryId, group: Id) -> Key {
    Key::new(JOURNALS, format!("{id}#{group}"))
}

/// The partition of the users whose bond to a row of a configuration others have broken.
pub fn all_loosened(id: &DirectoryId, configuration: &str) -> String {
    format!("N#{id}#{configuration}")
}

/// The note that such a bond was broken.
pub fn loosened(id: &DirectoryId, configuration: &str, record: Id) -> Key {
    Key::new(all_loosened(id, configuration), record.to_string())
}

/// A partition of the changes of one day.
pub fn changes(id: &DirectoryId, kind: Kind, day: i64, shard: u32) -> String {
    format!("W#{id}#{}#{day}#{shard}", kind.tag())
}

/// Where a change stands in it: by time, to the millisecond; without an id, before all changes of that time.
pub fn change_sort(at: Timestamp, record: Option<Id>) -> String {
    let at = format!("{:012x}#", at.as_millisecond().max(0));
    match record {
        Some(record) => at + &record.to_string(),
        None => at,
    }
}

/// The record that a change is about.
pub fn id_of_change(sort: &str) -> Option<Id> {
    Id::parse(sort.split_once('#')?.1)
}

/// A request that bears a key of the client, below a tenant, or below none, as no tenant is called `-`.
pub fn repetition(tenant: Option<&Name>, key: &str) -> Key {
    Key::new(format!("I#{}#{}", tenant.map_or("-", Name::as_str), hash(key)), ALONE)
}

/// An audit entry; a partition for each day, as old ones are read by day.
pub fn audit(id: &DirectoryId, day: &str, entry: &str) -> Key {
    Key::new(format!("A#{id}#{day}"), entry)
}

/// SHA-256 in URL-safe Base64: 43 characters, whatever the value.
pub fn hash(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(value.as_bytes()))
}
