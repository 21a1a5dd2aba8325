//! JumpCloud: makes and deletes a test user and a test group when it connects; removes members by a list.

use super::Client;
use crate::server::Server;
use serde_json::{Value, json};

fn jumpcloud(server: &Server) -> Client<'_> {
    Client::new(server, &[("content-type", "application/scim+json"), ("accept", "application/scim+json")])
}

fn person(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": true,
        "name": { "givenName": "Test", "familyName": "User" }, "displayName": "Test User",
        "emails": [{ "value": name, "type": "work", "primary": true }] })
}

#[tokio::test]
async fn connecting_leaves_nothing_behind() {
    let server = Server::start().await;
    let client = jumpcloud(&server);
    // Twice, as an administrator who presses the button again.
    for _ in 0..2 {
        assert!(client.find("Users", "userName eq \"test@acme.example\"", "").await.is_empty());
        let user =
            client.ask("POST", "/Users", person("test@acme.example")).await.expect_resource(201, "User");
        let path = format!("/Users/{}", user.id());
        client.get(&path).await.expect_resource(200, "User");
        let mut off = person("test@acme.example");
        off["active"] = false.into();
        assert_eq!(client.ask("PUT", &path, off).await.expect_resource(200, "User").body["active"], false);
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Test group",
            "members": [{ "value": user.id() }] });
        let group = client.ask("POST", "/Groups", body).await.expect_resource(201, "Group");
        client.ask("DELETE", &format!("/Groups/{}", group.id()), Value::Null).await.expect(204);
        client.ask("DELETE", &path, Value::Null).await.expect(204);
    }
    client.get("/Users").await.expect_list(0);
    client.get("/Groups").await.expect_list(0);
}

#[tokio::test]
async fn members_are_removed_by_a_list_and_nobody_else_is() {
    let server = Server::start().await;
    let client = jumpcloud(&server);
    let mut ids = Vec::new();
    for name in ["ada@acme.example", "alan@acme.example", "grace@acme.example"] {
        ids.push(client.ask("POST", "/Users", person(name)).await.expect(201).id());
    }
    ids.sort_unstable();
    let all: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "displayName": "Engines", "members": all });
    let group = client.ask("POST", "/Groups", body).await.expect_resource(201, "Group");
    assert_eq!(group.members(), ids);
    let path = format!("/Groups/{}", group.id());
    let remove = |list: Value| json!([{ "op": "remove", "path": "members", "value": list }]);
    let left = client.patch(&path, remove(json!([all[0], all[2]]))).await.expect_resource(200, "Group");
    assert_eq!(left.members(), [ids[1].as_str()]);
    let same = client.patch(&path, remove(json!([]))).await.expect_resource(200, "Group");
    assert_eq!(same.body, left.body, "a list of nobody removes nobody");
    let operations = json!([{ "op": "replace", "path": "active", "value": false }]);
    let deactivated = client.patch(&format!("/Users/{}", ids[1]), operations).await;
    assert_eq!(deactivated.expect_resource(200, "User").body["active"], false);
    assert_eq!(client.get(&path).await.expect(200).members(), [ids[1].as_str()], "and is still a member");
    client.ask("DELETE", &format!("/Users/{}", ids[1]), Value::Null).await.expect(204);
    assert!(client.get(&path).await.expect(200).members().is_empty());
}
