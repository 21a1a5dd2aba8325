//! What the server says of itself, and that it is so.

use crate::Server;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

#[tokio::test]
async fn discovery_needs_no_token() {
    let server = Server::start().await;
    for path in [
        "/ServiceProviderConfig",
        "/ResourceTypes",
        "/ResourceTypes/User",
        "/Schemas",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group",
    ] {
        let request = Request::builder()
            .uri(format!("/scim/v2{path}"))
            .header("host", "h")
            .body(Body::empty())
            .unwrap();
        let answer = server.send(request).await.expect(200);
        assert_eq!(answer.headers["content-type"], "application/scim+json");
    }
    let types = server.get("/ResourceTypes").await.expect(200);
    assert_eq!(types.body["totalResults"], 2);
    for resource_type in types.body["Resources"].as_array().unwrap() {
        let location = resource_type["meta"]["location"].as_str().unwrap();
        let path = location.strip_prefix("http://scim.acme.example/scim/v2").unwrap();
        assert_eq!(&server.get(path).await.expect(200).body, resource_type);
        server.get(resource_type["endpoint"].as_str().unwrap()).await.expect(200);
    }
    for schema in server.get("/Schemas").await.expect(200).body["Resources"].as_array().unwrap() {
        let path = format!("/Schemas/{}", schema["id"].as_str().unwrap());
        assert_eq!(&server.get(&path).await.expect(200).body, schema);
    }
    server.get("/Schemas/urn:none").await.expect_error(404, None);
    server.get("/ResourceTypes/Robot").await.expect_error(404, None);
    server.get("/Schemas?filter=id+pr").await.expect_error(403, None);
}

/// The members of the configuration that say what is supported, and whether it is there.
#[tokio::test]
async fn what_is_supported_is_there_and_nothing_else() {
    let server = Server::start().await;
    let config = server.get("/ServiceProviderConfig").await.expect(200);
    let supported = |feature: &str| config.body[feature]["supported"].as_bool().unwrap();
    for (feature, expected) in [
        ("patch", true),
        ("bulk", true),
        ("filter", true),
        ("sort", true),
        ("etag", true),
        ("changePassword", false),
    ] {
        assert_eq!(supported(feature), expected, "{feature}");
    }
    assert_eq!(config.body["bulk"]["maxOperations"], scim_api::MAX_OPERATIONS);
    assert_eq!(config.body["bulk"]["maxPayloadSize"], scim_api::MAX_BODY_BYTES);
    assert_eq!(config.body["filter"]["maxResults"], scim_api::MAX_PAGE);
    server.ask("POST", "/Bulk", json!({})).await.expect_error(400, Some("invalidSyntax"));
    assert_eq!(
        config.body["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
    );
    assert_eq!(config.body["authenticationSchemes"][0]["type"], "oauthbearertoken");
}
