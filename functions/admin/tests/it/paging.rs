//! Lists by pages.

use crate::{PEOPLE, Server};
use serde_json::{Value, json};

/// Goes through a list by pages of two, and says what is on it.
async fn walk(server: &Server, path: &str, of: &str) -> Vec<Value> {
    let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = server.get(&format!("{path}?limit=2{cursor}")).await.expect(200).body;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2, "{page}");
        found.extend(items.iter().map(|item| item[of].clone()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, found.len().div_ceil(2), "no page is empty");
    found
}

#[tokio::test]
async fn every_list_can_be_walked_by_pages() {
    let server = Server::start().await;
    // Names that begin with each other.
    for name in ["a", "a-b", "a0", "ab", "b"] {
        server.ask("POST", "/tenants", json!({ "name": name })).await.expect(201);
        server.ask("POST", "/tenants/acme/directories", json!({ "name": name })).await.expect(201);
        server.ask("POST", &format!("{PEOPLE}/tokens"), json!({ "kind": "scim" })).await.expect(201);
    }
    assert_eq!(walk(&server, "/tenants", "name").await, ["a", "a-b", "a0", "ab", "acme", "b"]);
    assert_eq!(
        walk(&server, "/tenants/acme/directories", "name").await,
        ["a", "a-b", "a0", "ab", "b", "people"]
    );
    let path = format!("{PEOPLE}/tokens");
    let whole: Vec<Value> = server.get(&path).await.items().iter().map(|token| token["id"].clone()).collect();
    assert_eq!(whole.len(), 5);
    assert_eq!(walk(&server, &path, "id").await, whole);
}

#[tokio::test]
async fn a_page_is_asked_for_in_few_ways() {
    let server = Server::start().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=many", "limit"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=a&cursor=b", "cursor"),
        ("offset=1", "offset"),
    ] {
        server.get(&format!("/tenants?{query}")).await.expect_problem(400, Some(field));
    }
    assert!(server.get("/tenants?cursor=zz").await.items().is_empty(), "behind the end there is nothing");
}
