//! Every tolerance has a switch, and off means refused.

use crate::{
    ENTERPRISE, barbara, groups,
    patch::{apply, request},
    users,
};
use scim::{
    ErrorKind, body,
    filter::Filter,
    patch::Patch,
    schema::ResourceType,
    tolerance::{Quirk, TABLE, Tolerances},
};
use serde_json::{Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

#[test]
fn the_table_is_whole_and_each_entry_names_a_client() {
    for (index, entry) in TABLE.iter().enumerate() {
        assert_eq!(entry.quirk as usize, index);
        assert!(!entry.clients.is_empty());
        assert!(!Tolerances::all().without(entry.quirk).allows(entry.quirk));
        assert!(Tolerances::none().with(entry.quirk).allows(entry.quirk));
    }
}

/// Accepted with the tolerance, refused without it alone.
#[track_caller]
fn check(quirk: Quirk, accepted: impl Fn(&ResourceType) -> bool) {
    assert!(accepted(users()), "{quirk:?} is on");
    assert!(!accepted(&users().clone().forgiving(Tolerances::all().without(quirk))), "{quirk:?} is off");
}

fn creates(body: Value) -> impl Fn(&ResourceType) -> bool {
    move |users| body::create(users, body.clone()).is_ok()
}

fn patches(operation: Value) -> impl Fn(&ResourceType) -> bool {
    move |users| apply(users, &mut barbara(), json!([operation])).is_ok()
}

#[test]
fn bodies() {
    let user = |more: Value| {
        let mut body = json!({"schemas": [CORE], "userName": "u"});
        body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        body
    };
    check(Quirk::BooleanText, creates(user(json!({"active": "True"}))));
    check(Quirk::SchemasAbsent, creates(json!({"userName": "u"})));
    check(Quirk::SchemasUnknown, creates(user(json!({"schemas": ["urn:scim:schemas:core:1.0"]}))));
    check(Quirk::PlainReference, creates(user(json!({(ENTERPRISE): {"manager": "m"}}))));
    check(
        Quirk::PrimaryTwice,
        creates(user(json!({"emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}))),
    );
    check(Quirk::FlatExtension, creates(user(json!({(format!("{ENTERPRISE}:department")): "D"}))));
    check(
        Quirk::ExtensionSchemas,
        creates(user(json!({(ENTERPRISE): {"schemas": [ENTERPRISE], "department": "D"}}))),
    );
    check(Quirk::EmptyText, |users| {
        body::create(users, user(json!({"title": ""}))).is_ok_and(|user| !user.contains_key("title"))
    });
    check(Quirk::PutWithoutActive, |users| {
        body::replace(users, &barbara(), user(json!({}))).is_ok_and(|user| user.contains_key("active"))
    });
}

#[test]
fn patches_and_filters() {
    let extension = json!({"schemas": [ENTERPRISE], "department": "D"});
    check(Quirk::ExtensionSchemas, patches(json!({"op": "add", "path": ENTERPRISE, "value": extension})));
    check(Quirk::OperationCase, patches(json!({"op": "Replace", "path": "title", "value": "x"})));
    check(Quirk::PathKeys, patches(json!({"op": "replace", "value": {"name.givenName": "x"}})));
    check(
        Quirk::PathKeys,
        patches(json!({"op": "replace", "value": {"emails[type eq \"work\"].value": "x"}})),
    );
    check(
        Quirk::CreateSelected,
        patches(json!({"op": "add", "path": "ims[type eq \"xmpp\"].value", "value": "x"})),
    );
    check(Quirk::BareLiteral, |users| Filter::parse("userName eq bob", users).is_ok());
    check(Quirk::BooleanText, |users| Filter::parse("active eq \"True\"", users).is_ok());
}

/// Off, a removal with a value is refused rather than widened to all members.
#[test]
fn a_listed_removal_is_refused_where_it_is_not_understood() {
    let strict = groups().clone().forgiving(Tolerances::none());
    let operations = json!([{"op": "remove", "path": "members", "value": [{"value": "u1"}]}]);
    let error = Patch::parse(&request(operations), &strict).expect_err("refused");
    assert_eq!(error.kind, ErrorKind::InvalidValue);
}
