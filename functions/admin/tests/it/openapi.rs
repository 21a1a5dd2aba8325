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
    let all = admin::guarded_paths().into_iter().chain([admin::UPLOAD]);
    assert_eq!(described, all.collect());
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
            let of_path: Vec<_> = parameters.iter().filter(|parameter| parameter["in"] == "path").collect();
            assert_eq!(of_path.len(), path.matches('{').count(), "{operation}");
            assert!(of_path.iter().all(|parameter| parameter["schema"]["type"] == "string"), "{operation}");
        }
        for (method, operation) in operations {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let key = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
            assert_eq!(key, method == "post", "{operation}");
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
    let account = json!({ "kind": "password", "username": "acme", "password": "x" });
    let source =
        json!({ "kind": "sftp", "url": "sftp://files.acme.example/a.csv", "authentication": account });
    let notified = json!({ "name": "told", "notifications": { "recipients": [] }, "source": source,
        "decryption": "pgp", "pgp": {}, "schedule": { "time": "02:30", "timezone": "UTC" } });
    let configuration =
        server.ask("POST", &format!("{PEOPLE}/configurations"), notified).await.expect(201).body;
    let upload =
        server.ask("POST", &format!("{PEOPLE}/uploads"), json!({ "name": "a.csv" })).await.expect(201).body;
    let sent = server.put_file(upload["url"].as_str().unwrap(), "x").await.expect(201).body;
    let run =
        server.preview("status,mail,lastName\nactive,ada@acme.example,\nactive,bob@acme.example,Bo\n").await;
    server.work().await;
    let plan = server.get(&format!("{PEOPLE}/runs/{run}/plan")).await.items();
    let run = server.get(&format!("{PEOPLE}/runs/{run}")).await.expect(200).body;
    for (schema, came) in [
        ("Tenant", &server.get("/tenants/acme").await.body),
        ("Directory", &directory),
        ("Policies", &directory["policies"]),
        ("ExcludeLists", &directory["exclude_lists"]),
        ("MadeToken", &token),
        ("Token", &listed[0]),
        ("Problem", &problem),
        ("Configuration", &configuration),
        ("Source", &configuration["source"]),
        ("Authentication", &configuration["source"]["authentication"]),
        ("PgpPolicy", &configuration["pgp"]),
        ("Schedule", &configuration["schedule"]),
        ("Format", &configuration["format"]),
        ("Limits", &configuration["limits"]),
        ("Notifications", &configuration["notifications"]),
        ("Upload", &upload),
        ("Received", &sent),
        ("Run", &run),
        ("SourceFile", &run["source"]),
        ("PlanRow", &plan[0]),
        ("RowProblem", &plan[0]["problems"][0]),
        ("Change", &plan[1]["changes"]["active"]),
    ] {
        assert_eq!(members(&document, schema).0, of(came), "{schema}");
    }
    assert_eq!(members(&document, "Counts").1, of(&run["counts"]));
    assert_eq!(members(&document, "Directory").1, of(&directory));
    assert_eq!(members(&document, "NewDirectory"), (of(&directory), BTreeSet::from(["name".to_owned()])));
    assert_eq!(members(&document, "DirectoryChange"), (of(&directory), BTreeSet::new()));
    assert_eq!(members(&document, "NewToken").1, BTreeSet::from(["kind".to_owned()]));
}
