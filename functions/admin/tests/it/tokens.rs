//! Tokens over HTTP.

use crate::{PEOPLE, Server, people};
use domain::directory::{Directory, Shown};
use domain::store::{Kind, Origin};
use domain::tenant::Bearer;
use serde_json::{Value, json};
use std::sync::Arc;

const TOKENS: &str = "/tenants/acme/directories/people/tokens";

#[tokio::test]
async fn a_token_tells_its_secret_once_and_is_revoked() {
    let server = Server::start().await;
    let wanted = json!({ "kind": "scim", "user": null, "expires_at": "2099-01-31T12:00:00+02:00" });
    let made = server.ask("POST", TOKENS, wanted).await.expect(201);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    assert_eq!(made.headers["location"], format!("/api/v1{TOKENS}/{id}"));
    assert_eq!(made.headers["cache-control"], "no-store");
    assert_eq!(made.body["kind"], "scim");
    assert_eq!(made.body["user"], Value::Null);
    assert_eq!(made.body["expires_at"], "2099-01-31T10:00:00Z");
    let Bearer::Known(token) = server.store.authenticate(&secret).await.unwrap() else { panic!("unknown") };
    assert_eq!((&token.id, &token.directory), (&id, &people()));

    let plain = server.ask("POST", TOKENS, json!({ "kind": "scim" })).await.expect(201);
    assert_eq!(plain.body["expires_at"], Value::Null);
    let listed = server.get(TOKENS).await.items();
    let mut shown = made.body.clone();
    shown.as_object_mut().unwrap().shift_remove("secret");
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0], shown);
    assert!(!Value::from(listed).to_string().contains(&secret));

    server.ask("DELETE", &format!("{TOKENS}/{id}"), Value::Null).await.expect(204);
    assert_eq!(server.store.authenticate(&secret).await.unwrap(), Bearer::Unknown);
    server.ask("DELETE", &format!("{TOKENS}/{id}"), Value::Null).await.expect_problem(404, None);
    assert_eq!(server.get(TOKENS).await.items().len(), 1);
}

#[tokio::test]
async fn a_token_of_another_directory_is_absent() {
    let server = Server::start().await;
    let made = server.ask("POST", TOKENS, json!({ "kind": "scim" })).await.expect(201);
    let id = made.body["id"].as_str().unwrap();
    server.ask("POST", "/tenants/acme/directories", json!({ "name": "other" })).await.expect(201);
    for id in [id, "x", "%00", "%23", &"0".repeat(5000)] {
        let path = format!("/tenants/acme/directories/other/tokens/{id}");
        server.ask("DELETE", &path, Value::Null).await.expect_problem(404, None);
    }
    assert_eq!(server.get(TOKENS).await.items().len(), 1);
}

#[tokio::test]
async fn a_token_may_stand_for_a_user() {
    let server = Server::start().await;
    let opened = server.store.open(&people()).await.unwrap();
    let directory = Directory::new(Arc::clone(&server.store), opened, Origin::recovery(), "");
    let user = directory.create(Kind::User, json!({ "userName": "ada" }), Shown::NOTHING).await.unwrap();
    let id = user.id.to_string();
    let made = server.ask("POST", TOKENS, json!({ "kind": "scim", "user": id })).await.expect(201);
    assert_eq!(made.body["user"], id);
    assert_eq!(server.get(TOKENS).await.items()[0]["user"], id);
    let absent = "00000000-0000-8000-8000-000000000000";
    for user in [absent, "x", ""] {
        let wanted = json!({ "kind": "scim", "user": user });
        server.ask("POST", TOKENS, wanted).await.expect_problem(400, Some("user"));
    }
}

#[tokio::test]
async fn what_makes_no_token() {
    let server = Server::start().await;
    for (wanted, field) in [
        (json!({}), "kind"),
        (json!({ "kind": null }), "kind"),
        (json!({ "kind": "SCIM" }), "kind"),
        (json!({ "kind": "application" }), "kind"),
        (json!({ "kind": "administrator", "user": null }), "kind"),
        (json!({ "kind": "scim", "secret": "mine" }), "secret"),
        (json!({ "kind": ["scim"] }), "kind"),
        (json!({ "kind": "scim", "user": 7 }), "user"),
        (json!({ "kind": "scim", "expires_at": 1_700_000_000 }), "expires_at"),
        (json!({ "kind": "scim", "expires_at": "tomorrow" }), "expires_at"),
        (json!({ "kind": "scim", "expires_at": "2030-01-31" }), "expires_at"),
        (json!({ "kind": "scim", "expires_at": "2020-01-31T12:00:00Z" }), "expires_at"),
    ] {
        server.ask("POST", TOKENS, wanted).await.expect_problem(400, Some(field));
    }
    let later = server.ask("POST", TOKENS, json!({ "kind": "application" })).await;
    assert!(later.expect_problem(400, Some("kind")).contains("not part of this version"));
    assert!(server.get(TOKENS).await.items().is_empty());
    server.get(PEOPLE).await.expect(200);
}
