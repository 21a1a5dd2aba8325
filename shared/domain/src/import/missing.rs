//! Who is missing from a file: users whom its configuration has brought, and who are in no row of it. Nobody is
//! missing whom a rejected row may have spoken of.

use super::manifest::{Entries, Entry, Manifest};
use super::plan::{Action, PlanRow, Target, Values};
use super::planner::Planner;
use super::privilege;
use super::row::RowBuffer;
use super::target;
use crate::error::Error;
use crate::store::{Census, Glance, Id, Kind, Record, Seat};
use crate::table::Consistency;
use scim::{Document, fold};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Users who are looked at together.
const AT_ONCE: usize = 100;
/// Names of rejected rows that are remembered; a file with more of them removes nobody.
const MAX_NAMES: usize = 300_000;

/// What is noted of the rows of a file, to tell at its end who is missing.
#[derive(Default)]
pub(super) struct Missing {
    /// Whom rows are about, but for those whom the manifest knows to be.
    seen: HashSet<Id>,
    /// Hashes of the names in rejected rows.
    rejected: HashSet<u64>,
    /// Rejected rows that do not say whom they are about.
    unidentified: u64,
}

/// A user who is missing.
pub(super) struct Candidate {
    pub(super) user: Id,
    /// Whether the user runs the directory, and stays for that.
    pub(super) is_administrator: bool,
    /// What is to be done; nothing where a rejected row may be about the user.
    pub(super) plan: Option<PlanRow>,
}

impl Missing {
    /// Notes whom a row is about.
    pub(super) fn note_seen(&mut self, user: Id) {
        self.seen.insert(user);
    }

    /// Notes a rejected row.
    pub(super) fn note_rejected(&mut self, row: &RowBuffer) {
        let names = names_of_row(row);
        if names.is_empty() || self.rejected.len() > MAX_NAMES {
            self.unidentified += 1;
        }
        self.rejected.extend(names);
    }

    /// Whether somebody may seem to be missing whose row was only rejected.
    pub(super) fn has_unidentified(&self) -> bool {
        self.unidentified > 0
    }

    /// Nobody goes: those who are in no row stay in the manifest without one. How many they are.
    pub(super) fn keep(self, manifest: Option<Manifest>, entries: &mut Entries) -> Result<u64, Error> {
        let mut left = 0;
        for user in manifest.map(Manifest::unseen).transpose()?.into_iter().flatten() {
            let user = user?;
            if !self.seen.contains(&user) {
                entries.push(&Entry::without_row(user))?;
                left += 1;
            }
        }
        Ok(left)
    }

    /// Looks for those who are missing: in the manifest, or without one in the whole directory.
    pub(super) fn search(self, manifest: Option<Manifest>) -> Result<Search, Error> {
        let source = match manifest {
            Some(manifest) => Source::Manifest(Box::new(manifest.unseen()?)),
            None => Source::Directory(None, Seat::FIRST),
        };
        Ok(Search { of: self, source })
    }
}

/// The search for those who are missing.
pub(super) struct Search {
    of: Missing,
    source: Source,
}

enum Source {
    Manifest(Box<dyn Iterator<Item = std::io::Result<Id>> + Send>),
    Directory(Option<Census>, Seat),
}

impl Search {
    /// Some more of them; `None` at the end. 1 read unit for each who is in no row, or 0.125 for everybody.
    pub(super) async fn next(&mut self, planner: &Planner<'_>) -> Result<Option<Vec<Candidate>>, Error> {
        let Some(glances) = self.glances(planner).await? else { return Ok(None) };
        let owner = planner.configuration.name.as_str();
        let mut found = Vec::new();
        for glance in glances {
            if glance.owner() != Some(owner) || self.of.seen.contains(&glance.id()) {
                continue;
            }
            let record = glance.record()?;
            if privilege::is_active(&record.document) {
                let note = planner.loosened.get(&record.id).copied();
                found.push(self.of.candidate(record, note));
            }
        }
        Ok(Some(found))
    }

    async fn glances(&mut self, planner: &Planner<'_>) -> Result<Option<Vec<Glance>>, Error> {
        let (store, directory) = (planner.store, planner.directory);
        match &mut self.source {
            Source::Manifest(unseen) => {
                let mut ids = Vec::with_capacity(AT_ONCE);
                for id in unseen.by_ref() {
                    let id = id?;
                    if !self.of.seen.contains(&id) {
                        ids.push(id);
                    }
                    if ids.len() == AT_ONCE {
                        break;
                    }
                }
                if ids.is_empty() {
                    return Ok(None);
                }
                let mut found = store.glance_many(directory, Kind::User, &ids, Consistency::Strong).await?;
                Ok(Some(ids.iter().filter_map(|id| found.remove(id)).collect()))
            }
            Source::Directory(census, seat) => {
                let census = match census {
                    Some(census) => census,
                    None => census.insert(store.census(directory, Kind::User).await?),
                };
                let glances = store.records_from(directory, Kind::User, census, *seat, AT_ONCE).await?;
                let Some(last) = glances.last() else { return Ok(None) };
                *seat = last.id().seat().next();
                Ok(Some(glances))
            }
        }
    }
}

impl Missing {
    fn candidate(&self, record: Record, note: Option<i64>) -> Candidate {
        let user = record.id;
        let is_administrator = privilege::is_administrator(&record.document);
        let spared = names_of_user(&record.document).any(|name| self.rejected.contains(&name));
        let plan = (!is_administrator && !spared).then(|| deactivation(record, note));
        Candidate { user, is_administrator, plan }
    }
}

/// The row of a plan, without a row of a file, by which a user is deactivated.
fn deactivation(record: Record, note: Option<i64>) -> PlanRow {
    let mut document = record.document.clone();
    document.insert("active".to_owned(), Value::Bool(false));
    let values = Values { before: Value::Bool(true), after: Value::Bool(false) };
    PlanRow {
        user: Some(record.id.to_string()),
        changes: BTreeMap::from([(target::Target::Status.path().to_owned(), values)]),
        removes: true,
        target: Some(Target {
            version: record.version,
            document: Some(document),
            before: Some(record.document),
            note,
            ..Target::default()
        }),
        ..PlanRow::new(0, Action::Deactivate)
    }
}

/// What a rejected row says of whom it is about, as far as that can be trusted.
fn names_of_row(row: &RowBuffer) -> Vec<u64> {
    if !row.is_sound() {
        return Vec::new();
    }
    let names = [(target::Target::LoginName, 1), (target::Target::Mail, 2), (target::Target::Uid, 3)];
    let cell = |target| row.cell(target).value();
    let mut hashes: Vec<u64> =
        names.iter().filter_map(|(target, kind)| Some(hash(*kind, cell(*target)?))).collect();
    // Without a login name, the mail address is one (S3).
    if cell(target::Target::LoginName).is_none() {
        hashes.extend(cell(target::Target::Mail).map(|mail| hash(1, mail)));
    }
    hashes
}

/// The same of a user.
fn names_of_user(document: &Document) -> impl Iterator<Item = u64> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let mails = document.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mails = mails.iter().filter_map(|mail| Some(hash(2, mail.get("value")?.as_str()?)));
    let user_name = text("userName").map(|name| hash(1, name));
    user_name.into_iter().chain(mails).chain(text("externalId").map(|id| hash(3, id)))
}

fn hash(kind: u64, name: &str) -> u64 {
    if kind == 3 {
        xxh3_64_with_seed(name.as_bytes(), kind)
    } else {
        xxh3_64_with_seed(fold(name).as_bytes(), kind)
    }
}
