//! POST and PUT.

use crate::{ENTERPRISE, MUSTER, barbara, groups, stored, users};
use scim::{
    ErrorKind, body,
    schema::{Attribute, Mutability, ResourceType, Schema},
};
use serde_json::{Value, json};
use std::sync::Arc;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// What a user body becomes, `schemas` and `userName` aside.
#[track_caller]
fn check(mut sent: Value, mut expect: Value) {
    sent["userName"] = json!("u");
    expect["userName"] = json!("u");
    let mut got = body::create(users(), sent).expect("accepted");
    got.shift_remove("schemas");
    assert_eq!(Value::Object(got), expect);
}

#[track_caller]
fn refuse(resource_type: &ResourceType, sent: Value, kind: ErrorKind, words: &[&str]) {
    let error = body::create(resource_type, sent).expect_err("refused");
    assert_eq!(error.kind, kind, "{error}");
    for word in words {
        assert!(error.detail.contains(word), "{error} does not say {word}");
    }
}

#[test]
fn values_come_out_as_they_went_in() {
    check(json!({}), json!({}));
    check(
        json!({"phoneNumbers": [{"value": "tel:+1-201"}]}),
        json!({"phoneNumbers": [{"value": "tel:+1-201"}]}),
    );
    check(json!({"EMAILS": [{"VALUE": "a"}]}), json!({"emails": [{"value": "a"}]}));
    check(json!({"name": {"familyname": "Ö"}}), json!({"name": {"familyName": "Ö"}}));
    check(json!({"password": "s"}), json!({"password": "s"}));
    check(
        json!({"emails": [{"value": "a", "type": "weird"}]}),
        json!({"emails": [{"value": "a", "type": "weird"}]}),
    );
    check(
        json!({(format!("{CORE}:title")): "T", (MUSTER): {"validFrom": "2026-01-31T08:30:00+01:00"}}),
        json!({"title": "T", (MUSTER): {"validFrom": "2026-01-31T08:30:00+01:00"}}),
    );
}

#[test]
fn null_and_empty_are_absent() {
    check(json!({"title": null, "emails": [], "name": {}, "roles": null}), json!({}));
    check(json!({"name": {"givenName": null}}), json!({}));
    check(
        json!({"title": "", "name": {"givenName": "", "familyName": "F"}}),
        json!({"name": {"familyName": "F"}}),
    );
    check(
        json!({"emails": [null, {}, {"type": "work", "value": ""}, {"value": "a"}]}),
        json!({"emails": [{"value": "a"}]}),
    );
    check(json!({(ENTERPRISE): null, (MUSTER): {}}), json!({}));
}

#[test]
fn read_only_attributes_are_dropped() {
    check(json!({"id": "x", "meta": {"foo": 1}, "groups": 7, (MUSTER): {"lifecycle": "mapped"}}), json!({}));
    check(
        json!({(ENTERPRISE): {"manager": {"value": "m", "displayName": "Boss"}}}),
        json!({(ENTERPRISE): {"manager": {"value": "m"}}}),
    );
}

#[test]
fn order_and_schemas_are_canonical() {
    let sent = json!({
        (MUSTER): {"division": "D", "validTo": "2030-01-01T00:00:00Z"},
        "emails": [{"value": "a"}], "externalid": "E", "displayName": "D", "username": "u",
        "schemas": [CORE.to_uppercase(), ENTERPRISE],
    });
    let got = body::create(users(), sent).expect("accepted");
    let keys: Vec<&String> = got.keys().collect();
    assert_eq!(keys, ["schemas", "externalId", "userName", "displayName", "emails", MUSTER]);
    assert_eq!(got["schemas"], json!([CORE, MUSTER]));
    assert_eq!(
        serde_json::to_string(&got[MUSTER]).expect("text"),
        r#"{"validTo":"2030-01-01T00:00:00Z","division":"D"}"#
    );
    let keys: Vec<String> = barbara().keys().take(4).cloned().collect();
    assert_eq!(keys, ["schemas", "id", "externalId", "meta"]);
}

#[test]
fn refusals() {
    use ErrorKind::{InvalidSyntax, InvalidValue};
    let user = |more: Value| {
        let mut body = json!({"userName": "u"});
        body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        body
    };
    for body in [json!([]), json!("x"), json!(null), json!(1)] {
        refuse(users(), body, InvalidSyntax, &["JSON object", "User"]);
    }
    refuse(users(), json!({}), InvalidValue, &["userName", "required"]);
    refuse(users(), json!({"userName": ""}), InvalidValue, &["userName", "required"]);
    refuse(groups(), json!({"members": []}), InvalidValue, &["displayName"]);
    refuse(
        groups(),
        json!({"displayName": "g", "members": [{"type": "User"}]}),
        InvalidValue,
        &["members[0].value"],
    );
    refuse(users(), user(json!({"dispalyName": "x"})), InvalidSyntax, &["dispalyName", "displayName"]);
    refuse(users(), user(json!({"department": "x"})), InvalidSyntax, &[ENTERPRISE]);
    refuse(users(), user(json!({"zzzzzzzzz": 1})), InvalidSyntax, &["zzzzzzzzz"]);
    refuse(users(), user(json!({"name": {"given": "x"}})), InvalidSyntax, &["name", "given"]);
    refuse(users(), user(json!({"name.givenName": "x"})), InvalidSyntax, &["name.givenName"]);
    refuse(users(), user(json!({(ENTERPRISE): {"departmnt": "x"}})), InvalidSyntax, &["department"]);
    refuse(users(), user(json!({(ENTERPRISE): [1]})), InvalidValue, &[ENTERPRISE, "array"]);
    refuse(users(), user(json!({"urn:example:x": {"a": 1}})), InvalidSyntax, &["urn:example:x"]);
    refuse(users(), user(json!({"USERNAME": "v"})), InvalidSyntax, &["userName", "more than once"]);
    refuse(users(), json!({"userName": 7}), InvalidValue, &["userName", "a string", "the number 7"]);
    refuse(users(), user(json!({"active": "yes"})), InvalidValue, &["active", "boolean", "yes"]);
    refuse(users(), user(json!({"emails": {"value": "a"}})), InvalidValue, &["emails", "array", "object"]);
    refuse(users(), user(json!({"emails": ["a"]})), InvalidValue, &["emails[0]", "complex"]);
    refuse(users(), user(json!({"emails": [{}, {"value": 1}]})), InvalidValue, &["emails[1].value"]);
    refuse(users(), user(json!({"name": "x"})), InvalidValue, &["name", "complex"]);
    refuse(users(), user(json!({"schemas": "x"})), InvalidValue, &["schemas"]);
    refuse(users(), user(json!({"schemas": [1]})), InvalidValue, &["schemas"]);
    refuse(
        users(),
        user(json!({"x509Certificates": [{"value": "not base64!"}]})),
        InvalidValue,
        &["base 64"],
    );
    for wrong in [
        "2026-01-31",
        "20260131T083000Z",
        "2026-01-31T08:30:00",
        "2026-13-31T08:30:00Z",
        "x",
        "2026-01-31T08:30:00Z[UTC]",
        "2026-01-31 08:30:00Z",
    ] {
        refuse(
            users(),
            user(json!({(MUSTER): {"validFrom": wrong}})),
            InvalidValue,
            &[MUSTER, "validFrom", "dateTime"],
        );
    }
    for right in ["2026-01-31T08:30:00Z", "2026-01-31T08:30:00.123456-05:30", "2026-01-31t08:30:00z"] {
        body::create(users(), user(json!({(MUSTER): {"validFrom": right}}))).expect(right);
    }
}

#[test]
fn a_member_is_listed_once() {
    let got = body::create(
        groups(),
        json!({"displayName": "g", "members": [
        {"value": "u1"}, {"value": "u2"}, {"value": "u1", "type": "User"}, {"value": "U1"}]}),
    )
    .expect("accepted");
    assert_eq!(got["members"], json!([{"value": "u1"}, {"value": "u2"}, {"value": "U1"}]));
}

#[test]
fn put_clears_what_is_absent_and_keeps_what_the_server_set() {
    let mut current = barbara();
    current[MUSTER]["lifecycle"] = json!("mapped");
    current[ENTERPRISE]["manager"]["displayName"] = json!("Boss");
    current.insert("active".into(), json!(false));
    current.insert("password".into(), json!("secret"));
    let body = json!({"userName": "new", "id": "other", "meta": {}, "groups": [],
                      (ENTERPRISE): {"manager": {"value": "26118915"}}});
    let got = body::replace(users(), &current, body).expect("accepted");
    assert_eq!(got["id"], "2819c223");
    assert_eq!(got["meta"], current["meta"]);
    assert_eq!(got["userName"], "new");
    assert_eq!(got["active"], false, "Okta's PUT without active must not change it");
    assert_eq!(got["password"], "secret");
    assert_eq!(got[MUSTER], json!({"lifecycle": "mapped"}));
    assert_eq!(got[ENTERPRISE], json!({"manager": {"value": "26118915", "displayName": "Boss"}}));
    for gone in ["emails", "title", "externalId", "name", "roles"] {
        assert!(!got.contains_key(gone), "{gone} stayed");
    }
    let other = json!({"userName": "new", (ENTERPRISE): {"manager": {"value": "another"}}});
    let got = body::replace(users(), &current, other).expect("accepted");
    assert_eq!(
        got[ENTERPRISE],
        json!({"manager": {"value": "another"}}),
        "the name was of the former manager"
    );
}

#[test]
fn put_cannot_change_what_is_immutable() {
    let attributes = vec![
        Attribute::string("serial", "Serial number.").mutability(Mutability::Immutable),
        Attribute::string("label", "Label.").required(),
    ];
    let schema = Arc::new(Schema::new("urn:example:Device", "Device", "A device", attributes));
    let devices = ResourceType::new("Device", "Devices", "Devices", schema);
    let current = stored(&devices, json!({"label": "a", "serial": "1"}));
    let put = |body: Value| body::replace(&devices, &current, body);
    assert_eq!(put(json!({"label": "b", "serial": "2"})).expect_err("fixed").kind, ErrorKind::Mutability);
    assert_eq!(put(json!({"label": "b"})).expect("accepted")["serial"], "1");
    assert_eq!(put(json!({"label": "b", "serial": "1"})).expect("accepted")["label"], "b");
    assert_eq!(put(json!({"serial": "1"})).expect_err("required").kind, ErrorKind::InvalidValue);
    let bare = stored(&devices, json!({"label": "a"}));
    assert_eq!(
        body::replace(&devices, &bare, json!({"label": "a", "serial": "3"})).expect("set once")["serial"],
        "3"
    );
}
