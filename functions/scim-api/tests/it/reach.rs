//! Who reaches what: every route is asked without a token, with a wrong one, and with another directory's.

use crate::Server;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

const ROUTES: [(&str, &str); 12] = [
    ("GET", "/Users"),
    ("POST", "/Users"),
    ("GET", "/Users/{id}"),
    ("PUT", "/Users/{id}"),
    ("PATCH", "/Users/{id}"),
    ("DELETE", "/Users/{id}"),
    ("GET", "/Groups"),
    ("POST", "/Groups"),
    ("GET", "/Groups/{id}"),
    ("PUT", "/Groups/{id}"),
    ("PATCH", "/Groups/{id}"),
    ("DELETE", "/Groups/{id}"),
];

async fn ask(server: &Server, method: &str, path: &str, authorization: Option<&str>) -> crate::Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "h");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let body = json!({ "userName": "x", "displayName": "x", "Operations": [{ "op": "add", "path": "externalId", "value": "x" }] });
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn every_route_wants_a_token() {
    let server = Server::start().await;
    let basic = format!("Basic {}", server.token);
    for (method, path) in ROUTES {
        for base in ["/scim/v2", "/t/acme/people/scim/v2"] {
            for authorization in
                [None, Some(""), Some("Bearer"), Some("Bearer muster_wrong"), Some(basic.as_str())]
            {
                let answer = ask(&server, method, &format!("{base}{path}"), authorization).await;
                assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"scim\"");
                answer.expect_error(401, None);
            }
        }
    }
}

#[tokio::test]
async fn a_token_opens_its_own_directory_only() {
    let server = Server::start().await;
    let user = server.ask("POST", "/Users", json!({ "userName": "ada" })).await.expect(201).id();
    let group = server.ask("POST", "/Groups", json!({ "displayName": "staff" })).await.expect(201).id();
    let other = format!("bearer {}", server.other_token);
    for (method, path) in ROUTES.into_iter().filter(|(_, path)| path.contains("{id}")) {
        let id = if path.contains("Users") { &user } else { &group };
        let path = path.replace("{id}", id);
        ask(&server, method, &format!("/scim/v2{path}"), Some(&other)).await.expect_error(404, None);
        // The path names a directory, the token another: the same answer as for one that does not exist.
        let foreign = ask(&server, method, &format!("/t/acme/people/scim/v2{path}"), Some(&other)).await;
        let absent = ask(&server, method, &format!("/t/nobody/nothing/scim/v2{path}"), Some(&other)).await;
        assert_eq!(foreign.expect_error(401, None), absent.expect_error(401, None));
    }
    let filtered = ask(&server, "GET", "/scim/v2/Users?filter=userName+eq+%22ada%22", Some(&other)).await;
    assert_eq!(filtered.expect(200).body["totalResults"], 0);
    let member = json!({ "displayName": "g", "members": [{ "value": user }] });
    let request = Request::builder().method("POST").uri("/scim/v2/Groups").header("host", "h");
    let request = request.header("authorization", &other).body(Body::from(member.to_string())).unwrap();
    server.send(request).await.expect_error(400, Some("invalidValue"));
    server.get(&format!("/Users/{user}")).await.expect(200);
}

#[tokio::test]
async fn both_bases_and_trailing_slashes_are_the_same_place() {
    let server = Server::start().await;
    let user = server.ask("POST", "/Users/", json!({ "userName": "ada" })).await.expect(201).id();
    let own = format!("Bearer {}", server.token);
    let answer =
        ask(&server, "GET", &format!("/t/acme/people/scim/v2/Users/{user}/"), Some(&own)).await.expect(200);
    let location = format!("http://h/t/acme/people/scim/v2/Users/{user}");
    assert_eq!(answer.body["meta"]["location"], location);
}
