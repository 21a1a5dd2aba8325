//! `/Me` (RFC 7644 §3.11): what somebody may do who has a token that stands for them.

use crate::server::{Server, user};
use domain::store::Id;
use domain::tenant::TokenTerms;
use serde_json::{Value, json};

const METHODS: [&str; 5] = ["GET", "PUT", "PATCH", "DELETE", "POST"];

async fn token_for(server: &Server, id: &str) -> String {
    let terms = TokenTerms { user: Id::parse(id), ..TokenTerms::default() };
    server.store.create_token_on(&server.people, terms).await.unwrap().secret
}

#[tokio::test]
async fn a_token_of_a_directory_stands_for_nobody() {
    let server = Server::start().await;
    for method in METHODS {
        for path in ["/Me", "/Me/"] {
            server.ask(method, path, json!({ "userName": "x" })).await.expect_error(501, None);
        }
    }
}

#[tokio::test]
async fn a_user_reads_changes_and_deletes_themselves() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let token = token_for(&server, &id).await;
    let ask = async |method: &str, body: Value| server.ask_as(&token, method, "/Me", body).await;
    let read = ask("GET", Value::Null).await.expect_resource(200, "User");
    assert_eq!(read.id(), id);
    let cut = server.ask_as(&token, "GET", "/Me?attributes=userName", Value::Null).await.expect(200);
    assert_eq!((&cut.body["userName"], cut.body.get("meta")), (&json!("ada"), None));
    let patch = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Countess" }] });
    let patched = ask("PATCH", patch).await.expect_resource(200, "User");
    assert_eq!(
        (&patched.body["title"], patched.headers["etag"].to_str().unwrap()),
        (&json!("Countess"), "W/\"2\"")
    );
    let replaced = ask("PUT", json!({ "userName": "ada.king" })).await.expect_resource(200, "User");
    assert_eq!((&replaced.body["userName"], replaced.body.get("title")), (&json!("ada.king"), None));
    ask("POST", user("eve")).await.expect_error(501, None);
    ask("DELETE", Value::Null).await.expect(204);
    ask("GET", Value::Null).await.expect_error(404, None);
    server.get(&format!("/Users/{id}")).await.expect_error(404, None);
}

#[tokio::test]
async fn versions_count_for_oneself_as_well() {
    let server = Server::start().await;
    let token = format!("Bearer {}", token_for(&server, &server.user("ada").await).await);
    let ask = async |method: &str, name: &str, tag: &str| {
        let headers = [("authorization", token.as_str()), (name, tag)];
        let operation = json!({ "op": "add", "path": "title", "value": "T" });
        server
            .ask_with(&headers, method, "/Me", json!({ "userName": "ada", "Operations": [operation] }))
            .await
    };
    for method in ["PUT", "PATCH", "DELETE"] {
        ask(method, "if-match", "W/\"7\"").await.expect_error(412, None);
        ask(method, "if-none-match", "W/\"1\"").await.expect_error(412, None);
    }
    ask("GET", "if-none-match", "W/\"1\"").await.expect(304);
}

#[tokio::test]
async fn everywhere_else_it_is_refused() {
    let server = Server::start().await;
    let (ada, alan) = (server.user("ada").await, server.user("alan").await);
    let staff = server.group("staff", &[&ada]).await;
    let token = token_for(&server, &ada).await;
    let patch = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "x" }] });
    for (method, path, body) in [
        ("GET", "/Users".to_owned(), Value::Null),
        ("POST", "/Users".to_owned(), user("eve")),
        ("GET", format!("/Users/{ada}"), Value::Null),
        ("GET", format!("/Users/{alan}"), Value::Null),
        ("PUT", format!("/Users/{alan}"), user("eve")),
        ("PATCH", format!("/Users/{ada}"), patch.clone()),
        ("DELETE", format!("/Users/{alan}"), Value::Null),
        ("GET", "/Groups".to_owned(), Value::Null),
        ("GET", format!("/Groups/{staff}"), Value::Null),
        ("PATCH", format!("/Groups/{staff}"), patch),
        ("POST", "/Users/.search".to_owned(), json!({})),
        ("POST", "/.search".to_owned(), json!({})),
        ("POST", "/Bulk".to_owned(), json!({ "Operations": [] })),
        ("GET", "/Robots".to_owned(), Value::Null),
    ] {
        server.ask_as(&token, method, &path, body).await.expect_error(403, None);
    }
    // What the server can do may be known to everybody.
    server.ask_as(&token, "GET", "/ServiceProviderConfig", Value::Null).await.expect(200);
    assert_eq!(server.get(&format!("/Users/{alan}")).await.expect(200).headers["etag"], "W/\"1\"");
}

#[tokio::test]
async fn nobody_gets_a_token_who_is_not_there() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    server.ask("DELETE", &format!("/Users/{id}"), Value::Null).await.expect(204);
    let terms = TokenTerms { user: Id::parse(&id), ..TokenTerms::default() };
    let refused = server.store.create_token_on(&server.people, terms).await;
    assert!(matches!(refused, Err(domain::Error::NotFound)), "{refused:?}");
}
