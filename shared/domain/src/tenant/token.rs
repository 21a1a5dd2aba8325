//! Tokens: secrets that open one directory. Only their hash is stored, and the hash is the key, so that
//! neither a copy of the table nor the time a comparison takes tells a secret.

use super::directory::directory_of;
use crate::error::Error;
use crate::store::{DirectoryId, Id, Kind, Name, Part, Store, Stretch, keys};
use crate::table::{Condition, Consistency, Item, MAX_BATCH_GET, Query, Source, TableError, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use std::sync::Arc;

/// What every secret of Muster begins with, so that a leaked one is recognised.
const PREFIX: &str = "muster_";
/// Characters of the random part: 32 bytes in Base64.
const RANDOM_CHARS: usize = 43;

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its name in history.
    pub id: String,
    /// What it opens.
    pub directory: DirectoryId,
    /// The user for whom it stands, if it stands for one: it then opens `/Me` and nothing else.
    pub user: Option<Id>,
    /// When it was created.
    pub created: Timestamp,
    /// From when on it opens nothing.
    pub expires: Option<Timestamp>,
}

/// A token that was just created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What is kept.
    pub token: Token,
    /// What is told once.
    pub secret: String,
}

/// What a new token is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenTerms {
    /// The user for whom it stands, if it stands for one.
    pub user: Option<Id>,
    /// From when on it opens nothing.
    pub expires: Option<Timestamp>,
}

/// Whose secret it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// This token's, which is valid.
    Known(Arc<Token>),
    /// A token's of another region.
    Elsewhere(Name),
    /// Nobody's, or that of a token which was revoked or has expired.
    Unknown,
}

impl Store {
    /// Creates a token for a directory, with an audit entry. The secret is not kept.
    pub async fn create_token(&self, directory: &DirectoryId) -> Result<NewToken, Error> {
        self.create_token_on(directory, TokenTerms::default()).await
    }

    /// The same on these terms.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a user whom the directory does not have.
    pub async fn create_token_on(
        &self,
        directory: &DirectoryId,
        terms: TokenTerms,
    ) -> Result<NewToken, Error> {
        if let Some(user) = terms.user {
            self.get_latest(directory, Kind::User, user).await?.ok_or(Error::NotFound)?;
        }
        let region = self.region.as_ref().map(|region| format!("{region}_")).unwrap_or_default();
        let random = URL_SAFE_NO_PAD.encode(self.random_bytes::<32>());
        let secret = format!("{PREFIX}{region}{random}");
        let token = Token {
            id: self.timed_name(),
            directory: directory.clone(),
            user: terms.user,
            created: self.now(),
            expires: terms.expires,
        };
        let audit = self.audit_entry(directory, "token-created", &token.id);
        self.table.write(&[Write::Put(token.to_item(&secret), Condition::Absent), audit], None).await?;
        Ok(NewToken { token, secret })
    }

    /// Whether a token that expires then opens nothing any more.
    pub fn has_passed(&self, expires: Timestamp) -> bool {
        expires <= self.now()
    }

    /// Tokens of a directory, oldest first, expired ones too. 0.5 read units each, and 0.5 for 25 of them.
    pub async fn tokens(&self, directory: &DirectoryId, wanted: &Stretch) -> Result<Part<Token>, Error> {
        let query = Query { source: Source::Index, ..Query::partition(keys::token_partition(directory)) };
        let Part { items, next } = self.part(query, wanted).await?;
        let keys: Vec<_> = items.into_iter().map(|item| item.key).collect();
        let mut tokens = Vec::with_capacity(keys.len());
        for part in keys.chunks(MAX_BATCH_GET) {
            let items = self.table.batch_get(part, Consistency::Strong).await?.value;
            tokens.extend(items.iter().flatten().filter_map(Token::from_item));
        }
        Ok(Part { items: tokens, next })
    }

    /// Revokes a token: at once in this process, in others within a minute. Whether there was one.
    pub async fn revoke_token(&self, directory: &DirectoryId, id: &str) -> Result<bool, Error> {
        let query = Query {
            source: Source::Index,
            from: Some(id.to_owned()),
            to: Some(id.to_owned()),
            ..Query::partition(keys::token_partition(directory))
        };
        let Some(item) = self.whole(query).await?.pop() else { return Ok(false) };
        let audit = self.audit_entry(directory, "token-revoked", id);
        let done = self.table.write(&[Write::Delete(item.key, Condition::Present), audit], None).await;
        self.bearers.forget_all();
        match done {
            Ok(_) => Ok(true),
            Err(TableError::Cancelled(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whose secret it is. 1 read unit, then none for a minute.
    pub async fn authenticate(&self, secret: &str) -> Result<Bearer, Error> {
        match region_of(secret) {
            Named::Nothing => return Ok(Bearer::Unknown),
            Named::Region(region) if Some(&region) != self.region.as_ref() => {
                return Ok(Bearer::Elsewhere(region));
            }
            Named::Region(_) | Named::NoRegion => {}
        }
        let key = keys::token(secret);
        let now = self.now();
        let token = match self.bearers.get(&key.partition, now) {
            Some(token) => token,
            None => {
                let Some(item) = self.table.get(&key, Consistency::Strong).await?.value else {
                    return Ok(Bearer::Unknown);
                };
                let token = Token::from_item(&item).map(Arc::new);
                let token = token.ok_or_else(|| Error::fault("a token lacks an attribute"))?;
                self.bearers.put(key.partition, Arc::clone(&token), now);
                token
            }
        };
        let valid = token.expires.is_none_or(|expires| now < expires);
        Ok(if valid { Bearer::Known(token) } else { Bearer::Unknown })
    }
}

impl Token {
    fn to_item(&self, secret: &str) -> Item {
        let mut item = Item::new(keys::token(secret))
            .with("i", self.id.clone())
            .with("t", self.directory.tenant.as_str())
            .with("d", self.directory.directory.as_str())
            .with("c", self.created.as_millisecond())
            .indexed(keys::token_index(&self.directory, &self.id));
        if let Some(user) = self.user {
            item = item.with("u", user.to_string());
        }
        if let Some(expires) = self.expires {
            item = item.with("x", expires.as_millisecond());
        }
        item
    }

    /// None if an attribute is missing or damaged: such a token opens nothing, rather than too much.
    fn from_item(item: &Item) -> Option<Self> {
        let time = |name| item.number(name).map(Timestamp::from_millisecond).transpose().ok();
        Some(Self {
            id: item.text("i")?.to_owned(),
            directory: directory_of(item)?,
            user: item.text("u").map(|user| Id::parse(user).ok_or(())).transpose().ok()?,
            created: time("c")??,
            expires: time("x")?,
        })
    }
}

/// What a text says of the region of a token.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    /// It has not the form of a secret.
    Nothing,
    /// It is one of a deployment without regions.
    NoRegion,
    /// It is one of this region.
    Region(Name),
}

fn region_of(secret: &str) -> Named {
    let rest = secret.strip_prefix(PREFIX).unwrap_or_default();
    let before = rest.len().checked_sub(RANDOM_CHARS).and_then(|before| rest.get(..before));
    match before {
        None => Named::Nothing,
        Some("") => Named::NoRegion,
        Some(region) => {
            let name = region.strip_suffix('_').and_then(|name| Name::new(name).ok());
            name.map_or(Named::Nothing, Named::Region)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_names_its_region() {
        let random = "_aB-".repeat(11).get(..RANDOM_CHARS).unwrap().to_owned();
        let region = |name| Named::Region(Name::new(name).unwrap());
        for (secret, expected) in [
            (format!("muster_{random}"), Named::NoRegion),
            (format!("muster_eu_{random}"), region("eu")),
            (format!("muster_us-west_{random}"), region("us-west")),
            (format!("muster_EU_{random}"), Named::Nothing),
            (format!("muster_eu{random}"), Named::Nothing),
            (format!("master_{random}"), Named::Nothing),
            ("muster_short".to_owned(), Named::Nothing),
            (String::new(), Named::Nothing),
        ] {
            assert_eq!(region_of(&secret), expected, "{secret}");
        }
    }
}
