//! Schemas that lie as files in the data folder.

use crate::muster::Desk;

const SCHEMA: &str = r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
  "id": "urn:acme:params:scim:schemas:2.0:Device",
  "name": "Device",
  "attributes": [{ "name": "serialNumber", "type": "string" }]
}"#;
const RESOURCE_TYPE: &str = r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
  "name": "Device", "endpoint": "/Devices", "schema": "urn:acme:params:scim:schemas:2.0:Device"
}"#;

fn put(desk: &Desk, file: &str, content: &str) {
    let path = desk.data("schemas").join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

#[test]
fn a_folder_of_documents_is_declared_at_the_start() {
    let desk = Desk::new();
    put(&desk, "acme/people/device.json", SCHEMA);
    put(&desk, "acme/people/a-type.json", RESOURCE_TYPE);
    put(&desk, "acme/people/notes.txt", "not a document");
    put(&desk, "acme/people/.hidden.json", "{");
    let server = desk.serve(&[]);
    let created = server.scim("POST", "/Devices", r#"{"serialNumber":"7"}"#);
    assert_eq!(created.status, 201, "{created:?}");
    server.stop();
    // The same again, and one attribute more.
    desk.serve(&[]).stop();
    let longer = SCHEMA.replace("[{", "[{ \"name\": \"colour\", \"type\": \"string\" }, {");
    put(&desk, "acme/people/device.json", &longer);
    let server = desk.serve(&[]);
    let declared = server.admin("GET", "/tenants/acme/directories/people/schemas", "");
    assert!(declared.body.to_string().contains("colour"), "{declared:?}");
    server.stop();
    // What is in use stays as it was, and so does the whole server.
    put(&desk, "acme/people/device.json", &SCHEMA.replace("serialNumber", "number"));
    let ended = desk.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("there are resources of the type Device"), "{ended:?}");
}

#[track_caller]
fn check(file: &str, content: &str, expect: &str) {
    let desk = Desk::new();
    put(&desk, file, content);
    let ended = desk.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(
        ended.stderr.starts_with("muster: muster-data/schemas/") && ended.stderr.contains(expect),
        "{ended:?}"
    );
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

#[test]
fn what_cannot_be_declared_ends_the_start_with_its_place() {
    let file = "acme/people/device.json";
    check(
        file,
        "{",
        "acme/people/device.json is no JSON document: EOF while parsing an object at line 1 column 1",
    );
    check(file, "7", "acme/people/device.json cannot be declared: the document must be a JSON object");
    check(
        file,
        &SCHEMA.replace("\"string\"", "\"text\""),
        "acme/people/device.json cannot be declared: attributes[0].type must be",
    );
    check(file, &" ".repeat(1024 * 1024 + 1), "acme/people/device.json is no file of at most 1 MB");
    check(
        "acme/nobody/device.json",
        SCHEMA,
        "acme/nobody holds schemas for the directory acme/nobody, which there is not",
    );
    check("Acme/people/device.json", SCHEMA, "Acme is not called like a tenant or a directory");
}
