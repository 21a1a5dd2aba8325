//! What an answer contains.

use crate::{ENTERPRISE, MUSTER, barbara, groups, stored, users};
use scim::{
    projection::Projection,
    schema::{Attribute, ResourceType, Returned, Schema},
};
use serde_json::{Value, json};
use std::sync::Arc;

#[track_caller]
fn check(attributes: Option<&str>, excluded: Option<&str>, keys: &[&str]) -> Value {
    let mut user = barbara();
    user.insert("password".into(), json!("secret"));
    user.insert("internal".into(), json!("not described"));
    Projection::parse(attributes, excluded, users()).expect("valid").apply(&mut user);
    let got: Vec<&String> = user.keys().collect();
    assert_eq!(got, keys, "{attributes:?} {excluded:?}");
    Value::Object(user)
}

const ALL: [&str; 15] = [
    "schemas",
    "id",
    "externalId",
    "meta",
    "userName",
    "name",
    "displayName",
    "title",
    "userType",
    "active",
    "emails",
    "roles",
    "x509Certificates",
    ENTERPRISE,
    MUSTER,
];

#[test]
fn attributes() {
    check(None, None, &ALL);
    check(Some(""), Some(" , "), &ALL);
    check(Some("USERNAME"), None, &["schemas", "id", "userName"]);
    check(Some("userName, nope"), None, &["schemas", "id", "userName"]);
    check(Some("nope"), None, &["schemas", "id"]);
    check(Some("password"), None, &["schemas", "id"]);
    check(Some("meta.created,id"), None, &["schemas", "id", "meta"]);
    let got = check(Some("name.givenName,emails.value"), None, &["schemas", "id", "name", "emails"]);
    assert_eq!(got["name"], json!({"givenName": "Barbara"}));
    assert_eq!(got["emails"][1], json!({"value": "babs@jensen.org"}));
    let got = check(Some("emails.value,emails"), None, &["schemas", "id", "emails"]);
    assert_eq!(got["emails"][1]["type"], "home");
    check(Some(ENTERPRISE), None, &["schemas", "id", ENTERPRISE]);
    let got = check(Some(&format!("{ENTERPRISE}:manager.value")), None, &["schemas", "id", ENTERPRISE]);
    assert_eq!(got[ENTERPRISE], json!({"manager": {"value": "26118915"}}));
    check(Some(&format!("{ENTERPRISE}:department")), None, &["schemas", "id"]);
    check(Some("emails.display"), None, &["schemas", "id"]);
}

#[test]
fn excluded() {
    let without = |gone: &[&str]| ALL.into_iter().filter(|key| !gone.contains(key)).collect::<Vec<_>>();
    check(None, Some("emails,id,schemas,NOPE"), &without(&["emails"]));
    check(None, Some(ENTERPRISE), &without(&[ENTERPRISE]));
    let got = check(None, Some(&format!("{ENTERPRISE}:manager,name.familyName")), &ALL);
    assert_eq!(got[ENTERPRISE], json!({"employeeNumber": "701984"}));
    assert_eq!(got["name"], json!({"givenName": "Barbara"}));
    check(Some("userName,title"), Some("title"), &["schemas", "id", "userName"]);
}

#[test]
fn wants_tells_what_to_read() {
    let wants = |attributes, excluded| {
        Projection::parse(attributes, excluded, groups()).expect("valid").wants("members")
    };
    assert!(wants(None, None));
    assert!(wants(Some("members.value"), None));
    assert!(wants(None, Some("members.display")));
    assert!(!wants(None, Some("MEMBERS")));
    assert!(!wants(Some("displayName"), None));
}

#[test]
fn returned_by_request() {
    let attributes = vec![
        Attribute::string("a", "A.").returned(Returned::Request),
        Attribute::string("b", "B.").returned(Returned::Always),
        Attribute::complex(
            "c",
            "C.",
            vec![
                Attribute::string("x", "X.").returned(Returned::Never),
                Attribute::string("y", "Y.").returned(Returned::Request),
                Attribute::string("z", "Z."),
            ],
        ),
    ];
    let schema = Arc::new(Schema::new("urn:example:Thing", "Thing", "A thing", attributes));
    let things = ResourceType::new("Thing", "Things", "Things", schema);
    let thing = stored(&things, json!({"a": "1", "b": "2", "c": {"x": "3", "y": "4", "z": "5"}}));
    for (attributes, expect) in [
        (None, json!({"b": "2", "c": {"z": "5"}})),
        (Some("a"), json!({"a": "1", "b": "2"})),
        (Some("c.y"), json!({"b": "2", "c": {"y": "4"}})),
        (Some("c.x"), json!({"b": "2"})),
    ] {
        let mut got = thing.clone();
        Projection::parse(attributes, None, &things).expect("valid").apply(&mut got);
        for gone in ["schemas", "id", "meta"] {
            got.shift_remove(gone);
        }
        assert_eq!(Value::Object(got), expect, "{attributes:?}");
    }
}
