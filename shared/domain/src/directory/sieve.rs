//! Holds records against a filter, and walks over a whole roster where nothing else leads to what matches.

use super::list::Wanted;
use super::{Directory, Resource, Shown};
use crate::error::Error;
use crate::store::{Glance, Id, Kind, Lookup, Seat, Walk};
use crate::table::Consistency;
use futures::stream::{Stream, StreamExt as _};
use jiff::Timestamp;
use scim::filter::Hint;
use scim::fold;
use scim::schema::{Kind as Type, Resolved, Uniqueness};
use scim::sort::SortKey;
use std::collections::BTreeSet;

/// Records that are looked at at once.
const STRIDE: usize = 250;
/// Blocks of a roster that are read at the same time: with records of 1 KB some 2 MB are in memory.
const BLOCKS_AT_ONCE: usize = 8;

/// A record that matches.
pub(super) struct Hit {
    pub(super) id: Id,
    /// Its place in the order that was asked for, if one was.
    pub(super) key: Option<SortKey>,
    /// None where a sorted walk only looks for its place.
    pub(super) resource: Option<Resource>,
}

impl Directory {
    /// Those of these records that match, in their order.
    pub(super) async fn sift(
        &self,
        kind: Kind,
        glances: Vec<Glance>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Hit>, Error> {
        let looked_at = wanted.looked_at();
        let named = wanted.members_named().filter(|_| kind == Kind::Group);
        let members = looked_at.contains(&"members") && named.is_none();
        let needed = Shown { members, groups: looked_at.contains(&"groups") };
        let mut hits = Vec::new();
        for glance in glances {
            let id = glance.id();
            let mut resource = self.show(kind, glance, needed).await?;
            if let Some(named) = &named {
                self.show_named(&mut resource, named).await?;
            }
            let (matches, key) = match (wanted.filter, wanted.sort) {
                (None, None) => (true, None),
                (filter, sort) => {
                    let document = self.members_of_document(&resource, &looked_at)?;
                    let matches = filter.is_none_or(|filter| filter.matches(&document));
                    (matches, sort.filter(|_| matches).map(|sort| sort.key(&document)))
                }
            };
            if matches {
                if named.is_some() {
                    // Those were not all of them.
                    resource.members = None;
                }
                hits.push(Hit { id, key, resource: Some(resource) });
            }
        }
        Ok(hits)
    }

    /// Gives a group those of these members that it has: what a filter asks about who is in it can be told without
    /// the others.
    async fn show_named(&self, group: &mut Resource, named: &[Id]) -> Result<(), Error> {
        if group.journal.is_some() {
            group.members = Some(self.members_of(group).await?);
            return Ok(());
        }
        group.members = Some(self.members_among(group.id, named, Consistency::Eventual).await?);
        Ok(())
    }

    /// Everything from a seat on that matches, a block at a time in the order of the roster. `most` of each block are
    /// kept whole; of the others there are only the ids.
    pub(super) async fn by_block<'a>(
        &'a self,
        kind: Kind,
        from: Seat,
        wanted: &'a Wanted<'a>,
        most: usize,
    ) -> Result<impl Stream<Item = Result<(Vec<Id>, Vec<Hit>), Error>> + use<'a>, Error> {
        let census = self.store.census(self.id(), kind).await?;
        let blocks: Vec<u32> = census.blocks_from(from.block).collect();
        let work = blocks.into_iter().map(move |block| {
            let number = if block == from.block { from.number } else { 0 };
            self.block(kind, Seat { block, number }, wanted, most)
        });
        Ok(futures::stream::iter(work).buffered(BLOCKS_AT_ONCE))
    }

    async fn block(
        &self,
        kind: Kind,
        from: Seat,
        wanted: &Wanted<'_>,
        most: usize,
    ) -> Result<(Vec<Id>, Vec<Hit>), Error> {
        let mut walk = Walk::of_block(from);
        let (mut ids, mut kept) = (Vec::new(), Vec::new());
        while let Some(glances) = self.store.stride(self.id(), kind, &mut walk, STRIDE).await? {
            for hit in self.sift(kind, glances, wanted).await? {
                ids.push(hit.id);
                if wanted.sort.is_some() {
                    kept.push(Hit { resource: None, ..hit });
                } else if kept.len() < most {
                    kept.push(hit);
                }
            }
        }
        Ok((ids, kept))
    }

    /// The only records that can match, in the order of the roster, if every alternative of the filter names a value
    /// that a claim, a look-up or a membership knows.
    pub(super) async fn candidates(&self, kind: Kind, wanted: &Wanted<'_>) -> Result<Option<Vec<Id>>, Error> {
        let Some(filter) = wanted.filter else { return Ok(None) };
        let mut found = BTreeSet::new();
        for hints in filter.alternatives() {
            let mut ways: Vec<Way<'_>> = hints.iter().filter_map(|hint| self.way(kind, hint)).collect();
            ways.sort_by_key(Way::rank);
            let Some(way) = ways.first() else { return Ok(None) };
            let Some(ids) = self.follow(kind, way).await? else { return Ok(None) };
            found.extend(ids);
        }
        // Ids begin with their seats.
        Ok(Some(found.into_iter().collect()))
    }

    fn way<'h>(&self, kind: Kind, hint: &'h Hint<'h>) -> Option<Way<'h>> {
        let (key, text) = match hint {
            Hint::Equal { key, text } => (key, text),
            Hint::Since { key, at } => return (key == "meta.lastmodified").then_some(Way::ChangedSince(*at)),
        };
        // An attribute of another type, in a search over all of them.
        if self.resource_type(kind).ok()?.resolve(key).is_none() {
            return Some(Way::Nowhere);
        }
        Some(match (kind, key.as_str()) {
            (_, "id") => Way::Id(text),
            (_, "externalid") => Way::ExternalId(text),
            (Kind::User, "emails.value") => Way::Mail(text),
            (Kind::User, "groups.value") => Way::InGroup(text),
            (Kind::Group, "members.value") => Way::HasMember(text),
            _ => Way::Unique { key, value: self.unique_value(kind, key, text)? },
        })
    }

    /// The form in which two values of a unique attribute are equal; none if the attribute is not unique.
    fn unique_value(&self, kind: Kind, key: &str, text: &str) -> Option<String> {
        let Some(Resolved::Attribute(found)) = self.resource_type(kind).ok()?.resolve(key) else {
            return None;
        };
        let leaf = found.leaf();
        let is_text = matches!(leaf.kind, Type::String | Type::Reference);
        let unique = matches!(leaf.uniqueness, Uniqueness::Server | Uniqueness::Global);
        (unique && is_text).then(|| if leaf.case_exact { text.to_owned() } else { fold(text) })
    }

    /// The ids that a way leads to; none if it leads nowhere yet.
    async fn follow(&self, kind: Kind, way: &Way<'_>) -> Result<Option<Vec<Id>>, Error> {
        let found = match way {
            Way::Nowhere => Vec::new(),
            Way::Id(text) => Id::parse(text).into_iter().collect(),
            Way::Unique { key, value } => {
                self.store.find(self.id(), kind, Lookup::Unique { key, value }).await?
            }
            Way::ExternalId(text) => self.store.find(self.id(), kind, Lookup::ExternalId(text)).await?,
            Way::Mail(text) => self.store.find(self.id(), kind, Lookup::Mail(text)).await?,
            Way::HasMember(text) => match Id::parse(text) {
                Some(member) => self.groups_of(member).await?,
                None => Vec::new(),
            },
            Way::InGroup(text) => match Id::parse(text) {
                Some(group) => self.everybody_in(group).await?,
                None => Vec::new(),
            },
            Way::ChangedSince(at) => return self.changed_since(kind, *at).await,
        };
        Ok(Some(found))
    }

    async fn changed_since(&self, kind: Kind, at: Timestamp) -> Result<Option<Vec<Id>>, Error> {
        if self.opened.logged_since.is_none() {
            self.store.start_log(self.id()).await?;
        }
        self.store.changed_since(&self.opened, kind, at).await
    }

    /// Those of the candidates that match.
    pub(super) async fn sift_candidates(
        &self,
        kind: Kind,
        candidates: &[Id],
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Hit>, Error> {
        let mut hits = Vec::new();
        for part in candidates.chunks(STRIDE) {
            let glances = match part {
                [id] => self.store.glance(self.id(), kind, *id).await?.into_iter().collect(),
                _ => self.in_order(kind, part).await?,
            };
            hits.extend(self.sift(kind, glances, wanted).await?);
        }
        Ok(hits)
    }

    /// The records of these ids that exist, in this order.
    pub(super) async fn in_order(&self, kind: Kind, ids: &[Id]) -> Result<Vec<Glance>, Error> {
        let mut found = self.store.glance_many(self.id(), kind, ids, Consistency::Eventual).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

/// How to get at what an alternative of a filter can match.
enum Way<'h> {
    /// Nothing can match.
    Nowhere,
    Id(&'h str),
    Unique {
        key: &'h str,
        value: String,
    },
    ExternalId(&'h str),
    Mail(&'h str),
    HasMember(&'h str),
    InGroup(&'h str),
    ChangedSince(Timestamp),
}

impl Way<'_> {
    /// The one that leads to the fewest comes first.
    fn rank(&self) -> usize {
        match self {
            Self::Nowhere => 0,
            Self::Id(_) => 1,
            Self::Unique { .. } => 2,
            Self::ExternalId(_) => 3,
            Self::Mail(_) => 4,
            Self::HasMember(_) => 5,
            Self::InGroup(_) => 6,
            Self::ChangedSince(_) => 7,
        }
    }
}
