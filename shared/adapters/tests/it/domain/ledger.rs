//! What passed through a store, item by item: for what it costs to keep, and for how hot a key becomes.

use domain::table::{Item, Key, Write};
use std::collections::HashMap;

/// Bytes that DynamoDB bills for keeping an item beside its own, and for keeping it in an index.
const KEPT_BESIDE: usize = 100;

/// One write to one partition, of the table or of its index.
pub(crate) struct Written {
    /// Its key, or that of the index.
    pub(crate) partition: String,
    /// Write units.
    pub(crate) units: u64,
}

/// Everything written.
#[derive(Default)]
pub(crate) struct Ledger {
    /// In order.
    pub(crate) written: Vec<Written>,
    kept: HashMap<Key, (usize, Option<Key>)>,
}

impl Ledger {
    /// Takes in a transaction, or a single write.
    pub(crate) fn add(&mut self, writes: &[Write]) {
        let times = if writes.len() > 1 { 2 } else { 1 };
        for write in writes {
            let old = self.kept.get(write.key()).cloned();
            let (size, index) = match write {
                Write::Put(item, _) => self.keep(item),
                Write::Delete(key, _) => {
                    self.kept.remove(key);
                    (old.as_ref().map_or(0, |(size, _)| *size), None)
                }
                Write::Check(..) => {
                    (old.as_ref().map_or(0, |(size, _)| *size), old.as_ref().and_then(|old| old.1.clone()))
                }
            };
            let units = times * size.div_ceil(1024).max(1) as u64;
            self.written.push(Written { partition: write.key().partition.clone(), units });
            let before = old.and_then(|(_, index)| index);
            if before != index {
                let both = [before, index].into_iter().flatten();
                self.written.extend(
                    both.map(|index| Written { partition: format!("index {}", index.partition), units: 1 }),
                );
            }
        }
    }

    fn keep(&mut self, item: &Item) -> (usize, Option<Key>) {
        self.kept.insert(item.key.clone(), (item.size(), item.index.clone()));
        (item.size(), item.index.clone())
    }

    /// Bytes that are billed for keeping all that is there now, in the index too.
    pub(crate) fn kept_bytes(&self) -> usize {
        let size = |(key, (size, index)): (&Key, &(usize, Option<Key>))| {
            let index = index.as_ref().map_or(0, |index| {
                key.partition.len() + key.sort.len() + index.partition.len() + index.sort.len() + KEPT_BESIDE
            });
            size + KEPT_BESIDE + index
        };
        self.kept.iter().map(size).sum()
    }
}
