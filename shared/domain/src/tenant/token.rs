//! Tokens: secrets that open one directory. Only their hash is stored, and the hash is the key, so that
//! neither a copy of the table nor the time a comparison takes tells a secret.

use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a token is believed without asking the table: as long as a revoked one may still work.
pub const TOKEN_CACHE_SECONDS: i64 = 60;
/// Tokens remembered at once; far more than one process sees, and small.
const MAX_CACHED: usize = 10_000;
/// What every secret of Muster begins with, so that a leaked one is recognised.
const PREFIX: &str = "muster_";

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its name in history.
    pub id: String,
    /// What it opens.
    pub directory: DirectoryId,
}

/// A token that was just created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What is kept.
    pub token: Token,
    /// What is told once.
    pub secret: String,
}

impl Store {
    /// Creates a token for a directory, with an audit entry. The secret is not kept.
    pub async fn create_token(&self, directory: &DirectoryId) -> Result<NewToken, Error> {
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.random_bytes::<32>()));
        let token = Token { id: self.timed_name(), directory: directory.clone() };
        let item = Item::new(keys::token(&secret))
            .with("i", token.id.clone())
            .with("t", directory.tenant.as_str())
            .with("d", directory.directory.as_str())
            .indexed(keys::token_index(directory, &token.id));
        let audit = self.audit_entry(directory, "token-created", &token.id);
        self.table.write(&[Write::Put(item, Condition::Absent), audit], None).await?;
        Ok(NewToken { token, secret })
    }

    async fn token(&self, secret: &str) -> Result<Option<Token>, Error> {
        let Some(item) = self.table.get(&keys::token(secret), Consistency::Strong).await?.value else {
            return Ok(None);
        };
        let name = |attribute| item.text(attribute).and_then(|text| Name::new(text).ok());
        let token = name("t").zip(name("d")).zip(item.text("i")).map(|((tenant, directory), id)| Token {
            id: id.to_owned(),
            directory: DirectoryId::new(tenant, directory),
        });
        token.map(Some).ok_or_else(|| Error::fault("a token lacks an attribute"))
    }

    /// An entry of a directory's history: what was done, to what. 2 write units.
    fn audit_entry(&self, directory: &DirectoryId, action: &str, subject: &str) -> Write {
        let day = self.now().strftime("%Y-%m-%d").to_string();
        let item = Item::new(keys::audit(directory, &day, &self.timed_name()));
        Write::Put(item.with("a", action).with("s", subject), Condition::Absent)
    }
}

/// Tells which token a secret is, remembering the answer for a minute.
pub struct Tokens {
    store: Arc<Store>,
    known: Mutex<HashMap<String, (Token, Timestamp)>>,
}

impl Tokens {
    /// Asks this store.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, known: Mutex::default() }
    }

    /// The token of this secret, if there is one. 1 read unit, then none for [`TOKEN_CACHE_SECONDS`].
    pub async fn authenticate(&self, secret: &str) -> Result<Option<Token>, Error> {
        if !secret.starts_with(PREFIX) || secret.len() > 128 {
            return Ok(None);
        }
        let hash = keys::hash(secret);
        let now = self.store.now();
        if let Some(token) = self.remembered(&hash, now) {
            return Ok(Some(token));
        }
        let token = self.store.token(secret).await?;
        if let Some(token) = &token {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MAX_CACHED {
                known.clear();
            }
            known.insert(hash, (token.clone(), now));
        }
        Ok(token)
    }

    fn remembered(&self, hash: &str, now: Timestamp) -> Option<Token> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, since) = known.get(hash)?;
        (now.as_second() - since.as_second() < TOKEN_CACHE_SECONDS).then(|| token.clone())
    }
}
