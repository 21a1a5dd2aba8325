//! A server in process with the directories of two tenants, and answers that are held against the RFC as they come.

use crate::flaky::FlakyTable;
use adapters::embedded::EmbeddedTable;
use adapters::system::SystemRandom;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use domain::ports::Clock;
use domain::store::{DirectoryId, Name, Store};
use domain::tenant::Settings;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use scim_api::{Api, router};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt as _;

/// Where the resources of the first directory are.
pub(crate) const BASE: &str = "http://scim.acme.example/scim/v2";

/// A clock that stands still until it is moved.
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A server with two directories of one tenant, and one of another.
pub(crate) struct Server {
    router: Router,
    pub(crate) store: Arc<Store>,
    pub(crate) table: Arc<FlakyTable>,
    pub(crate) clock: Arc<SetClock>,
    /// The first directory.
    pub(crate) people: DirectoryId,
    pub(crate) token: String,
    /// Of another directory of the same tenant.
    pub(crate) other_token: String,
    /// Of another tenant.
    pub(crate) stranger_token: String,
    folder: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::limited(None).await
    }

    /// One that serves a tenant so many requests a second.
    pub(crate) async fn limited(rate: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock(AtomicI64::new(1_790_000_000)));
        let table = EmbeddedTable::open(&folder.path().join("table"), Arc::clone(&clock) as _).unwrap();
        let table = Arc::new(FlakyTable::new(Arc::new(table)));
        let store = Store::new(Arc::clone(&table) as _, Arc::clone(&clock) as _, Arc::new(SystemRandom));
        let store = Arc::new(store);
        let name = |text| Name::new(text).unwrap();
        let people = DirectoryId::demo().unwrap();
        let advocates = DirectoryId::new(people.tenant.clone(), name("advocates"));
        let strangers = DirectoryId::new(name("globex"), name("people"));
        let mut tokens = Vec::new();
        for id in [&people, &advocates, &strangers] {
            store.create_directory(id).await.unwrap();
            tokens.push(store.create_token(id).await.unwrap().secret);
        }
        let api = Api::new(Arc::clone(&store), Arc::clone(&clock) as _).limited(rate);
        let [token, other_token, stranger_token] = tokens.try_into().unwrap();
        let router = router(api);
        Self { router, store, table, clock, people, token, other_token, stranger_token, folder }
    }

    /// Where the store keeps everything.
    pub(crate) fn table_file(&self) -> std::path::PathBuf {
        self.folder.path().join("table")
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
        self.ask_as(&self.token, method, path, body).await
    }

    /// The same with another token.
    pub(crate) async fn ask_as(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/scim+json")];
        self.ask_with(&headers, method, path, body).await
    }

    /// The same with these headers and no others, but for the host.
    pub(crate) async fn ask_with(
        &self,
        headers: &[(&str, &str)],
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder().method(method).uri(format!("/scim/v2{path}"));
        let request = request.header("host", "scim.acme.example");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, Value::Null).await
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.ask("PATCH", path, json!({ "schemas": schemas, "Operations": operations })).await
    }

    /// The id of a new user.
    pub(crate) async fn user(&self, name: &str) -> String {
        self.ask("POST", "/Users", user(name)).await.expect(201).id()
    }

    /// The id of a new group.
    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> String {
        self.ask("POST", "/Groups", group(name, members)).await.expect(201).id()
    }

    /// The outcomes of a bulk request.
    pub(crate) async fn bulk(&self, operations: Vec<Value>) -> Vec<Value> {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
        let answer = self.ask("POST", "/Bulk", body).await.expect(200);
        answer.body["Operations"].as_array().expect("outcomes").clone()
    }

    /// Creates these resources, and gives their ids in the same order.
    pub(crate) async fn populate(&self, endpoint: &str, bodies: Vec<Value>) -> Vec<String> {
        let mut ids = Vec::with_capacity(bodies.len());
        for part in bodies.chunks(scim_api::MAX_OPERATIONS) {
            let post = |(at, data): (usize, &Value)| json!({ "method": "POST", "bulkId": at.to_string(), "path": format!("/{endpoint}"), "data": data });
            let outcomes = self.bulk(part.iter().enumerate().map(post).collect()).await;
            assert_eq!(outcomes.len(), part.len());
            for outcome in outcomes {
                assert_eq!(outcome["status"], "201", "{outcome}");
                ids.push(outcome["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
            }
        }
        ids
    }

    /// Changes the settings of the first directory.
    pub(crate) async fn set(&self, change: impl Fn(&mut Settings) + Send + Sync) {
        let changed = |settings: &Settings| {
            let mut settings = settings.clone();
            change(&mut settings);
            Ok::<_, domain::Error>(settings)
        };
        self.store.change_settings(&self.people, changed).await.unwrap();
    }
}

pub(crate) fn user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

pub(crate) fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    json!({ "schemas": schemas, "displayName": name, "members": members })
}

/// A text as it stands in a query string.
pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
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
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(self.body["status"], status.to_string());
        assert_eq!(self.body.get("scimType").and_then(Value::as_str), scim_type, "{self:?}");
        self.body["detail"].as_str().expect("a detail").to_owned()
    }

    /// A resource with all that clients rely on: `id`, `schemas`, `meta`, an address and an entity tag.
    #[track_caller]
    pub(crate) fn expect_resource(self, status: u16, resource_type: &str) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/scim+json", "{self:?}");
        let meta = &self.body["meta"];
        let location = format!("{BASE}/{resource_type}s/{}", self.id());
        assert_eq!((&meta["resourceType"], &meta["location"]), (&json!(resource_type), &json!(location)));
        assert_eq!(self.headers["location"], location, "{self:?}");
        assert_eq!(self.headers["etag"].to_str().ok(), meta["version"].as_str(), "{self:?}");
        for time in ["created", "lastModified"] {
            meta[time].as_str().and_then(|text| text.parse::<Timestamp>().ok()).expect("a time");
        }
        assert!(self.body["schemas"].as_array().is_some_and(|urns| !urns.is_empty()), "{self:?}");
        assert!(self.body.get("password").is_none(), "{self:?}");
        self
    }

    /// A list response by index (RFC 7644 §3.4.2) with that total, and its resources.
    #[track_caller]
    pub(crate) fn expect_list(self, total: u64) -> Vec<Value> {
        assert_eq!(self.status.as_u16(), 200, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/scim+json", "{self:?}");
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!(self.body["totalResults"].as_u64(), Some(total), "{self:?}");
        let resources = self.body["Resources"].as_array().expect("an array").clone();
        assert_eq!(self.body["itemsPerPage"].as_u64(), Some(resources.len() as u64), "{self:?}");
        assert!(self.body["startIndex"].is_u64(), "{self:?}");
        resources
    }

    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }

    /// The text of an attribute of each resource of a list.
    pub(crate) fn texts(&self, attribute: &str) -> Vec<String> {
        let resources = self.body["Resources"].as_array().expect("a list");
        resources.iter().map(|one| one[attribute].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The ids of the members of a group, in their order.
    pub(crate) fn members(&self) -> Vec<&str> {
        let members = self.body["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut ids: Vec<&str> = members.iter().map(|one| one["value"].as_str().expect("an id")).collect();
        ids.sort_unstable();
        ids
    }
}
