//! Names that rows give to each other: a `userName` that one row takes and another gives up. Such rows wait until
//! the whole file is planned; then they are put into an order in which each name is free when it is taken, and those
//! that exchange names in a circle are marked to be applied at the same moment.

use super::codes::Code;
use super::plan::Action;
use super::planner::Judged;
use crate::error::Error;
use crate::store::{DirectoryId, Id, Store};
use scim::{Document, fold};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Users of one circle at most: each needs up to four writes of a transaction of a hundred.
pub(super) const MAX_CIRCLE: usize = 20;
/// Rows that wait at most; each is kept in memory.
const MAX_WAITING: usize = 10_000;

/// Rows that wait for the end of the file.
#[derive(Default)]
pub(super) struct Names {
    /// Users whose row gives their name up, and takes one that is free.
    free: HashSet<Id>,
    waiting: Vec<Judged>,
}

/// A `userName` that a row gives to somebody who does not have it.
#[derive(Debug)]
pub(super) struct NewName {
    /// Whether it is taken from a user who gives another one up.
    pub(super) renames: bool,
    /// Who has it now.
    pub(super) holder: Option<Id>,
    folded: String,
}

impl NewName {
    /// The name of a new user.
    pub(super) fn of_new(name: &str) -> Self {
        Self { renames: false, holder: None, folded: fold(name) }
    }

    /// The name that a user takes who becomes another one, if it is a new one.
    pub(super) fn between(before: &Document, after: &Document) -> Option<Self> {
        let name = |document: &Document| document.get("userName").and_then(Value::as_str).map(fold);
        let (before, after) = (name(before), name(after)?);
        (before.as_ref() != Some(&after)).then_some(Self { renames: true, holder: None, folded: after })
    }
}

/// Finds out who has the names that these rows give to others: 1 read unit each.
pub(super) async fn find_holders(
    store: &Store,
    directory: &DirectoryId,
    rows: &mut [Judged],
    renamed_only: bool,
) -> Result<(), Error> {
    let mut wanting: Vec<&mut NewName> = rows
        .iter_mut()
        .filter_map(|row| row.name.as_mut())
        .filter(|name| name.renames || !renamed_only)
        .collect();
    let names: Vec<&str> = wanting.iter().map(|name| name.folded.as_str()).collect();
    let holders = store.holders(directory, &names).await?;
    for (name, holder) in wanting.iter_mut().zip(holders) {
        name.holder = holder;
    }
    Ok(())
}

/// Where the search for a row's order stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    OnPath(usize),
    InOrder,
    Refused(Code),
}

impl Names {
    /// Notes a row that can be applied at once, for what it gives up.
    pub(super) fn note(&mut self, row: &Judged) {
        let gives_up =
            row.plan.action == Action::Delete || row.name.as_ref().is_some_and(|name| name.renames);
        self.free.extend(row.user.filter(|_| gives_up));
    }

    /// Keeps a row until the end.
    ///
    /// # Errors
    /// The row, refused, where too many wait already.
    pub(super) fn wait(&mut self, row: Judged) -> Result<(), Box<Judged>> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(Box::new(row.refused(Code::UserNameTaken)));
        }
        self.waiting.push(row);
        Ok(())
    }

    /// The rows that waited, in the order in which they can be applied, after all others were.
    pub(super) fn in_order(self) -> Vec<Judged> {
        let Self { free, waiting } = self;
        let of_user: HashMap<Id, usize> =
            waiting.iter().enumerate().filter_map(|(at, row)| Some((row.user?, at))).collect();
        let follows: Vec<Follows> = waiting.iter().map(|row| Follows::of(row, &free, &of_user)).collect();
        let mut search =
            Search { follows, marks: vec![Mark::New; waiting.len()], order: Vec::new(), circles: 0 };
        (0..waiting.len()).for_each(|at| search.visit(at));
        let Search { order, marks, .. } = search;
        let mut rows: Vec<Option<Judged>> = waiting.into_iter().map(Some).collect();
        let mut take = |at: usize| rows.get_mut(at).and_then(Option::take);
        let mut sorted = Vec::new();
        for (at, circle) in order {
            if let Some(mut row) = take(at) {
                row.plan.after = Some(circle.unwrap_or_default());
                sorted.push(row);
            }
        }
        for (at, mark) in marks.into_iter().enumerate() {
            if let (Mark::Refused(code), Some(row)) = (mark, take(at)) {
                sorted.push(row.refused(code));
            }
        }
        sorted
    }
}

/// What must happen before a row.
#[derive(Clone, Copy)]
enum Follows {
    /// Nothing that is not done by then.
    Nothing,
    /// This waiting row.
    Row(usize),
    /// Something that does not happen: whoever has the name keeps it.
    Never,
}

impl Follows {
    fn of(row: &Judged, free: &HashSet<Id>, waiting: &HashMap<Id, usize>) -> Self {
        let Some(holder) = row.name.as_ref().and_then(|name| name.holder) else { return Self::Nothing };
        if Some(holder) == row.user || free.contains(&holder) {
            return Self::Nothing;
        }
        waiting.get(&holder).map_or(Self::Never, |at| Self::Row(*at))
    }
}

struct Search {
    follows: Vec<Follows>,
    marks: Vec<Mark>,
    order: Vec<(usize, Option<u32>)>,
    circles: u32,
}

impl Search {
    /// Follows the one path from a row to what must happen before it.
    fn visit(&mut self, start: usize) {
        let mut path: Vec<usize> = Vec::new();
        let mut at = start;
        let end = loop {
            match self.marks.get(at).copied() {
                Some(Mark::New) => {
                    self.mark(at, Mark::OnPath(path.len()));
                    path.push(at);
                    match self.follows.get(at).copied() {
                        Some(Follows::Row(next)) => at = next,
                        Some(Follows::Nothing) => break Mark::InOrder,
                        Some(Follows::Never) | None => break Mark::Refused(Code::UserNameTaken),
                    }
                }
                Some(Mark::OnPath(from)) => break self.close(path.split_off(from)),
                Some(done) => break done,
                None => break Mark::Refused(Code::UserNameTaken),
            }
        };
        // What is before comes first.
        for at in path.into_iter().rev() {
            self.mark(at, end);
            if end == Mark::InOrder {
                self.order.push((at, None));
            }
        }
    }

    /// A circle; what leads into it.
    fn close(&mut self, circle: Vec<usize>) -> Mark {
        let mark =
            if circle.len() > MAX_CIRCLE { Mark::Refused(Code::UserNameContested) } else { Mark::InOrder };
        self.circles += 1;
        for at in circle {
            self.mark(at, mark);
            if mark == Mark::InOrder {
                self.order.push((at, Some(self.circles)));
            }
        }
        if mark == Mark::InOrder { mark } else { Mark::Refused(Code::UserNameTaken) }
    }

    fn mark(&mut self, at: usize, mark: Mark) {
        if let Some(slot) = self.marks.get_mut(at) {
            *slot = mark;
        }
    }
}
