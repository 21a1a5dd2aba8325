//! From a row to a User document.

use domain::import::document::merge;
use domain::import::rules::against_current;
use serde_json::{Map, Value, json};

use super::{Setting, read};

const HEADER: &str = "status,loginName,mail,lastName,firstName,validFrom,title,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The document after the row and the attributes that change; nothing where it is so already.
fn merged(
    row: &str,
    clear: bool,
    current: Option<&Map<String, Value>>,
) -> Option<(Value, Vec<&'static str>)> {
    let format = if clear { r#"{"empty_cells":"clear"}"# } else { "{}" };
    let read = read(format!("{HEADER}\n{row}\n").as_bytes(), &Setting::of(format, "{}")).unwrap();
    let row = &read.rows[0];
    let change = merge(&row.desired().unwrap_or_else(|| panic!("{:?}", row.problems())), current)?;
    Some((Value::Object(change.document), change.changes.iter().map(|change| change.attribute).collect()))
}

fn ann() -> Map<String, Value> {
    object(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "ann",
        "active": true,
        "emails": [{"value": "home@acme.example", "type": "home"}, {"value": "ann@acme.example", "type": "work", "primary": true}],
        "name": {"familyName": "Keller", "givenName": "Ann", "middleName": "B"},
        "title": "Engineer",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"}
    }))
}

#[test]
fn a_new_user_has_the_schemas_it_uses() {
    let (document, changes) =
        merged("inactive,,ann@acme.example,Keller,,20260101000000Z,,Sales", false, None).unwrap();
    let expected = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:ietf:params:scim:schemas:extension:muster:2.0:User"
        ],
        "userName": "ann@acme.example",
        "active": false,
        "emails": [{"value": "ann@acme.example", "type": "work", "primary": true}],
        "name": {"familyName": "Keller"},
        "urn:ietf:params:scim:schemas:extension:muster:2.0:User": {"validFrom": "2026-01-01T00:00:00Z"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"}
    });
    assert_eq!(document, expected);
    assert_eq!(changes.len(), 6);
}

#[test]
fn what_is_so_already_is_no_change() {
    assert_eq!(merged("active,ann,ann@acme.example,Keller,Ann,,Engineer,Sales", false, Some(&ann())), None);
    assert_eq!(
        merged("active,,ann@acme.example,Keller,,,,", false, Some(&ann())),
        None,
        "a derived login name renames nobody"
    );
}

#[test]
fn only_what_the_row_says_is_touched() {
    let (document, changes) =
        merged("inactive,anna,ann@acme.example,Keller,Anna,,,", false, Some(&ann())).unwrap();
    let mut expected = ann();
    expected["active"] = json!(false);
    expected["userName"] = json!("anna");
    expected["name"]["givenName"] = json!("Anna");
    assert_eq!(document, Value::Object(expected));
    assert_eq!(changes, ["active", "userName", "name.givenName"]);
}

#[test]
fn clearing_takes_empty_containers_and_their_schemas_along() {
    let (document, changes) = merged("active,,ann@acme.example,Keller,,,,", true, Some(&ann())).unwrap();
    let mut expected = ann();
    expected["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    expected.shift_remove("title");
    expected.shift_remove("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User");
    expected["name"] = json!({"familyName": "Keller", "middleName": "B"});
    assert_eq!(document, Value::Object(expected));
    assert_eq!(
        changes,
        ["name.givenName", "title", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"]
    );
}

#[test]
fn a_work_address_is_added_beside_the_others() {
    let mut current = ann();
    current["emails"] = json!([{"value": "home@acme.example", "type": "home", "primary": true}]);
    let (document, _) = merged("active,ann,ann@acme.example,Keller,,,,", false, Some(&current)).unwrap();
    let expected = json!([
        {"value": "home@acme.example", "type": "home", "primary": true},
        {"value": "ann@acme.example", "type": "work"}
    ]);
    assert_eq!(document["emails"], expected);
}

#[track_caller]
fn refused(row: &str, current: &Map<String, Value>, expected: Option<&str>) {
    let read = read(format!("{HEADER}\n{row}\n").as_bytes(), &Setting::default()).unwrap();
    let problem = against_current(&read.rows[0].desired().unwrap(), current);
    assert_eq!(problem.map(|problem| problem.code.as_str()), expected);
}

#[test]
fn the_mail_address_stays_and_the_validity_keeps_its_order() {
    refused("active,ann,ann@acme.example,Keller,,,,", &ann(), None);
    refused("active,ann,ANN@acme.example,Keller,,,,", &ann(), None);
    refused("active,ann,other@acme.example,Keller,,,,", &ann(), Some("mail-immutable"));
    let mut limited = ann();
    limited.insert(
        "urn:ietf:params:scim:schemas:extension:muster:2.0:User".to_owned(),
        json!({"validTo": "2026-01-01T01:00:00+01:00"}),
    );
    refused("active,ann,ann@acme.example,Keller,,20260101000000Z,,", &limited, None);
    refused("active,ann,ann@acme.example,Keller,,20260101000001Z,,", &limited, Some("validity-reversed"));
}

/// The document and the changed attributes, of a row with these groups and roles.
fn with_names(
    groups: &str,
    roles: &str,
    current: Option<&Map<String, Value>>,
) -> Option<(Value, Vec<Value>)> {
    let file =
        format!("status,mail,lastName,groups,role\nactive,ann@acme.example,Keller,\"{groups}\",{roles}\n");
    let read = read(file.as_bytes(), &Setting::of(r#"{"empty_cells":"clear"}"#, "{}")).unwrap();
    let change = merge(&read.rows[0].desired().unwrap(), current)?;
    let after = change
        .changes
        .into_iter()
        .filter(|change| change.attribute == "roles")
        .filter_map(|change| change.after);
    Some((Value::Object(change.document), after.collect()))
}

#[test]
fn roles_are_an_attribute_and_groups_are_none() {
    let (document, after) = with_names("Sales", "User|Administrator", None).unwrap();
    let roles = json!([{"value": "User"}, {"value": "Administrator"}]);
    assert_eq!((&document["roles"], after.as_slice()), (&roles, [roles.clone()].as_slice()));
    assert!(document.get("groups").is_none());
    let mut current = object(&document);
    assert_eq!(with_names("Berlin", "Administrator|User", Some(&current)), None, "their order means nothing");
    // What a role says beside its name stays as long as the role does.
    current["roles"] = json!([{"value": "administrator", "primary": true}, {"value": "User", "type": "x"}]);
    let (changed, _) = with_names("", "Guest|Administrator", Some(&current)).unwrap();
    assert_eq!(changed["roles"], json!([{"value": "Guest"}, {"value": "Administrator", "primary": true}]));
    let (cleared, _) = with_names("", "", Some(&current)).unwrap();
    assert!(cleared.get("roles").is_none());
}
