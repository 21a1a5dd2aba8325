//! PATCH as RFC 7644 section 3.5.2 has it. What clients send otherwise is in `dialects`.

use crate::{ENTERPRISE, MUSTER, barbara, groups, stored, users};
use scim::{Document, Error, ErrorKind, body, patch::Patch, schema::ResourceType};
use serde_json::{Value, json};

/// The request around these operations.
pub(crate) fn request(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// Applies the operations to the document, which must be untouched after an error.
#[track_caller]
pub(crate) fn apply(
    resource_type: &ResourceType,
    document: &mut Document,
    operations: Value,
) -> Result<bool, Error> {
    let before = document.clone();
    let result = Patch::parse(&request(operations), resource_type).and_then(|patch| patch.apply(document));
    let kept =
        serde_json::to_string(&before).expect("text") == serde_json::to_string(document).expect("text");
    match &result {
        Ok(true) => assert!(!kept, "said to be changed and is not"),
        Ok(false) | Err(_) => assert!(kept, "changed against its word"),
    }
    if result.is_ok() {
        let arranged = body::arrange(resource_type, document.clone());
        assert_eq!(
            serde_json::to_string(&arranged).ok(),
            serde_json::to_string(document).ok(),
            "canonical form"
        );
    }
    result
}

/// A user with these attributes, patched; then what it has, `schemas` and `userName` aside.
#[track_caller]
pub(crate) fn check(attributes: Value, operations: Value, expect: Value) {
    check_type(users(), "userName", attributes, operations, expect);
}

/// The same for groups and `displayName`.
#[track_caller]
pub(crate) fn check_group(attributes: Value, operations: Value, expect: Value) {
    check_type(groups(), "displayName", attributes, operations, expect);
}

#[track_caller]
fn check_type(
    resource_type: &ResourceType,
    name: &str,
    mut attributes: Value,
    operations: Value,
    expect: Value,
) {
    attributes[name] = json!("n");
    let mut document = body::create(resource_type, attributes).expect("a valid resource");
    let before = document.clone();
    let changed = apply(resource_type, &mut document, operations).expect("applied");
    assert_eq!(changed, before != document);
    document.shift_remove("schemas");
    document.shift_remove(name);
    assert_eq!(Value::Object(document), expect);
}

/// What the operations are refused with on Barbara's account.
#[track_caller]
pub(crate) fn refuse(operations: Value, kind: ErrorKind) {
    let shown = operations.to_string();
    let error = apply(users(), &mut barbara(), operations).expect_err(&shown);
    assert_eq!(error.kind, kind, "{shown}: {error}");
}

#[track_caller]
fn refuse_group(operations: Value, kind: ErrorKind) {
    let mut group =
        stored(groups(), json!({"displayName": "g", "members": [{"value": "u1", "type": "User"}]}));
    let shown = operations.to_string();
    let error = apply(groups(), &mut group, operations).expect_err(&shown);
    assert_eq!(error.kind, kind, "{shown}: {error}");
}

#[test]
fn add() {
    let mail = json!({"emails": [{"value": "a", "type": "work"}]});
    check(json!({}), json!([{"op": "add", "path": "title", "value": "T"}]), json!({"title": "T"}));
    check(
        json!({"title": "A"}),
        json!([{"op": "add", "path": "title", "value": "B"}]),
        json!({"title": "B"}),
    );
    check(
        json!({"name": {"familyName": "F"}}),
        json!([{"op": "add", "path": "name", "value": {"givenName": "G"}}]),
        json!({"name": {"familyName": "F", "givenName": "G"}}),
    );
    check(
        json!({}),
        json!([{"op": "add", "value": {"emails": [{"value": "a", "type": "work"}], "nickname": "N"}}]),
        json!({"nickName": "N", "emails": [{"value": "a", "type": "work"}]}),
    );
    check(
        mail.clone(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "A", "type": "work"}]}]),
        mail.clone(),
    );
    check(
        mail.clone(),
        json!([{"op": "add", "path": "emails", "value": {"value": "a", "type": "home"}}]),
        json!({"emails": [{"value": "a", "type": "work"}, {"value": "a", "type": "home"}]}),
    );
    check(
        mail,
        json!([{"op": "add", "path": "emails", "value": {"value": "a", "primary": true}}]),
        json!({"emails": [{"value": "a", "type": "work", "primary": true}]}),
    );
    check(
        json!({"addresses": [{"locality": "L", "type": "work"}]}),
        json!([{"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "L"}, {"locality": "M"}]}]),
        json!({"addresses": [{"locality": "L", "type": "work"}, {"locality": "M"}]}),
    );
    check(
        json!({}),
        json!([{"op": "add", "path": (format!("{ENTERPRISE}:department")), "value": "D"}]),
        json!({(ENTERPRISE): {"department": "D"}}),
    );
    check(
        json!({"roles": [{"value": "r"}]}),
        json!([{"op": "add", "path": "roles", "value": []}]),
        json!({"roles": [{"value": "r"}]}),
    );
}

#[test]
fn primary_is_one() {
    let two = json!({"emails": [{"value": "a", "primary": true}, {"value": "b"}]});
    let other = json!({"emails": [{"value": "a", "primary": false}, {"value": "b", "primary": true}]});
    check(
        two.clone(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "b", "primary": true}]}]),
        other.clone(),
    );
    check(
        two.clone(),
        json!([{"op": "replace", "path": "emails[value eq \"b\"].primary", "value": true}]),
        other,
    );
    check(
        two,
        json!([{"op": "add", "path": "emails", "value": [{"value": "c", "primary": true}]}]),
        json!({"emails": [{"value": "a", "primary": false}, {"value": "b"}, {"value": "c", "primary": true}]}),
    );
}

#[test]
fn remove() {
    let full = json!({"title": "T", "name": {"givenName": "G", "familyName": "F"},
                      "emails": [{"value": "a", "type": "work"}, {"value": "b", "type": "home"}]});
    let without = |key: &str| {
        let mut rest = full.clone();
        rest.as_object_mut().expect("object").shift_remove(key);
        rest
    };
    check(full.clone(), json!([{"op": "remove", "path": "title"}]), without("title"));
    check(full.clone(), json!([{"op": "remove", "path": "nickName"}]), full.clone());
    check(full.clone(), json!([{"op": "remove", "path": "emails"}]), without("emails"));
    check(full.clone(), json!([{"op": "remove", "path": "emails[type pr]"}]), without("emails"));
    check(full.clone(), json!([{"op": "remove", "path": "emails[value eq \"zz\"]"}]), full.clone());
    check(
        full.clone(),
        json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]),
        without("name"),
    );
    let mut one = full.clone();
    one["emails"] = json!([{"value": "b", "type": "home"}]);
    check(full.clone(), json!([{"op": "remove", "path": "emails[type eq \"WORK\"]"}]), one.clone());
    check(full.clone(), json!([{"op": "remove", "path": "emails[value eq \"A\"]"}]), one.clone());
    check(full.clone(), json!([{"op": "remove", "path": "emails[type eq \"work\"].value"}]), one);
    let mut untyped = full.clone();
    untyped["emails"][0] = json!({"value": "a"});
    check(full.clone(), json!([{"op": "remove", "path": "emails[value eq \"a\"].type"}]), untyped);
    let extended = json!({(ENTERPRISE): {"department": "D"}, "title": "T"});
    check(extended.clone(), json!([{"op": "remove", "path": ENTERPRISE}]), json!({"title": "T"}));
    check(
        extended,
        json!([{"op": "remove", "path": (format!("{ENTERPRISE}:department"))}]),
        json!({"title": "T"}),
    );
}

#[test]
fn replace() {
    let full = json!({"name": {"givenName": "G", "familyName": "F"},
                      "emails": [{"value": "a", "type": "work"}, {"value": "b", "type": "home"}]});
    let with = |key: &str, value: Value| {
        let mut rest = full.clone();
        rest[key] = value;
        rest
    };
    check(
        full.clone(),
        json!([{"op": "replace", "path": "name", "value": {"givenName": "H"}}]),
        with("name", json!({"givenName": "H", "familyName": "F"})),
    );
    check(
        full.clone(),
        json!([{"op": "replace", "path": "emails", "value": [{"value": "c"}]}]),
        with("emails", json!([{"value": "c"}])),
    );
    check(
        full.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "c", "display": "C"}}]),
        with(
            "emails",
            json!([{"type": "work", "value": "c", "display": "C"}, {"value": "b", "type": "home"}]),
        ),
    );
    check(
        full.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "c"}]),
        with("emails", json!([{"value": "c", "type": "work"}, {"value": "b", "type": "home"}])),
    );
    check(full.clone(), json!([{"op": "replace", "value": {"title": "T"}}]), with("title", json!("T")));
    check(full.clone(), json!([{"op": "replace", "path": "name.givenName", "value": "G"}]), full.clone());
    check(
        full.clone(),
        json!([{"op": "replace", "path": "title", "value": "A"}, {"op": "remove", "path": "title"}]),
        full,
    );
}

#[test]
fn an_element_in_the_place_of_another() {
    let two = json!({"emails": [{"value": "A@x", "type": "work", "display": "D"}, {"value": "b", "primary": true}]});
    let put = |path: &str, value: Value| json!([{"op": "replace", "path": path, "value": value}]);
    // The spelling of the value is the user's, not the filter's.
    check(
        two.clone(),
        put("emails[value eq \"a@X\"]", json!({"type": "home"})),
        json!({"emails": [{"value": "A@x", "type": "home"}, {"value": "b", "primary": true}]}),
    );
    check(
        two.clone(),
        put("emails[type eq \"work\"]", json!([{"value": "c", "primary": true}])),
        json!({"emails": [{"type": "work", "value": "c", "primary": true}, {"value": "b", "primary": false}]}),
    );
    check(
        two.clone(),
        put("emails[type eq \"home\" and primary eq true]", json!({"value": "c"})),
        json!({"emails": [{"value": "A@x", "type": "work", "display": "D"}, {"value": "b", "primary": false},
                          {"type": "home", "primary": true, "value": "c"}]}),
    );
    check(
        two,
        put("emails[type eq \"work\"]", json!(null)),
        json!({"emails": [{"value": "b", "primary": true}]}),
    );
    let mut group =
        stored(groups(), json!({"displayName": "g", "members": [{"value": "u1", "type": "User"}]}));
    group["members"][0]["display"] = json!("Ann");
    let same = put("members[value eq \"u1\"]", json!({"value": "u1"}));
    assert_eq!(apply(groups(), &mut group, same), Ok(false));
    refuse_group(put("members[value eq \"u1\"]", json!({"value": "u2"})), ErrorKind::Mutability);
    refuse_group(put("members[display eq \"Bo\"]", json!({"value": "u2"})), ErrorKind::NoTarget);
}

#[test]
fn what_becomes_the_same_is_there_once() {
    let two = json!({"emails": [{"value": "a", "type": "work"}, {"value": "b", "type": "home"}]});
    check(
        two.clone(),
        json!([{"op": "replace", "path": "emails[value pr]", "value": {"value": "c"}}]),
        json!({"emails": [{"value": "c"}]}),
    );
    check(
        two,
        json!([{"op": "replace", "path": "emails[value eq \"b\"].type", "value": "work"},
               {"op": "replace", "path": "emails.value", "value": "c"}]),
        json!({"emails": [{"value": "c", "type": "work"}]}),
    );
    check(
        json!({"emails": [{"value": "a", "display": "A"}, {"value": "a"}]}),
        json!([{"op": "add", "path": "emails", "value": {"value": "a", "display": "A"}},
               {"op": "remove", "path": "emails[type pr]"}]),
        json!({"emails": [{"value": "a", "display": "A"}, {"value": "a"}]}),
    );
    check(
        json!({"emails": [{"value": "a", "primary": false}, {"value": "a", "primary": true}]}),
        json!([{"op": "add", "path": "emails", "value": {"value": "b", "primary": true}}]),
        json!({"emails": [{"value": "a", "primary": false}, {"value": "b", "primary": true}]}),
    );
}

#[test]
fn schemas_follow_the_extensions() {
    let mut user = barbara();
    let urn = json!(MUSTER);
    let operations = json!([{"op": "remove", "path": (format!("{MUSTER}:validTo"))}]);
    assert_eq!(apply(users(), &mut user, operations), Ok(true));
    assert!(!user["schemas"].as_array().expect("array").contains(&urn));
    let operations = json!([{"op": "add", "path": "schemas", "value": [MUSTER]},
                            {"op": "add", "path": MUSTER, "value": {"division": "D"}}]);
    assert_eq!(apply(users(), &mut user, operations), Ok(true));
    assert!(user["schemas"].as_array().expect("array").contains(&urn));
}

#[test]
fn an_extension_is_removed_but_for_what_the_server_set() {
    let mut user = barbara();
    user[MUSTER]["lifecycle"] = json!("mapped");
    assert_eq!(apply(users(), &mut user, json!([{"op": "remove", "path": MUSTER}])), Ok(true));
    assert_eq!(user[MUSTER], json!({"lifecycle": "mapped"}));
}

#[test]
fn refusals_of_paths_and_values() {
    use ErrorKind::{InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget};
    let add = |path: &str, value: Value| json!([{"op": "add", "path": path, "value": value}]);
    refuse(add("nope", json!(1)), InvalidPath);
    refuse(add("emails[type", json!(1)), InvalidPath);
    refuse(add("emails[nope eq 1]", json!({})), InvalidFilter);
    refuse(json!([{"op": "add", "path": 7, "value": 1}]), InvalidPath);
    refuse(json!([{"op": "add", "value": {"nope": 1}}]), InvalidSyntax);
    refuse(json!([{"op": "add", "value": {"name": {"nope": "x"}}}]), InvalidSyntax);
    refuse(json!([{"op": "add", "value": "x"}]), InvalidValue);
    refuse(json!([{"op": "add", "path": "title"}]), InvalidValue);
    refuse(json!([{"op": "replace"}]), InvalidValue);
    refuse(add("title", json!(7)), InvalidValue);
    refuse(add("active", json!("perhaps")), InvalidValue);
    refuse(add("emails", json!(["a"])), InvalidValue);
    refuse(add(&format!("{MUSTER}:validTo"), json!("tomorrow")), InvalidValue);
    refuse(add("emails[type eq \"work\"]", json!([{"value": "a"}, {"value": "b"}])), InvalidValue);
    refuse(json!([{"op": "remove"}]), NoTarget);
    refuse(json!([{"op": "remove", "value": {"title": "T"}}]), NoTarget);
    refuse(json!([{"op": "replace", "path": "emails[value eq \"zz\"].type", "value": "x"}]), NoTarget);
    refuse(
        json!([{"op": "replace", "path": "emails[type ne \"work\" and type ne \"home\"]", "value": {"value": "x"}}]),
        NoTarget,
    );
    for path in [
        "id",
        "meta",
        "meta.version",
        "groups",
        "groups.value",
        &format!("{MUSTER}:lifecycle"),
        &format!("{ENTERPRISE}:manager.displayName"),
    ] {
        refuse(add(path, json!("x")), Mutability);
        refuse(json!([{"op": "remove", "path": path}]), Mutability);
    }
    refuse(json!([{"op": "replace", "value": {"id": "another"}}]), Mutability);
    refuse(json!([{"op": "remove", "path": "emails.value", "value": "babs@jensen.org"}]), InvalidValue);
    refuse(json!([{"op": "remove", "path": "schemas"}]), Mutability);
    refuse(json!([{"op": "remove", "path": "userName"}]), Mutability);
    refuse(json!([{"op": "replace", "path": "userName", "value": ""}]), Mutability);
    refuse_group(
        json!([{"op": "replace", "path": "members[value eq \"u1\"].value", "value": "u2"}]),
        Mutability,
    );
    refuse_group(
        json!([{"op": "replace", "path": "members[value eq \"u1\"].type", "value": "Group"}]),
        Mutability,
    );
    refuse_group(json!([{"op": "add", "path": "members", "value": [{"display": "x"}]}]), InvalidValue);
    refuse_group(
        json!([{"op": "replace", "path": "members[type eq \"Group\"].$ref", "value": "x"}]),
        NoTarget,
    );
    refuse_group(json!([{"op": "remove", "path": "members", "value": [{"display": "x"}]}]), InvalidValue);
    refuse_group(json!([{"op": "remove", "path": "members", "value": [{"nope": "x"}]}]), InvalidSyntax);
    refuse_group(json!([{"op": "remove", "path": "members", "value": [{"value": 7}]}]), InvalidValue);
    // The first operation is right: nothing of it may stay.
    refuse(
        json!([{"op": "add", "path": "title", "value": "New"}, {"op": "remove", "path": "userName"}]),
        Mutability,
    );
}

#[test]
fn refusals_of_requests() {
    for body in [
        json!([]),
        json!("x"),
        json!({}),
        json!({"Operations": {}}),
        json!({"Operations": []}),
        json!({"Operations": ["x"]}),
        json!({"Operations": [{"path": "title"}]}),
        json!({"Operations": [{"op": "move", "path": "title"}]}),
        json!({"Operations": [{"op": 1}]}),
        json!({"schemas": "x", "Operations": [{"op": "remove", "path": "title"}]}),
    ] {
        let error = Patch::parse(&body, users()).expect_err(&body.to_string());
        assert_eq!(error.kind, ErrorKind::InvalidSyntax, "{body}: {error}");
    }
    let many: Vec<Value> = (0..2_001)
        .map(|n| json!({"op": "add", "path": if n % 2 == 0 { "title" } else { "nickName" }, "value": "x"}))
        .collect();
    let error = Patch::parse(&request(json!(many)), users()).expect_err("too many");
    assert_eq!(error.kind, ErrorKind::TooMany);
}

/// Quadratic work would take minutes here in a debug build.
#[test]
fn large_groups() {
    let member = |n: usize| json!({"value": format!("u{n}")});
    let members = |from: usize, to: usize| (from..to).map(member).collect::<Vec<_>>();
    let mut group = stored(groups(), json!({"displayName": "g", "members": members(0, 50_000)}));
    let count = |group: &Document| group.get("members").and_then(Value::as_array).map_or(0, Vec::len);
    let one = json!([{"op": "add", "path": "members", "value": members(25_000, 75_000)}]);
    assert_eq!(apply(groups(), &mut group, one), Ok(true));
    assert_eq!(count(&group), 75_000);
    let each: Vec<Value> =
        (70_000..80_000).map(|n| json!({"op": "add", "path": "members", "value": [member(n)]})).collect();
    assert_eq!(apply(groups(), &mut group, json!(each)), Ok(true));
    assert_eq!(count(&group), 80_000);
    let each: Vec<Value> =
        (0..10_000).map(|n| json!({"op": "remove", "path": format!("members[value eq \"u{n}\"]")})).collect();
    assert_eq!(apply(groups(), &mut group, json!(each)), Ok(true));
    assert_eq!(count(&group), 70_000);
    let listed = json!([{"op": "remove", "path": "members", "value": members(10_000, 79_999)}]);
    assert_eq!(apply(groups(), &mut group, listed), Ok(true));
    assert_eq!(group["members"], json!([member(79_999)]));
}
