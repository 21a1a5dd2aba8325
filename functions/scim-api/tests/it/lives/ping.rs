//! PingOne: two primary e-mails of which the last counts, and names of groups beyond ASCII.

use super::Client;
use crate::server::Server;
use serde_json::{Value, json};

fn ping(server: &Server) -> Client<'_> {
    Client::new(server, &[("content-type", "application/scim+json")])
}

fn person() -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "zoë@acme.example",
        "name": { "givenName": "Zoë", "familyName": "Šuštar" }, "active": true,
        "emails": [{ "value": "old@acme.example", "type": "work", "primary": true },
            { "value": "zoë@acme.example", "type": "home", "primary": true }] })
}

#[tokio::test]
async fn a_user_with_two_primary_addresses() {
    let server = Server::start().await;
    let client = ping(&server);
    assert!(client.find("Users", "userName eq \"zoë@acme.example\"", "").await.is_empty());
    let created = client.ask("POST", "/Users", person()).await.expect_resource(201, "User");
    let primary = |body: &Value| {
        let mails = body["emails"].as_array().unwrap();
        let primary = mails.iter().filter(|mail| mail["primary"] == true);
        primary.map(|mail| mail["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(primary(&created.body), ["zoë@acme.example"]);
    let path = format!("/Users/{}", created.id());
    let mut body = person();
    body["emails"].as_array_mut().unwrap().reverse();
    let replaced = client.ask("PUT", &path, body).await.expect_resource(200, "User");
    assert_eq!(primary(&replaced.body), ["old@acme.example"]);
    let patch = json!([{ "op": "add", "path": "emails",
        "value": [{ "value": "new@acme.example", "type": "other", "primary": true }] }]);
    let patched = client.patch(&path, patch).await.expect_resource(200, "User");
    assert_eq!(primary(&patched.body), ["new@acme.example"]);
    assert_eq!(patched.body["emails"].as_array().unwrap().len(), 3);
    assert_eq!(client.find("Users", "userName eq \"ZOË@acme.example\"", "").await[0]["id"], created.id());
    for active in [false, true] {
        let patch = json!([{ "op": "replace", "path": "active", "value": active }]);
        assert_eq!(client.patch(&path, patch).await.expect_resource(200, "User").body["active"], active);
    }
    client.ask("DELETE", &path, Value::Null).await.expect(204);
    client.ask("DELETE", &path, Value::Null).await.expect_error(404, None);
}

#[tokio::test]
async fn groups_are_found_by_names_beyond_ascii() {
    let server = Server::start().await;
    let client = ping(&server);
    let zoe = client.ask("POST", "/Users", person()).await.expect(201).id();
    for name in ["Zürich Überseering", "営業部", "Straße 7 \"Nord\"", "Отдел & Co. + 1%"] {
        let filter = format!("displayName eq {}", Value::from(name));
        assert!(client.find("Groups", &filter, "").await.is_empty());
        let body = json!({ "displayName": name, "members": [{ "value": zoe, "type": "User" }] });
        let group = client.ask("POST", "/Groups", body).await.expect_resource(201, "Group");
        assert_eq!(client.find_one("Groups", &filter, "").await, group.body, "{name}");
        let shown = format!("displayName eq {}", Value::from(name.to_uppercase()));
        assert_eq!(client.find("Groups", &shown, "").await.len(), 1, "{name}");
        let path = format!("/Groups/{}", group.id());
        let leave = json!([{ "op": "remove", "path": format!("members[value eq \"{zoe}\"]") }]);
        assert!(client.patch(&path, leave).await.expect_resource(200, "Group").members().is_empty());
        client.ask("DELETE", &path, Value::Null).await.expect(204);
    }
}
