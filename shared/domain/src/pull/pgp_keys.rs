//! The PGP keys of a configuration: made here, their private halves sealed, and kept until the configuration goes. A new
//! key is offered for download at once; the ones before still open files until somebody retires them.

use super::puller::Puller;
use super::server::Stopped;
use super::state::{PullState, Saved};
use crate::error::Error;
use crate::import::configuration::Configuration;
use crate::import::problem::Code;
use crate::mail::NoticeKind;
use crate::outbox::Happened;
use crate::pgp::{Pgp, PgpAlgorithm, PgpSecret};
use crate::remote::{Failed, Step};
use crate::secret::{Sealed, Vault};
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, Query, Write};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Keys of a configuration at most, retired ones included.
pub const MAX_KEYS: usize = 20;
/// How long a key is good for: two years.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);
/// Days before its end at which somebody is reminded.
const REMINDERS: [i64; 3] = [30, 14, 3];
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PgpKey {
    /// In capital hexadecimal digits; its id, too.
    pub fingerprint: String,
    /// What it is made of.
    pub algorithm: PgpAlgorithm,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it is good; files that were encrypted for it later still open.
    pub expires: Timestamp,
    /// Whether it opens files.
    pub state: PgpKeyState,
    /// The public key, armoured.
    pub public_key: String,
    private_key: Sealed,
    /// The reminder that was sent last, in days before its end.
    #[serde(default)]
    reminded: Option<i64>,
}

/// Whether a key opens files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PgpKeyState {
    /// It does.
    Active,
    /// It does not any more.
    Retired,
}

impl PgpKey {
    fn write(&self, id: &DirectoryId, name: &Name, condition: Condition) -> Result<Write, Error> {
        let item = Item::new(keys::pgp_key(id, name, &self.fingerprint));
        Ok(Write::Put(item.with("j", serde_json::to_string(self)?), condition))
    }

    /// The days before its end of the reminder that is due at this time.
    fn reminder(&self, now: Timestamp) -> Option<i64> {
        let left = self.expires.duration_since(now);
        let due =
            REMINDERS.iter().rev().find(|days| left <= SignedDuration::from_hours(24 * **days)).copied()?;
        (self.state == PgpKeyState::Active && self.reminded.is_none_or(|reminded| due < reminded))
            .then_some(due)
    }

    /// When the next reminder is due.
    fn remind_at(&self) -> Option<Timestamp> {
        let next = REMINDERS.iter().find(|days| self.reminded.is_none_or(|reminded| **days < reminded))?;
        let at = self.expires.checked_sub(SignedDuration::from_hours(24 * next)).ok()?;
        (self.state == PgpKeyState::Active).then_some(at)
    }
}

fn next_reminder(keys: &[PgpKey]) -> Option<Timestamp> {
    keys.iter().filter_map(PgpKey::remind_at).min()
}

/// What a key is sealed for.
fn purpose(configuration: &Name, fingerprint: &str) -> String {
    format!("{configuration}/pgp/{fingerprint}")
}

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    /// There is no such configuration, or no such key.
    #[error("not found")]
    NotFound,
    /// There are too many.
    #[error("a configuration has at most {MAX_KEYS} keys; a new configuration begins without")]
    TooMany,
    /// Something of ours failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Store {
    /// The keys of a configuration, the latest first: 1 read unit for each 4 KB.
    pub async fn pgp_keys(&self, id: &DirectoryId, name: &Name) -> Result<Vec<PgpKey>, Error> {
        let query = Query { consistency: Consistency::Strong, ..Query::partition(keys::pgp_keys(id, name)) };
        let items = self.table.query(&query).await?.value.items;
        let read = |item: &Item| {
            let text = item.text("j").ok_or_else(|| Error::fault("a PGP key without its document"))?;
            Ok(serde_json::from_str(text)?)
        };
        let mut keys = items.iter().map(read).collect::<Result<Vec<PgpKey>, Error>>()?;
        keys.sort_by(|one, two| (two.created, &two.fingerprint).cmp(&(one.created, &one.fingerprint)));
        Ok(keys)
    }

    /// Makes a key for files of a configuration, good for two years.
    ///
    /// # Errors
    /// See [`NoKey`].
    pub async fn create_pgp_key(
        &self,
        vault: &Vault,
        pgp: &dyn Pgp,
        id: &DirectoryId,
        name: &Name,
        algorithm: PgpAlgorithm,
    ) -> Result<PgpKey, NoKey> {
        let mut known = self.pgp_keys(id, name).await?;
        if known.len() >= MAX_KEYS {
            return Err(NoKey::TooMany);
        }
        let created = self.now();
        let expires = created.checked_add(GOOD_FOR).unwrap_or(Timestamp::MAX);
        let user_id = format!("Muster import {name} of {id}");
        let pair = pgp.generate(algorithm, &user_id, created, expires).map_err(Error::fault)?;
        let private_key = vault.seal(id, &purpose(name, &pair.fingerprint), &pair.private_key).await?;
        let key = PgpKey {
            fingerprint: pair.fingerprint,
            algorithm,
            created,
            expires,
            state: PgpKeyState::Active,
            public_key: pair.public_key,
            private_key,
            reminded: None,
        };
        known.push(key.clone());
        let writes = vec![
            key.write(id, name, Condition::Absent)?,
            // No key for a configuration that was removed meanwhile: nobody would ever remove it.
            Write::Check(keys::configuration(id, name), Condition::Present),
            self.audit_entry(id, "pgp-key-created", &key.fingerprint),
        ];
        self.write_keys(id, name, writes, &known).await?;
        Ok(key)
    }

    /// Lets a key open no further file. One that is retired already stays so.
    ///
    /// # Errors
    /// See [`NoKey`].
    pub async fn retire_pgp_key(
        &self,
        id: &DirectoryId,
        name: &Name,
        fingerprint: &str,
    ) -> Result<PgpKey, NoKey> {
        let mut known = self.pgp_keys(id, name).await?;
        let key = known.iter_mut().find(|key| key.fingerprint == fingerprint).ok_or(NoKey::NotFound)?;
        if key.state == PgpKeyState::Retired {
            return Ok(key.clone());
        }
        key.state = PgpKeyState::Retired;
        let key = key.clone();
        let writes = vec![
            key.write(id, name, Condition::Present)?,
            self.audit_entry(id, "pgp-key-retired", &key.fingerprint),
        ];
        self.write_keys(id, name, writes, &known).await?;
        Ok(key)
    }

    /// Writes keys, and when the next reminder of those that there are is due.
    async fn write_keys(
        &self,
        id: &DirectoryId,
        name: &Name,
        writes: Vec<Write>,
        keys: &[PgpKey],
    ) -> Result<(), NoKey> {
        for _ in 0..MAX_LOSSES {
            let saved = self.saved_pull(id, name).await?;
            let state = PullState { remind_at: next_reminder(keys), ..saved.state.clone() };
            let writes = [writes.clone(), vec![saved.write(id, name, &state)?]].concat();
            match self.table.write(&writes, None).await.map_err(Error::from) {
                Ok(_) => return Ok(()),
                Err(Error::VersionConflict) if self.configuration(id, name).await?.is_none() => {
                    return Err(NoKey::NotFound);
                }
                Err(Error::VersionConflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Unavailable("the pulls of the configuration kept changing".into()).into())
    }

    /// The writes that remove all keys of a configuration.
    pub(crate) async fn without_pgp_keys(&self, id: &DirectoryId, name: &Name) -> Result<Vec<Write>, Error> {
        let known = self.pgp_keys(id, name).await?;
        let delete =
            |key: PgpKey| Write::Delete(keys::pgp_key(id, name, &key.fingerprint), Condition::Always);
        Ok(known.into_iter().map(delete).collect())
    }

    /// Reminds of the keys that expire soon, and writes down when the next reminder is due.
    pub(super) async fn remind(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        saved: &Saved,
    ) -> Result<(), Error> {
        let now = self.now();
        let mut known = self.pgp_keys(id, &configuration.name).await?;
        let (mut writes, mut happened) = (Vec::new(), Vec::new());
        for key in &mut known {
            let Some(due) = key.reminder(now) else { continue };
            let days = key.expires.duration_since(now).as_hours().div_euclid(DAY.as_hours());
            let (fingerprint, expires) = (key.fingerprint.clone(), key.expires);
            happened.push(Happened::new(NoticeKind::KeyExpiring { fingerprint, expires, days }));
            key.reminded = Some(due);
            writes.push(key.write(id, &configuration.name, Condition::Present)?);
        }
        writes.extend(self.notices(id, configuration, happened, None).await?);
        let state = PullState { remind_at: next_reminder(&known), ..saved.state.clone() };
        writes.push(saved.write(id, &configuration.name, &state)?);
        match self.table.write(&writes, None).await.map_err(Error::from) {
            // Whoever came between has seen to it, or the next look does.
            Ok(_) | Err(Error::VersionConflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Writing again beside somebody who changes the same pulls.
const MAX_LOSSES: usize = 16;

impl Puller {
    /// The private keys that open files of a configuration.
    pub(super) async fn pgp_secrets(&self, id: &DirectoryId, name: &Name) -> Result<Vec<PgpSecret>, Stopped> {
        let mut secrets = Vec::new();
        for key in self.store.pgp_keys(id, name).await? {
            if key.state == PgpKeyState::Retired {
                continue;
            }
            let opened = self.vault.open(id, &purpose(name, &key.fingerprint), &key.private_key).await?;
            let private_key: Zeroizing<Vec<u8>> = opened
                .ok_or_else(|| Failed::at(Step::Decrypt, Code::SecretUnreadable, key.fingerprint.clone()))?;
            secrets.push(PgpSecret { fingerprint: key.fingerprint, private_key });
        }
        Ok(secrets)
    }
}
