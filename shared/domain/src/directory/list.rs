//! Listing, filtering, sorting and paging (RFC 7644 §3.4.2, RFC 9865).

use super::sieve::Hit;
use super::{Directory, Resource, Shown};
use crate::error::Error;
use crate::store::{Id, Kind, Seat};
use futures::stream::StreamExt as _;
use scim::error::{Error as Refusal, ErrorKind};
use scim::filter::Filter;
use scim::sort::{Sort, SortKey};
use serde::{Deserialize, Serialize};
use std::collections::BinaryHeap;

/// How far index paging reaches into a sorted list: every match before the page has to be kept in order.
const MAX_SORTED: usize = 10_000;

/// What a client wants to see.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Only resources that match.
    pub filter: Option<&'a Filter>,
    /// In this order rather than that of the roster, in which nobody ever moves.
    pub sort: Option<&'a Sort>,
    /// Which part of the matches.
    pub paging: Paging,
    /// What is shown beside the documents.
    pub shown: Shown,
}

impl Wanted<'_> {
    /// The members of a document on which it hangs what matches, and in which order.
    pub(super) fn looked_at(&self) -> Vec<&str> {
        let mut members = self.filter.map(Filter::members).unwrap_or_default();
        members.extend(self.sort.map(Sort::member));
        members
    }

    /// The members of groups that the filter asks for, if it asks for nothing else of them.
    pub(super) fn members_named(&self) -> Option<Vec<Id>> {
        if self.sort.is_some_and(|sort| sort.member() == "members") {
            return None;
        }
        let named = self.filter?.values_named("members").filter(|named| !named.is_empty())?;
        let mut ids: Vec<Id> = named.into_iter().filter_map(Id::parse).collect();
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }
}

/// Which part of the matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// Those behind so many others: `startIndex` less one.
    Offset {
        /// How many are left out at the front.
        offset: usize,
        /// How many are shown at most.
        count: usize,
    },
    /// Those behind a position.
    After {
        /// The last one that was shown; none for the first page.
        position: Option<Position>,
        /// How many are shown at most.
        count: usize,
    },
}

impl Paging {
    fn count(&self) -> usize {
        match self {
            Self::Offset { count, .. } | Self::After { count, .. } => *count,
        }
    }
}

/// A place in a listing, which stays where it is whatever is created and deleted around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// Behind a seat of the roster.
    Seat(u32, u16),
    /// Behind a resource of this place in the order, and of this id.
    Sorted(SortKey, String),
}

/// A page of resources.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many there are on all pages, if that is known.
    pub total: Option<usize>,
    /// Those of this page.
    pub resources: Vec<Resource>,
    /// Where the next page begins; none behind the last one.
    pub next: Option<Position>,
}

impl Directory {
    /// A page of the resources that match.
    ///
    /// Without a filter and an order, or with a filter that claims and look-ups answer, the cost does not grow with
    /// the directory. Any other filter, and any order, walks over all of it, several blocks at a time; a cursor ends
    /// the walk as soon as its page is full.
    ///
    /// # Errors
    /// `tooMany` for a page of a sorted list that begins beyond 10,000 others; cursors have no such limit.
    pub async fn list(&self, kind: Kind, wanted: &Wanted<'_>) -> Result<Page, Error> {
        if wanted.filter.is_none() && wanted.sort.is_none() {
            return self.list_all(kind, wanted).await;
        }
        let candidates = self.candidates(kind, wanted).await?;
        match (candidates, wanted.sort) {
            (_, Some(_)) if beyond_sorting(&wanted.paging) => Err(too_deep()),
            (candidates, Some(_)) => self.list_sorted(kind, candidates, wanted).await,
            (Some(ids), None) => self.list_candidates(kind, &ids, wanted).await,
            (None, None) => self.list_walking(kind, wanted).await,
        }
    }

    async fn list_all(&self, kind: Kind, wanted: &Wanted<'_>) -> Result<Page, Error> {
        let census = self.store.census(self.id(), kind).await?;
        let count = wanted.paging.count();
        let seat = match &wanted.paging {
            Paging::Offset { offset, .. } => census.locate(*offset),
            Paging::After { position, .. } => Some(seat_behind(position.as_ref())?),
        };
        let mut glances = match seat.filter(|_| count > 0) {
            // One more tells whether there is another page.
            Some(seat) => self.store.records_from(self.id(), kind, &census, seat, count + 1).await?,
            None => Vec::new(),
        };
        let more = glances.len() > count;
        glances.truncate(count);
        let next = glances.last().filter(|_| more).map(|last| behind(last.id()));
        let mut resources = Vec::with_capacity(glances.len());
        for glance in glances {
            resources.push(self.show(kind, glance, wanted.shown).await?);
        }
        Ok(Page { total: Some(census.total()), resources, next })
    }

    async fn list_candidates(&self, kind: Kind, ids: &[Id], wanted: &Wanted<'_>) -> Result<Page, Error> {
        let mut hits = self.sift_candidates(kind, ids, wanted).await?;
        let total = Some(hits.len());
        let skipped = match &wanted.paging {
            Paging::Offset { offset, .. } => *offset,
            Paging::After { position, .. } => {
                let seat = seat_behind(position.as_ref())?;
                hits.partition_point(|hit| hit.id.seat() < seat)
            }
        };
        hits.drain(..skipped.min(hits.len()));
        let more = hits.len() > wanted.paging.count();
        hits.truncate(wanted.paging.count());
        let next = hits.last().filter(|_| more).map(|last| behind(last.id));
        Ok(Page { total, resources: self.shown(hits, wanted).await?, next })
    }

    async fn list_walking(&self, kind: Kind, wanted: &Wanted<'_>) -> Result<Page, Error> {
        match &wanted.paging {
            Paging::Offset { offset, count } => self.walk_all(kind, wanted, *offset, *count).await,
            Paging::After { position, count } => {
                self.walk_on(kind, wanted, seat_behind(position.as_ref())?, *count).await
            }
        }
    }

    /// Counts all matches; those of the page are kept if it is the first one, and read again otherwise.
    async fn walk_all(
        &self,
        kind: Kind,
        wanted: &Wanted<'_>,
        offset: usize,
        count: usize,
    ) -> Result<Page, Error> {
        let kept = if offset == 0 { count } else { 0 };
        let blocks = self.by_block(kind, Seat::FIRST, wanted, kept).await?;
        let mut blocks = std::pin::pin!(blocks);
        let (mut total, mut page, mut hits) = (0, Vec::with_capacity(count), Vec::new());
        while let Some(block) = blocks.next().await {
            let (ids, whole) = block?;
            let skipped = offset.saturating_sub(total).min(ids.len());
            let room = count - page.len();
            page.extend(ids.iter().skip(skipped).take(room));
            hits.extend(whole.into_iter().take(count - hits.len().min(count)));
            total += ids.len();
        }
        if offset > 0 {
            hits = self.sift_candidates(kind, &page, wanted).await?;
        }
        Ok(Page { total: Some(total), resources: self.shown(hits, wanted).await?, next: None })
    }

    /// Goes on until the page is full.
    async fn walk_on(
        &self,
        kind: Kind,
        wanted: &Wanted<'_>,
        from: Seat,
        count: usize,
    ) -> Result<Page, Error> {
        let blocks = self.by_block(kind, from, wanted, count + 1).await?;
        let mut blocks = std::pin::pin!(blocks);
        let mut hits: Vec<Hit> = Vec::with_capacity(count);
        while hits.len() <= count {
            let Some(block) = blocks.next().await else { break };
            hits.extend(block?.1);
        }
        let more = hits.len() > count;
        hits.truncate(count);
        let next = hits.last().filter(|_| more).map(|last| behind(last.id));
        Ok(Page { total: None, resources: self.shown(hits, wanted).await?, next })
    }

    /// Keeps the first ones in a heap, so that memory does not grow with the directory.
    async fn list_sorted(
        &self,
        kind: Kind,
        candidates: Option<Vec<Id>>,
        wanted: &Wanted<'_>,
    ) -> Result<Page, Error> {
        let mut first = First::new(&wanted.paging)?;
        match candidates {
            Some(ids) => first.take(self.sift_candidates(kind, &ids, wanted).await?),
            None => {
                let blocks = self.by_block(kind, Seat::FIRST, wanted, 0).await?;
                let mut blocks = std::pin::pin!(blocks);
                while let Some(block) = blocks.next().await {
                    first.take(block?.1);
                }
            }
        }
        let total = Some(first.total);
        let (ids, next) = first.page(&wanted.paging);
        let hits = self.sift_candidates(kind, &ids, wanted).await?;
        Ok(Page { total, resources: self.shown(hits, wanted).await?, next })
    }

    /// The hits as they are to be shown; what the filter needed and the client does not want goes, and the other way
    /// round.
    async fn shown(&self, hits: Vec<Hit>, wanted: &Wanted<'_>) -> Result<Vec<Resource>, Error> {
        let mut resources = Vec::with_capacity(hits.len());
        for resource in hits.into_iter().filter_map(|hit| hit.resource) {
            resources.push(self.complete(resource, wanted.shown).await?);
        }
        Ok(resources)
    }
}

/// The matches that come first, and how many there are in all.
struct First {
    heap: BinaryHeap<(SortKey, Id)>,
    most: usize,
    total: usize,
    behind: Option<(SortKey, Id)>,
}

impl First {
    fn new(paging: &Paging) -> Result<Self, Error> {
        let (most, behind) = match paging {
            Paging::Offset { offset, count } => (offset + count, None),
            Paging::After { position: None, count } => (count + 1, None),
            Paging::After { position: Some(Position::Sorted(key, id)), count } => {
                (count + 1, Some((key.clone(), Id::parse(id).ok_or_else(misplaced)?)))
            }
            Paging::After { position: Some(Position::Seat(..)), .. } => return Err(misplaced()),
        };
        Ok(Self { heap: BinaryHeap::new(), most, total: 0, behind })
    }

    fn take(&mut self, hits: Vec<Hit>) {
        for Hit { id, key, .. } in hits {
            let Some(key) = key else { continue };
            self.total += 1;
            let place = (key, id);
            if self.behind.as_ref().is_some_and(|behind| place <= *behind) {
                continue;
            }
            self.heap.push(place);
            if self.heap.len() > self.most {
                self.heap.pop();
            }
        }
    }

    fn page(self, paging: &Paging) -> (Vec<Id>, Option<Position>) {
        let sorted = self.heap.into_sorted_vec();
        match paging {
            Paging::Offset { offset, count } => {
                (sorted.iter().skip(*offset).take(*count).map(|(_, id)| *id).collect(), None)
            }
            Paging::After { count, .. } => {
                let page = sorted.get(..(*count).min(sorted.len())).unwrap_or_default();
                let last = page.last().filter(|_| sorted.len() > *count);
                let next = last.map(|(key, id)| Position::Sorted(key.clone(), id.to_string()));
                (page.iter().map(|(_, id)| *id).collect(), next)
            }
        }
    }
}

fn beyond_sorting(paging: &Paging) -> bool {
    matches!(paging, Paging::Offset { offset, count } if offset.saturating_add(*count) > MAX_SORTED)
}

fn too_deep() -> Error {
    let detail = format!(
        "a sorted list can be paged by startIndex up to the {MAX_SORTED}th resource; page it by cursor, or narrow it by a filter"
    );
    Refusal { kind: ErrorKind::TooMany, detail }.into()
}

/// A cursor of a list in another order.
fn misplaced() -> Error {
    Refusal { kind: ErrorKind::InvalidCursor, detail: "the cursor is of another list".to_owned() }.into()
}

fn behind(id: Id) -> Position {
    let Seat { block, number } = id.seat();
    Position::Seat(block, number)
}

fn seat_behind(position: Option<&Position>) -> Result<Seat, Error> {
    match position {
        None => Ok(Seat::FIRST),
        Some(Position::Seat(block, number)) => Ok(Seat { block: *block, number: *number }.next()),
        Some(Position::Sorted(..)) => Err(misplaced()),
    }
}
