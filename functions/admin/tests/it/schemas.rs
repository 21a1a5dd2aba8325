//! Declared schemas over HTTP.

use crate::{PEOPLE, Server, people};
use domain::directory::{Directory, Shown};
use domain::store::{Kind, Origin, TypeName};
use serde_json::{Value, json};
use std::sync::Arc;

const SCHEMAS: &str = "/tenants/acme/directories/people/schemas";
const DEVICE: &str = "urn:example:2.0:Device";

fn schema(urn: &str, attributes: &[&str]) -> Value {
    let attributes: Vec<Value> =
        attributes.iter().map(|name| json!({ "name": name, "type": "string" })).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": urn, "name": "Device", "attributes": attributes,
    })
}

fn resource_type() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "name": "Device", "endpoint": "/Devices", "schema": DEVICE,
    })
}

async fn create_device(server: &Server, body: Value) {
    let opened = server.store.open(&people()).await.unwrap();
    let directory = Directory::new(Arc::clone(&server.store), opened, Origin::recovery(), "");
    directory.create(Kind::Custom(TypeName::new("Device").unwrap()), body, Shown::NOTHING).await.unwrap();
}

#[tokio::test]
async fn documents_are_declared_together_and_taken_back() {
    let server = Server::start().await;
    assert!(server.get(SCHEMAS).await.items().is_empty());
    let both = json!([resource_type(), schema(DEVICE, &["serial"])]);
    let declared = server.ask("POST", SCHEMAS, both.clone()).await.items();
    assert_eq!(declared.len(), 2);
    assert!(both.as_array().unwrap().iter().all(|document| declared.contains(document)), "{declared:?}");
    assert_eq!(server.get(SCHEMAS).await.items(), declared);

    let longer = schema(DEVICE, &["serial", "colour"]);
    let renewed = server.ask("POST", SCHEMAS, longer.clone()).await.items();
    assert!(renewed.len() == 2 && renewed.contains(&longer), "{renewed:?}");

    // One of two that need each other stays, until both go.
    let alone = server.ask("DELETE", &format!("{SCHEMAS}/{DEVICE}"), Value::Null).await;
    assert!(alone.expect_problem(409, None).contains("with a PUT"));
    server.ask("DELETE", &format!("{SCHEMAS}/device"), Value::Null).await.expect_problem(409, None);
    assert_eq!(server.get(SCHEMAS).await.items(), renewed);
    assert!(server.ask("PUT", SCHEMAS, json!([])).await.items().is_empty());
    for name in [DEVICE, "Device", "%00", "urn:ietf:params:scim:schemas:core:2.0:User"] {
        server.ask("DELETE", &format!("{SCHEMAS}/{name}"), Value::Null).await.expect_problem(404, None);
    }
}

#[tokio::test]
async fn an_extension_goes_by_its_type_first() {
    let server = Server::start().await;
    let extension = "urn:example:2.0:Extra";
    let users = json!({
        "Schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "NAME": "User", "endpoint": "/Users",
        "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
        "schemaExtensions": [{ "schema": extension, "required": false }],
    });
    server.ask("PUT", SCHEMAS, json!([users, schema(extension, &["badge"])])).await.expect(200);
    let required = json!({ "policies": { "required": [format!("{extension}:badge")] } });
    server.ask("PATCH", PEOPLE, required).await.expect(200);
    let needed = server.ask("PUT", SCHEMAS, json!([])).await.expect_problem(409, None);
    assert!(needed.contains("policies.required[0]"), "{needed}");
    assert_eq!(server.get(SCHEMAS).await.items().len(), 2);
    server.ask("PATCH", PEOPLE, json!({ "policies": null })).await.expect(200);
    assert!(server.ask("PUT", SCHEMAS, json!([])).await.items().is_empty());
}

#[tokio::test]
async fn what_describes_resources_stays() {
    let server = Server::start().await;
    let both = json!([resource_type(), schema(DEVICE, &["serial"])]);
    server.ask("POST", SCHEMAS, both).await.expect(200);
    create_device(&server, json!({ "schemas": [DEVICE], "serial": "7" })).await;
    for documents in [json!([]), json!([resource_type(), schema(DEVICE, &["colour"])])] {
        let detail = server.ask("PUT", SCHEMAS, documents).await.expect_problem(409, None);
        assert!(detail.contains("there are resources of the type Device"), "{detail}");
    }
    server.ask("POST", SCHEMAS, schema(DEVICE, &["serial", "colour"])).await.expect(200);
}

#[tokio::test]
async fn an_unfit_document_is_refused_with_its_place() {
    let server = Server::start().await;
    let mut faulty = schema(DEVICE, &["serial", "colour"]);
    faulty["attributes"][1]["type"] = "text".into();
    server.ask("POST", SCHEMAS, faulty.clone()).await.expect_problem(400, Some("attributes[1].type"));
    let several = json!([resource_type(), faulty]);
    server.ask("PUT", SCHEMAS, several).await.expect_problem(400, Some("[1].attributes[1].type"));
    server.ask("POST", SCHEMAS, json!([resource_type(), 7])).await.expect_problem(400, Some("[1]"));
    server.ask("POST", SCHEMAS, json!({})).await.expect_problem(400, Some("schemas"));
    server.ask("POST", SCHEMAS, json!("x")).await.expect_problem(400, None);
    let many: Vec<Value> = (0..65).map(|at| schema(&format!("urn:example:2.0:D{at}"), &["x"])).collect();
    server.ask("POST", SCHEMAS, many.into()).await.expect_problem(400, Some("[64]"));
    assert!(server.get(SCHEMAS).await.items().is_empty());
}

#[tokio::test]
async fn declaring_again_what_is_declared_changes_nothing() {
    let server = Server::start().await;
    let both = json!([resource_type(), schema(DEVICE, &["serial"])]);
    server.ask("POST", SCHEMAS, both.clone()).await.expect(200);
    let before = server.store.directory(&people()).await.unwrap().unwrap();
    server.ask("POST", SCHEMAS, both.clone()).await.expect(200);
    server.ask("PUT", SCHEMAS, both).await.expect(200);
    server.ask("POST", SCHEMAS, json!([])).await.expect(200);
    // The version, which counts the changes, is part of what is compared.
    assert_eq!(server.store.directory(&people()).await.unwrap().unwrap(), before);
}
