//! What was read a moment ago, so that a request does not ask again for what hardly ever changes.

use jiff::Timestamp;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// How long an answer is believed without asking the table. A change through this process is seen at once, one
/// through another after this time at the latest.
pub const REMEMBERED_SECONDS: i64 = 60;
/// Answers kept at once; far more than one process sees, and small.
const MAX_KEPT: usize = 10_000;

/// Answers by what was asked.
pub(crate) struct Remembered<K, V>(Mutex<HashMap<K, (V, Timestamp)>>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// The answer, if it is young enough.
    pub(crate) fn get<Q>(&self, key: &Q, now: Timestamp) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, since) = kept.get(key)?;
        (now.as_second() - since.as_second() < REMEMBERED_SECONDS).then(|| value.clone())
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, key: K, value: V, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, (value, now));
    }

    /// Forgets one answer.
    pub(crate) fn forget<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Forgets all of them.
    pub(crate) fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
