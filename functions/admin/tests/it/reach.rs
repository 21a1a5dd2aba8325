//! Who reaches what: every route is asked without a key and with wrong ones.

use crate::{KEY, PEOPLE, Server};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use std::collections::BTreeSet;

/// Every operation, on the tenant and the directory that there are.
const OPERATIONS: [(&str, &str); 40] = [
    ("GET", "/tenants"),
    ("POST", "/tenants"),
    ("GET", "/tenants/{tenant}"),
    ("GET", "/tenants/{tenant}/directories"),
    ("POST", "/tenants/{tenant}/directories"),
    ("GET", "/tenants/{tenant}/directories/{directory}"),
    ("PATCH", "/tenants/{tenant}/directories/{directory}"),
    ("GET", "/tenants/{tenant}/directories/{directory}/tokens"),
    ("POST", "/tenants/{tenant}/directories/{directory}/tokens"),
    ("DELETE", "/tenants/{tenant}/directories/{directory}/tokens/{id}"),
    ("GET", "/tenants/{tenant}/directories/{directory}/schemas"),
    ("POST", "/tenants/{tenant}/directories/{directory}/schemas"),
    ("PUT", "/tenants/{tenant}/directories/{directory}/schemas"),
    ("DELETE", "/tenants/{tenant}/directories/{directory}/schemas/{name}"),
    ("GET", "/tenants/{tenant}/directories/{directory}/configurations"),
    ("POST", "/tenants/{tenant}/directories/{directory}/configurations"),
    ("GET", "/tenants/{tenant}/directories/{directory}/configurations/{name}"),
    ("PUT", "/tenants/{tenant}/directories/{directory}/configurations/{name}"),
    ("PATCH", "/tenants/{tenant}/directories/{directory}/configurations/{name}"),
    ("DELETE", "/tenants/{tenant}/directories/{directory}/configurations/{name}"),
    ("POST", "/tenants/{tenant}/directories/{directory}/configurations/{name}/run"),
    ("POST", "/tenants/{tenant}/directories/{directory}/configurations/{name}/test-access"),
    ("GET", "/tenants/{tenant}/directories/{directory}/configurations/{name}/ssh-key"),
    ("POST", "/tenants/{tenant}/directories/{directory}/configurations/{name}/ssh-key"),
    ("GET", "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys"),
    ("POST", "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys"),
    ("GET", "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys/{key}/public-key"),
    ("POST", "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys/{key}/retire"),
    ("GET", "/tenants/{tenant}/directories/{directory}/template.csv"),
    ("GET", "/tenants/{tenant}/directories/{directory}/export.csv"),
    ("POST", "/tenants/{tenant}/directories/{directory}/preview"),
    ("POST", "/tenants/{tenant}/directories/{directory}/uploads"),
    ("GET", "/tenants/{tenant}/directories/{directory}/runs"),
    ("GET", "/tenants/{tenant}/directories/{directory}/runs/{id}"),
    ("GET", "/tenants/{tenant}/directories/{directory}/runs/{id}/plan"),
    ("GET", "/tenants/{tenant}/directories/{directory}/runs/{id}/report.csv"),
    ("POST", "/tenants/{tenant}/directories/{directory}/runs/{id}/approve"),
    ("POST", "/tenants/{tenant}/directories/{directory}/runs/{id}/discard"),
    ("POST", "/tenants/{tenant}/directories/{directory}/runs/{id}/cancel"),
    ("POST", "/tenants/{tenant}/directories/{directory}/runs/{id}/revert"),
];

fn filled(path: &str) -> String {
    path.replace("{tenant}", "acme")
        .replace("{directory}", "people")
        .replace("{id}", "0")
        .replace("{name}", "x")
        .replace("{key}", "AB")
}

async fn ask(server: &Server, method: &str, path: &str, authorization: Option<&str>) -> crate::Answer {
    let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    server.send(request.body(Body::from("{}")).unwrap()).await
}

/// The methods of a path, as the router has them.
async fn methods(server: &Server, path: &str) -> BTreeSet<String> {
    let answer = ask(server, "TRACE", &filled(path), None).await;
    let allowed = answer.headers["allow"].to_str().unwrap().to_owned();
    answer.expect_problem(405, None);
    // Where there is GET, axum adds HEAD, which is not an operation of its own.
    allowed.split(',').map(str::to_owned).filter(|method| method != "HEAD").collect()
}

#[tokio::test]
async fn every_operation_of_the_router_is_in_the_list() {
    let server = Server::start().await;
    let mut found = BTreeSet::new();
    for path in admin::guarded_paths() {
        found.extend(methods(&server, path).await.into_iter().map(|method| (method, path.to_owned())));
    }
    let listed: BTreeSet<_> =
        OPERATIONS.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(found, listed);
}

#[tokio::test]
async fn every_operation_wants_the_key() {
    let server = Server::start().await;
    let (basic, cut, longer) = (
        format!("Basic {KEY}"),
        format!("Bearer {}", KEY.trim_start_matches("the-")),
        format!("Bearer {KEY}x"),
    );
    let wrong = ["", "Bearer", "Bearer ", "Bearer wrong", KEY, &basic, &cut, &longer];
    for (method, path) in OPERATIONS {
        for authorization in [None].into_iter().chain(wrong.map(Some)) {
            for place in [filled(path), filled(path).replace("acme", "nobody")] {
                let answer = ask(&server, method, &place, authorization).await;
                assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"admin\"");
                answer.expect_problem(401, None);
            }
        }
        let lower = format!("bearer  {KEY} ");
        let known = ask(&server, method, &filled(path), Some(&lower)).await;
        assert_ne!(known.status, 401, "{method} {path}");
    }
    assert!(server.get(&format!("{PEOPLE}/tokens")).await.items().is_empty(), "nothing was made");
}

#[tokio::test]
async fn what_is_not_there_is_absent() {
    let server = Server::start().await;
    for (method, path) in OPERATIONS.iter().filter(|(_, path)| path.contains("{tenant}")) {
        for tenant in ["nobody", "ACME", "..%2Facme", "%00", "%ff"] {
            let place = path.replace("{tenant}", tenant).replace("{directory}", "people");
            let answer = ask(&server, method, &filled(&place), Some(&format!("Bearer {KEY}"))).await;
            answer.expect_problem(404, None);
        }
    }
    for (method, path) in OPERATIONS.iter().filter(|(_, path)| path.contains("{directory}")) {
        let place = filled(&path.replace("{directory}", "nothing"));
        ask(&server, method, &place, Some(&format!("Bearer {KEY}"))).await.expect_problem(404, None);
    }
    for (method, path) in
        OPERATIONS.iter().filter(|(_, path)| path.contains("{id}") || path.contains("{name}"))
    {
        for name in ["0", "%00", "a%2Fb", &"0".repeat(5000)] {
            let place = filled(&path.replace("{id}", name).replace("{name}", name));
            ask(&server, method, &place, Some(&format!("Bearer {KEY}"))).await.expect_problem(404, None);
        }
    }
    for path in ["", "/", "/nope", "/tenants/", "/tenants/acme/x", "/openapi"] {
        for key in [None, Some(format!("Bearer {KEY}"))] {
            ask(&server, "GET", path, key.as_deref()).await.expect_problem(404, None);
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have() {
    let server = Server::start().await;
    for (method, path, allowed) in [
        ("DELETE", "/tenants", "GET,HEAD,POST"),
        ("PUT", PEOPLE, "GET,HEAD,PATCH"),
        ("POST", "/openapi.json", "GET,HEAD"),
    ] {
        let answer = server.ask(method, path, Value::Null).await;
        assert_eq!(answer.headers["allow"], allowed);
        answer.expect_problem(405, None);
    }
    server.ask("HEAD", "/tenants", Value::Null).await.expect(200);
}
