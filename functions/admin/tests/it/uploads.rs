//! Addresses to which a file can be sent.

use crate::{PEOPLE, Server, UPLOAD_BYTES};
use serde_json::{Value, json};

const UPLOADS: &str = "/tenants/acme/directories/people/uploads";

#[tokio::test]
async fn a_file_goes_to_the_inbox_without_the_key() {
    let server = Server::start().await;
    let made = server.ask("POST", UPLOADS, json!({ "configuration": "default", "name": "März 1.csv" })).await;
    let made = made.expect(201).body;
    assert_eq!((&made["method"], &made["headers"]), (&json!("PUT"), &json!({})));
    assert_eq!(made["key"], "inbox/acme/people/default/März 1.csv");
    let url = made["url"].as_str().unwrap();
    let sent = server.put_file(url, "status,mail\n").await.expect(201);
    assert_eq!(sent.body, json!({ "size": 12 }));
    assert_eq!(
        server.object(made["key"].as_str().unwrap()).await.as_deref(),
        Some(b"status,mail\n".as_slice())
    );
    server.put_file(url, "again").await.expect(201);
    let large = "x".repeat(usize::try_from(UPLOAD_BYTES).unwrap() + 1);
    server.put_file(url, large).await.expect_problem(413, None);
    server.clock.advance(899);
    server.put_file(url, "again").await.expect(201);
    server.clock.advance(2);
    server.put_file(url, "late").await.expect_problem(404, None);
    assert_eq!(server.object(made["key"].as_str().unwrap()).await.as_deref(), Some(b"again".as_slice()));
}

#[tokio::test]
async fn an_address_is_of_use_for_what_it_was_given_out_for() {
    let server = Server::start().await;
    server.ask("POST", "/tenants/acme/directories", json!({ "name": "other" })).await.expect(201);
    let made = server.ask("POST", UPLOADS, json!({ "name": "a.csv" })).await.expect(201).body;
    let url = made["url"].as_str().unwrap();
    let mut told = Vec::new();
    let cut = url.split_at(url.len() - 1).0;
    for wrong in [
        url.replace("people", "other"),
        url.replace("people", "nothing"),
        url.replace("acme", "nobody"),
        cut.to_owned(),
        format!("/api/v1{UPLOADS}/x"),
        format!("/api/v1{UPLOADS}/{}", "A".repeat(5000)),
    ] {
        told.push(server.put_file(&wrong, "x").await.expect_problem(404, None));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "nothing is told about what there is");
    server.put_file(url, "x").await.expect(201);
}

#[tokio::test]
async fn names_that_no_upload_has() {
    let server = Server::start().await;
    for name in ["", "a/b.csv", "..", ".hidden", "a.part", "a\u{7}", "a\\b", &"x".repeat(256)] {
        server.ask("POST", UPLOADS, json!({ "name": name })).await.expect_problem(400, Some("name"));
    }
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": "a.csv", "configuration": "none" }), "configuration"),
        (json!({ "name": "a.csv", "configuration": "A/b" }), "configuration"),
        (json!({ "name": "a.csv", "configuration": 7 }), "configuration"),
        (json!({ "name": "a.csv", "size": 7 }), "size"),
    ] {
        server.ask("POST", UPLOADS, body).await.expect_problem(400, Some(field));
    }
    assert_eq!(server.get(&format!("{PEOPLE}/runs")).await.items(), Vec::<Value>::new());
}
