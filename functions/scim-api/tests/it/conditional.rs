//! Conditions on versions, methods that look or ask only, and addresses in all their spellings.

use crate::server::{Answer, BASE, Server, group, user};
use axum::body::Body;
use serde_json::{Value, json};

/// A user, a group and a resource of a declared type, with a body that changes each.
async fn resources(server: &Server) -> Vec<(String, Value)> {
    let things = [
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "urn:acme:Thing",
            "attributes": [{ "name": "title", "type": "string" }] }),
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "name": "Thing",
            "endpoint": "/Things", "schema": "urn:acme:Thing" }),
    ];
    server.store.declare(&server.people, &things, &[]).await.unwrap();
    let thing = server.ask("POST", "/Things", json!({ "title": "T" })).await.expect(201).id();
    vec![
        (format!("/Users/{}", server.user("ada").await), user("ada.king")),
        (format!("/Groups/{}", server.group("staff", &[]).await), group("all", &[])),
        (format!("/Things/{thing}"), json!({ "title": "U" })),
    ]
}

async fn ask(server: &Server, method: &str, path: &str, header: (&str, &str), body: &Value) -> Answer {
    let bearer = format!("Bearer {}", server.token);
    let mut body = body.clone();
    if method == "PATCH" {
        body = json!({ "Operations": [{ "op": "add", "path": "externalId", "value": "x" }] });
    }
    server.ask_with(&[("authorization", &bearer), header], method, path, body).await
}

#[tokio::test]
async fn every_write_keeps_to_the_versions_that_the_client_names() {
    let server = Server::start().await;
    for (path, body) in resources(&server).await {
        for method in ["PUT", "PATCH", "DELETE"] {
            for header in [
                ("if-match", "W/\"7\""),
                ("if-match", "\"7\", W/\"8\""),
                ("if-match", "1"),
                ("if-none-match", "W/\"1\""),
                ("if-none-match", "\"7\",\"1\""),
                ("if-none-match", "*"),
            ] {
                ask(&server, method, &path, header, &body).await.expect_error(412, None);
            }
            let nobody = path.replace(|letter: char| letter.is_ascii_digit(), "0");
            ask(&server, method, &nobody, ("if-match", "*"), &body).await.expect_error(404, None);
        }
        assert_eq!(server.get(&path).await.expect(200).headers["etag"], "W/\"1\"");
        ask(&server, "PUT", &path, ("if-match", "W/\"1\""), &body).await.expect(200);
        ask(&server, "PATCH", &path, ("if-match", "*"), &body).await.expect(200);
        ask(&server, "PUT", &path, ("if-none-match", "W/\"9\""), &body).await.expect(200);
        let version = server.get(&path).await.expect(200).headers["etag"].clone();
        let version = version.to_str().unwrap();
        ask(&server, "DELETE", &path, ("if-match", &format!("W/\"0\", {version}")), &body).await.expect(204);
    }
}

#[tokio::test]
async fn what_the_client_holds_is_not_sent_again() {
    let server = Server::start().await;
    for (path, _) in resources(&server).await {
        for method in ["GET", "HEAD"] {
            for held in ["W/\"1\"", "\"1\"", "*", "W/\"7\" , W/\"1\""] {
                let answer =
                    ask(&server, method, &path, ("if-none-match", held), &Value::Null).await.expect(304);
                assert_eq!(
                    (&answer.body, answer.headers["etag"].to_str().unwrap()),
                    (&Value::Null, "W/\"1\"")
                );
            }
            ask(&server, method, &path, ("if-none-match", "W/\"2\""), &Value::Null).await.expect(200);
        }
    }
}

/// The version counts changes; what changes nothing keeps it.
#[tokio::test]
async fn a_version_is_kept_while_nothing_changes() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let path = format!("/Groups/{}", server.group("staff", &[&ada]).await);
    for operation in [
        json!({ "op": "add", "path": "members", "value": [{ "value": ada }] }),
        json!({ "op": "replace", "path": "displayName", "value": "staff" }),
        json!({ "op": "remove", "path": "members[value eq \"nobody\"]" }),
    ] {
        let answer = server.patch(&path, json!([operation])).await;
        assert_eq!(answer.headers["etag"], "W/\"1\"", "{operation} {answer:?}");
    }
    server.clock.advance(60);
    let leave = json!([{ "op": "remove", "path": "members" }]);
    let left = server.patch(&path, leave).await.expect_resource(200, "Group");
    assert_eq!(left.headers["etag"], "W/\"2\"");
    assert_ne!(left.body["meta"]["lastModified"], left.body["meta"]["created"]);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = Server::start().await;
    let (path, _) = resources(&server).await.remove(0);
    for path in [&path, "/Users", "/Users?filter=userName+eq+%22ada%22", "/ServiceProviderConfig", "/Schemas"]
    {
        let (get, head) =
            (server.get(path).await.expect(200), server.ask("HEAD", path, Value::Null).await.expect(200));
        assert_eq!(head.body, Value::Null);
        assert_eq!(head.headers, get.headers, "{path}");
    }
    assert_eq!(server.ask("HEAD", "/Users/nobody", Value::Null).await.expect(404).body, Value::Null);
}

#[tokio::test]
async fn methods_are_told_where_they_are_missing() {
    let server = Server::start().await;
    for (path, allowed, missing) in [
        ("/Users", "GET,HEAD,POST", vec!["PUT", "PATCH", "DELETE"]),
        ("/Groups", "GET,HEAD,POST", vec!["PUT", "PATCH", "DELETE"]),
        ("/Users/x", "GET,HEAD,PUT,PATCH,DELETE", vec!["POST"]),
        ("/Me", "GET,HEAD,PUT,PATCH,DELETE,POST", vec![]),
        ("/Bulk", "POST", vec!["GET", "PUT", "PATCH", "DELETE"]),
        ("/.search", "POST", vec!["GET", "PUT", "PATCH", "DELETE"]),
        ("/Users/.search", "POST", vec!["GET", "PUT", "PATCH", "DELETE"]),
        ("/ServiceProviderConfig", "GET,HEAD", vec!["POST", "PUT", "PATCH", "DELETE"]),
        ("/ResourceTypes/User", "GET,HEAD", vec!["POST", "PUT", "PATCH", "DELETE"]),
        ("/Schemas/urn:x", "GET,HEAD", vec!["POST", "PUT", "PATCH", "DELETE"]),
    ] {
        for path in [path.to_owned(), format!("{path}/")] {
            for method in missing.iter().chain(&["TRACE", "PROPFIND"]) {
                let answer = server.ask(method, &path, Value::Null).await;
                assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
                answer.expect_error(405, None);
            }
            let options = server.ask_with(&[], "OPTIONS", &path, Value::Null).await.expect(204);
            assert_eq!((options.headers["allow"].to_str().unwrap(), options.body), (allowed, Value::Null));
        }
    }
}

#[tokio::test]
async fn addresses_with_and_without_a_slash_at_their_end() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for path in
        ["/Users", "/Groups", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ResourceTypes/User"]
    {
        let (with, without) =
            (server.get(&format!("{path}/")).await.expect(200), server.get(path).await.expect(200));
        assert_eq!(with.body, without.body, "{path}");
    }
    let patch = json!({ "Operations": [{ "op": "add", "path": "title", "value": "T" }] });
    for (method, path, body) in [
        ("PATCH", format!("/Users/{ada}/"), patch),
        ("PUT", format!("/Users/{ada}/"), user("ada")),
        ("POST", "/Users/.search/".to_owned(), json!({})),
    ] {
        server.ask(method, &path, body).await.expect(200);
    }
    server.ask("DELETE", &format!("/Users/{ada}/"), Value::Null).await.expect(204);
    for path in ["", "/", "/Robots", "/Users/a/b", "/Users//", "//Users"] {
        server.get(path).await.expect_error(404, None);
    }
}

/// The address of everything is on the base that was called.
#[tokio::test]
async fn locations_are_on_the_base_that_was_called() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    server.group("staff", &[&ada]).await;
    for (host, forwarded, path, base) in [
        ("h.example:8443", None, "/scim/v2", "http://h.example:8443/scim/v2"),
        ("h.example", Some("https"), "/scim/v2", "https://h.example/scim/v2"),
        ("h.example", Some("gopher"), "/scim/v2", "http://h.example/scim/v2"),
        ("h.example", Some("https"), "/t/acme/people/scim/v2", "https://h.example/t/acme/people/scim/v2"),
    ] {
        let mut request = server.request("GET", &format!("{path}/Users/{ada}"));
        request.headers_mut().unwrap().insert("host", host.parse().unwrap());
        if let Some(forwarded) = forwarded {
            request = request.header("x-forwarded-proto", forwarded);
        }
        let answer = server.send(request.body(Body::empty()).unwrap()).await.expect(200);
        assert_eq!(answer.body["meta"]["location"], format!("{base}/Users/{ada}"));
        assert_eq!(answer.headers["location"], format!("{base}/Users/{ada}"));
        assert!(answer.body["groups"][0]["$ref"].as_str().unwrap().starts_with(&format!("{base}/Groups/")));
    }
    assert!(
        server.get("/Schemas").await.expect(200).body["Resources"][0]["meta"]["location"]
            .as_str()
            .unwrap()
            .starts_with(BASE)
    );
}
