//! The documents of the floor server, ready to be sent.

use axum::body::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Users as JSON, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Documents {
    inner: RwLock<Inner>,
    created: AtomicU64,
}

#[derive(Debug, Default)]
struct Inner {
    ready: Vec<Bytes>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl Documents {
    /// The document of a user.
    pub(super) fn by_id(&self, id: &str) -> Option<Bytes> {
        let inner = self.read();
        inner.ready.get(*inner.by_id.get(id)?).cloned()
    }

    /// A list of the user with this `userName`, or of nobody.
    pub(super) fn by_name(&self, name: &str) -> Bytes {
        let inner = self.read();
        let found = inner.by_name.get(name).and_then(|place| inner.ready.get(*place)).cloned();
        drop(inner);
        list(usize::from(found.is_some()), 1, found.as_slice())
    }

    /// A list of `count` users from the one with this number on, the first of all being 1 (RFC 7644 §3.4.2.4).
    pub(super) fn page(&self, start: usize, count: usize) -> Bytes {
        let inner = self.read();
        let users = inner.ready.get(start.saturating_sub(1)..).unwrap_or_default();
        let page = users.get(..count).unwrap_or(users).to_vec();
        let total = inner.ready.len();
        drop(inner);
        list(total, start, &page)
    }

    /// Sets the member that the first operation of this PATCH names; gives the new document, or nothing if the user
    /// or the operation is not known.
    pub(super) fn change(&self, id: &str, patch: &[u8]) -> Option<Bytes> {
        let mut patch = serde_json::from_slice::<Value>(patch).ok()?;
        let operation = patch.get_mut("Operations")?.get_mut(0)?;
        let value = operation.get_mut("value")?.take();
        let path = operation.get("path")?.as_str()?;
        let mut user = serde_json::from_slice::<Value>(&self.by_id(id)?).ok()?;
        user.as_object_mut()?.insert(path.to_owned(), value);
        let document = Bytes::from(serde_json::to_vec(&user).ok()?);
        let mut inner = self.write();
        let place = *inner.by_id.get(id)?;
        *inner.ready.get_mut(place)? = document.clone();
        Some(document)
    }

    /// Stores a user without an id; gives the document with one, or nothing if this is no user.
    pub(super) fn create(&self, user: &[u8]) -> Option<Bytes> {
        let mut user = serde_json::from_slice::<Value>(user).ok()?;
        let name = user.get("userName")?.as_str()?.to_owned();
        // As long as the ids that Muster gives.
        let id = format!("ffffffff-ffff-8fff-8fff-{:012x}", self.created.fetch_add(1, Ordering::Relaxed));
        user.as_object_mut()?.insert("id".to_owned(), Value::from(id.as_str()));
        let document = Bytes::from(serde_json::to_vec(&user).ok()?);
        self.write().add(id, name, document.clone());
        Some(document)
    }

    /// Takes over the users of a page of a listing, ids included; nothing if this is no such page.
    pub(super) fn fill(&self, page: &[u8]) -> Option<()> {
        let page = serde_json::from_slice::<Value>(page).ok()?;
        let mut inner = self.write();
        for user in page.get("Resources")?.as_array()? {
            let document = Bytes::from(serde_json::to_vec(user).ok()?);
            let (id, name) = (user.get("id")?.as_str()?, user.get("userName")?.as_str()?);
            inner.add(id.to_owned(), name.to_owned(), document);
        }
        Some(())
    }

    // Nothing below a lock leaves things half done that matter here.
    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn add(&mut self, id: String, name: String, document: Bytes) {
        let place = self.ready.len();
        self.ready.push(document);
        self.by_id.insert(id, place);
        self.by_name.insert(name, place);
    }
}

/// A `ListResponse` (RFC 7644 §3.4.2) around documents that are copied as they are.
fn list(total: usize, start: usize, page: &[Bytes]) -> Bytes {
    let mut head = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": page.len(),
    })
    .to_string();
    head.pop();
    head.push_str(",\"Resources\":[");
    let length = head.len() + page.iter().map(|document| document.len() + 1).sum::<usize>() + 2;
    let mut body = Vec::with_capacity(length);
    body.extend_from_slice(head.as_bytes());
    for (number, document) in page.iter().enumerate() {
        if number > 0 {
            body.push(b',');
        }
        body.extend_from_slice(document);
    }
    body.extend_from_slice(b"]}");
    Bytes::from(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Documents {
        let documents = Documents::default();
        let users: Vec<_> = (1..=5)
            .map(|number| json!({ "id": format!("id{number}"), "userName": format!("user.{number}") }))
            .collect();
        documents.fill(json!({ "Resources": users }).to_string().as_bytes()).unwrap();
        documents
    }

    #[track_caller]
    fn check(list: &Bytes, total: u64, ids: &[&str]) {
        let list = serde_json::from_slice::<Value>(list).unwrap();
        let found: Vec<_> = list["Resources"].as_array().unwrap().iter().map(|user| &user["id"]).collect();
        assert_eq!(found, ids, "{list}");
        assert_eq!(
            (&list["totalResults"], &list["itemsPerPage"]),
            (&json!(total), &json!(ids.len())),
            "{list}"
        );
    }

    #[test]
    fn users_are_found_by_id_by_name_and_by_place() {
        let documents = filled();
        assert_eq!(documents.by_id("id2").unwrap(), r#"{"id":"id2","userName":"user.2"}"#);
        assert_eq!(documents.by_id("id6"), None);
        check(&documents.by_name("user.3"), 1, &["id3"]);
        check(&documents.by_name("user.6"), 0, &[]);
        check(&documents.page(1, 2), 5, &["id1", "id2"]);
        check(&documents.page(4, 100), 5, &["id4", "id5"]);
        check(&documents.page(6, 100), 5, &[]);
        check(&documents.page(9, 100), 5, &[]);
    }

    #[test]
    fn changed_and_new_users_are_served() {
        let documents = filled();
        let patch = br#"{"Operations":[{"op":"replace","path":"title","value":"B"}]}"#;
        let changed = documents.change("id1", patch).unwrap();
        assert_eq!(changed, r#"{"id":"id1","userName":"user.1","title":"B"}"#);
        assert_eq!(documents.by_id("id1"), Some(changed));
        for _ in 0..2 {
            documents.create(br#"{"userName":"new"}"#).unwrap();
        }
        let ids = ["ffffffff-ffff-8fff-8fff-000000000000", "ffffffff-ffff-8fff-8fff-000000000001"];
        check(&documents.page(6, 100), 7, &ids);
        check(&documents.by_name("new"), 1, &ids[1..]);
    }

    #[test]
    fn what_is_not_understood_changes_nothing() {
        let documents = filled();
        assert_eq!(documents.change("id6", br#"{"Operations":[{"path":"title","value":1}]}"#), None);
        for wrong in ["", "{}", "[]", r#"{"Operations":[]}"#, r#"{"Operations":[{"path":1,"value":1}]}"#] {
            assert_eq!(documents.change("id1", wrong.as_bytes()), None, "{wrong}");
            assert_eq!(documents.create(wrong.as_bytes()), None, "{wrong}");
            assert_eq!(documents.fill(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(documents.by_id("id1").unwrap(), r#"{"id":"id1","userName":"user.1"}"#);
        assert_eq!(documents.read().ready.len(), 5);
    }
}
