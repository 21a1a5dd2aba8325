//! DynamoDB in memory, with faults in front of it.

use crate::faults::{Fault, Faults, in_front_of};
use crate::server::{Answer, Server, listen};
use axum::body::Bytes;
use axum::extract::Request;
use dynoxide::Database;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;

/// The name of the table that every emulated DynamoDB has.
pub const TABLE: &str = "muster";
/// The name of its index.
pub const INDEX: &str = "index";

/// A DynamoDB with one empty table [`TABLE`]: keys `pk` and `sk`, the index [`INDEX`] on `ik` and `is` with keys only,
/// and expiry by `ttl`.
#[derive(Debug)]
pub struct DynamoDb {
    server: Server,
    faults: Arc<Faults>,
}

impl DynamoDb {
    /// Starts one.
    pub fn start() -> Self {
        let faults = Arc::new(Faults::default());
        let for_server = Arc::clone(&faults);
        let server = Server::start(move || in_front_of(for_server, forward_to(start_database())));
        Self { server, faults }
    }

    /// What `AWS_ENDPOINT_URL` would be.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The next `times` requests meet this fault, after those that meet faults asked for before.
    pub fn inject(&self, fault: Fault, times: usize) {
        self.faults.plan(Some(fault), times);
    }

    /// The next `requests` requests meet no fault, after those that meet faults asked for before.
    pub fn skip(&self, requests: usize) {
        self.faults.plan(None, requests);
    }

    /// Requests received so far, those that met a fault included.
    pub fn requests(&self) -> usize {
        self.faults.requests()
    }
}

/// Starts the emulator itself, in the runtime that this is called in.
fn start_database() -> SocketAddr {
    let database = Database::memory().expect("a database in memory");
    create_table(&database);
    let listener = listen();
    let address = listener.local_addr().expect("a bound socket has an address");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket that tokio can drive");
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    address
}

fn create_table(database: &Database) {
    let attributes =
        ["pk", "sk", "ik", "is"].map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
    let schema = |partition: &str, sort: &str| {
        json!([
            { "AttributeName": partition, "KeyType": "HASH" },
            { "AttributeName": sort, "KeyType": "RANGE" },
        ])
    };
    let table = json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": schema("pk", "sk"),
        "GlobalSecondaryIndexes": [{
            "IndexName": INDEX,
            "KeySchema": schema("ik", "is"),
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        }],
    });
    let expiry = json!({
        "TableName": TABLE,
        "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
    });
    let table = serde_json::from_value(table).expect("a definition of a table");
    database.create_table(table).expect("the table is made");
    let expiry = serde_json::from_value(expiry).expect("a definition of the expiry");
    database.update_time_to_live(expiry).expect("the expiry is set");
}

/// Sends every request on.
fn forward_to(address: SocketAddr) -> Answer {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    Arc::new(move |request: Request<Bytes>| {
        let client = client.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            parts.uri = format!("http://{address}{path}").parse()?;
            let response = client.request(Request::from_parts(parts, Full::new(body))).await?;
            let (parts, body) = response.into_parts();
            Ok(axum::http::Response::from_parts(parts, body.collect().await?.to_bytes()))
        })
    })
}
