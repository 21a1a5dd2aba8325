//! What identity providers really send, one test for each habit.

use crate::{
    ENTERPRISE, MUSTER, groups,
    patch::{apply, check, check_group, refuse},
    stored, users,
};
use scim::{
    ErrorKind, body,
    filter::{Filter, Hint},
    patch::Patch,
};
use serde_json::{Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

#[test]
fn entra_creates_with_empty_roles_and_text_booleans() {
    let user = body::create(users(), json!({
        "schemas": [CORE, ENTERPRISE], "externalId": "e", "userName": "u", "active": true,
        "meta": {"resourceType": "User"}, "roles": [], "name": {"formatted": "F"}, (ENTERPRISE): {"department": "D"}
    })).expect("accepted");
    assert!(!user.contains_key("roles") && !user.contains_key("meta"));
    let user = body::create(
        users(),
        json!({"userName": "u", "active": "False", "roles": [{"primary": "True", "value": "r"}]}),
    )
    .expect("accepted");
    assert_eq!((&user["active"], &user["roles"]), (&json!(false), &json!([{"primary": true, "value": "r"}])));
}

#[test]
fn entra_group_bears_a_schema_of_its_own() {
    let group = body::create(
        groups(),
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group",
                        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": "e", "displayName": "G", "meta": {"resourceType": "Group"}
        }),
    )
    .expect("accepted");
    assert_eq!(group["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]));
}

#[test]
fn entra_filters() {
    let user = stored(
        users(),
        json!({"userName": "Ann@x.example", "emails": [{"type": "work", "value": "ann@x.example"}]}),
    );
    for text in ["userName eq ann@x.example", r#"emails[type eq "work"].value eq "ANN@x.example""#] {
        assert!(Filter::parse(text, users()).expect(text).matches(&user), "{text}");
    }
    let group = stored(groups(), json!({"displayName": "g", "members": [{"value": "u1"}]}));
    let filter = Filter::parse(r#"id eq "2819c223" and members eq "u1""#, groups()).expect("valid");
    assert!(filter.matches(&group));
}

#[test]
fn entra_old_dialect_capitals_and_text_boolean() {
    check(
        json!({"active": true}),
        json!([{"op": "Replace", "path": "active", "value": "False"}]),
        json!({"active": false}),
    );
    check(json!({}), json!([{"op": "Add", "path": "title", "value": "T"}]), json!({"title": "T"}));
    check(json!({"title": "T"}), json!([{"op": "REMOVE", "path": "title"}]), json!({}));
}

#[test]
fn entra_and_jumpcloud_remove_listed_members_only() {
    let three = json!({"members": [{"value": "u1"}, {"value": "u2", "type": "User"}, {"value": "u3"}]});
    let remove = |value: Value| json!([{"op": "Remove", "path": "members", "value": value}]);
    let left = json!({"members": [{"value": "u2", "type": "User"}, {"value": "u3"}]});
    check_group(three.clone(), remove(json!([{"$ref": null, "value": "u1"}])), left.clone());
    check_group(
        three.clone(),
        remove(json!([{"value": "u1", "display": "Ann", "type": "User"}])),
        left.clone(),
    );
    check_group(three.clone(), remove(json!({"value": "u1"})), left.clone());
    check_group(three.clone(), remove(json!(["u1"])), left);
    check_group(three.clone(), remove(json!([{"value": "u9"}])), three.clone());
    check_group(three.clone(), remove(json!([{"value": "u1"}, {"value": "u2"}, {"value": "u3"}])), json!({}));
    check_group(three.clone(), remove(json!([])), three.clone());
    check_group(three, json!([{"op": "Remove", "path": "members"}]), json!({}));
}

#[test]
fn entra_removes_some_of_the_emails() {
    let two = json!({"emails": [{"value": "a", "type": "work"}, {"value": "a", "type": "home"}]});
    let remove = |value: Value| json!([{"op": "remove", "path": "emails", "value": value}]);
    check(
        two.clone(),
        remove(json!([{"value": "A", "type": "home"}])),
        json!({"emails": [{"value": "a", "type": "work"}]}),
    );
    check(
        two.clone(),
        remove(json!([{"type": "work"}])),
        json!({"emails": [{"value": "a", "type": "home"}]}),
    );
    check(two, remove(json!([{"value": "a"}])), json!({}));
}

#[test]
fn entra_new_dialect_dotted_and_urn_keys() {
    check(
        json!({"displayName": "W", "name": {"familyName": "F"}}),
        json!([{"op": "replace", "value": {
            "displayName": "X", "name.givenName": "K", (format!("{ENTERPRISE}:employeeNumber")): "7",
            (format!("{ENTERPRISE}:manager.value")): "m", "emails[type eq \"work\"].value": "a"}}]),
        json!({"displayName": "X", "name": {"familyName": "F", "givenName": "K"},
               "emails": [{"type": "work", "value": "a"}],
               (ENTERPRISE): {"employeeNumber": "7", "manager": {"value": "m"}}}),
    );
    check(
        json!({}),
        json!([{"op": "add", "value": {(ENTERPRISE): {"department": "D"}, (MUSTER): {"lifecycle": "signed-in"}}}]),
        json!({(ENTERPRISE): {"department": "D"}}),
    );
}

#[test]
fn entra_new_dialect_removes_a_member_by_filter() {
    check_group(
        json!({"members": [{"value": "u1"}, {"value": "u2"}]}),
        json!([{"op": "remove", "path": "members[value eq \"u1\"]"}]),
        json!({"members": [{"value": "u2"}]}),
    );
}

#[test]
fn entra_creates_what_a_filter_describes() {
    for op in ["add", "replace"] {
        check(
            json!({"emails": [{"value": "h", "type": "home"}]}),
            json!([{"op": op, "path": "emails[type eq \"work\"].value", "value": "w"}]),
            json!({"emails": [{"value": "h", "type": "home"}, {"type": "work", "value": "w"}]}),
        );
    }
    check(
        json!({}),
        json!([{"op": "Add", "path": "emails[primary eq true].value", "value": "w"}]),
        json!({"emails": [{"primary": true, "value": "w"}]}),
    );
    check(
        json!({}),
        json!([{"op": "Add", "path": "roles[primary eq \"True\"].display", "value": "R"}]),
        json!({"roles": [{"primary": true, "display": "R"}]}),
    );
}

#[test]
fn entra_several_operations_land_in_the_same_element() {
    let part = |name: &str, value: &str| json!({"op": "Add", "path": (format!("addresses[type eq \"work\"].{name}")), "value": value});
    check(
        json!({"addresses": [{"type": "home", "locality": "H"}]}),
        json!([part("locality", "L"), part("postalCode", "P"), part("country", "DE")]),
        json!({"addresses": [{"type": "home", "locality": "H"},
                             {"type": "work", "locality": "L", "postalCode": "P", "country": "DE"}]}),
    );
    let role = |name: &str, value: &str| json!({"op": "Add", "path": (format!("roles[primary eq \"True\"].{name}")), "value": value});
    check(
        json!({}),
        json!([role("display", "D"), role("value", "V"), role("type", "T")]),
        json!({"roles": [{"primary": true, "display": "D", "value": "V", "type": "T"}]}),
    );
}

#[test]
fn entra_manager_in_all_forms() {
    let path = format!("{ENTERPRISE}:manager");
    let with = |value: &str| json!({(ENTERPRISE): {"manager": {"value": value}}});
    for value in [json!("m2"), json!({"value": "m2"})] {
        check(with("m1"), json!([{"op": "Replace", "path": path, "value": value}]), with("m2"));
        check(json!({}), json!([{"op": "Add", "path": path, "value": value}]), with("m2"));
    }
    for value in [json!(""), json!({"value": ""}), json!(null), json!({"value": null})] {
        check(with("m1"), json!([{"op": "Replace", "path": path, "value": value}]), json!({}));
    }
    check(with("m1"), json!([{"op": "Remove", "path": path}]), json!({}));
    check(with("m1"), json!([{"op": "Remove", "path": (format!("{path}.value"))}]), json!({}));
    let created =
        body::create(users(), json!({"userName": "u", (ENTERPRISE): {"manager": "m1"}})).expect("accepted");
    assert_eq!(created[ENTERPRISE], json!({"manager": {"value": "m1"}}));
}

#[test]
fn entra_another_manager_has_another_name() {
    let mut user = stored(users(), json!({"userName": "u", (ENTERPRISE): {"manager": "m1"}}));
    user[ENTERPRISE]["manager"]["displayName"] = json!("Boss");
    let operations = json!([{"op": "Replace", "path": (format!("{ENTERPRISE}:manager")), "value": "m2"}]);
    assert_eq!(apply(users(), &mut user, operations), Ok(true));
    assert_eq!(user[ENTERPRISE]["manager"], json!({"value": "m2"}));
    user[ENTERPRISE]["manager"]["displayName"] = json!("Boss");
    let operations = json!([{"op": "Replace", "path": (format!("{ENTERPRISE}:manager")), "value": ""}]);
    assert_eq!(apply(users(), &mut user, operations), Ok(true));
    assert!(!user.contains_key(ENTERPRISE));
}

#[test]
fn entra_empty_text_and_null_clear() {
    let full = json!({"title": "T", "emails": [{"value": "a", "type": "work", "primary": true}]});
    for value in [json!(""), json!(null)] {
        check(
            full.clone(),
            json!([{"op": "Replace", "path": "title", "value": value},
                                   {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": value},
                                   {"op": "Replace", "path": "emails[type eq \"none\"].value", "value": value}]),
            json!({}),
        );
    }
    check(full, json!([{"op": "replace", "value": {"title": null, "emails": null}}]), json!({}));
}

#[test]
fn okta_creates_with_password_and_empty_groups() {
    let user = body::create(users(), json!({
        "schemas": [CORE], "userName": "u", "name": {"givenName": "G", "familyName": "F"},
        "emails": [{"primary": true, "value": "a", "type": "work"}], "displayName": "D", "locale": "en-US",
        "externalId": "00u", "groups": [], "password": "secret", "active": true
    })).expect("accepted");
    assert_eq!(user["password"], "secret");
    assert!(!user.contains_key("groups"));
}

#[test]
fn okta_deactivates_without_a_path() {
    check(
        json!({"active": true}),
        json!([{"op": "replace", "value": {"active": false}}]),
        json!({"active": false}),
    );
}

#[test]
fn okta_group_push_echoes_the_id() {
    let mut group = stored(groups(), json!({"displayName": "g", "members": [{"value": "u1"}]}));
    let same = json!([{"op": "replace", "value": {"id": "2819c223", "displayName": "g"}}]);
    assert_eq!(apply(groups(), &mut group, same), Ok(false));
    let same = json!([{"op": "replace", "path": "id", "value": "2819c223"}]);
    assert_eq!(apply(groups(), &mut group, same), Ok(false));
    let other = json!([{"op": "replace", "value": {"id": "other", "displayName": "h"}}]);
    assert_eq!(apply(groups(), &mut group, other).expect_err("another id").kind, ErrorKind::Mutability);
    let echoed = json!([{"op": "replace", "value": {"id": "2819c223", "schemas": [], "meta": {"x": 1}, "displayName": "h"}}]);
    assert_eq!(apply(groups(), &mut group, echoed), Ok(true));
    assert_eq!(group["members"], json!([{"value": "u1"}]));
}

#[test]
fn okta_removes_and_adds_members_in_one_request() {
    let one = json!({"members": [{"value": "u1"}]});
    let two = json!({"members": [{"value": "u2"}]});
    check_group(
        one.clone(),
        json!([{"op": "remove", "path": "members[value eq \"u1\"]"},
                                    {"op": "add", "path": "members", "value": [{"value": "u2", "display": "Bo"}]}]),
        two.clone(),
    );
    check_group(
        one.clone(),
        json!([{"op": "replace", "path": "members", "value": [{"value": "u2"}]}]),
        two.clone(),
    );
    check_group(one.clone(), json!([{"op": "replace", "value": {"members": [{"value": "u2"}]}}]), two);
    check_group(
        one.clone(),
        json!([{"op": "add", "path": "members", "value": [{"value": "u1", "display": "Ann"}]}]),
        one.clone(),
    );
    check_group(one, json!([{"op": "replace", "path": "members", "value": []}]), json!({}));
}

#[test]
fn members_added_again_in_other_words_change_nothing() {
    let one = json!({"members": [{"value": "u1", "$ref": "https://x.example/Users/u1", "type": "User"}]});
    for again in [
        json!({"value": "u1"}),
        json!({"value": "u1", "$ref": "../Users/u1"}),
        json!({"value": "u1", "display": "Ann"}),
    ] {
        check_group(one.clone(), json!([{"op": "add", "path": "members", "value": [again]}]), one.clone());
    }
}

#[test]
fn onelogin_schemas_of_scim_1_or_none() {
    for body in [
        json!({"userName": "u"}),
        json!({"userName": "u", "schemas": ["urn:scim:schemas:core:1.0"]}),
        json!({"userName": "u", "schemas": []}),
        json!({"userName": "u", "schemas": null}),
    ] {
        let shown = body.to_string();
        match body::create(users(), body) {
            Ok(user) => assert_eq!(user["schemas"], json!([CORE]), "{shown}"),
            Err(error) => panic!("{shown}: {error}"),
        }
    }
}

#[test]
fn pingone_two_primaries_last_wins() {
    let mails = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
    let expect = json!([{"value": "a", "primary": false}, {"value": "b", "primary": true}]);
    let user = body::create(users(), json!({"userName": "u", "emails": mails})).expect("accepted");
    assert_eq!(user["emails"], expect);
    check(json!({}), json!([{"op": "replace", "path": "emails", "value": mails}]), json!({"emails": expect}));
}

#[test]
fn pingone_group_names_beyond_ascii() {
    let group = stored(groups(), json!({"displayName": "Zürich Überseering"}));
    let filter = Filter::parse(r#"displayName eq "ZÜRICH überseering""#, groups()).expect("valid");
    assert!(filter.matches(&group));
    let hint = Hint::Equal { key: "displayname".to_owned(), text: "ZÜRICH überseering" };
    assert_eq!(filter.alternatives(), [[hint]]);
}

#[test]
fn anything_flat_under_a_urn() {
    let user = body::create(
        users(),
        json!({"userName": "u", (format!("{ENTERPRISE}:department")): "D",
                                            (ENTERPRISE): {"division": "V"}}),
    )
    .expect("accepted");
    assert_eq!(user[ENTERPRISE], json!({"division": "V", "department": "D"}));
}

#[test]
fn a_listed_removal_is_never_of_all() {
    refuse(json!([{"op": "remove", "path": "emails", "value": [{}]}]), ErrorKind::InvalidValue);
    refuse(json!([{"op": "remove", "path": "emails", "value": [{"value": null}]}]), ErrorKind::InvalidValue);
    refuse(json!([{"op": "remove", "path": "emails", "value": [7]}]), ErrorKind::InvalidValue);
}

#[test]
fn entra_adds_members_one_operation_each_with_null_references() {
    let add = |id: &str| json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": id}]});
    check_group(
        json!({"members": [{"value": "u1"}]}),
        json!([add("u1"), add("u2"), add("u3")]),
        json!({"members": [{"value": "u1"}, {"value": "u2"}, {"value": "u3"}]}),
    );
}

#[test]
fn entra_changes_the_primary_element_that_there_is() {
    check(
        json!({"emails": [{"value": "a", "type": "home"}, {"value": "b", "type": "work", "primary": true}]}),
        json!([{"op": "Replace", "path": "emails[primary eq true].value", "value": "c"}]),
        json!({"emails": [{"value": "a", "type": "home"}, {"value": "c", "type": "work", "primary": true}]}),
    );
    check(
        json!({"roles": [{"value": "r", "primary": true}]}),
        json!([{"op": "Add", "path": "roles[primary eq \"True\"].display", "value": "R"}]),
        json!({"roles": [{"value": "r", "primary": true, "display": "R"}]}),
    );
}

#[test]
fn entra_removes_the_manager_without_a_path_or_in_a_body() {
    let with = json!({"title": "T", (ENTERPRISE): {"manager": {"value": "m1"}}});
    for none in [json!(""), json!({"value": ""}), json!(null), json!({"value": null})] {
        for value in
            [json!({(format!("{ENTERPRISE}:manager")): none}), json!({(ENTERPRISE): {"manager": none}})]
        {
            check(with.clone(), json!([{"op": "replace", "value": value}]), json!({"title": "T"}));
        }
        let body = json!({"userName": "u", (ENTERPRISE): {"manager": none}});
        assert!(!body::create(users(), body).expect("accepted").contains_key(ENTERPRISE));
    }
}

#[test]
fn entra_paths_behind_the_urn_of_the_core_schema() {
    check(
        json!({}),
        json!([{"op": "Add", "path": (format!("{CORE}:emails[type eq \"work\"].value")), "value": "a"},
               {"op": "Replace", "path": (format!("{CORE}:name.givenName")), "value": "G"}]),
        json!({"name": {"givenName": "G"}, "emails": [{"type": "work", "value": "a"}]}),
    );
}

#[test]
fn entra_looks_for_what_does_not_exist_without_quotes() {
    for text in [
        "userName eq 8f1c2b3a-0000-4000-8000-000000000000",
        "externalId eq 00uabc and active eq True",
        r#"displayName eq "8f1c2b3a" "#,
    ] {
        let filter = Filter::parse(text, users()).expect(text);
        assert!(!filter.matches(&stored(users(), json!({"userName": "u"}))), "{text}");
    }
}

#[test]
fn okta_puts_the_whole_object_with_what_the_server_set() {
    let current = stored(users(), json!({"userName": "u", "active": true}));
    let mut echoed = Value::Object(current.clone());
    echoed["groups"] = json!([{"value": "g1", "display": "G"}]);
    echoed["title"] = json!("T");
    echoed.as_object_mut().expect("an object").shift_remove("active");
    let got = body::replace(users(), &current, echoed).expect("accepted");
    assert_eq!((&got["active"], &got["id"], &got["meta"]), (&json!(true), &current["id"], &current["meta"]));
    assert!(!got.contains_key("groups") && got["title"] == "T");
}

#[test]
fn onelogin_patches_under_the_urn_of_scim_1() {
    let mut group = stored(groups(), json!({"displayName": "g"}));
    let request = json!({
        "schemas": ["urn:scim:schemas:core:1.0"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": "u1"}]}]
    });
    assert_eq!(Patch::parse(&request, groups()).expect("understood").apply(&mut group), Ok(true));
}

#[test]
fn pingone_two_primaries_by_two_operations() {
    let add =
        |value: &str| json!({"op": "add", "path": "emails", "value": [{"value": value, "primary": true}]});
    check(
        json!({}),
        json!([add("a"), add("b")]),
        json!({"emails": [{"value": "a", "primary": false}, {"value": "b", "primary": true}]}),
    );
}
