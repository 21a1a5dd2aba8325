//! Circles among operations: the strongly connected components of their references (Tarjan 1972).
//!
//! With a stack of its own, for a chain of references is as long as a client likes.

/// For each node the number of its component: two nodes are in the same one if each leads to the other. `edges` are
/// the nodes that a node leads to. Takes time in proportion to nodes and edges.
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut search = Search {
        edges,
        order: vec![None; edges.len()],
        lowest: vec![0; edges.len()],
        component: vec![None; edges.len()],
        open: Vec::new(),
        found: 0,
        visited: 0,
    };
    for node in 0..edges.len() {
        if search.order[node].is_none() {
            search.from(node);
        }
    }
    search.component.into_iter().map(Option::unwrap_or_default).collect()
}

struct Search<'e> {
    edges: &'e [Vec<usize>],
    /// When each node was come to.
    order: Vec<Option<usize>>,
    /// The earliest node in the same component that is known to be reached from each.
    lowest: Vec<usize>,
    component: Vec<Option<usize>>,
    /// Nodes whose component is not complete.
    open: Vec<usize>,
    found: usize,
    visited: usize,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(to) = self.edges[node].get(*next).copied() else {
                path.pop();
                self.leave(node, path.last().map(|(before, _)| *before));
                continue;
            };
            *next += 1;
            match self.order[to] {
                None => {
                    self.enter(to);
                    path.push((to, 0));
                }
                Some(order) if self.component[to].is_none() => {
                    self.lowest[node] = self.lowest[node].min(order);
                }
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.order[node] = Some(self.visited);
        self.lowest[node] = self.visited;
        self.visited += 1;
        self.open.push(node);
    }

    /// Everything that the node leads to has been seen; `before` is where the search came from.
    fn leave(&mut self, node: usize, before: Option<usize>) {
        if self.order[node] == Some(self.lowest[node]) {
            while let Some(member) = self.open.pop() {
                self.component[member] = Some(self.found);
                if member == node {
                    break;
                }
            }
            self.found += 1;
        } else if let Some(before) = before {
            self.lowest[before] = self.lowest[before].min(self.lowest[node]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::components;

    #[track_caller]
    fn check(edges: &[&[usize]], together: &[&[usize]]) {
        let edges: Vec<Vec<usize>> = edges.iter().map(|to| to.to_vec()).collect();
        let found = components(&edges);
        for a in 0..edges.len() {
            for b in 0..edges.len() {
                let expect = a == b || together.iter().any(|group| group.contains(&a) && group.contains(&b));
                assert_eq!(found[a] == found[b], expect, "{a} and {b} in {found:?}");
            }
        }
    }

    #[test]
    fn nodes_that_lead_to_each_other_are_together() {
        check(&[], &[]);
        check(&[&[0]], &[]);
        check(&[&[1], &[2], &[]], &[]);
        check(&[&[1], &[2], &[0], &[0]], &[&[0, 1, 2]]);
        check(&[&[1], &[0], &[1, 3], &[2], &[4]], &[&[0, 1], &[2, 3]]);
        check(&[&[1, 2], &[2], &[3], &[1], &[0]], &[&[1, 2, 3]]);
        check(&[&[1], &[2, 2], &[3], &[0, 1]], &[&[0, 1, 2, 3]]);
    }
}
