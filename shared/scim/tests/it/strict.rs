//! Every tolerance has a switch, and off means refused, or done as the RFC or the interoperability profile says.

use crate::{ENTERPRISE, barbara, groups, patch::request, users};
use scim::{
    Error, ErrorKind, body,
    filter::Filter,
    patch::Patch,
    schema::ResourceType,
    tolerance::{Quirk, TABLE, Tolerances},
};
use serde_json::{Value, json};
use std::collections::HashSet;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

#[test]
fn each_entry_has_a_name_of_its_own_and_names_a_client() {
    let mut names = HashSet::new();
    for (index, entry) in TABLE.iter().enumerate() {
        assert_eq!(entry.quirk as usize, index);
        assert!(names.insert(entry.name) && !entry.clients.is_empty());
        assert!(entry.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", entry.name);
        assert!(!Tolerances::all().without(entry.quirk).allows(entry.quirk));
        assert!(Tolerances::none().with(entry.quirk).allows(entry.quirk));
    }
}

/// What a client sends.
#[derive(Debug)]
enum Sent {
    Post(Value),
    /// For Barbara, as is the operation of a PATCH.
    Put(Value),
    Operation(Value),
    /// A whole PATCH request.
    Patch(Value),
    Filter(&'static str),
}

/// What becomes of it where the quirk alone is not tolerated.
#[derive(Debug, PartialEq)]
enum Without {
    Refused(ErrorKind),
    /// It is understood, as something else.
    Otherwise,
}

impl Sent {
    fn to(&self, resource_type: &ResourceType) -> Result<Value, Error> {
        let patched = |request: &Value| {
            let mut user = barbara();
            Patch::parse(request, resource_type)?.apply(&mut user)?;
            Ok(Value::Object(user))
        };
        match self {
            Self::Post(body) => body::create(resource_type, body.clone()).map(Value::Object),
            Self::Put(body) => body::replace(resource_type, &barbara(), body.clone()).map(Value::Object),
            Self::Operation(operation) => patched(&request(json!([operation]))),
            Self::Patch(body) => patched(body),
            Self::Filter(text) => Ok(Filter::parse(text, resource_type)?.matches(&barbara()).into()),
        }
    }
}

fn user(more: Value) -> Value {
    let mut body = json!({"schemas": [CORE], "userName": "u"});
    body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    body
}

fn post(more: Value) -> Sent {
    Sent::Post(user(more))
}

fn replace(path: &str, value: Value) -> Sent {
    Sent::Operation(json!({"op": "replace", "path": path, "value": value}))
}

fn without_path(value: Value) -> Sent {
    Sent::Operation(json!({"op": "replace", "value": value}))
}

/// What is sent by those whom each quirk is for. A new one does not compile without its cases.
fn cases(quirk: Quirk) -> Vec<(Sent, Without)> {
    use ErrorKind::{InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, NoTarget};
    use Without::{Otherwise, Refused};
    let extension = json!({"schemas": ["urn:x", ENTERPRISE], "department": "D"});
    let title = json!([{"op": "replace", "path": "title", "value": "x"}]);
    match quirk {
        Quirk::BooleanText => vec![
            (post(json!({"active": "True"})), Refused(InvalidValue)),
            (replace("active", json!("False")), Refused(InvalidValue)),
            (Sent::Filter("active eq \"True\""), Refused(InvalidFilter)),
        ],
        Quirk::SchemasAbsent => vec![
            (Sent::Post(json!({"userName": "u"})), Refused(InvalidValue)),
            (Sent::Patch(json!({"Operations": title})), Refused(InvalidSyntax)),
        ],
        Quirk::SchemasUnknown => vec![
            (post(json!({"schemas": ["urn:scim:schemas:core:1.0"]})), Refused(InvalidSyntax)),
            (
                Sent::Patch(json!({"schemas": ["urn:scim:schemas:core:1.0"], "Operations": title})),
                Refused(InvalidSyntax),
            ),
        ],
        Quirk::PlainReference => vec![
            (post(json!({(ENTERPRISE): {"manager": "m"}})), Refused(InvalidValue)),
            (replace(&format!("{ENTERPRISE}:manager"), json!("m")), Refused(InvalidValue)),
        ],
        Quirk::PrimaryTwice => {
            let mails = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
            vec![
                (post(json!({"emails": mails})), Refused(InvalidValue)),
                (replace("emails", mails), Refused(InvalidValue)),
            ]
        }
        Quirk::EmptyText => vec![
            (post(json!({"title": ""})), Otherwise),
            (replace(&format!("{ENTERPRISE}:manager"), json!("")), Otherwise),
            (replace("emails", json!("")), Refused(InvalidValue)),
        ],
        Quirk::FlatExtension => vec![
            (post(json!({(format!("{ENTERPRISE}:department")): "D"})), Refused(InvalidSyntax)),
            (without_path(json!({(format!("{ENTERPRISE}:department")): "D"})), Refused(InvalidSyntax)),
        ],
        Quirk::ExtensionSchemas => vec![
            (post(json!({(ENTERPRISE): extension})), Refused(InvalidSyntax)),
            (replace(ENTERPRISE, extension), Refused(InvalidSyntax)),
        ],
        Quirk::PutWithoutActive => vec![(Sent::Put(user(json!({}))), Otherwise)],
        Quirk::OperationCase => vec![(
            Sent::Operation(json!({"op": "Replace", "path": "title", "value": "x"})),
            Refused(InvalidSyntax),
        )],
        Quirk::PathKeys => vec![
            (without_path(json!({"name.givenName": "x"})), Refused(InvalidSyntax)),
            (without_path(json!({"emails[type eq \"work\"].value": "x"})), Refused(InvalidSyntax)),
        ],
        Quirk::RemoveValues => vec![(
            Sent::Operation(
                json!({"op": "remove", "path": "emails", "value": [{"value": "babs@jensen.org"}]}),
            ),
            Refused(InvalidValue),
        )],
        Quirk::CreateSelected => vec![
            (replace("ims[type eq \"xmpp\"].value", json!("x")), Refused(NoTarget)),
            (replace("addresses[primary eq true].locality", json!("x")), Refused(NoTarget)),
        ],
        Quirk::BareLiteral => vec![(Sent::Filter("userName eq bob"), Refused(InvalidFilter))],
        Quirk::PathAbsent => vec![
            (without_path(json!({"active": false})), Refused(InvalidSyntax)),
            (
                Sent::Operation(json!({"op": "add", "path": null, "value": {"title": "x"}})),
                Refused(InvalidSyntax),
            ),
        ],
        Quirk::SelectedWhole => vec![
            (replace("emails[type eq \"work\"]", json!({"value": "x"})), Refused(InvalidPath)),
            (
                Sent::Operation(
                    json!({"op": "add", "path": "roles[value eq \"guide\"]", "value": {"type": "work"}}),
                ),
                Refused(InvalidPath),
            ),
        ],
        Quirk::SelectedMany => {
            vec![(replace("emails[value pr].display", json!("x")), Refused(InvalidFilter))]
        }
        Quirk::PartialComplex => vec![(replace("name", json!({"givenName": "x"})), Otherwise)],
        Quirk::AnyType => vec![
            (post(json!({"emails": [{"value": "a", "type": "school"}]})), Refused(InvalidValue)),
            (replace("emails[type eq \"home\"].type", json!("school")), Refused(InvalidValue)),
            (replace("emails[type eq \"school\"].value", json!("x")), Refused(NoTarget)),
        ],
        // Asked for by the function that knows the header.
        Quirk::MediaType => Vec::new(),
    }
}

#[test]
fn each_quirk_alone() {
    for entry in TABLE {
        let cases = cases(entry.quirk);
        assert!(!cases.is_empty() || entry.quirk == Quirk::MediaType, "{} has no case", entry.name);
        let all_but_one = users().clone().forgiving(Tolerances::all().without(entry.quirk));
        for (sent, without) in cases {
            let tolerated =
                sent.to(users()).unwrap_or_else(|error| panic!("{}: {sent:?}: {error}", entry.name));
            let got = match sent.to(&all_but_one) {
                Err(error) => Some(Without::Refused(error.kind)),
                Ok(other) => (other != tolerated).then_some(Without::Otherwise),
            };
            assert_eq!(got, Some(without), "{}: {sent:?}", entry.name);
        }
    }
}

/// What is left of a PATCH when nothing is forgiven.
#[track_caller]
fn strict(operation: Value, attribute: &str, expect: Value) {
    let strict = users().clone().forgiving(Tolerances::none());
    let user = Sent::Operation(operation).to(&strict).expect("understood");
    assert_eq!(user.get(attribute).unwrap_or(&Value::Null), &expect);
}

#[test]
fn what_the_profile_asks_for_is_understood() {
    let home = json!([{"value": "babs@jensen.org", "type": "home"}]);
    strict(json!({"op": "replace", "path": "title", "value": "x"}), "title", json!("x"));
    strict(json!({"op": "remove", "path": "title"}), "title", Value::Null);
    strict(json!({"op": "remove", "path": "emails[type eq \"work\"]"}), "emails", home.clone());
    strict(
        json!({"op": "remove", "path": "emails[value eq \"bjensen@example.com\"]"}),
        "emails",
        home.clone(),
    );
    strict(json!({"op": "replace", "path": "emails", "value": home}), "emails", home);
    strict(
        json!({"op": "remove", "path": "emails[value pr].type"}),
        "emails",
        json!([
            {"value": "bjensen@example.com", "primary": true}, {"value": "babs@jensen.org"}
        ]),
    );
    strict(
        json!({"op": "add", "path": "name", "value": {"givenName": "x"}}),
        "name",
        json!({
            "familyName": "O'Malley", "givenName": "x"
        }),
    );
    strict(
        json!({"op": "replace", "path": "name", "value": {"givenName": "x"}}),
        "name",
        json!({"givenName": "x"}),
    );
    strict(
        json!({"op": "replace", "path": "name.givenName", "value": "x"}),
        "name",
        json!({
            "familyName": "O'Malley", "givenName": "x"
        }),
    );
}

#[test]
fn another_manager_in_place_of_all_of_the_former() {
    let strict = users().clone().forgiving(Tolerances::none());
    let manager = |value: Value| {
        let mut user = barbara();
        user[ENTERPRISE]["manager"] = json!({"value": "m1", "$ref": "../Users/m1", "displayName": "Boss"});
        let operation = json!({"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": value});
        let patch = Patch::parse(&request(json!([operation])), &strict).expect("valid");
        patch.apply(&mut user).expect("applied");
        user[ENTERPRISE].get("manager").cloned()
    };
    assert_eq!(manager(json!({"value": "m2"})), Some(json!({"value": "m2"})));
    assert_eq!(manager(json!({"value": "m1"})), Some(json!({"value": "m1", "displayName": "Boss"})));
    assert_eq!(manager(Value::Null), None);
}

/// Off, a removal with a value is refused rather than widened to all members.
#[test]
fn a_listed_removal_is_refused_where_it_is_not_understood() {
    let strict = groups().clone().forgiving(Tolerances::none());
    let operations = json!([{"op": "remove", "path": "members", "value": [{"value": "u1"}]}]);
    let error = Patch::parse(&request(operations), &strict).expect_err("refused");
    assert_eq!(error.kind, ErrorKind::InvalidValue);
    let no_path = Patch::parse(&request(json!([{"op": "remove"}])), &strict).expect_err("refused");
    assert_eq!(no_path.kind, ErrorKind::NoTarget);
}

#[test]
fn an_extension_may_say_which_it_is() {
    let strict = users().clone().forgiving(Tolerances::none());
    let extension = json!({"schemas": [ENTERPRISE.to_uppercase()], "department": "D"});
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a", ENTERPRISE: extension});
    let created = body::create(&strict, body).expect("understood");
    assert_eq!(created[ENTERPRISE], json!({"department": "D"}));
}
