//! Requests to the router in process, in a directory of 1,000 users and in one of 100,000: what a request costs must
//! not depend on how many others there are. Ends with a table of the medians and their ratios.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on has no figures")]

use adapters::embedded::{EmbeddedTable, FolderObjects};
use adapters::system::{SystemClock, SystemRandom};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use criterion::{BenchmarkId, Criterion};
use domain::import::configuration::Configuration;
use domain::import::engine::{Importer, Silent};
use domain::import::run::Run;
use domain::ports::Nobody;
use domain::store::{DirectoryId, Name, Store};
use http_body_util::BodyExt as _;
use scim_api::{Api, router};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// Users of the small and of the large directory.
const SIZES: [usize; 2] = [1_000, 100_000];
/// Users, spread over the directory, that the requests are about.
const CHOSEN: usize = 250;
const PAGE: usize = 100;

/// Makes a request, given how many times that was done before.
type Make = fn(&Server, usize) -> Request<Body>;

/// What is measured.
const REQUESTS: [(&str, Make); 6] = [
    ("get-by-id", |server, time| server.get(&format!("/Users/{}", server.chosen(time)))),
    ("filter-by-user-name", |server, time| {
        let user = time * 7919 % server.users;
        server.get(&format!("/Users?filter=userName+eq+%22user.{user}@acme.example%22"))
    }),
    ("first-page", |server, _| server.get(&format!("/Users?count={PAGE}"))),
    ("middle-page", |server, _| {
        server.get(&format!("/Users?startIndex={}&count={PAGE}", server.users / 2 + 1))
    }),
    ("patch-active", |server, time| {
        let operation = json!({ "op": "replace", "path": "active", "value": time / CHOSEN % 2 == 1 });
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let body = json!({ "schemas": schemas, "Operations": [operation] });
        server.ask("PATCH", &format!("/Users/{}", server.chosen(time)), &body)
    }),
    ("post", |server, time| {
        let mail = format!("new.{time}@acme.example");
        let name = json!({ "givenName": "Zoë", "familyName": "Müller" });
        let emails = [json!({ "value": &mail, "type": "work", "primary": true })];
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
        let body = json!({ "schemas": schemas, "userName": &mail, "name": name, "emails": emails });
        server.ask("POST", "/Users", &body)
    }),
];

/// A server with one directory of so many users.
struct Server {
    users: usize,
    router: Router,
    token: String,
    chosen: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn filled_with(users: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let table = EmbeddedTable::open(&folder.path().join("table"), Arc::clone(&clock) as _).unwrap();
        let store = Arc::new(Store::new(Arc::new(table), clock, Arc::new(SystemRandom)));
        let directory = DirectoryId::demo().unwrap();
        store.create_directory(&directory).await.unwrap();
        let token = store.create_token(&directory).await.unwrap().secret;
        let run = fill(&store, &directory, &folder.path().join("objects"), people(users)).await;
        assert_eq!(run.counts.created, users as u64);
        let mut server = Self {
            users,
            router: router(Api::new(store, Arc::new(SystemClock))),
            token,
            chosen: Vec::new(),
            _folder: folder,
        };
        for place in 0..CHOSEN {
            let start = place * users / CHOSEN + 1;
            let page = server.get(&format!("/Users?startIndex={start}&count=1&attributes=id"));
            let page: Value = serde_json::from_slice(&server.send(page).await).unwrap();
            server.chosen.push(page["Resources"][0]["id"].as_str().unwrap().to_owned());
        }
        server
    }

    fn chosen(&self, time: usize) -> &str {
        &self.chosen[time % CHOSEN]
    }

    fn get(&self, path: &str) -> Request<Body> {
        self.request("GET", path, Body::empty())
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Request<Body> {
        self.request(method, path, Body::from(body.to_string()))
    }

    fn request(&self, method: &str, path: &str, body: Body) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("host", "scim.acme.example")
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/scim+json")
            .body(body)
            .unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Vec<u8> {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
        body.to_vec()
    }
}

fn people(users: usize) -> File {
    let mut file = BufWriter::new(tempfile::tempfile().unwrap());
    file.write_all(b"status,mail,firstName,lastName,language,division\n").unwrap();
    for user in 0..users {
        writeln!(file, "active,user.{user}@acme.example,\"J., {user}\",Müller,de-DE,Sales").unwrap();
    }
    let mut file = file.into_inner().unwrap();
    file.rewind().unwrap();
    file
}

async fn fill(store: &Arc<Store>, directory: &DirectoryId, objects: &Path, people: File) -> Run {
    let configuration = Configuration::upload(Name::new("default").unwrap());
    store.create_configuration(directory, &configuration).await.unwrap();
    let importer =
        Importer::new(Arc::clone(store), Arc::new(FolderObjects::new(objects.to_owned())), Arc::new(Nobody));
    importer.import_file(directory, &configuration.name, "people.csv", people, &Silent).await.unwrap()
}

fn measure(criterion: &mut Criterion, runtime: &Runtime) {
    let servers = SIZES.map(|users| runtime.block_on(Server::filled_with(users)));
    let mut group = criterion.benchmark_group("requests");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3)).sample_size(50);
    for (name, request) in REQUESTS {
        for server in &servers {
            let mut time = 0;
            group.bench_function(BenchmarkId::new(name, server.users), |bencher| {
                bencher.iter(|| {
                    let answer = runtime.block_on(server.send(request(server, time)));
                    time += 1;
                    answer
                });
            });
        }
    }
    group.finish();
}

/// The median that Criterion left of this benchmark, in nanoseconds; `None` where it was not run.
fn median(results: &Path, name: &str, users: usize) -> Option<f64> {
    let file = results.join(format!("requests/{name}/{users}/new/estimates.json"));
    let estimates: Value = serde_json::from_reader(File::open(file).ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn main() {
    let results = Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests");
    let _ = std::fs::remove_dir_all(&results);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let mut criterion = Criterion::default().configure_from_args().output_directory(&results);
    measure(&mut criterion, &runtime);
    criterion.final_summary();
    println!("{:<20} {:>12} {:>12} {:>6}", "median", SIZES[0], SIZES[1], "ratio");
    for (name, _) in REQUESTS {
        if let [Some(small), Some(large)] = SIZES.map(|users| median(&results, name, users)) {
            let ratio = large / small;
            println!("{name:<20} {:>9.1} µs {:>9.1} µs {ratio:>6.2}", small / 1e3, large / 1e3);
        }
    }
}
