//! Sorting (RFC 7644 §3.4.2.3) over HTTP.

use crate::server::{Server, encoded, group, user};
use serde_json::{Value, json};

/// Users of whom each attribute has its peculiarities: case, times, numbers of values, nothing at all.
async fn server() -> Server {
    let server = Server::start().await;
    for (name, more) in [
        (
            "dora",
            json!({ "title": "beta", "active": true, "externalId": "b",
            "emails": [{ "value": "z@x", "type": "home" }, { "value": "a@x", "type": "work", "primary": true }] }),
        ),
        (
            "Carl",
            json!({ "title": "Alpha", "active": false, "externalId": "B",
            "emails": [{ "value": "c@x", "type": "work" }, { "value": "b@x", "type": "home" }] }),
        ),
        ("bert", json!({ "active": true, "externalId": "a", "name": { "familyName": "Ångström" } })),
        (
            "Ada",
            json!({ "title": "gamma", "active": false, "externalId": "A",
            "emails": [{ "value": "B@x", "type": "work" }], "name": { "familyName": "Lovelace" } }),
        ),
    ] {
        let mut body = user(name);
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.ask("POST", "/Users", body).await.expect(201);
        server.clock.advance(60);
    }
    server
}

#[tokio::test]
async fn in_either_direction_by_every_kind_of_value() {
    let server = server().await;
    for (query, expected) in [
        ("sortBy=userName", ["Ada", "bert", "Carl", "dora"]),
        ("sortBy=USERNAME&sortOrder=Descending", ["dora", "Carl", "bert", "Ada"]),
        ("sortBy=userName&sortOrder=ascending", ["Ada", "bert", "Carl", "dora"]),
        // Who has none comes last, and first the other way round.
        ("sortBy=title", ["Carl", "dora", "Ada", "bert"]),
        ("sortBy=title&sortOrder=descending", ["bert", "Ada", "dora", "Carl"]),
        // The case of an externalId counts.
        ("sortBy=externalId", ["Ada", "Carl", "bert", "dora"]),
        // Of several values the primary one, else the first.
        ("sortBy=emails", ["dora", "Ada", "Carl", "bert"]),
        ("sortBy=emails.value&sortOrder=descending", ["bert", "Carl", "Ada", "dora"]),
        ("sortBy=name.familyName", ["Ada", "bert", "dora", "Carl"]),
        ("sortBy=meta.created&sortOrder=descending", ["Ada", "bert", "Carl", "dora"]),
        // Equals stand as they were created.
        ("sortBy=active", ["Carl", "Ada", "dora", "bert"]),
        ("sortBy=urn:ietf:params:scim:schemas:core:2.0:User:userName", ["Ada", "bert", "Carl", "dora"]),
        // An order without a name orders nothing.
        ("sortOrder=descending", ["dora", "Carl", "bert", "Ada"]),
        ("sortBy=&sortOrder=", ["dora", "Carl", "bert", "Ada"]),
    ] {
        let answer = server.get(&format!("/Users?{query}")).await;
        assert_eq!(answer.texts("userName"), expected, "{query}");
        answer.expect_list(4);
    }
}

#[tokio::test]
async fn with_filters_pages_projections_and_bodies() {
    let server = server().await;
    let filter = encoded("active eq true or title eq \"alpha\"");
    let page = server.get(&format!("/Users?filter={filter}&sortBy=userName&startIndex=2&count=1")).await;
    assert_eq!((page.texts("userName"), &page.body["startIndex"]), (vec!["Carl".to_owned()], &json!(2)));
    page.expect_list(3);
    let looked_up = encoded("userName eq \"carl\" or userName eq \"ada\"");
    let page = server.get(&format!("/Users?filter={looked_up}&sortBy=title&sortOrder=descending")).await;
    assert_eq!(page.texts("userName"), ["Ada", "Carl"]);
    // What it is sorted by need not be shown.
    let body = json!({ "sortBy": "title", "sortOrder": "ascending", "attributes": ["userName"], "count": 2 });
    let page = server.ask("POST", "/Users/.search", body).await;
    assert_eq!(page.texts("userName"), ["Carl", "dora"]);
    assert_eq!(page.body["Resources"][0].get("title"), None);
    page.expect_list(4);
    server.get("/Users?sortBy=userName&count=0").await.expect_list(4);
    assert!(server.get("/Users?sortBy=userName&startIndex=5").await.expect_list(4).is_empty());
}

#[tokio::test]
async fn by_what_is_kept_beside_the_document() {
    let server = server().await;
    let users = server.get("/Users?sortBy=userName").await.texts("id");
    server.group("zebras", &[&users[0]]).await;
    server.group("ants", &[&users[2]]).await;
    let by_group = server.get("/Users?sortBy=groups.display").await;
    assert_eq!(by_group.texts("userName"), ["Carl", "Ada", "dora", "bert"]);
    let by_member = server.get("/Groups?sortBy=members.display&attributes=displayName").await;
    assert_eq!(by_member.texts("displayName"), ["zebras", "ants"]);
}

#[tokio::test]
async fn all_types_from_the_root() {
    let server = Server::start().await;
    for (name, team) in [("b", "y"), ("a", "x")] {
        server.ask("POST", "/Users", json!({ "userName": name, "displayName": name })).await.expect(201);
        server.ask("POST", "/Groups", group(team, &[])).await.expect(201);
    }
    let body = json!({ "sortBy": "displayName" });
    assert_eq!(server.ask("POST", "/.search", body).await.texts("displayName"), ["a", "b", "x", "y"]);
}

#[tokio::test]
async fn what_has_no_order_is_refused() {
    let server = Server::start().await;
    for (query, word) in [
        ("sortBy=shoeSize", "shoeSize"),
        ("sortBy=name", "name."),
        ("sortBy=password", "password"),
        ("sortBy=userName&sortOrder=random", "descending"),
        ("sortBy=userNam", "did you mean userName"),
    ] {
        let detail = server.get(&format!("/Users?{query}")).await.expect_error(400, Some("invalidValue"));
        assert!(detail.contains(word), "{detail}");
    }
    assert_eq!(server.get("/ServiceProviderConfig").await.body["sort"], json!({ "supported": true }));
    let body: Value = json!({ "sortBy": "userName", "sortOrder": 7 });
    server.ask("POST", "/Users/.search", body).await.expect_error(400, Some("invalidValue"));
}
