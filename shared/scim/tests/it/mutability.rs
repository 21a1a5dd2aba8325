//! PATCH on a type that is not built in: what may be changed is read from the schema, not known by name.

use crate::patch::apply;
use scim::{
    Document, ErrorKind, body,
    schema::{Attribute, Kind, Mutability, ResourceType, Schema},
};
use serde_json::{Value, json};
use std::sync::Arc;

fn devices() -> ResourceType {
    let value = Attribute::string("value", "Number of the port.").required();
    let lock = vec![
        Attribute::string("code", "Code that opens it.").required(),
        Attribute::string("maker", "Who made it.").mutability(Mutability::Immutable),
        Attribute::string("note", "Anything."),
        Attribute::string("state", "Open or not.").mutability(Mutability::ReadOnly),
    ];
    let attributes = vec![
        Attribute::string("label", "Label.").required(),
        Attribute::string("serial", "Serial number.").mutability(Mutability::Immutable),
        Attribute::string("pin", "Secret.").mutability(Mutability::WriteOnly),
        Attribute::new("uses", Kind::Integer, "How often it was used.").mutability(Mutability::ReadOnly),
        Attribute::complex("lock", "Its lock.", lock),
        Attribute::complex("ports", "Its ports.", vec![value, Attribute::string("type", "What for.")])
            .multi_valued(),
    ];
    let schema = Schema::new("urn:example:Device", "Device", "A device", attributes);
    ResourceType::new("Device", "Devices", "Devices", Arc::new(schema))
}

fn device() -> Document {
    let mut device = body::create(
        &devices(),
        json!({"label": "a", "lock": {"code": "1", "maker": "m"}, "ports": [{"value": "p", "type": "in"}]}),
    )
    .expect("a device");
    device.insert("uses".into(), json!(7));
    device["lock"]["state"] = json!("open");
    body::arrange(&devices(), device)
}

#[track_caller]
fn check(operation: Value, attribute: &str, expect: Value) {
    let mut device = device();
    apply(&devices(), &mut device, json!([operation])).expect("applied");
    assert_eq!(device.get(attribute).unwrap_or(&Value::Null), &expect);
}

#[track_caller]
fn refuse(operations: Value, kind: ErrorKind) {
    let shown = operations.to_string();
    // The change before it goes with it.
    let mut all = vec![json!({"op": "replace", "path": "label", "value": "b"})];
    all.extend(operations.as_array().expect("operations").clone());
    let error = apply(&devices(), &mut device(), json!(all)).expect_err(&shown);
    assert_eq!(error.kind, kind, "{shown}: {error}");
}

fn set(path: &str, value: Value) -> Value {
    json!({"op": "replace", "path": path, "value": value})
}

fn remove(path: &str) -> Value {
    json!({"op": "remove", "path": path})
}

#[test]
fn immutable_is_set_once() {
    check(set("serial", json!("1")), "serial", json!("1"));
    refuse(json!([set("serial", json!("1")), set("serial", json!("2"))]), ErrorKind::Mutability);
    refuse(json!([set("serial", json!("1")), remove("serial")]), ErrorKind::Mutability);
    let whole = json!({"code": "1", "maker": "m", "state": "open"});
    check(set("lock.maker", json!("m")), "lock", whole);
    refuse(json!([set("lock.maker", json!("n"))]), ErrorKind::Mutability);
    refuse(json!([set("lock", json!({"maker": "n"}))]), ErrorKind::Mutability);
    refuse(json!([remove("lock.maker")]), ErrorKind::Mutability);
}

#[test]
fn read_only_is_never_set() {
    refuse(json!([set("uses", json!(8))]), ErrorKind::Mutability);
    refuse(json!([remove("uses")]), ErrorKind::Mutability);
    refuse(json!([set("lock.state", json!("shut"))]), ErrorKind::Mutability);
    check(json!({"op": "replace", "value": {"uses": 8, "label": "b"}}), "uses", json!(7));
    let lock = json!({"code": "2", "maker": "m", "state": "open"});
    check(set("lock", json!({"code": "2", "state": "shut"})), "lock", lock);
}

#[test]
fn write_only_is_set_and_removed() {
    check(set("pin", json!("1234")), "pin", json!("1234"));
    check(remove("pin"), "pin", Value::Null);
}

#[test]
fn required_is_never_removed() {
    refuse(json!([remove("label")]), ErrorKind::Mutability);
    refuse(json!([remove("lock.code")]), ErrorKind::Mutability);
    refuse(json!([set("lock.code", json!(""))]), ErrorKind::Mutability);
    refuse(json!([set("lock", json!({"code": null}))]), ErrorKind::Mutability);
    refuse(json!([remove("ports[value eq \"p\"].value")]), ErrorKind::Mutability);
    check(remove("lock"), "lock", Value::Null);
    check(remove("ports"), "ports", Value::Null);
}

#[test]
fn required_is_never_missing() {
    refuse(json!([remove("lock"), set("lock", json!({"note": "n"}))]), ErrorKind::InvalidValue);
    refuse(json!([remove("lock"), set("lock.note", json!("n"))]), ErrorKind::InvalidValue);
    refuse(json!([set("ports", json!([{"type": "in"}]))]), ErrorKind::InvalidValue);
    refuse(json!([set("ports[type eq \"out\"].type", json!("out"))]), ErrorKind::NoTarget);
    let ports = json!([{"value": "p", "type": "in"}, {"type": "out", "value": "q"}]);
    check(set("ports[type eq \"out\"].value", json!("q")), "ports", ports);
}
