//! Whatever comes in gets a clear answer in problem details, and changes nothing.

use crate::{PEOPLE, Server};
use admin::MAX_BODY_BYTES;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

const CONFIGURATIONS: &str = "/tenants/acme/directories/people/configurations";

/// Operations that take a body of JSON.
const WITH_BODY: [(&str, &str); 10] = [
    ("POST", "/tenants"),
    ("POST", "/tenants/acme/directories"),
    ("PATCH", PEOPLE),
    ("POST", "/tenants/acme/directories/people/tokens"),
    ("POST", "/tenants/acme/directories/people/schemas"),
    ("PUT", "/tenants/acme/directories/people/schemas"),
    ("POST", "/tenants/acme/directories/people/configurations"),
    ("PUT", "/tenants/acme/directories/people/configurations/default"),
    ("PATCH", "/tenants/acme/directories/people/configurations/default"),
    ("POST", "/tenants/acme/directories/people/uploads"),
];

#[tokio::test]
async fn bodies_that_are_no_json_or_no_object() {
    let server = Server::start().await;
    let nested = "[".repeat(100_000);
    for (body, place) in [
        ("", "line 1 column 0"),
        ("{", "line 1 column 1"),
        ("{\n  \"name\": acme\n}", "line 2 column 11"),
        ("{\"name\":\"\\ud800\"}", "line 1 column"),
        ("{\"name\":1e999}", "line 1 column"),
        ("{} {}", "line 1 column 4"),
        (&nested, "line 1 column 128"),
    ] {
        for (method, path) in WITH_BODY {
            let answer = server.ask_raw(method, path, "application/json", body.to_owned()).await;
            let detail = answer.expect_problem(400, None);
            assert!(detail.contains(place), "{detail}");
        }
    }
    for body in ["7", "null", "\"x\""] {
        for (method, path) in WITH_BODY {
            server.ask_raw(method, path, "application/json", body).await.expect_problem(400, None);
        }
    }
    let wide = format!("{{{}}}", (0..50_000).map(|at| format!("\"k{at}\":1")).collect::<Vec<_>>().join(","));
    for (method, path) in WITH_BODY {
        assert_eq!(server.ask_raw(method, path, "application/json", wide.clone()).await.status, 400);
    }
    let long = json!({ "x".repeat(10_000): 1 });
    server.ask("POST", "/tenants", long).await.expect_problem(400, Some(&"x".repeat(64)));
}

#[tokio::test]
async fn bodies_of_every_size_and_type() {
    let server = Server::start().await;
    for (method, path) in WITH_BODY {
        let of_size = |size: usize| format!("{{\"name\":\"{}\"}}", "x".repeat(size - 11));
        let large = server.ask_raw(method, path, "application/json", of_size(MAX_BODY_BYTES + 1)).await;
        large.expect_problem(413, None);
        let fits = server.ask_raw(method, path, "application/json", of_size(MAX_BODY_BYTES)).await;
        assert_eq!(fits.status, 400);
        for media in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
            server.ask_raw(method, path, media, "{}").await.expect_problem(415, None);
        }
    }
    for (at, media) in
        ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json", ""]
            .iter()
            .enumerate()
    {
        let body = format!("{{\"name\":\"t{at}\"}}");
        server.ask_raw("POST", "/tenants", media, body).await.expect(201);
    }
}

#[tokio::test]
async fn names_that_nobody_can_have() {
    let server = Server::start().await;
    for name in ["", "Acme", "-acme", "a/b", "a b", "ä", "..", &"x".repeat(64)] {
        for path in ["/tenants", "/tenants/acme/directories", CONFIGURATIONS] {
            server.ask("POST", path, json!({ "name": name })).await.expect_problem(400, Some("name"));
        }
    }
    for body in [json!({}), json!({ "name": null }), json!({ "name": ["x"] })] {
        for path in ["/tenants", "/tenants/acme/directories", CONFIGURATIONS] {
            server.ask("POST", path, body.clone()).await.expect_problem(400, Some("name"));
        }
    }
    server.ask("POST", "/tenants", json!({ "name": "x", "id": 7 })).await.expect_problem(400, Some("id"));
    assert_eq!(server.get("/tenants").await.items().len(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off() {
    let server = Server::start().await;
    let lost = futures::stream::once(async { Err::<String, _>(std::io::Error::other("lost")) });
    let request = Request::builder().method("POST").uri("/api/v1/tenants");
    let request = request
        .header("authorization", format!("Bearer {}", crate::KEY))
        .body(Body::from_stream(lost))
        .unwrap();
    let detail = server.send(request).await.expect_problem(400, None);
    assert!(detail.contains("to its end"), "{detail}");
}
