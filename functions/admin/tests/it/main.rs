//! The admin API as an operator sees it: the router in process, and the built function behind a runtime stub.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and its checks take what they check"
)]

mod bad_input;
mod configurations;
mod directories;
mod export;
mod function;
mod once;
mod openapi;
mod paging;
mod pulls;
mod reach;
mod runs;
mod schemas;
mod tenants;
mod tokens;
mod uploads;

use adapters::embedded::{EmbeddedTable, FolderObjects};
use adapters::pgp::RPgp;
use adapters::sftp::Keys;
use adapters::system::{SystemClock, SystemRandom};
use admin::{Api, Pulls, router, sha256};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use domain::import::configuration::{Configuration, Schedule};
use domain::import::engine::{Importer, Silent};
use domain::objects::Objects;
use domain::ports::{Alarms, Clock, Nobody, Outpost};
use domain::pull::diagnosis::{Diagnosis, StepStatus, StepTaken};
use domain::remote::Step;
use domain::secret::{OwnKey, Vault};
use domain::store::{DirectoryId, Name, Store};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;
use zeroize::Zeroizing;

/// The operator's key.
pub(crate) const KEY: &str = "the-key-of-the-operator";
/// The path of the directory that there is.
pub(crate) const PEOPLE: &str = "/tenants/acme/directories/people";

/// The system's clock, and as much later as it was put forward.
pub(crate) struct ShiftedClock(AtomicI64);

impl ShiftedClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes of a file that is a body.
pub(crate) const UPLOAD_BYTES: u64 = 2 * 1024 * 1024;

/// A server with the tenant `acme` and its directory `people`, which has the configuration `default`.
pub(crate) struct Server {
    router: Router,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) objects: Arc<FolderObjects>,
    importer: Importer,
    pub(crate) asked: Arc<Asked>,
    pub(crate) vault: Vault,
    _folder: tempfile::TempDir,
}

/// What was asked of the worker that fetches files, and of alarms.
#[derive(Default)]
pub(crate) struct Asked(pub(crate) Mutex<Vec<String>>);

impl Asked {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    /// What was asked since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Outpost for Asked {
    async fn attend(&self, _: &DirectoryId, configuration: &Name) -> Result<(), domain::Error> {
        self.note(format!("attend {configuration}"));
        Ok(())
    }

    async fn test_access(&self, _: &DirectoryId, _: &Name) -> Result<Option<Diagnosis>, domain::Error> {
        let (name, fact) = (Step::Resolve, "192.0.2.7".to_owned());
        Ok(Some(Diagnosis { ok: true, steps: vec![StepTaken { name, status: StepStatus::Ok, fact }] }))
    }
}

#[async_trait]
impl Alarms for Asked {
    async fn set(&self, _: &DirectoryId, of: &Name, schedule: &Schedule) -> Result<(), domain::Error> {
        self.note(format!("set {of} {}", schedule.cron()));
        Ok(())
    }

    async fn remove(&self, _: &DirectoryId, of: &Name) -> Result<(), domain::Error> {
        self.note(format!("remove {of}"));
        Ok(())
    }
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
        let clock = Arc::new(ShiftedClock(AtomicI64::new(0)));
        let table = EmbeddedTable::open(&folder.path().join("table"), Arc::clone(&clock) as _).unwrap();
        let store = Arc::new(Store::new(Arc::new(table), Arc::clone(&clock) as _, Arc::new(SystemRandom)));
        store.create_directory(&people()).await.unwrap();
        let configuration = Configuration::upload(Name::new("default").unwrap());
        store.create_configuration(&people(), &configuration).await.unwrap();
        let objects = Arc::new(FolderObjects::new(folder.path().join("objects")));
        let importer = Importer::new(Arc::clone(&store), Arc::clone(&objects) as _, Arc::new(Nobody));
        let asked = Arc::new(Asked::default());
        let random = Arc::new(SystemRandom);
        let own = OwnKey::new(Zeroizing::new([7; 32]), Arc::clone(&random) as _);
        let pulls = Pulls {
            vault: Vault::new(Arc::new(own), random),
            pgp: Arc::new(RPgp),
            keys: Arc::new(Keys),
            outpost: Arc::clone(&asked) as _,
            alarms: Arc::clone(&asked) as _,
        };
        let vault = pulls.vault.clone();
        let api = Api::new(Arc::clone(&store), sha256(KEY), importer.clone(), pulls);
        let router = router(api.with_uploads_up_to(UPLOAD_BYTES));
        Self { router, store, clock, objects, importer, asked, vault, _folder: folder }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let is_json = |media: &HeaderValue| media.to_str().unwrap().ends_with("json");
        let body = match parts.headers.get("content-type") {
            _ if bytes.is_empty() => Value::Null,
            Some(media) if !is_json(media) => Value::from(String::from_utf8(bytes.to_vec()).expect("text")),
            _ => serde_json::from_slice(&bytes).expect("JSON"),
        };
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

    /// A request with one header more.
    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        header: (&str, &str),
        body: Value,
    ) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header("authorization", format!("Bearer {KEY}")).header(header.0, header.1);
        self.send(request.body(body).unwrap()).await
    }

    /// Sends a file to an address that was given out, without the key.
    pub(crate) async fn put_file(&self, url: &str, content: impl Into<Body>) -> Answer {
        self.send(Request::builder().method("PUT").uri(url).body(content.into()).unwrap()).await
    }

    /// Begins a preview of a file; the id of its run.
    pub(crate) async fn preview(&self, content: &str) -> String {
        let path = format!("{PEOPLE}/preview");
        let answer = self.ask_raw("POST", &path, "text/csv", content.to_owned()).await.expect(202);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Carries out what waits, as a worker does.
    pub(crate) async fn work(&self) {
        self.importer.work(&people(), &Silent).await.unwrap();
    }

    /// The content of an object.
    pub(crate) async fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.objects.read_at(key, 0, usize::MAX).await.unwrap()
    }
}

/// The directory that there is.
pub(crate) fn people() -> DirectoryId {
    DirectoryId::demo().unwrap()
}
