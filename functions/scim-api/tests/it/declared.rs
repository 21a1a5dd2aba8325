//! Schemas and resource types that an operator declared, as clients meet them.

use crate::server::{BASE, Server, encoded, user};
use domain::tenant::Undeclarable;
use serde_json::{Value, json};

const BADGE: &str = "urn:acme:params:scim:schemas:Badge:1.0:User";
const DEVICE: &str = "urn:acme:params:scim:schemas:Device:1.0";

fn schema(urn: &str, attributes: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": urn, "name": "Name",
        "description": "What we know of it.", "attributes": attributes })
}

/// An extension of users with an attribute of every type.
fn badge() -> Vec<Value> {
    let attributes = json!([
        { "name": "number", "type": "string", "caseExact": true, "uniqueness": "server" },
        { "name": "valid", "type": "boolean" },
        { "name": "weight", "type": "decimal" },
        { "name": "floor", "type": "integer" },
        { "name": "issued", "type": "dateTime" },
        { "name": "picture", "type": "reference", "referenceTypes": ["external"] },
        { "name": "print", "type": "binary" },
        { "name": "color", "type": "string", "canonicalValues": ["red", "green"] },
        { "name": "pin", "type": "string", "mutability": "writeOnly", "returned": "never" },
        { "name": "note", "type": "string", "returned": "request" },
        { "name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "value", "type": "string" }, { "name": "since", "type": "dateTime" } ] },
        { "name": "locker", "type": "complex", "subAttributes": [
            { "name": "hall", "type": "string" }, { "name": "at", "type": "integer" } ] },
    ]);
    let users = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "name": "User",
        "schemaExtensions": [{ "schema": BADGE, "required": false }] });
    vec![schema(BADGE, attributes), users]
}

fn device() -> Vec<Value> {
    let attributes = json!([
        { "name": "serial", "type": "string", "required": true, "uniqueness": "server" },
        { "name": "model", "type": "string" },
        { "name": "owner", "type": "complex", "subAttributes": [{ "name": "value", "type": "string" },
            { "name": "$ref", "type": "reference", "referenceTypes": ["User"] }] },
        { "name": "price", "type": "decimal" },
    ]);
    let devices = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "name": "Device",
        "endpoint": "/Devices", "description": "Things that people carry.", "schema": DEVICE });
    vec![schema(DEVICE, attributes), devices]
}

async fn server(documents: &[Value]) -> Server {
    let server = Server::start().await;
    server.store.declare(&server.people, documents, &[]).await.unwrap();
    server
}

fn with_badge(name: &str, number: &str) -> Value {
    let mut body = user(name);
    body[BADGE] = json!({ "number": number, "valid": true, "weight": 1.25, "floor": 7,
        "issued": "2026-01-31T08:30:00Z", "picture": "https://acme.example/a.png", "print": "aGVsbG8=",
        "color": "red", "doors": [{ "value": "main", "since": "2026-01-01T00:00:00Z" }],
        "locker": { "hall": "north", "at": 12 } });
    body
}

#[tokio::test]
async fn an_extension_of_users_with_every_type() {
    let server = server(&badge()).await;
    let mut sent = with_badge("ada", "B-1");
    sent[BADGE]["pin"] = "1234".into();
    sent[BADGE]["note"] = "n".into();
    let created = server.ask("POST", "/Users", sent).await.expect_resource(201, "User");
    assert_eq!(
        created.body[BADGE],
        with_badge("ada", "B-1")[BADGE],
        "without what is returned never or on request"
    );
    assert!(created.body["schemas"].as_array().unwrap().contains(&json!(BADGE)));
    let path = format!("/Users/{}", created.id());
    let note = server.get(&format!("{path}?attributes={BADGE}:note")).await.expect(200);
    assert_eq!(note.body[BADGE], json!({ "note": "n" }));
    let pin = server.get(&format!("{path}?attributes={BADGE}:pin")).await.expect(200);
    assert_eq!(pin.body.get(BADGE), None);
    let cut =
        server.get(&format!("{path}?excludedAttributes={BADGE}:doors,{BADGE}:locker.at")).await.expect(200);
    assert_eq!(
        (cut.body[BADGE].get("doors"), &cut.body[BADGE]["locker"]),
        (None, &json!({ "hall": "north" }))
    );
    for (filter, matches) in [
        ("number eq \"B-1\"", 1),
        ("number eq \"b-1\"", 0),
        ("valid eq true", 1),
        ("weight gt 1.2", 1),
        ("floor le 6", 0),
        ("issued ge \"2026-01-31T09:30:00+01:00\"", 1),
        ("doors.value eq \"MAIN\"", 1),
        ("doors[value eq \"main\" and since gt \"2026-02-01T00:00:00Z\"]", 0),
        ("locker.at eq 12", 1),
        ("note pr", 1),
    ] {
        let filter = encoded(&format!("{BADGE}:{filter}"));
        server.get(&format!("/Users?filter={filter}")).await.expect_list(matches);
    }
    server.get(&format!("/Users?filter={BADGE}:pin+pr")).await.expect_error(400, Some("invalidFilter"));
}

#[tokio::test]
async fn its_values_are_checked_patched_and_unique() {
    let server = server(&badge()).await;
    let path =
        format!("/Users/{}", server.ask("POST", "/Users", with_badge("ada", "B-1")).await.expect(201).id());
    server.ask("POST", "/Users", with_badge("alan", "B-1")).await.expect_error(409, Some("uniqueness"));
    server.ask("POST", "/Users", with_badge("alan", "b-1")).await.expect(201);
    for (name, wrong) in [
        ("valid", json!(7)),
        ("weight", json!("heavy")),
        ("floor", json!(1.5)),
        ("issued", json!("yesterday")),
        ("print", json!("?")),
        ("color", json!("blue")),
        ("doors", json!("main")),
        ("locker", json!({ "at": "x" })),
    ] {
        let operation = json!({ "op": "replace", "path": format!("{BADGE}:{name}"), "value": wrong });
        let detail = server.patch(&path, json!([operation])).await.expect_error(400, Some("invalidValue"));
        assert!(detail.contains(name), "{detail}");
    }
    let change = json!([{ "op": "add", "path": format!("{BADGE}:doors"), "value": [{ "value": "side" }] },
        { "op": "replace", "path": format!("{BADGE}:locker.at"), "value": 13 },
        { "op": "remove", "path": format!("{BADGE}:doors[value eq \"main\"]") },
        { "op": "replace", "path": format!("{BADGE}:number"), "value": "B-2" }]);
    let changed = server.patch(&path, change).await.expect_resource(200, "User");
    assert_eq!(changed.body[BADGE]["doors"], json!([{ "value": "side" }]));
    assert_eq!(
        (&changed.body[BADGE]["locker"]["at"], &changed.body[BADGE]["number"]),
        (&json!(13), &json!("B-2"))
    );
    // The number that was given up can be had again, and the new one cannot.
    server.ask("POST", "/Users", with_badge("grace", "B-1")).await.expect(201);
    server.ask("POST", "/Users", with_badge("edsger", "B-2")).await.expect_error(409, Some("uniqueness"));
}

fn laptop(serial: &str, model: &str, price: f64) -> Value {
    json!({ "schemas": [DEVICE], "serial": serial, "model": model, "price": price, "externalId": serial })
}

#[tokio::test]
async fn a_type_of_its_own_from_creation_to_deletion() {
    let server = server(&device()).await;
    let ada = server.user("ada").await;
    let mut body = laptop("S-1", "Analytical Engine", 9.5);
    body["owner"] = json!({ "value": ada, "$ref": format!("../Users/{ada}") });
    let created = server.ask("POST", "/Devices", body.clone()).await.expect_resource(201, "Device");
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&created.body[name], value, "{name}");
    }
    let path = format!("/Devices/{}", created.id());
    assert_eq!(server.get(&path).await.expect_resource(200, "Device").body, created.body);
    server.ask("POST", "/Devices", laptop("s-1", "m", 1.0)).await.expect_error(409, Some("uniqueness"));
    server.ask("POST", "/Devices", json!({ "model": "m" })).await.expect_error(400, Some("invalidValue"));
    let detail = server.ask("POST", "/Devices", json!({ "serial": "x", "userName": "ada" })).await;
    detail.expect_error(400, Some("invalidSyntax"));
    let patch = json!([{ "op": "replace", "path": "model", "value": "Difference Engine" }]);
    let patched = server.patch(&path, patch).await.expect_resource(200, "Device");
    assert_eq!(
        (&patched.body["model"], &patched.body["meta"]["version"]),
        (&json!("Difference Engine"), &json!("W/\"2\""))
    );
    let put = server.ask("PUT", &path, laptop("S-2", "Other", 1.0)).await.expect_resource(200, "Device");
    assert_eq!((&put.body["serial"], put.body.get("owner")), (&json!("S-2"), None));
    // An id is of one type.
    server.get(&format!("/Users/{}", created.id())).await.expect_error(404, None);
    server.get(&format!("/Devices/{ada}")).await.expect_error(404, None);
    server.ask("DELETE", &path, Value::Null).await.expect(204);
    server.get(&path).await.expect_error(404, None);
    server.ask("POST", "/Devices", laptop("S-2", "m", 1.0)).await.expect(201);
}

#[tokio::test]
async fn its_resources_are_listed_filtered_sorted_paged_and_cut() {
    let server = server(&device()).await;
    for (serial, model, price) in [("c", "Engine", 3.5), ("a", "Loom", 10.0), ("b", "engine", 2.0)] {
        server.ask("POST", "/Devices", laptop(serial, model, price)).await.expect(201);
    }
    let serials =
        async |query: &str| server.get(&format!("/Devices?{query}")).await.expect(200).texts("serial");
    assert_eq!(serials("").await, ["c", "a", "b"]);
    assert_eq!(serials("filter=model+eq+%22ENGINE%22&sortBy=price").await, ["b", "c"]);
    assert_eq!(serials("sortBy=price&sortOrder=descending").await, ["a", "c", "b"]);
    assert_eq!(serials("filter=serial+eq+%22A%22").await, ["a"]);
    assert_eq!(serials("filter=externalId+eq+%22b%22").await, ["b"]);
    assert_eq!(serials("startIndex=2&count=1").await, ["a"]);
    let first = server.get("/Devices?cursor&count=2&attributes=serial").await.expect(200);
    assert_eq!(
        (first.texts("serial"), first.body["Resources"][0].get("model")),
        (vec!["c".into(), "a".into()], None)
    );
    let cursor = first.body["nextCursor"].as_str().unwrap();
    assert_eq!(serials(&format!("cursor={cursor}&count=2")).await, ["b"]);
    server.user("ada").await;
    let all = server.ask("POST", "/.search", json!({})).await.expect(200);
    assert_eq!(all.body["totalResults"], 4);
    let found = server.ask("POST", "/Devices/.search", json!({ "filter": "price gt 3" })).await;
    found.expect_list(2);
    let post = json!({ "method": "POST", "bulkId": "d", "path": "/Devices", "data": laptop("d", "m", 1.0) });
    let outcome = server.bulk(vec![post]).await.remove(0);
    assert_eq!(outcome["status"], "201");
    assert!(outcome["location"].as_str().unwrap().starts_with(&format!("{BASE}/Devices/")));
}

#[tokio::test]
async fn only_its_directory_has_it_and_says_so() {
    let documents = [badge(), device()].concat();
    let server = server(&documents).await;
    for path in
        ["/ResourceTypes/Device".to_owned(), format!("/Schemas/{DEVICE}"), format!("/Schemas/{BADGE}")]
    {
        let shown = server.get(&path).await.expect(200);
        assert_eq!(shown.body["meta"]["location"], format!("{BASE}{path}"));
        for token in [&server.other_token, &server.stranger_token] {
            server.ask_as(token, "GET", &path, Value::Null).await.expect_error(404, None);
        }
        server.ask_with(&[], "GET", &path, Value::Null).await.expect_error(404, None);
    }
    let types = server.get("/ResourceTypes").await.expect_list(3);
    assert_eq!((&types[2]["endpoint"], &types[2]["schema"]), (&json!("/Devices"), &json!(DEVICE)));
    let extensions = types[0]["schemaExtensions"].as_array().unwrap();
    assert!(extensions.contains(&json!({ "schema": BADGE, "required": false })));
    // What it says can be declared again elsewhere.
    let shown = server.get(&format!("/Schemas/{DEVICE}")).await.expect(200).body;
    assert_eq!(shown["attributes"][0]["uniqueness"], "server");
    for method in ["GET", "POST"] {
        let answer = server.ask_as(&server.other_token, method, "/Devices", laptop("x", "m", 1.0)).await;
        answer.expect_error(404, None);
    }
}

#[tokio::test]
async fn what_describes_resources_that_are_there_cannot_be_taken_away() {
    let server = server(&device()).await;
    let created = server.ask("POST", "/Devices", laptop("a", "m", 1.0)).await.expect(201);
    let with = |attributes: Value| vec![schema(DEVICE, attributes), device().remove(1)];
    let serial = json!({ "name": "serial", "type": "string", "required": true, "uniqueness": "server" });
    let gone = with(json!([serial]));
    let refused = server.store.declare(&server.people, &gone, &[]).await;
    let Err(Undeclarable::InUse { resource_type, detail }) = refused else { panic!("{refused:?}") };
    assert_eq!(resource_type, "Device");
    assert!(detail.contains("model"), "{detail}");
    let names = [DEVICE.to_lowercase(), "device".to_owned()];
    let refused = server.store.declare(&server.people, &[], &names).await;
    assert!(matches!(refused, Err(Undeclarable::InUse { .. })), "{refused:?}");
    let path = format!("/Devices/{}", created.id());
    assert_eq!(server.get(&path).await.expect(200).body, created.body);
    server.ask("DELETE", &path, Value::Null).await.expect(204);
    server.store.declare(&server.people, &gone, &[]).await.unwrap();
    server.store.declare(&server.people, &[], &names).await.unwrap();
    server.get("/Devices").await.expect_error(404, None);
}
