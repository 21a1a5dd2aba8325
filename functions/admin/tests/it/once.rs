//! `Idempotency-Key`: what comes twice is done once.

use crate::{KEY, PEOPLE, Server};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

async fn post(server: &Server, path: &str, key: &str, body: Value) -> crate::Answer {
    server.ask_with("POST", path, ("Idempotency-Key", key), body).await
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer() {
    let server = Server::start().await;
    let path = format!("{PEOPLE}/configurations");
    for (path, body) in [
        ("/tenants", json!({ "name": "globex" })),
        ("/tenants/acme/directories", json!({ "name": "advocates" })),
        (&path, json!({ "name": "nightly" })),
    ] {
        let first = post(&server, path, "k-1", body.clone()).await.expect(201);
        let again = post(&server, path, "k-1", body.clone()).await.expect(201);
        assert_eq!((&again.body, &again.headers), (&first.body, &first.headers));
        post(&server, path, "k-2", body.clone()).await.expect_problem(409, Some("name"));
        // What was refused is not kept.
        let other = json!({ "name": format!("{}-2", body["name"].as_str().unwrap()) });
        post(&server, path, "k-2", other.clone()).await.expect(201);
        let detail = post(&server, path, "k-1", other).await.expect_problem(422, None);
        assert!(detail.contains("another request"), "{detail}");
        // A key is one of its tenant, and of its day.
        server.clock.advance(DAY + 1);
        post(&server, path, "k-1", body).await.expect_problem(409, Some("name"));
    }
}

#[tokio::test]
async fn a_file_is_taken_once() {
    let server = Server::start().await;
    let send = async |key: &str, content: String, query: &str| {
        let request = Request::builder().method("POST").uri(format!("/api/v1{PEOPLE}/preview{query}"));
        let request = request.header("authorization", format!("Bearer {KEY}")).header("idempotency-key", key);
        server.send(request.header("content-type", "text/csv").body(Body::from(content)).unwrap()).await
    };
    let file = format!("status,mail,lastName\n{}", "active,a@acme.example,A\n".repeat(20_000));
    let first = send("k", file.clone(), "").await.expect(202);
    assert_eq!(first.body["source"]["size"], file.len());
    let again = send("k", file.clone(), "").await.expect(202);
    assert_eq!(first.body, again.body);
    assert_eq!(first.headers["location"], again.headers["location"]);
    send("k", file.clone() + "x", "").await.expect_problem(422, None);
    send("k", file, "?configuration=default").await.expect_problem(422, None);
    assert_eq!(server.get(&format!("{PEOPLE}/runs")).await.items().len(), 1);
}

#[tokio::test]
async fn a_secret_is_told_once() {
    let server = Server::start().await;
    let path = format!("{PEOPLE}/tokens");
    let made = post(&server, &path, "k", json!({ "kind": "scim" })).await.expect(201);
    let detail = post(&server, &path, "k", json!({ "kind": "scim" })).await.expect_problem(409, None);
    assert!(detail.contains(made.body["id"].as_str().unwrap()), "{detail}");
    assert!(!detail.contains(made.body["secret"].as_str().unwrap()));
    assert_eq!(server.get(&path).await.items().len(), 1);
}

#[tokio::test]
async fn two_at_once_are_done_once() {
    let server = Server::start().await;
    let both = futures::future::join_all(
        (0..8).map(|_| post(&server, "/tenants", "k", json!({ "name": "globex" }))),
    )
    .await;
    let mut made = 0;
    for answer in both {
        match answer.status.as_u16() {
            201 => made += 1,
            _ => assert!(answer.expect_problem(409, None).contains("still being carried out")),
        }
    }
    assert!(made >= 1);
    post(&server, "/tenants", "k", json!({ "name": "globex" })).await.expect(201);
}

#[tokio::test]
async fn keys_that_are_none() {
    let server = Server::start().await;
    for key in ["", "a b", "ä", &"k".repeat(256)] {
        let answer = post(&server, "/tenants", key, json!({ "name": "globex" })).await;
        answer.expect_problem(400, Some("Idempotency-Key"));
    }
    let request = Request::builder().method("POST").uri("/api/v1/tenants");
    let request = request.header("authorization", format!("Bearer {KEY}")).header("idempotency-key", "a");
    let twice = request.header("idempotency-key", "b").body(Body::from("{\"name\":\"globex\"}")).unwrap();
    server.send(twice).await.expect_problem(400, Some("Idempotency-Key"));
    let request = Request::builder().method("POST").uri("/api/v1/tenants").header("idempotency-key", "k");
    let keyless = request.body(Body::from("{\"name\":\"globex\"}")).unwrap();
    server.send(keyless).await.expect_problem(401, None);
    post(&server, "/tenants", &"k".repeat(255), json!({ "name": "globex" })).await.expect(201);
    server.ask_with("GET", "/tenants", ("Idempotency-Key", ""), Value::Null).await.expect(200);
}
