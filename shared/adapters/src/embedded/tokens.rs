//! Idempotency tokens: kept for ten minutes, in the same commit as the writes that they stand for.

use super::schema::{TOKEN_ENDS, TOKENS};
use domain::table::Units;
use jiff::Timestamp;
use redb::{ReadableTable, Table, WriteTransaction};

/// As long as DynamoDB keeps them.
const LIFETIME_MS: i64 = 10 * 60 * 1000;
/// Old tokens removed for each new one: more than one, so that they go faster than they come, and few, so that no
/// commit is held up after a quiet night.
const REMOVED_PER_NEW: usize = 4;

/// A token with what it stands for.
#[derive(Debug)]
pub(super) struct Token {
    /// The caller's text.
    pub(super) text: String,
    /// The SHA-256 of the writes.
    pub(super) digest: [u8; 32],
}

/// What is known of a token.
pub(super) enum Known {
    /// Nothing, or nothing any more.
    No,
    /// It was used for these writes; repeating them costs this.
    SameWrites(Units),
    /// It was used for others.
    OtherWrites,
}

/// The two tables of tokens, open for writing.
pub(super) struct Tables<'t> {
    tokens: Table<'t, &'static str, (i64, [u8; 32], u64)>,
    ends: Table<'t, (i64, &'static str), ()>,
}

impl<'t> Tables<'t> {
    /// Opens them, making them where absent.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::Error> {
        Ok(Self { tokens: transaction.open_table(TOKENS)?, ends: transaction.open_table(TOKEN_ENDS)? })
    }

    /// Whether this token was used within its time.
    pub(super) fn find(&self, token: &Token, now: Timestamp) -> Result<Known, redb::StorageError> {
        let Some(known) = self.tokens.get(token.text.as_str())? else { return Ok(Known::No) };
        let (end, digest, read_halves) = known.value();
        Ok(if end <= now.as_millisecond() {
            Known::No
        } else if digest == token.digest {
            Known::SameWrites(Units { read_halves, writes: 0 })
        } else {
            Known::OtherWrites
        })
    }

    /// Keeps a token that [`Self::find`] did not know, and drops some whose time is over.
    pub(super) fn remember(
        &mut self,
        token: &Token,
        repeat: Units,
        now: Timestamp,
    ) -> Result<(), redb::StorageError> {
        let now = now.as_millisecond();
        let end = now + LIFETIME_MS;
        let text = token.text.as_str();
        let old_end =
            self.tokens.insert(text, (end, token.digest, repeat.read_halves))?.map(|old| old.value().0);
        if let Some(old_end) = old_end {
            self.ends.remove((old_end, text))?;
        }
        self.ends.insert((end, text), ())?;
        for _ in 0..REMOVED_PER_NEW {
            if !self.remove_oldest(now)? {
                break;
            }
        }
        Ok(())
    }

    /// Whether there was one whose time is over.
    fn remove_oldest(&mut self, now: i64) -> Result<bool, redb::StorageError> {
        let oldest = self.ends.first()?.map(|(key, _)| (key.value().0, key.value().1.to_owned()));
        let Some((end, text)) = oldest.filter(|(end, _)| *end <= now) else { return Ok(false) };
        self.ends.remove((end, text.as_str()))?;
        self.tokens.remove(text.as_str())?;
        Ok(true)
    }
}
