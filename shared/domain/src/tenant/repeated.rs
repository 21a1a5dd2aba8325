//! Requests that may come twice (draft-ietf-httpapi-idempotency-key-header): what was answered first is kept for a day
//! below the tenant, under the key that the client has chosen.

use crate::error::Error;
use crate::store::{Name, Store, keys};
use crate::table::{Condition, Consistency, Item, TableError, Write};

/// How long an answer is kept.
pub const REPEATABLE_SECONDS: i64 = 24 * 3600;
/// How long a request without an answer is believed to be under way.
const RUNNING_SECONDS: i64 = 120;

/// A request that bears a key.
#[derive(Debug, Clone)]
pub struct Repeatable {
    /// Whom it concerns; none for one that makes a tenant.
    pub tenant: Option<Name>,
    /// The key of the client.
    pub key: String,
    /// Tells the request from others: a hash of all that matters.
    pub fingerprint: String,
}

/// What is known about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repetition {
    /// Nothing: it is to be done, and then to be kept or forgotten.
    First(Turn),
    /// It was answered with this.
    Answered(String),
    /// It is being done.
    Running,
    /// The key was used for another request.
    Other,
}

/// Who carries a request out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn(String);

impl Store {
    /// Looks whether a request was there before, and claims it otherwise. 1 write unit; 1 read unit more where it was.
    pub async fn repetition(&self, request: &Repeatable) -> Result<Repetition, Error> {
        let now = self.now().as_second();
        let turn = Turn(self.timed_name());
        let claim = request.item(&turn, now).with("u", now + RUNNING_SECONDS);
        match self.table.write(&[Write::Put(claim.clone(), Condition::Absent)], None).await {
            Ok(_) => return Ok(Repetition::First(turn)),
            Err(TableError::Cancelled(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let found = self.table.get(&claim.key, Consistency::Strong).await?.value;
        // It was forgotten between the two.
        let Some(found) = found else { return Ok(Repetition::Running) };
        let is_over = found.expires.is_some_and(|expires| expires <= now);
        let broke_off = found.text("a").is_none() && found.number("u").is_none_or(|until| until <= now);
        if !is_over && found.text("f") != Some(&request.fingerprint) {
            return Ok(Repetition::Other);
        }
        if !is_over && !broke_off {
            return Ok(found
                .text("a")
                .map_or(Repetition::Running, |text| Repetition::Answered(text.to_owned())));
        }
        let before = found.text("t").unwrap_or_default();
        let taken_over = Write::Put(claim, Condition::Equals("t".to_owned(), before.into()));
        match self.table.write(&[taken_over], None).await {
            Ok(_) => Ok(Repetition::First(turn)),
            Err(TableError::Cancelled(_)) => Ok(Repetition::Running),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the answer for a day. Whether it could be kept: one that is too large for an item cannot.
    pub async fn keep_answer(&self, request: &Repeatable, turn: &Turn, answer: &str) -> Result<bool, Error> {
        let item = request.item(turn, self.now().as_second()).with("a", answer);
        match self.table.write(&[Write::Put(item, turn.is_ours())], None).await {
            // Whoever took the request over has his own answer.
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(true),
            Err(TableError::TooLarge(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets a request that has changed nothing, so that it can be repeated at once.
    pub async fn forget_request(&self, request: &Repeatable, turn: &Turn) -> Result<(), Error> {
        let key = keys::repetition(request.tenant.as_ref(), &request.key);
        match self.table.write(&[Write::Delete(key, turn.is_ours())], None).await {
            Ok(_) | Err(TableError::Cancelled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Turn {
    fn is_ours(&self) -> Condition {
        Condition::Equals("t".to_owned(), self.0.as_str().into())
    }
}

impl Repeatable {
    fn item(&self, turn: &Turn, now: i64) -> Item {
        let mut item = Item::new(keys::repetition(self.tenant.as_ref(), &self.key))
            .with("f", self.fingerprint.as_str())
            .with("t", turn.0.as_str());
        item.expires = Some(now + REPEATABLE_SECONDS);
        item
    }
}
