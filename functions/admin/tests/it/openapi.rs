//! The OpenAPI document describes what the router answers.

use crate::{PEOPLE, Server};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn document(server: &Server) -> Value {
    let request = Request::builder().uri("/api/v1/openapi.json").body(Body::empty()).unwrap();
    server.send(request).await.expect(200).body
}

#[tokio::test]
async fn the_document_has_every_operation_once() {
    let server = Server::start().await;
    let document = document(&server).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    assert_eq!(document["servers"][0]["url"], admin::BASE);
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    assert_eq!(described, admin::guarded_paths().into_iter().collect());
    let mut names = BTreeSet::new();
    for (path, operations) in paths {
        let place = path.replace("{tenant}", "acme").replace("{directory}", "people");
        let allowed = server.ask("TRACE", &place, Value::Null).await;
        let allowed = allowed.headers["allow"].to_str().unwrap().to_lowercase();
        let allowed: BTreeSet<&str> = allowed.split(',').filter(|method| *method != "head").collect();
        let operations = operations.as_object().unwrap();
        assert_eq!(operations.keys().map(String::as_str).collect::<BTreeSet<_>>(), allowed, "{path}");
        for operation in operations.values() {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{operation}");
            assert!(operation["summary"].is_string(), "{operation}");
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"]["schema"];
            assert_eq!(problem["$ref"], "#/components/schemas/Problem");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            assert_eq!(parameters.len(), path.matches('{').count(), "{operation}");
            assert!(
                parameters.iter().all(|parameter| parameter["schema"]["type"] == "string"),
                "{operation}"
            );
        }
    }
}

/// Every `$ref` of the document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn what_the_document_refers_to_is_in_it() {
    let document = document(&Server::start().await).await;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    assert_eq!(document["security"], json!([{ "operatorKey": [] }]));
    assert_eq!(document["components"]["securitySchemes"]["operatorKey"]["scheme"], "bearer");
}

/// The members of a schema, and which of them must be there.
fn members(document: &Value, schema: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let schema = &document["components"]["schemas"][schema];
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    (
        schema["properties"].as_object().unwrap().keys().cloned().collect(),
        required.iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
    )
}

#[tokio::test]
async fn the_described_members_are_those_that_come() {
    let server = Server::start().await;
    let document = document(&server).await;
    let of = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let directory = server.get(PEOPLE).await.expect(200).body;
    let token =
        server.ask("POST", &format!("{PEOPLE}/tokens"), json!({ "kind": "scim" })).await.expect(201).body;
    let listed = server.get(&format!("{PEOPLE}/tokens")).await.items();
    let problem = server.ask("POST", "/tenants", json!({})).await.body;
    for (schema, came) in [
        ("Tenant", &server.get("/tenants/acme").await.body),
        ("Directory", &directory),
        ("Policies", &directory["policies"]),
        ("ExcludeLists", &directory["exclude_lists"]),
        ("MadeToken", &token),
        ("Token", &listed[0]),
        ("Problem", &problem),
    ] {
        assert_eq!(members(&document, schema).0, of(came), "{schema}");
    }
    assert_eq!(members(&document, "Directory").1, of(&directory));
    assert_eq!(members(&document, "NewDirectory"), (of(&directory), BTreeSet::from(["name".to_owned()])));
    assert_eq!(members(&document, "DirectoryChange"), (of(&directory), BTreeSet::new()));
    assert_eq!(members(&document, "NewToken").1, BTreeSet::from(["kind".to_owned()]));
}
