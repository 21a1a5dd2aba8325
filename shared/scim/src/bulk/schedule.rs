//! The order in which the operations of a request can be carried out (RFC 7644 sections 3.7.1 and 3.7.2).

use super::{Malformed, Method, Operation, components::components};
use std::collections::{HashMap, VecDeque};

/// Something to do, with the index of the operation in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Carry out the operation; all that it refers to is there, as far as the request creates it.
    Whole(usize),
    /// Create the resource of a POST [`without`](super::without) what refers to resources that are not there yet.
    Begin(usize),
    /// Bring the resource that was begun to its full data: by now what it refers to is there.
    Complete(usize),
}

/// What of an operation is done while a circle is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Entered,
    Begun,
    Done,
}

pub(super) fn schedule(operations: &[Result<Operation, Malformed>]) -> Vec<Step> {
    let edges = edges(operations);
    let mut circles = Circles::new(components(&edges), &edges);
    for index in 0..edges.len() {
        circles.reach(index);
    }
    circles.steps
}

/// For each operation those that create what it refers to.
fn edges(operations: &[Result<Operation, Malformed>]) -> Vec<Vec<usize>> {
    let mut creators: HashMap<&str, usize> = HashMap::new();
    for (index, operation) in operations.iter().enumerate() {
        let (method, bulk_id) = match operation {
            Ok(operation) => (Some(operation.method), &operation.bulk_id),
            Err(malformed) => (malformed.method, &malformed.bulk_id),
        };
        if let (Some(Method::Post), Some(bulk_id)) = (method, bulk_id) {
            creators.entry(bulk_id).or_insert(index);
        }
    }
    let created = |bulk_id: &str| creators.get(bulk_id).copied();
    let of = |operation: &Result<Operation, Malformed>| match operation {
        Ok(operation) => operation.references().into_iter().filter_map(created).collect(),
        Err(_) => Vec::new(),
    };
    operations.iter().map(of).collect()
}

/// Operations that refer to each other in a circle, done together; most are alone in theirs. A circle is done as
/// soon as its last operation is reached in the order sent and what it refers to outside is done.
struct Circles<'e> {
    edges: &'e [Vec<usize>],
    /// The circle of each operation.
    circle: Vec<usize>,
    members: Vec<Vec<usize>>,
    /// Circles that wait for this one, as often as they refer to it.
    dependants: Vec<Vec<usize>>,
    /// How many operations to reach and references to be done each circle waits for.
    awaited: Vec<usize>,
    state: Vec<State>,
    steps: Vec<Step>,
}

impl<'e> Circles<'e> {
    fn new(circle: Vec<usize>, edges: &'e [Vec<usize>]) -> Self {
        let count = circle.iter().max().map_or(0, |last| last + 1);
        let (mut members, mut dependants) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        let mut awaited = vec![0; count];
        for (index, to) in edges.iter().enumerate() {
            let own = circle[index];
            members[own].push(index);
            awaited[own] += 1;
            for other in to.iter().map(|to| circle[*to]).filter(|other| *other != own) {
                dependants[other].push(own);
                awaited[own] += 1;
            }
        }
        let state = vec![State::New; edges.len()];
        Self { edges, circle, members, dependants, awaited, state, steps: Vec::with_capacity(edges.len()) }
    }

    /// The operation's turn in the order sent; does its circle and those that waited for it, if they can be done.
    fn reach(&mut self, index: usize) {
        let mut ready = VecDeque::new();
        self.settle(self.circle[index], &mut ready);
        while let Some(circle) = ready.pop_front() {
            for index in std::mem::take(&mut self.members[circle]) {
                self.walk(index);
            }
            for dependant in std::mem::take(&mut self.dependants[circle]) {
                self.settle(dependant, &mut ready);
            }
        }
    }

    /// One thing fewer for which the circle waits.
    fn settle(&mut self, circle: usize, ready: &mut VecDeque<usize>) {
        self.awaited[circle] -= 1;
        if self.awaited[circle] == 0 {
            ready.push_back(circle);
        }
    }

    /// Does the operation after those of its circle that it refers to. One that is come to again on the way is begun,
    /// so that the others find it, and completed at the end.
    fn walk(&mut self, start: usize) {
        if self.state[start] != State::New {
            return;
        }
        self.state[start] = State::Entered;
        let mut path = vec![(start, 0)];
        while let Some((index, next)) = path.last_mut() {
            let index = *index;
            let Some(to) = self.edges[index].get(*next).copied() else {
                self.finish(index);
                path.pop();
                continue;
            };
            *next += 1;
            if self.circle[to] != self.circle[index] {
                continue;
            }
            match self.state[to] {
                State::New => {
                    self.state[to] = State::Entered;
                    path.push((to, 0));
                }
                State::Entered => {
                    self.state[to] = State::Begun;
                    self.steps.push(Step::Begin(to));
                }
                State::Begun | State::Done => {}
            }
        }
    }

    fn finish(&mut self, index: usize) {
        let begun = self.state[index] == State::Begun;
        self.steps.push(if begun { Step::Complete(index) } else { Step::Whole(index) });
        self.state[index] = State::Done;
    }
}
