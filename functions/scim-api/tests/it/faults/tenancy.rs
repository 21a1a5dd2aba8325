//! Faults 12 to 14: secrets that could be guessed piece by piece, tokens that are good no longer, and names that look
//! like paths.

use crate::server::{Server, encoded, group, user};
use domain::ports::Clock as _;
use domain::store::keys;
use domain::tenant::TokenTerms;
use jiff::ToSpan as _;
use serde_json::{Value, json};

/// No secret is ever compared: the token is looked up under its hash, which says nothing about it. Whoever measures
/// how long that takes learns something of a hash that they can compute themselves.
#[tokio::test]
async fn fault_12_a_token_is_found_by_its_hash_and_kept_nowhere() {
    let server = Server::start().await;
    let key = keys::token(&server.token);
    assert_eq!(key.partition, format!("K#{}", keys::hash(&server.token)));
    let mut near = server.token.clone();
    let last = if near.pop() == Some('A') { 'B' } else { 'A' };
    near.push(last);
    let other = keys::token(&near).partition;
    let same = key.partition.bytes().zip(other.bytes()).filter(|(one, two)| one == two).count();
    assert!(same < key.partition.len() / 2, "one character more or less changes all of the key");
    server.ask_as(&near, "GET", "/Users", Value::Null).await.expect_error(401, None);
    let stored = std::fs::read(server.table_file()).unwrap();
    let secret = server.token.strip_prefix("muster_").unwrap().as_bytes();
    assert!(!stored.windows(secret.len()).any(|window| window == secret));
}

#[tokio::test]
async fn fault_13_tokens_are_rotated_revoked_and_expire() {
    let server = Server::start().await;
    server.clock.advance(60);
    let new = server.store.create_token(&server.people).await.unwrap();
    let expires = server.clock.now().checked_add(1.hours()).unwrap();
    let terms = TokenTerms { expires: Some(expires), ..TokenTerms::default() };
    let short = server.store.create_token_on(&server.people, terms).await.unwrap();
    let path = format!("/Users/{}", server.user("ada").await);
    for token in [&server.token, &new.secret, &short.secret] {
        server.ask_as(token, "GET", &path, Value::Null).await.expect_resource(200, "User");
    }
    let old =
        server.store.tokens(&server.people, &domain::store::Stretch::WHOLE).await.unwrap().items.remove(0);
    assert!(server.store.revoke_token(&server.people, &old.id).await.unwrap());
    assert!(!server.store.revoke_token(&server.people, &old.id).await.unwrap());
    server.get(&path).await.expect_error(401, None);
    server.ask_as(&new.secret, "GET", &path, Value::Null).await.expect_resource(200, "User");
    server.clock.advance(3_599);
    server.ask_as(&short.secret, "GET", &path, Value::Null).await.expect_resource(200, "User");
    server.clock.advance(1);
    let detail = server.ask_as(&short.secret, "GET", &path, Value::Null).await.expect_error(401, None);
    let unknown = server.ask_as("muster_unknown", "GET", &path, Value::Null).await.expect_error(401, None);
    assert_eq!(detail, unknown, "what was once a token is no hint");
    server.ask_as(&new.secret, "GET", &path, Value::Null).await.expect_resource(200, "User");
}

const NAMES: [&str; 12] = [
    "a#b",
    "a/b",
    "a%2fb",
    "%2e%2e",
    "..",
    "../Groups",
    ".search",
    "a?b=c",
    "a&b",
    "acme/people#x",
    "a\\b",
    "a'b\"c",
];

#[tokio::test]
async fn fault_14_names_that_look_like_paths() {
    let server = Server::start().await;
    for name in NAMES {
        let mut body = user(name);
        body["externalId"] = name.into();
        body["emails"] = json!([{ "value": name, "type": "work" }]);
        let created = server.ask("POST", "/Users", body.clone()).await.expect_resource(201, "User");
        server.ask_as(&server.other_token, "POST", "/Users", body.clone()).await.expect(201);
        server.ask("POST", "/Users", body).await.expect_error(409, Some("uniqueness"));
        for attribute in ["userName", "externalId", "emails.value"] {
            let filter = encoded(&format!("{attribute} eq {}", Value::from(name)));
            let found = server.get(&format!("/Users?filter={filter}")).await.expect_list(1);
            assert_eq!(found[0], created.body, "{attribute} {name}");
        }
        let team =
            server.ask("POST", "/Groups", group(name, &[&created.id()])).await.expect_resource(201, "Group");
        let filter = encoded(&format!("displayName eq {}", Value::from(name)));
        assert_eq!(server.get(&format!("/Groups?filter={filter}")).await.expect_list(1)[0]["id"], team.id());
    }
    server.get("/Users").await.expect_list(NAMES.len() as u64);
}

#[tokio::test]
async fn fault_14_ids_and_directories_that_look_like_paths() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    for wrong in [
        format!("%2e%2e/Users/{id}"),
        format!("..%2fUsers%2f{id}"),
        format!("{id}%23"),
        format!("{id}%2f"),
        format!("{id}%00"),
        format!("%2f{id}"),
        format!("{id}%3fattributes=id"),
        id.replace('-', ""),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
    ] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let answer = server.ask(method, &format!("/Users/{wrong}"), patch()).await;
            assert!([404, 405].contains(&answer.status.as_u16()), "{method} {wrong}: {answer:?}");
        }
    }
    for wrong in [
        "acme%2fpeople/x",
        "acme/people%23",
        "acme%23/people",
        "%2e%2e/people",
        "acme/..%2fpeople",
        "acme/%ff",
    ] {
        let request = server.request("GET", &format!("/t/{wrong}/scim/v2/Users/{id}"));
        let answer = server.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert!([401, 404].contains(&answer.status.as_u16()), "{wrong}: {answer:?}");
        assert_eq!(answer.headers["content-type"], "application/scim+json");
    }
    // The same name, spelled otherwise.
    let request = server.request("GET", &format!("/t/%61cme/people/scim/v2/Users/{id}"));
    server.send(request.body(axum::body::Body::empty()).unwrap()).await.expect(200);
    assert_eq!(server.get(&format!("/Users/{id}")).await.expect(200).headers["etag"], "W/\"1\"");
}

fn patch() -> Value {
    json!({ "userName": "eve", "Operations": [{ "op": "replace", "path": "title", "value": "x" }] })
}
