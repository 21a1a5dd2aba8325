//! A table that fails when it is told to.

use async_trait::async_trait;
use domain::table::{Consistency, Item, Key, Page, Query, Read, Table, TableError, Units, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Passes everything on to another table, until it is told otherwise.
pub(crate) struct FlakyTable {
    inner: Arc<dyn Table>,
    storm: AtomicBool,
    /// Writes that are answered before one is not; below zero, all are.
    answered: AtomicI64,
}

const ALL: i64 = -1;

impl FlakyTable {
    pub(crate) fn new(inner: Arc<dyn Table>) -> Self {
        Self { inner, storm: AtomicBool::new(false), answered: AtomicI64::new(ALL) }
    }

    /// Every call is throttled from now on.
    pub(crate) fn storm(&self) {
        self.storm.store(true, Ordering::SeqCst);
    }

    /// After so many writes the next one happens, but nobody hears of it; then there is a storm.
    pub(crate) fn lose_answer_after(&self, writes: i64) {
        self.answered.store(writes, Ordering::SeqCst);
    }

    /// All is well from now on. Whether it was not: a storm was on, or an answer was lost.
    pub(crate) fn calm(&self) -> bool {
        self.answered.store(ALL, Ordering::SeqCst);
        self.storm.swap(false, Ordering::SeqCst)
    }

    fn try_call(&self) -> Result<(), TableError> {
        if self.storm.load(Ordering::SeqCst) { Err(throttled()) } else { Ok(()) }
    }
}

fn throttled() -> TableError {
    TableError::Unavailable("the request rate is too high".into())
}

#[async_trait]
impl Table for FlakyTable {
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Read<Option<Item>>, TableError> {
        self.try_call()?;
        self.inner.get(key, consistency).await
    }

    async fn batch_get(
        &self,
        keys: &[Key],
        consistency: Consistency,
    ) -> Result<Read<Vec<Option<Item>>>, TableError> {
        self.try_call()?;
        self.inner.batch_get(keys, consistency).await
    }

    async fn query(&self, query: &Query) -> Result<Read<Page>, TableError> {
        self.try_call()?;
        self.inner.query(query).await
    }

    async fn write(&self, writes: &[Write], token: Option<&str>) -> Result<Units, TableError> {
        self.try_call()?;
        let done = self.inner.write(writes, token).await;
        match self.answered.load(Ordering::SeqCst) {
            0 => {
                self.storm();
                return Err(throttled());
            }
            left if left > 0 => self.answered.store(left - 1, Ordering::SeqCst),
            _ => {}
        }
        done
    }
}
