//! Groups over HTTP.

use crate::Server;
use serde_json::json;

#[tokio::test]
async fn a_group_has_members() {
    let server = Server::start().await;
    let ada = server
        .ask("POST", "/Users", json!({ "userName": "ada", "displayName": "Ada" }))
        .await
        .expect(201)
        .id();
    let alan = server.ask("POST", "/Users", json!({ "userName": "alan" })).await.expect(201).id();
    let body = json!({ "displayName": "Staff", "members": [{ "value": ada }],
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"] });
    let group = server.ask("POST", "/Groups", body).await.expect(201);
    let reference = format!("http://scim.acme.example/scim/v2/Users/{ada}");
    assert_eq!(
        group.body["members"],
        json!([{ "value": ada, "type": "User", "$ref": reference, "display": "Ada" }])
    );
    let path = format!("/Groups/{}", group.id());

    let add = json!({ "Operations": [{ "op": "Add", "path": "members", "value": [{ "value": alan }] }] });
    let added = server.ask("PATCH", &path, add).await.expect(200);
    assert_eq!(added.body["members"].as_array().unwrap().len(), 2);
    let remove = json!({ "Operations": [{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": ada }] }] });
    let removed = server.ask("PATCH", &path, remove).await.expect(200);
    assert_eq!(removed.body["members"].as_array().unwrap().len(), 1);

    let without = server.get(&format!("{path}?excludedAttributes=members")).await.expect(200);
    assert_eq!(without.body.get("members"), None);
    let entra = format!(
        "/Groups?filter=id+eq+%22{}%22+and+members+eq+%22{alan}%22&excludedAttributes=members",
        group.id()
    );
    let entra = server.get(&entra).await.expect(200);
    assert_eq!(entra.body["totalResults"], 1);
    assert_eq!(entra.body["Resources"][0].get("members"), None);

    server
        .ask("POST", "/Groups", json!({ "displayName": "staff" }))
        .await
        .expect_error(409, Some("uniqueness"));
    let nobody =
        json!({ "displayName": "Ghosts", "members": [{ "value": "00000000-0001-8abc-8abc-0123456789ab" }] });
    server.ask("POST", "/Groups", nobody).await.expect_error(400, Some("invalidValue"));
    server.ask("DELETE", &path, json!(null)).await.expect(204);
    server.get(&path).await.expect_error(404, None);
}

#[tokio::test]
async fn a_group_is_not_its_own_member() {
    let server = Server::start().await;
    let group = server.ask("POST", "/Groups", json!({ "displayName": "Staff" })).await.expect(201).id();
    let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": group }] }] });
    server.ask("PATCH", &format!("/Groups/{group}"), add).await.expect_error(400, Some("invalidValue"));
    let itself = json!({ "displayName": "Staff", "members": [{ "value": group }] });
    server.ask("PUT", &format!("/Groups/{group}"), itself).await.expect_error(400, Some("invalidValue"));
}
