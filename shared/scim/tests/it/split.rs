//! A PATCH as a change of members and the rest, which together are the PATCH.

use crate::{groups, patch::request, stored, users};
use proptest::prelude::*;
use scim::{
    Document, ErrorKind,
    patch::{ListChange, Patch},
};
use serde_json::{Value, json};

/// The program, each step as its first letter and its values.
#[track_caller]
fn check(operations: Value, expect: Option<&[&str]>) {
    let shown = operations.to_string();
    let patch = Patch::parse(&request(operations), groups()).expect(&shown);
    let got = patch.split("MEMBERS").map(|(_, changes)| {
        let show = |change: &ListChange| match change {
            ListChange::Add(values) => format!("add {}", values.join(" ")),
            ListChange::Remove(values) => format!("remove {}", values.join(" ")),
            ListChange::Set(values) => format!("set {}", values.join(" ")),
        };
        changes.iter().map(show).collect::<Vec<_>>()
    });
    assert_eq!(
        got.as_deref(),
        expect.map(|e| e.iter().map(ToString::to_string).collect::<Vec<_>>()).as_deref()
    );
}

#[test]
fn programs() {
    let add =
        json!({"op": "add", "path": "members", "value": [{"value": "a", "type": "User"}, {"value": "b"}]});
    let remove = json!({"op": "remove", "path": "members[value eq \"a\"]"});
    check(json!([add]), Some(&["add a b"]));
    check(json!([add, add, remove, remove, add]), Some(&["add a b", "remove a", "add a b"]));
    check(
        json!([{"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}]),
        Some(&["remove a b"]),
    );
    check(
        json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "a"}]}]),
        Some(&["remove a"]),
    );
    check(json!([{"op": "remove", "path": "members"}]), Some(&["set "]));
    check(json!([{"op": "replace", "path": "members", "value": []}]), Some(&["set "]));
    check(json!([{"op": "replace", "path": "members", "value": [{"value": "c"}]}]), Some(&["set c"]));
    check(
        json!([{"op": "replace", "value": {"displayName": "x", "members": [{"value": "c"}]}}]),
        Some(&["set c"]),
    );
    check(json!([{"op": "replace", "path": "displayName", "value": "x"}]), Some(&[]));
}

#[test]
fn what_must_see_the_members() {
    check(json!([{"op": "remove", "path": "members[type eq \"User\"]"}]), None);
    check(json!([{"op": "remove", "path": "members[value eq \"a\" and type eq \"User\"]"}]), None);
    check(json!([{"op": "remove", "path": "members[value sw \"a\"]"}]), None);
    check(json!([{"op": "remove", "path": "members", "value": [{"type": "User"}]}]), None);
    check(json!([{"op": "replace", "path": "members[value eq \"a\"].type", "value": "Group"}]), None);
    check(json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "a"}}]), None);
    let title = json!([{"op": "add", "path": "title", "value": "T"}]);
    let patch = Patch::parse(&request(title), users()).expect("valid");
    for other in ["emails", "userName", "name", "members", "nope", ""] {
        assert_eq!(patch.split(other), None, "{other}");
    }
}

#[test]
fn a_patch_of_nothing_else_changes_nothing() {
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": "a"}]}]);
    let (rest, _) =
        Patch::parse(&request(operations), groups()).expect("valid").split("members").expect("a list");
    assert_eq!(rest.apply(&mut stored(groups(), json!({"displayName": "g"}))), Ok(false));
    assert_eq!(rest.apply(&mut Document::new()), Ok(false));
}

/// Quadratic work would take minutes here in a debug build.
#[test]
fn many_operations_of_one_member_each() {
    let add = |n: usize| json!({"op": "add", "path": "members", "value": [{"value": format!("u{n}")}]});
    let remove = |n: usize| json!({"op": "remove", "path": format!("members[value eq \"u{n}\"]")});
    let operations: Vec<Value> = (0..30_000).map(add).chain((0..30_000).map(remove)).collect();
    let patch = Patch::parse(&request(json!(operations)), groups()).expect("valid");
    let (_, changes) = patch.split("members").expect("a list");
    let [ListChange::Add(added), ListChange::Remove(removed)] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!((added.len(), removed.len()), (30_000, 30_000));
}

/// Neighbours that cannot be joined go over the members each; there is an end to that.
#[test]
fn many_operations_on_many_members() {
    let members: Vec<Value> = (0..50_000).map(|n| json!({"value": format!("u{n}")})).collect();
    let mut group = stored(groups(), json!({"displayName": "g", "members": members}));
    let before = group.clone();
    let operations = vec![json!({"op": "remove", "path": "members[type eq \"Group\"]"}); 201];
    let patch = Patch::parse(&request(json!(operations)), groups()).expect("valid");
    assert_eq!(patch.apply(&mut group).expect_err("too much").kind, ErrorKind::TooMany);
    assert_eq!(group, before);
}

fn member() -> impl Strategy<Value = Value> {
    let more = prop::sample::select(vec![json!({}), json!({"type": "User", "$ref": null})]);
    (0..6_u8, more).prop_map(|(n, mut member)| {
        member["value"] = json!(format!("u{n}"));
        member
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let members = || prop::collection::vec(member(), 0..4);
    prop_oneof![
        3 => members().prop_map(|value| json!({"op": "add", "path": "members", "value": value})),
        2 => members().prop_map(|value| json!({"op": "remove", "path": "members", "value": value})),
        3 => (0..6_u8).prop_map(|n| json!({"op": "remove", "path": format!("members[value eq \"u{n}\"]")})),
        1 => (0..6_u8).prop_map(|n| json!({"op": "remove", "path": format!("members[value eq \"u{n}\" or value eq \"u0\"]")})),
        1 => members().prop_map(|value| json!({"op": "replace", "path": "members", "value": value})),
        1 => members().prop_map(|value| json!({"op": "replace", "value": {"members": value, "externalId": "e"}})),
        1 => Just(json!({"op": "remove", "path": "members"})),
        1 => Just(json!({"op": "Remove", "path": "externalId"})),
        1 => "[a-c]".prop_map(|name| json!({"op": "replace", "path": "displayName", "value": name})),
        1 => Just(json!({"op": "remove", "path": "displayName"})),
    ]
}

/// The `value`s of the members, taken out of the document.
fn take_members(document: &mut Document) -> Vec<String> {
    let members = document.shift_remove("members");
    let elements = members.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().filter_map(|member| member["value"].as_str().map(str::to_owned)).collect()
}

fn run(changes: &[ListChange], members: &mut Vec<String>) {
    for change in changes {
        match change {
            ListChange::Add(values) => {
                let new: Vec<String> = values.iter().filter(|v| !members.contains(v)).cloned().collect();
                members.extend(new);
            }
            ListChange::Remove(values) => members.retain(|member| !values.contains(member)),
            ListChange::Set(values) => members.clone_from(values),
        }
    }
}

proptest! {
    #[test]
    fn the_parts_are_the_whole(
        present in prop::collection::vec(member(), 0..5),
        operations in prop::collection::vec(operation(), 1..8),
    ) {
        let before = stored(groups(), json!({"displayName": "g", "members": present}));
        let patch = Patch::parse(&request(json!(operations)), groups()).expect("valid");
        let (rest, changes) = patch.split("members").expect("nothing that must see the members");

        let mut whole = before.clone();
        let result = patch.apply(&mut whole);
        let mut parts = before.clone();
        let mut members = take_members(&mut parts);
        let result_of_rest = rest.apply(&mut parts);
        prop_assert_eq!(result.as_ref().err(), result_of_rest.as_ref().err());
        if result.is_ok() {
            run(&changes, &mut members);
            prop_assert_eq!(take_members(&mut whole), members);
            prop_assert_eq!(serde_json::to_string(&whole).ok(), serde_json::to_string(&parts).ok());
        }
    }
}
