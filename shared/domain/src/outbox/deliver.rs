//! Notices that are to be sent, and their sending: a message that cannot be sent now is tried again later, less and less
//! often, and is never lost; one that never can be sent is logged and taken out.

use crate::error::{Causes, Error};
use crate::import::configuration::Notifications;
use crate::mail::{Language, Mail, MailError, Notice, render};
use crate::store::{DirectoryId, Store, keys};
use crate::table::{Condition, Consistency, Item, Query, Source, TableError, Write};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Messages that are sent by one call, in the order of their times.
const AT_ONCE: usize = 50;
/// How long a sender is believed to be at a message.
const SENDING: SignedDuration = SignedDuration::from_mins(2);
/// The time before the second attempt; it doubles with each further one.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// The time between two attempts at most.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(4);

/// A notice with those whom it goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pending {
    notice: Notice,
    to: Vec<String>,
    language: Language,
    /// Attempts so far.
    attempts: u32,
}

impl Pending {
    /// The write that puts it on hold until this time; `saves` counts its saves.
    fn write(&self, id: &DirectoryId, name: &str, from: Timestamp, saves: i64) -> Result<Write, Error> {
        let item =
            Item::new(keys::notice(id, name)).with("j", serde_json::to_string(self)?).with("n", saves + 1);
        let index = Some(keys::notice_index(from, id, name));
        let unchanged = match saves {
            0 => Condition::Absent,
            saves => Condition::Equals("n".to_owned(), saves.into()),
        };
        Ok(Write::Put(Item { index, ..item }, unchanged))
    }
}

/// The write by which a notice waits to be sent; none where nobody is told.
pub(super) fn pending(
    store: &Store,
    id: &DirectoryId,
    notifications: &Notifications,
    notice: &Notice,
) -> Result<Option<Write>, Error> {
    if notifications.recipients.is_empty() {
        return Ok(None);
    }
    let (to, language) = (notifications.recipients.clone(), notifications.language);
    let pending = Pending { notice: notice.clone(), to, language, attempts: 0 };
    pending.write(id, &store.timed_name(), store.now(), 0).map(Some)
}

/// What a call of the mailer came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Messages that were sent.
    pub sent: u32,
    /// Messages that are tried again later.
    pub later: u32,
    /// Messages that will never be sent.
    pub refused: u32,
    /// Whether more may be waiting.
    pub more: bool,
}

/// Sends what waits in the outbox.
#[derive(Clone)]
pub struct Mailer {
    store: Arc<Store>,
    mail: Arc<dyn Mail>,
    from: String,
    console: Option<String>,
}

impl Mailer {
    /// Sends from this address; `console` is the URL of the console, where there is one.
    pub fn new(store: Arc<Store>, mail: Arc<dyn Mail>, from: String, console: Option<String>) -> Self {
        Self { store, mail, from, console }
    }

    /// Sends what is due, at most 50 messages: 0.5 read units for each 4 KB of entries; a message costs 1 read, and 5
    /// write units.
    ///
    /// # Errors
    /// Those of the store. What was not sent by then stays.
    pub async fn deliver(&self) -> Result<Delivered, Error> {
        let mut delivered = Delivered::default();
        let due = Query {
            source: Source::Index,
            to: Some(keys::due_until(self.store.now())),
            limit: Some(AT_ONCE),
            ..Query::partition(keys::OUTBOX)
        };
        let found = self.store.table.query(&due).await?.value.items;
        delivered.more = found.len() == AT_ONCE;
        for entry in found {
            let place = entry.index.as_ref().and_then(|index| keys::place_of_due(&index.sort));
            let Some((id, name)) = place else { continue };
            self.send(&id, name, &mut delivered).await?;
        }
        Ok(delivered)
    }

    /// One message. It is taken first, so that no other sender is at it at the same time.
    async fn send(&self, id: &DirectoryId, name: &str, delivered: &mut Delivered) -> Result<(), Error> {
        let key = keys::notice(id, name);
        let Some(item) = self.store.table.get(&key, Consistency::Strong).await?.value else { return Ok(()) };
        let mut pending: Pending = serde_json::from_str(
            item.text("j").ok_or_else(|| Error::fault("a notice without its document"))?,
        )?;
        let saves = item.number("n").unwrap_or_default();
        let now = self.store.now();
        // The index may lag behind a sender who has taken it.
        let until = keys::due_until(now);
        if item.index.as_ref().is_none_or(|index| index.sort > until) {
            return Ok(());
        }
        pending.attempts += 1;
        match self.store.table.write(&[pending.write(id, name, now + SENDING, saves)?], None).await {
            Ok(_) => {}
            Err(TableError::Cancelled(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let taken = Condition::Equals("n".to_owned(), (saves + 1).into());
        match self.hand_over(name, &pending).await {
            Ok(()) => delivered.sent += 1,
            Err(MailError::Later(error)) => {
                tracing::warn!(notice = name, attempts = pending.attempts, error = %Causes(error.as_ref()), "a message is sent later");
                delivered.later += 1;
                let from = now + pause_after(pending.attempts);
                return self.keep(pending.write(id, name, from, saves + 1)?).await;
            }
            Err(MailError::Refused(reason)) => {
                tracing::error!(notice = name, reason, "a message can never be sent");
                delivered.refused += 1;
            }
        }
        self.keep(Write::Delete(key, taken)).await
    }

    async fn hand_over(&self, name: &str, pending: &Pending) -> Result<(), MailError> {
        let Pending { notice, to, language, .. } = pending;
        let host = self.from.rsplit('@').next().unwrap_or("muster.invalid");
        // The same notice has the same id, so that who gets it twice sees it once.
        let message_id = format!("{name}@{host}");
        let message = render(notice, *language, &self.from, to, &message_id, self.console.as_deref())
            .map_err(|error| MailError::Refused(error.to_string()))?;
        self.mail.send(&self.from, to, &message).await
    }

    /// Where another sender has taken it meanwhile, that one's word counts.
    async fn keep(&self, write: Write) -> Result<(), Error> {
        match self.store.table.write(&[write], None).await {
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn pause_after(attempts: u32) -> SignedDuration {
    let doubled = FIRST_PAUSE.checked_mul(1 << attempts.saturating_sub(1).min(10)).unwrap_or(LONGEST_PAUSE);
    doubled.min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow() {
        let minutes: Vec<i64> = [1, 2, 3, 9, 10, 99].map(|attempts| pause_after(attempts).as_mins()).to_vec();
        assert_eq!(minutes, [1, 2, 4, 240, 240, 240]);
    }
}
