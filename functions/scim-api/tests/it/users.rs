//! A user's life over HTTP.

use crate::Server;
use serde_json::json;

#[tokio::test]
async fn a_user_is_created_read_changed_and_deleted() {
    let server = Server::start().await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "ada@acme.example", "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Engines" },
        "password": "a secret that nobody sees again", "groups": [],
    });
    let created = server.ask("POST", "/Users", body).await.expect(201);
    let id = created.id();
    let location = format!("http://scim.acme.example/scim/v2/Users/{id}");
    assert_eq!(created.headers["location"], location);
    assert_eq!(created.headers["etag"], "W/\"1\"");
    assert_eq!(created.body["meta"]["location"], location);
    assert_eq!(created.body["meta"]["version"], "W/\"1\"");
    assert_eq!(created.body["meta"]["resourceType"], "User");
    assert_eq!(created.body["active"], true);
    assert!(!created.body.to_string().contains("secret that nobody"));

    let read = server.get(&format!("/Users/{id}")).await.expect(200);
    assert_eq!(read.body, created.body);

    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "Replace", "path": "active", "value": "False" }] });
    let patched = server.ask("PATCH", &format!("/Users/{id}"), patch).await.expect(200);
    assert_eq!(
        (&patched.body["active"], &patched.headers["etag"]),
        (&json!(false), &"W/\"2\"".parse().unwrap())
    );

    let replaced = json!({ "userName": "ada@acme.example", "name": { "familyName": "King" } });
    let replaced = server.ask("PUT", &format!("/Users/{id}"), replaced).await.expect(200);
    assert_eq!(replaced.body["name"], json!({ "familyName": "King" }));
    assert_eq!(replaced.body["active"], false, "a PUT without active does not activate");
    assert_eq!(replaced.body.get("emails"), None);

    assert_eq!(
        server.ask("DELETE", &format!("/Users/{id}"), json!(null)).await.expect(204).body,
        json!(null)
    );
    server.get(&format!("/Users/{id}")).await.expect_error(404, None);
    server.ask("DELETE", &format!("/Users/{id}"), json!(null)).await.expect_error(404, None);
}

#[tokio::test]
async fn lists_are_paged_filtered_and_cut() {
    let server = Server::start().await;
    for at in 0..25 {
        server
            .ask("POST", "/Users", json!({ "userName": format!("user{at:02}"), "title": "T" }))
            .await
            .expect(201);
    }
    let page = server.get("/Users?startIndex=11&count=10&attributes=userName").await.expect(200);
    assert_eq!(page.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!(
        (&page.body["totalResults"], &page.body["startIndex"], &page.body["itemsPerPage"]),
        (&json!(25), &json!(11), &json!(10))
    );
    let first = page.body["Resources"][0].as_object().unwrap();
    assert_eq!(first["userName"], "user10");
    let mut names: Vec<&str> = first.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["id", "schemas", "userName"]);

    let none = server.get("/Users?filter=userName+eq+%22nobody%40acme.example%22").await.expect(200);
    assert_eq!((&none.body["totalResults"], &none.body["Resources"]), (&json!(0), &json!([])));
    let cut = server
        .get("/Users?filter=userName%20eq%20%22USER07%22&excludedAttributes=title,meta")
        .await
        .expect(200);
    assert_eq!(cut.body["totalResults"], 1);
    assert_eq!(cut.body["Resources"][0].get("title"), None);
    let nothing = server.get("/Users?count=0").await.expect(200);
    assert_eq!((&nothing.body["totalResults"], &nothing.body["Resources"]), (&json!(25), &json!([])));
    let beyond =
        server.get("/Users?startIndex=9223372036854775807&count=9223372036854775807").await.expect(200);
    assert_eq!(beyond.body["Resources"], json!([]));
    let below = server.get("/Users?startIndex=-5&count=1&unknown=ignored").await.expect(200);
    assert_eq!(below.body["Resources"][0]["userName"], "user00");
}

#[tokio::test]
async fn a_user_name_is_unique_in_any_spelling() {
    let server = Server::start().await;
    server.ask("POST", "/Users", json!({ "userName": "Ada" })).await.expect(201);
    let detail = server
        .ask("POST", "/Users", json!({ "userName": "aDA" }))
        .await
        .expect_error(409, Some("uniqueness"));
    assert!(detail.contains("userName"), "{detail}");
}

#[tokio::test]
async fn a_search_asks_one_type_or_all() {
    let server = Server::start().await;
    for at in 0..3 {
        server
            .ask("POST", "/Users", json!({ "userName": format!("user{at}"), "displayName": "X" }))
            .await
            .expect(201);
        server.ask("POST", "/Groups", json!({ "displayName": format!("group{at}") })).await.expect(201);
    }
    let search = |path: &'static str, body| server.ask("POST", path, body);
    let all = search("/.search", json!({ "startIndex": 3, "count": 2 })).await.expect(200);
    assert_eq!(all.body["totalResults"], 6);
    let types: Vec<&str> = all.body["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["meta"]["resourceType"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["User", "Group"]);
    let named =
        search("/.search", json!({ "filter": "displayName sw \"group\"", "attributes": ["displayName"] }))
            .await;
    assert_eq!(named.expect(200).body["totalResults"], 3);
    // Groups have no userName: to a filter they are without one (RFC 7644 §3.4.2.1).
    for (filter, total) in [
        ("userName eq \"user1\"", 1),
        ("userName eq \"user1\" or displayName eq \"group1\"", 2),
        ("not (userName pr)", 3),
        ("userName pr", 3),
        ("members pr or emails pr", 0),
        ("id pr and not (groups pr)", 6),
    ] {
        search("/.search", json!({ "filter": filter })).await.expect_list(total);
    }
    search("/.search", json!({ "sortBy": "userName" })).await.expect_list(6);
    search("/.search", json!({ "sortBy": "shoeSize" })).await.expect_error(400, Some("invalidValue"));
    assert_eq!(search("/Users/.search", json!({ "count": 0 })).await.expect(200).body["totalResults"], 3);
    search("/.search", json!({ "filter": "shoeSize eq 7" })).await.expect_error(400, Some("invalidFilter"));
    search("/.search", json!([])).await.expect_error(400, Some("invalidSyntax"));
}

#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let server = Server::start().await;
    let user = server.ask("POST", "/Users", json!({ "userName": "ada" })).await.expect(201);
    let path = format!("/scim/v2/Users/{}", user.id());
    let send = |method: &'static str, name: &'static str, tag: &'static str, body: serde_json::Value| {
        let request = server.request(method, &path).header(name, tag);
        server.send(request.body(axum::body::Body::from(body.to_string())).unwrap())
    };
    let rename = json!({ "userName": "ada", "title": "T" });
    let patch = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "U" }] });
    send("PUT", "if-match", "W/\"9\"", rename.clone()).await.expect_error(412, None);
    send("PATCH", "if-match", "W/\"9\", \"8\"", patch.clone()).await.expect_error(412, None);
    send("DELETE", "if-match", "W/\"2\"", json!(null)).await.expect_error(412, None);
    send("GET", "if-none-match", "W/\"2\"", json!(null)).await.expect(200);
    let unchanged = send("GET", "if-none-match", "\"7\", W/\"1\"", json!(null)).await.expect(304);
    assert_eq!((unchanged.headers["etag"].to_str().unwrap(), unchanged.body), ("W/\"1\"", json!(null)));
    send("PUT", "if-match", "W/\"1\"", rename).await.expect(200);
    send("PATCH", "if-match", "*", patch).await.expect(200);
    send("DELETE", "if-match", "W/\"3\"", json!(null)).await.expect(204);
}

#[tokio::test]
async fn names_that_nobody_can_tell_apart_are_refused() {
    let server = Server::start().await;
    for name in ["   ", " ada", "a\u{0}b", "a\nb", "a\u{202e}b"] {
        server
            .ask("POST", "/Users", json!({ "userName": name }))
            .await
            .expect_error(400, Some("invalidValue"));
    }
    server.ask("POST", "/Users", json!({ "userName": "straße" })).await.expect(201);
    server
        .ask("POST", "/Users", json!({ "userName": "STRASSE" }))
        .await
        .expect_error(409, Some("uniqueness"));
}

/// Each can be looked at by name, although no look-up leads to most of them.
#[tokio::test]
async fn a_filter_may_name_any_attribute() {
    let server = Server::start().await;
    let body = json!({ "userName": "ada", "displayName": "Ada" });
    let ada = server.ask("POST", "/Users", body).await.expect(201).id();
    let staff = server.group("staff", &[&ada]).await;
    let base = crate::server::BASE;
    for (path, filter) in [
        ("/Users", "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"".to_owned()),
        ("/Users", "meta.resourceType eq \"User\" and meta.version eq \"W/\\\"1\\\"\"".to_owned()),
        ("/Users", format!("meta.location eq \"{base}/Users/{ada}\"")),
        ("/Users", format!("groups.$ref eq \"{base}/Groups/{staff}\"")),
        ("/Users", "groups.display eq \"staff\" and groups.type eq \"direct\"".to_owned()),
        ("/Users", format!("urn:ietf:params:scim:schemas:core:2.0:User:groups eq \"{staff}\"")),
        (
            "/Users",
            "urn:ietf:params:scim:schemas:extension:muster:2.0:User:accessLevel eq \"member\"".to_owned(),
        ),
        ("/Groups", format!("members.$ref eq \"{base}/Users/{ada}\"")),
        ("/Groups", "members[display eq \"ada\" and type eq \"User\"]".to_owned()),
        ("/Groups", format!("urn:ietf:params:scim:schemas:core:2.0:Group:members.value eq \"{ada}\"")),
    ] {
        for endpoint in [format!("{path}/.search"), "/.search".to_owned()] {
            let found = server.ask("POST", &endpoint, json!({ "filter": filter })).await;
            assert_eq!(found.body["totalResults"], 1, "{filter} {found:?}");
        }
    }
}
