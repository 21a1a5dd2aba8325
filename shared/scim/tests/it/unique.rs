//! Values that no two resources may share, as schema data has them.

use crate::{
    REGISTRY,
    declarations::{BADGE, DEVICE, device_type, schema, user_type},
    groups, stored, users,
};
use scim::schema::{Registry, ResourceType};
use serde_json::{Value, json};

fn declared() -> Registry {
    let unique = |name: &str, kind: &str, more: Value| {
        let mut attribute = json!({"name": name, "type": kind, "uniqueness": "server"});
        attribute.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        attribute
    };
    let subs =
        json!([unique("value", "string", json!({"caseExact": true})), {"name": "note", "type": "string"}]);
    let device = json!([
        unique("serial", "string", json!({})),
        unique("tags", "string", json!({"multiValued": true, "uniqueness": "global"})),
        unique("number", "integer", json!({})),
        unique("level", "decimal", json!({})),
        unique("since", "dateTime", json!({})),
        unique("page", "reference", json!({"referenceTypes": ["uri"]})),
        {"name": "lines", "type": "complex", "multiValued": true, "subAttributes": subs},
        {"name": "label", "type": "string"},
    ]);
    let badge = json!([unique("Number", "string", json!({}))]);
    let documents =
        [schema(DEVICE, device), device_type(), schema(BADGE, badge), user_type(json!([{"schema": BADGE}]))];
    REGISTRY.declare(&documents).expect("valid")
}

#[track_caller]
fn check(resource_type: &ResourceType, body: Value, expect: &[(&str, &str)]) {
    let found = resource_type.unique_values(&stored(resource_type, body));
    let shown: Vec<(&str, &str)> =
        found.iter().map(|one| (one.attribute.as_str(), one.value.as_str())).collect();
    assert_eq!(shown, expect);
    assert!(found.iter().all(|one| one.key == one.attribute.to_lowercase()));
}

#[test]
fn of_built_in_types() {
    check(
        users(),
        json!({"userName": "Bob@Example.com", "externalId": "E"}),
        &[("userName", "bob@example.com")],
    );
    check(
        groups(),
        json!({"displayName": "ÄRZTE", "members": [{"value": "u"}]}),
        &[("displayName", "ärzte")],
    );
}

#[test]
fn of_declared_types() {
    let registry = declared();
    let device = registry.by_name("Device").expect("declared");
    check(device, json!({"label": "L"}), &[]);
    check(
        device,
        json!({"serial": "AbC", "tags": ["x", "Y", "X"]}),
        &[("serial", "abc"), ("tags", "x"), ("tags", "y")],
    );
    check(
        device,
        json!({"lines": [{"value": "A", "note": "1"}, {"value": "a"}, {"value": "A", "note": "2"}, {"note": "3"}]}),
        &[("lines.value", "A"), ("lines.value", "a")],
    );
    check(device, json!({"page": "http://A"}), &[("page", "http://A")]);
    let badge = format!("{BADGE}:Number");
    let user = registry.by_name("User").expect("built in");
    check(
        user,
        json!({"userName": "u", (BADGE): {"number": "N7"}}),
        &[("userName", "u"), (badge.as_str(), "n7")],
    );
}

#[test]
fn equal_values_are_one_text() {
    let registry = declared();
    let device = registry.by_name("Device").expect("declared");
    for (member, values, expect) in [
        ("since", json!(["2026-01-31T08:30:00Z", "2026-01-31T09:30:00.000+01:00"]), "2026-01-31T08:30:00Z"),
        ("level", json!([1, 1.0, 1e0]), "1"),
        ("level", json!([0, -0.0]), "0"),
        ("level", json!([2.50, 25e-1]), "2.5"),
        ("level", json!([1e30]), "1e+30"),
        ("level", json!([1e19, 10_000_000_000_000_000_000_u64]), "10000000000000000000"),
        ("number", json!([9_007_199_254_740_993_i64]), "9007199254740993"),
    ] {
        for value in values.as_array().expect("an array") {
            check(device, json!({(member): value}), &[(member, expect)]);
        }
    }
}
