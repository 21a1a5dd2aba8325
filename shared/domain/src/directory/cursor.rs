//! Cursors (RFC 9865): where a page ended, sealed so that only the one who got it can use it, for the same list.
//!
//! A cursor is encrypted with the directory's key, as it may hold a name by which a list is sorted and stands in
//! addresses, which are logged. Who was given it, and for which list, is bound to it and not contained in it.

use super::{Directory, Position};
use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use jiff::Timestamp;
use scim::error::{Error as Refusal, ErrorKind};
use serde::{Deserialize, Serialize};

/// How long a cursor can be used.
pub const CURSOR_SECONDS: i64 = 3600;
/// Longer texts are no cursors of ours: the longest value by which a list is sorted fits.
const MAX_CHARS: usize = 8 * 1024;
const NONCE_BYTES: usize = 24;

/// What a list is about: everything that must be the same from page to page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Query {
    /// The path that was called, below the base.
    pub endpoint: String,
    /// The filter, in any spelling of the same.
    pub filter: String,
    /// By what the list is sorted, and in which direction.
    pub sort: String,
}

/// What a cursor contains.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// When it was given out, in seconds.
    at: i64,
    /// Which of the resource types of the list comes next.
    part: usize,
    position: Option<Position>,
}

/// Seals the places of lists, and reads them again. Knows neither a store nor a clock.
pub struct Cursors<'a> {
    /// The directory's key.
    pub key: [u8; 32],
    /// Who may use them.
    pub bearer: &'a str,
}

impl Cursors<'_> {
    /// The cursor of a place in a list: in the `part`th of its resource types, behind this position. `nonce` is drawn
    /// by chance for each.
    pub fn seal(
        &self,
        query: &Query,
        part: usize,
        position: Option<&Position>,
        now: Timestamp,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<String, Error> {
        let sealed = Sealed { at: now.as_second(), part, position: position.cloned() };
        let content = serde_json::to_vec(&sealed)?;
        let bound = self.bound(query);
        let payload = Payload { msg: &content, aad: &bound };
        let text = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let text = text.map_err(|_| Error::fault("a cursor could not be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text].concat()))
    }

    /// The place that a cursor names.
    ///
    /// # Errors
    /// `invalidCursor` for a text that is none, or that of another list, another token or another directory;
    /// `expiredCursor` for one that is older than an hour.
    pub fn unseal(
        &self,
        query: &Query,
        cursor: &str,
        now: Timestamp,
    ) -> Result<(usize, Option<Position>), Error> {
        let sealed = self.decrypt(query, cursor).ok_or_else(|| {
            refused(
                ErrorKind::InvalidCursor,
                "the cursor is not one of this list; send nextCursor as it came, with the token and the parameters \
                 of the page that it came with",
            )
        })?;
        if now.as_second() - sealed.at > CURSOR_SECONDS {
            let detail = "the cursor is older than an hour; begin again without one";
            return Err(refused(ErrorKind::ExpiredCursor, detail));
        }
        Ok((sealed.part, sealed.position))
    }

    fn decrypt(&self, query: &Query, cursor: &str) -> Option<Sealed> {
        let bytes = URL_SAFE_NO_PAD.decode(Some(cursor).filter(|cursor| cursor.len() <= MAX_CHARS)?).ok()?;
        let (nonce, text) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let payload = Payload { msg: text, aad: &self.bound(query) };
        let content = self.cipher().decrypt(&XNonce::from(nonce), payload).ok()?;
        serde_json::from_slice(&content).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.key))
    }

    /// The token and the list, each part behind its length.
    fn bound(&self, query: &Query) -> Vec<u8> {
        let parts = [self.bearer, &query.endpoint, &query.filter, &query.sort];
        let part = |part: &str| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat();
        parts.into_iter().flat_map(part).collect()
    }
}

impl Directory {
    /// The cursor of a place in a list: in the `part`th of its resource types, behind this position.
    pub fn cursor(&self, query: &Query, part: usize, position: Option<&Position>) -> Result<String, Error> {
        self.cursors().seal(query, part, position, self.store.now(), self.store.random_bytes())
    }

    /// The place that a cursor names; see [`Cursors::unseal`].
    pub fn place(&self, query: &Query, cursor: &str) -> Result<(usize, Option<Position>), Error> {
        self.cursors().unseal(query, cursor, self.store.now())
    }

    fn cursors(&self) -> Cursors<'_> {
        Cursors { key: self.opened.cursor_key, bearer: self.origin.as_str() }
    }
}

fn refused(kind: ErrorKind, detail: &str) -> Error {
    Refusal { kind, detail: detail.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(filter: &str) -> Query {
        Query { endpoint: "Users".to_owned(), filter: filter.to_owned(), sort: String::new() }
    }

    fn kind<T>(result: Result<T, Error>) -> Option<ErrorKind> {
        match result {
            Err(Error::Refused(refusal)) => Some(refusal.kind),
            _ => None,
        }
    }

    proptest! {
        #[test]
        fn only_its_own_list_reads_a_cursor(block: u32, number in 0u16..4096, at: usize, nonce: [u8; 24], flip: u8) {
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            let (ours, others) = (Cursors { key: [1; 32], bearer: "t" }, Cursors { key: [1; 32], bearer: "u" });
            let position = Position::Seat(block, number);
            let cursor = ours.seal(&query("a"), 1, Some(&position), now, nonce).unwrap();
            prop_assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)));
            prop_assert_eq!(ours.unseal(&query("a"), &cursor, now).unwrap(), (1, Some(position)));
            let invalid = Some(ErrorKind::InvalidCursor);
            prop_assert_eq!(kind(ours.unseal(&query("b"), &cursor, now)), invalid);
            prop_assert_eq!(kind(others.unseal(&query("a"), &cursor, now)), invalid);
            let other_key = Cursors { key: [2; 32], bearer: "t" };
            prop_assert_eq!(kind(other_key.unseal(&query("a"), &cursor, now)), invalid);
            let mut bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= flip.max(1);
            prop_assert_eq!(kind(ours.unseal(&query("a"), &URL_SAFE_NO_PAD.encode(bytes), now)), invalid);
            let later = Timestamp::from_second(1_800_000_000 + CURSOR_SECONDS + 1).unwrap();
            prop_assert_eq!(kind(ours.unseal(&query("a"), &cursor, later)), Some(ErrorKind::ExpiredCursor));
        }

        #[test]
        fn any_text_is_no_cursor(text: String) {
            let now = Timestamp::UNIX_EPOCH;
            let cursors = Cursors { key: [1; 32], bearer: "t" };
            prop_assert_eq!(kind(cursors.unseal(&query(""), &text, now)), Some(ErrorKind::InvalidCursor));
        }
    }
}
