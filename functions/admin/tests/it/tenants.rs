//! Tenants over HTTP.

use crate::Server;
use serde_json::json;

#[tokio::test]
async fn a_tenant_is_created_once() {
    let server = Server::start().await;
    let created = server.ask("POST", "/tenants", json!({ "name": "globex" })).await.expect(201);
    assert_eq!(created.headers["location"], "/api/v1/tenants/globex");
    assert_eq!(created.body, json!({ "name": "globex" }));
    assert_eq!(server.get("/tenants/globex").await.expect(200).body, created.body);
    let again = server.ask("POST", "/tenants", json!({ "name": "globex" })).await;
    assert_eq!(again.expect_problem(409, Some("name")), "there is a tenant globex already");
    assert_eq!(
        server.get("/tenants").await.items(),
        [json!({ "name": "acme" }), json!({ "name": "globex" })]
    );
    assert!(server.get("/tenants/globex/directories").await.items().is_empty());
}
