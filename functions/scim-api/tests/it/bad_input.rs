//! Whatever comes in gets a clear answer in SCIM JSON, and changes nothing.

use crate::Server;
use axum::body::Body;
use scim_api::MAX_BODY_BYTES;
use serde_json::{Value, json};

async fn post(server: &Server, content_type: Option<&str>, body: impl Into<Body>) -> crate::Answer {
    let mut request = server.request("POST", "/scim/v2/Users");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    server.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn bodies_that_are_no_json_or_no_user() {
    let server = Server::start().await;
    let nested = "[".repeat(100_000);
    let many_keys =
        format!("{{{}}}", (0..50_000).map(|at| format!("\"k{at}\":1")).collect::<Vec<_>>().join(","));
    let cases: [(&str, &str); 12] = [
        ("", "invalidSyntax"),
        ("{", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        ("\"x\"", "invalidSyntax"),
        (&nested, "invalidSyntax"),
        (&many_keys, "invalidSyntax"),
        (r#"{"userName":"\ud800"}"#, "invalidSyntax"),
        (r#"{"userName":1e999}"#, "invalidSyntax"),
        (r#"{"userName":7}"#, "invalidValue"),
        ("{}", "invalidValue"),
        (r#"{"userName":"a","active":"perhaps"}"#, "invalidValue"),
        (r#"{"userName":"a","shoeSize":7}"#, "invalidSyntax"),
    ];
    for (body, scim_type) in cases {
        let detail = post(&server, None, body.to_owned()).await.expect_error(400, Some(scim_type));
        assert!(!detail.is_empty() && detail.len() < 1000, "{detail}");
    }
    let twice = post(&server, None, r#"{"userName":"a","userName":"b"}"#).await;
    assert!(twice.status.as_u16() == 201 || twice.status.as_u16() == 400);
    assert!(server.get("/Users").await.expect(200).body["totalResults"].as_u64().unwrap() <= 1);
}

#[tokio::test]
async fn bodies_of_every_size_and_type() {
    let server = Server::start().await;
    let of_size = |size: usize| format!("{{\"userName\":\"{}\"}}", "x".repeat(size - 15));
    post(&server, None, of_size(MAX_BODY_BYTES + 1)).await.expect_error(413, None);
    // Small enough to be read, too large to be kept.
    post(&server, None, of_size(MAX_BODY_BYTES)).await.expect_error(413, None);
    for media in ["text/plain", "application/xml", "multipart/form-data"] {
        post(&server, Some(media), "{}").await.expect_error(415, None);
    }
    for (at, media) in ["application/json", "application/scim+json; charset=utf-8", "Application/SCIM+JSON"]
        .iter()
        .enumerate()
    {
        post(&server, Some(media), format!("{{\"userName\":\"u{at}\"}}")).await.expect(201);
    }
}

#[tokio::test]
async fn filters_paths_and_numbers() {
    let server = Server::start().await;
    let deep = format!("{}userName%20pr{}", "(".repeat(1000), ")".repeat(1000));
    let not = "not%20(".repeat(1000);
    for filter in [
        "userName",
        "userName+eq",
        "nonsense+eq+%22x%22",
        "userName+eq+%22x%22)",
        "active+gt+true",
        "password+pr",
        "userName+eq+'x'",
        &deep,
        &not,
    ] {
        server.get(&format!("/Users?filter={filter}")).await.expect_error(400, Some("invalidFilter"));
    }
    for query in ["startIndex=one", "count=1.5"] {
        server.get(&format!("/Users?{query}")).await.expect_error(400, Some("invalidValue"));
    }
    for id in ["x", "..%2f..%2fetc", "%00", "00000000-0000-0000-0000-000000000000", &"a".repeat(5000)] {
        server.get(&format!("/Users/{id}")).await.expect_error(404, None);
    }
    server.get("/Robots").await.expect_error(404, None);
}

#[tokio::test]
async fn patches_that_cannot_be_applied_change_nothing() {
    let server = Server::start().await;
    let user = server.ask("POST", "/Users", json!({ "userName": "ada", "title": "T" })).await.expect(201);
    let path = format!("/Users/{}", user.id());
    let first = json!({ "op": "replace", "path": "title", "value": "changed" });
    for (operation, scim_type) in [
        (json!({ "op": "explode" }), "invalidSyntax"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "replace", "path": "shoeSize", "value": 7 }), "invalidPath"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue"),
        (
            json!({ "op": "replace", "path": "emails[type eq \"home\" or type eq \"other\"].value", "value": "x" }),
            "noTarget",
        ),
    ] {
        let patch = json!({ "Operations": [first, operation] });
        server.ask("PATCH", &path, patch).await.expect_error(400, Some(scim_type));
    }
    for patch in [json!({}), json!({ "Operations": {} }), json!({ "Operations": [1] }), json!([])] {
        server.ask("PATCH", &path, patch).await.expect_error(400, Some("invalidSyntax"));
    }
    assert_eq!(server.get(&path).await.expect(200).body, user.body);
}

#[tokio::test]
async fn methods_that_are_not_there() {
    let server = Server::start().await;
    for (method, path, allowed) in [
        ("DELETE", "/Users", "GET,HEAD,POST"),
        ("POST", "/Users/x", "GET,HEAD,PUT,PATCH,DELETE"),
        ("PUT", "/Schemas", "GET,HEAD"),
    ] {
        let answer = server.ask(method, path, Value::Null).await;
        assert_eq!(answer.headers["allow"], allowed);
        answer.expect_error(405, None);
        let options = server.ask("OPTIONS", path, Value::Null).await.expect(204);
        assert_eq!(options.headers["allow"], allowed);
        server.ask("HEAD", path, Value::Null).await;
    }
}
