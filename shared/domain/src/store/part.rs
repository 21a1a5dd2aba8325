//! Lists that come in parts, each behind the last one's end.

use super::Store;
use crate::error::Error;
use crate::table::{Item, Query, Source};

/// Sorts behind a key and before whatever else begins with it: no key of a list has a character below `-`.
const BEHIND: char = '!';

/// The part of a list that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Behind this one: [`Part::next`] of the part before.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl Stretch {
    /// All of it.
    pub const WHOLE: Self = Self { after: None, limit: usize::MAX };
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next part begins; none at the end.
    pub next: Option<String>,
}

impl<T> Part<T> {
    /// The same of other things.
    pub fn map<U>(self, to: impl FnMut(T) -> U) -> Part<U> {
        Part { items: self.items.into_iter().map(to).collect(), next: self.next }
    }
}

impl Store {
    /// A part of what a query finds, in the order of the sort keys.
    pub(crate) async fn part(&self, query: Query, wanted: &Stretch) -> Result<Part<Item>, Error> {
        let sort_of = |item: &Item| match query.source {
            Source::Index => item.index.as_ref().map(|index| index.sort.clone()),
            Source::Table => Some(item.key.sort.clone()),
        };
        let mut query = Query {
            from: wanted.after.as_ref().map(|after| format!("{after}{BEHIND}")),
            // One more tells whether there is a next part.
            limit: wanted.limit.checked_add(1),
            ..query.clone()
        };
        let mut items = Vec::new();
        while items.len() <= wanted.limit {
            let page = self.table.query(&query).await?.value;
            items.extend(page.items);
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        let more = items.len() > wanted.limit;
        items.truncate(wanted.limit);
        let next = items.last().filter(|_| more).and_then(sort_of);
        Ok(Part { items, next })
    }
}
