//! The SCIM API as a client sees it: the router in process, and the built function behind a runtime stub.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and its checks take what they check"
)]

mod bad_input;
mod discovery;
mod function;
mod groups;
mod reach;
mod users;

use adapters::embedded::EmbeddedTable;
use adapters::system::{SystemClock, SystemRandom};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use domain::store::{DirectoryId, Name, Store};
use http_body_util::BodyExt as _;
use scim_api::{Api, router};
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt as _;

/// A server with two directories.
pub(crate) struct Server {
    router: Router,
    pub(crate) store: Arc<Store>,
    pub(crate) token: String,
    pub(crate) other_token: String,
    _folder: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// An error as RFC 7644 §3.12 wants it.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, scim_type: Option<&str>) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/scim+json", "{self:?}");
        assert_eq!(self.body["schemas"], serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(self.body["status"], status.to_string());
        assert_eq!(self.body.get("scimType").and_then(Value::as_str), scim_type, "{self:?}");
        self.body["detail"].as_str().expect("a detail").to_owned()
    }

    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let table = EmbeddedTable::open(&folder.path().join("table"), Arc::clone(&clock) as _).unwrap();
        let store = Arc::new(Store::new(Arc::new(table), clock, Arc::new(SystemRandom)));
        let people = DirectoryId::demo().unwrap();
        let advocates = DirectoryId::new(people.tenant.clone(), Name::new("advocates").unwrap());
        store.create_directory(&people).await.unwrap();
        store.create_directory(&advocates).await.unwrap();
        let token = store.create_token(&people).await.unwrap().secret;
        let other_token = store.create_token(&advocates).await.unwrap().secret;
        let api = Api::new(Arc::clone(&store), Arc::new(SystemClock));
        Self { router: router(api), store, token, other_token, _folder: folder }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("JSON") };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "scim.acme.example")
            .header("authorization", format!("Bearer {}", self.token))
    }

    /// A request below `/scim/v2`, with the token of the first directory.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = self.request(method, &format!("/scim/v2{path}"));
        self.send(request.header("content-type", "application/scim+json").body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, Value::Null).await
    }
}
