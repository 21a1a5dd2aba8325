//! The admin API as an operator sees it: the router in process, and the built function behind a runtime stub.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and its checks take what they check"
)]

mod bad_input;
mod directories;
mod function;
mod openapi;
mod reach;
mod schemas;
mod tenants;
mod tokens;

use adapters::embedded::EmbeddedTable;
use adapters::system::{SystemClock, SystemRandom};
use admin::{Api, router, sha256};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use domain::store::{DirectoryId, Store};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt as _;

/// The operator's key.
pub(crate) const KEY: &str = "the-key-of-the-operator";
/// The path of the directory that there is.
pub(crate) const PEOPLE: &str = "/tenants/acme/directories/people";

/// A server with the tenant `acme` and its directory `people`.
pub(crate) struct Server {
    router: Router,
    pub(crate) store: Arc<Store>,
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

    /// Problem details as RFC 9457 wants them, about this field; gives back the detail.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, field: Option<&str>) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.body["type"], "about:blank");
        assert_eq!(self.body["title"], self.status.canonical_reason().unwrap());
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body.get("field").and_then(Value::as_str), field, "{self:?}");
        let detail = self.body["detail"].as_str().expect("a detail");
        assert!(!detail.is_empty() && detail.len() < 1000, "{detail}");
        detail.to_owned()
    }

    /// The items of a list that came whole.
    #[track_caller]
    pub(crate) fn items(self) -> Vec<Value> {
        let answer = self.expect(200);
        assert_eq!(answer.body["next"], Value::Null);
        answer.body["items"].as_array().expect("items").clone()
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let table = EmbeddedTable::open(&folder.path().join("table"), Arc::clone(&clock) as _).unwrap();
        let store = Arc::new(Store::new(Arc::new(table), clock, Arc::new(SystemRandom)));
        store.create_directory(&people()).await.unwrap();
        let router = router(Api::new(Arc::clone(&store), sha256(KEY)));
        Self { router, store, _folder: folder }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("JSON") };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A request below the base, with the key and a body of JSON, or none for null.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.ask_raw(method, path, "application/json", body).await
    }

    pub(crate) async fn ask_raw(
        &self,
        method: &str,
        path: &str,
        media: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header("authorization", format!("Bearer {KEY}")).header("content-type", media);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, Value::Null).await
    }
}

/// The directory that there is.
pub(crate) fn people() -> DirectoryId {
    DirectoryId::demo().unwrap()
}
