//! Okta: users by PUT and PATCH, deactivated and never deleted; groups pushed whole and in parts.

use super::Client;
use crate::server::{Server, user};
use serde_json::{Value, json};

const PAGE: &str = "&startIndex=1&count=100";

fn okta(server: &Server) -> Client<'_> {
    Client::new(
        server,
        &[("content-type", "application/scim+json; charset=utf-8"), ("user-agent", "Okta SCIM Client 1.0.0")],
    )
}

fn profile(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name,
        "name": { "givenName": "Ada", "familyName": "Lovelace" }, "displayName": "Ada Lovelace",
        "emails": [{ "primary": true, "value": name, "type": "work" }],
        "phoneNumbers": [{ "primary": true, "value": "+44 (20) 7946-0958 ext. 7", "type": "mobile" }],
        "locale": "en-US", "externalId": "00u1a2b3", "groups": [], "password": "Xy7-not-kept", "active": true,
    })
}

#[tokio::test]
async fn connects_and_is_told_when_the_token_is_wrong() {
    let server = Server::start().await;
    okta(&server).get("/Users?startIndex=1&count=2").await.expect_list(0);
    okta(&server).get("/Groups?startIndex=1&count=100").await.expect_list(0);
    let wrong = server.ask_as("muster_wrong", "GET", "/Users?startIndex=1&count=2", Value::Null).await;
    wrong.expect_error(401, None);
}

#[tokio::test]
async fn a_user_is_looked_for_created_and_kept() {
    let server = Server::start().await;
    let client = okta(&server);
    assert!(client.find("Users", "userName eq \"ada@acme.example\"", PAGE).await.is_empty());
    let created =
        client.ask("POST", "/Users", profile("ada@acme.example")).await.expect_resource(201, "User");
    let mut sent = profile("ada@acme.example");
    for echoed in ["groups", "password"] {
        sent.as_object_mut().unwrap().shift_remove(echoed);
    }
    for (name, value) in sent.as_object().unwrap().iter().filter(|(name, _)| *name != "schemas") {
        assert_eq!(&created.body[name], value, "{name} comes back as it was sent");
    }
    client.ask("POST", "/Users", profile("ADA@acme.example")).await.expect_error(409, Some("uniqueness"));
    let found = client.find_one("Users", "userName eq \"Ada@Acme.example\"", PAGE).await;
    assert_eq!(found, created.body);
    let path = format!("/Users/{}", created.id());
    assert_eq!(client.get(&path).await.expect_resource(200, "User").body, created.body);
    client.get("/Users/00u1a2b3").await.expect_error(404, None);
}

#[tokio::test]
async fn a_profile_is_updated_by_put_of_all_that_was_read() {
    let server = Server::start().await;
    let client = okta(&server);
    let created = client.ask("POST", "/Users", profile("ada@acme.example")).await.expect(201);
    let path = format!("/Users/{}", created.id());
    let group = server.group("Staff", &[&created.id()]).await;
    let mut whole = client.get(&path).await.expect_resource(200, "User").body;
    assert_eq!(whole["groups"][0]["value"], group);
    whole["title"] = "Countess".into();
    let members = whole.as_object_mut().unwrap();
    members.shift_remove("active");
    let changed = client.ask("PUT", &path, whole.clone()).await.expect_resource(200, "User");
    assert_eq!((&changed.body["title"], &changed.body["active"]), (&json!("Countess"), &json!(true)));
    assert_eq!(changed.body["groups"], whole["groups"], "the echo of the groups is no change of them");
    // The same once more is no change at all.
    let again = client.ask("PUT", &path, whole).await.expect_resource(200, "User");
    assert_eq!(again.body, changed.body);
}

#[tokio::test]
async fn a_user_is_deactivated_stays_visible_and_comes_back() {
    let server = Server::start().await;
    let client = okta(&server);
    let id = client.ask("POST", "/Users", profile("ada@acme.example")).await.expect(201).id();
    let path = format!("/Users/{id}");
    for active in [false, true] {
        let operations = json!([{ "op": "replace", "value": { "active": active } }]);
        let patched = client.patch(&path, operations).await.expect_resource(200, "User");
        assert_eq!(patched.body["active"], active);
        assert_eq!(client.get(&path).await.expect_resource(200, "User").body["active"], active);
        let found = client.find("Users", "userName eq \"ada@acme.example\"", PAGE).await;
        assert_eq!(found[0]["active"], active);
    }
}

#[tokio::test]
async fn an_import_sees_everybody_once_page_by_page() {
    let server = Server::start().await;
    let client = okta(&server);
    let ids = server.populate("Users", (0..230).map(|at| user(&format!("user{at}"))).collect()).await;
    let mut seen = Vec::new();
    for start in [1, 101, 201] {
        let page = client.get(&format!("/Users?startIndex={start}&count=100")).await;
        assert_eq!(page.body["startIndex"], start);
        seen.extend(page.expect_list(230).iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, ids, "in the order in which they were created");
}

#[tokio::test]
async fn a_group_is_pushed_in_every_way() {
    let server = Server::start().await;
    let client = okta(&server);
    let mut ids = server.populate("Users", (0..300).map(|at| user(&format!("user{at}"))).collect()).await;
    ids.sort_unstable();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert!(client.find("Groups", "displayName eq \"Staff\"", PAGE).await.is_empty());
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Staff",
        "members": [{ "value": ids[0], "display": "user0" }] });
    let group = client.ask("POST", "/Groups", body).await.expect_resource(201, "Group");
    assert_eq!(group.members(), [ids[0]]);
    let (id, path) = (group.id(), format!("/Groups/{}", group.id()));

    let name = json!({ "op": "replace", "value": { "id": id, "displayName": "Staff" } });
    assert_eq!(client.patch(&path, json!([name])).await.expect_resource(200, "Group").body, group.body);
    let swap = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[0]) },
        { "op": "add", "path": "members", "value": [{ "value": ids[1], "display": "user1" }] }]);
    assert_eq!(client.patch(&path, swap).await.expect_resource(200, "Group").members(), [ids[1]]);

    let all: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    let first: Vec<Value> = all[..50].to_vec();
    let replace = json!([{ "op": "replace", "path": "members", "value": first }]);
    assert_eq!(client.patch(&path, replace).await.expect_resource(200, "Group").members(), ids[..50]);
    // Too many to be answered whole, none of which is lost.
    let replace = json!([{ "op": "replace", "value": { "members": all } }]);
    let many = client.patch(&path, replace).await.expect(204);
    assert_eq!(client.get(&path).await.expect_resource(200, "Group").headers["etag"], many.headers["etag"]);
    assert_eq!(client.get(&path).await.expect(200).members(), ids);
    let rename = json!([{ "op": "replace", "value": { "id": id, "displayName": "All staff" } }]);
    client.patch(&path, rename).await.expect(204);
    assert_eq!(client.get(&path).await.expect(200).members().len(), 300);
    assert_eq!(client.find("Groups", "displayName eq \"all STAFF\"", PAGE).await[0]["id"], id);

    client.ask("DELETE", &path, Value::Null).await.expect(204);
    client.get(&path).await.expect_error(404, None);
    let former = client.get(&format!("/Users/{}", ids[7])).await.expect_resource(200, "User");
    assert_eq!(former.body.get("groups"), None);
}
