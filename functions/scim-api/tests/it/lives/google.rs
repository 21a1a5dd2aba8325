//! Google Workspace: probes one resource at a time; suspends first, and deletes days later.

use super::Client;
use crate::server::Server;
use serde_json::{Value, json};

const DAYS: i64 = 10 * 86_400;

fn google(server: &Server) -> Client<'_> {
    Client::new(
        server,
        &[("content-type", "application/scim+json"), ("user-agent", "Google-Auto-Provisioning")],
    )
}

#[tokio::test]
async fn a_user_is_suspended_and_deleted_days_later() {
    let server = Server::start().await;
    let client = google(&server);
    client.get("/Users?count=1").await.expect_list(0);
    client.get("/Users?startIndex=1&count=1").await.expect_list(0);
    assert!(client.find("Users", "userName eq \"ada@acme.example\"", "&count=1").await.is_empty());
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "ada@acme.example", "active": true, "displayName": "Ada Lovelace", "externalId": "10769",
        "name": { "familyName": "Lovelace", "givenName": "Ada", "formatted": "Ada Lovelace" },
        "emails": [{ "primary": true, "type": "work", "value": "ada@acme.example" }],
        "phoneNumbers": [{ "type": "work", "value": "tel:+44-20-7946-0958" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Engines" },
    });
    let created = client.ask("POST", "/Users", body.clone()).await.expect_resource(201, "User");
    assert_eq!(created.body["phoneNumbers"], body["phoneNumbers"], "no number is written anew");
    let probed = client.get("/Users?count=1").await;
    assert_eq!(probed.expect_list(1)[0], created.body);
    let path = format!("/Users/{}", created.id());

    server.clock.advance(60);
    let mut renamed = body;
    renamed["name"]["familyName"] = "King".into();
    let replaced = client.ask("PUT", &path, renamed).await.expect_resource(200, "User");
    assert_eq!(replaced.body["name"]["familyName"], "King");
    assert_eq!(replaced.body["meta"]["created"], created.body["meta"]["created"]);
    assert_ne!(replaced.body["meta"]["lastModified"], created.body["meta"]["lastModified"]);
    let suspend = json!([{ "op": "replace", "path": "active", "value": false }]);
    assert_eq!(client.patch(&path, suspend).await.expect_resource(200, "User").body["active"], false);
    server.clock.advance(DAYS);
    assert_eq!(client.get(&path).await.expect_resource(200, "User").body["active"], false);
    client.ask("DELETE", &path, Value::Null).await.expect(204);
    client.get(&path).await.expect_error(404, None);
    client.get("/Users?count=1").await.expect_list(0);
}
