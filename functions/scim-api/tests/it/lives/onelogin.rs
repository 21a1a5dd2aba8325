//! OneLogin: the URN of SCIM 1.0 in its template, no user agent, updates by PUT.

use super::Client;
use crate::server::Server;
use serde_json::{Value, json};

fn onelogin(server: &Server) -> Client<'_> {
    Client::new(server, &[("content-type", "application/json"), ("user-agent", "")])
}

fn person(title: Option<&str>) -> Value {
    json!({
        "schemas": ["urn:scim:schemas:core:1.0"], "userName": "ada@acme.example", "externalId": "77",
        "name": { "givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace" },
        "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }], "title": title,
    })
}

#[tokio::test]
async fn a_user_from_the_first_look_to_the_last() {
    let server = Server::start().await;
    let client = onelogin(&server);
    client.get("/ServiceProviderConfig").await.expect(200);
    assert!(
        client.find("Users", "userName eq \"ada@acme.example\"", "&startIndex=1&count=10").await.is_empty()
    );
    let created = client.ask("POST", "/Users", person(None)).await.expect_resource(201, "User");
    assert_eq!(created.body["schemas"][0], "urn:ietf:params:scim:schemas:core:2.0:User");
    let path = format!("/Users/{}", created.id());
    let updated = client.ask("PUT", &path, person(Some("Countess"))).await.expect_resource(200, "User");
    assert_eq!((&updated.body["title"], &updated.body["active"]), (&json!("Countess"), &json!(true)));
    assert_eq!(updated.body["meta"]["created"], created.body["meta"]["created"]);
    for active in [false, true] {
        let mut body = person(Some("Countess"));
        body["active"] = active.into();
        assert_eq!(client.ask("PUT", &path, body).await.expect_resource(200, "User").body["active"], active);
        let patch = json!({ "schemas": ["urn:scim:schemas:core:1.0"],
            "Operations": [{ "op": "replace", "path": "active", "value": active }] });
        assert_eq!(
            client.ask("PATCH", &path, patch).await.expect_resource(200, "User").body["active"],
            active
        );
    }
    client.ask("DELETE", &path, Value::Null).await.expect(204);
    assert!(client.find("Users", "userName eq \"ada@acme.example\"", "").await.is_empty());
}

#[tokio::test]
async fn roles_become_groups_with_members() {
    let server = Server::start().await;
    let client = onelogin(&server);
    let ada = client.ask("POST", "/Users", person(None)).await.expect(201).id();
    let body = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "displayName": "Engines" });
    let group = client.ask("POST", "/Groups", body).await.expect_resource(201, "Group");
    let path = format!("/Groups/{}", group.id());
    let change = |op: &str| json!([{ "op": op, "path": "members", "value": [{ "value": ada }] }]);
    assert_eq!(
        client.patch(&path, change("add")).await.expect_resource(200, "Group").members(),
        [ada.as_str()]
    );
    let groups = client.get("/Groups").await.expect_list(1);
    assert_eq!(
        (&groups[0]["displayName"], &groups[0]["members"][0]["value"]),
        (&json!("Engines"), &json!(ada))
    );
    assert!(client.patch(&path, change("remove")).await.expect_resource(200, "Group").members().is_empty());
    client.ask("DELETE", &path, Value::Null).await.expect(204);
}
