//! Directories and their settings over HTTP.

use crate::{PEOPLE, Server, people};
use domain::tenant::Settings;
use proptest::prelude::*;
use serde_json::{Value, json};

fn defaults(name: &str) -> Value {
    json!({
        "name": name,
        "profile": "standard",
        "policies": {
            "required": [], "user_name_equals_work_email": false, "default_access_level": "member",
        },
        "roles": ["Administrator", "User"],
        "exclude_lists": { "mail": [], "firstName": [], "lastName": [] },
        "hosts": [],
    })
}

/// Every member with another value than its default.
fn other(name: &str) -> Value {
    json!({
        "name": name,
        "profile": "entra",
        "policies": {
            "required": ["name.givenName", "emails[type eq \"work\"].value"],
            "user_name_equals_work_email": true,
            "default_access_level": "guest",
        },
        "roles": ["Agent"],
        "exclude_lists": { "mail": ["noreply@acme.example"], "firstName": ["Test"], "lastName": ["User"] },
        "hosts": ["scim.acme.example"],
    })
}

#[tokio::test]
async fn a_directory_is_created_with_defaults_or_settings() {
    let server = Server::start().await;
    let path = "/tenants/acme/directories";
    assert_eq!(server.get(PEOPLE).await.expect(200).body, defaults("people"));
    let plain = server.ask("POST", path, json!({ "name": "advocates" })).await.expect(201);
    assert_eq!(plain.headers["location"], "/api/v1/tenants/acme/directories/advocates");
    assert_eq!(plain.body, defaults("advocates"));
    let set = server.ask("POST", path, other("set")).await.expect(201);
    assert_eq!(set.body, other("set"));
    assert_eq!(server.get(&format!("{path}/set")).await.expect(200).body, other("set"));
    let again = server.ask("POST", path, json!({ "name": "set" })).await;
    again.expect_problem(409, Some("name"));
    assert_eq!(server.get(path).await.items(), [defaults("advocates"), defaults("people"), other("set")]);
    let none = json!({ "name": "none", "profile": null, "policies": { "default_access_level": null } });
    let none = server.ask("POST", path, none).await.expect(201).body;
    assert_eq!(none["policies"]["default_access_level"], Value::Null);
    assert_eq!(none["profile"], "standard");
}

/// The directory after a patch of one that has all members set.
#[track_caller]
fn merged(patch: &Value, expect: impl Fn(&mut Value)) -> (Value, Value) {
    let mut expected = other("people");
    expect(&mut expected);
    (patch.clone(), expected)
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let server = Server::start().await;
    let default = defaults("people");
    for (patch, expected) in [
        merged(&json!({}), |_| {}),
        merged(&json!({ "name": "people" }), |_| {}),
        merged(&json!({ "profile": "strict" }), |whole| whole["profile"] = "strict".into()),
        merged(&json!({ "profile": null }), |whole| whole["profile"] = "standard".into()),
        merged(&json!({ "policies": { "required": [] } }), |whole| whole["policies"]["required"] = json!([])),
        merged(&json!({ "policies": { "default_access_level": null } }), |whole| {
            whole["policies"]["default_access_level"] = json!(null);
        }),
        merged(&json!({ "policies": null }), |whole| whole["policies"] = default["policies"].clone()),
        merged(&json!({ "roles": null }), |whole| whole["roles"] = default["roles"].clone()),
        merged(&json!({ "exclude_lists": { "firstName": ["Demo"], "mail": null } }), |whole| {
            whole["exclude_lists"] = json!({ "mail": [], "firstName": ["Demo"], "lastName": ["User"] });
        }),
        merged(&json!({ "hosts": ["B.Acme.Example", "a.acme.example", "b.acme.example"] }), |whole| {
            whole["hosts"] = json!(["a.acme.example", "b.acme.example"]);
        }),
        merged(&defaults("people"), |whole| *whole = default.clone()),
    ] {
        server.ask("PATCH", PEOPLE, other("people")).await.expect(200);
        let changed =
            server.ask_raw("PATCH", PEOPLE, "application/merge-patch+json", patch.to_string()).await;
        assert_eq!(changed.expect(200).body, expected, "{patch}");
        assert_eq!(server.get(PEOPLE).await.expect(200).body, expected, "{patch}");
    }
}

#[tokio::test]
async fn a_host_leads_to_one_directory() {
    let server = Server::start().await;
    let path = "/tenants/acme/directories";
    let hosts = |name: &str| json!({ "name": name, "hosts": ["scim.acme.example"] });
    server.ask("POST", path, hosts("one")).await.expect(201);
    let detail = server.ask("POST", path, hosts("two")).await.expect_problem(409, Some("hosts"));
    assert!(detail.contains("another directory"), "{detail}");
    server.get(&format!("{path}/two")).await.expect_problem(404, None);
    server.ask("PATCH", PEOPLE, hosts("people")).await.expect_problem(409, Some("hosts"));
    let found = server.store.directory_of_host("scim.acme.example").await.unwrap().unwrap();
    assert_eq!(found.to_string(), "acme/one");
    server.ask("PATCH", &format!("{path}/one"), json!({ "hosts": [] })).await.expect(200);
    server.ask("POST", path, hosts("two")).await.expect(201);
}

#[tokio::test]
async fn settings_that_cannot_be_kept_are_refused_with_their_field() {
    let server = Server::start().await;
    let long = "x".repeat(257);
    let many: Vec<String> = (0..50).map(|at| format!("h{at}.acme.example")).collect();
    for (settings, field) in [
        (json!({ "colour": "red" }), "colour"),
        (json!({ "colour": null }), "colour"),
        (json!({ "policies": { "requires": [] } }), "policies.requires"),
        (json!({ "exclude_lists": { "lastname": [] } }), "exclude_lists.lastname"),
        (json!({ "profile": "lenient" }), "profile"),
        (json!({ "profile": 7 }), "profile"),
        (json!({ "policies": [] }), "policies"),
        (json!({ "policies": { "required": "name" } }), "policies.required"),
        (json!({ "policies": { "required": ["title", 7] } }), "policies.required[1]"),
        (json!({ "policies": { "required": ["title", "shoeSize"] } }), "policies.required[1]"),
        (
            json!({ "policies": { "user_name_equals_work_email": "yes" } }),
            "policies.user_name_equals_work_email",
        ),
        (json!({ "policies": { "default_access_level": "" } }), "policies.default_access_level"),
        (json!({ "policies": { "default_access_level": 1 } }), "policies.default_access_level"),
        (json!({ "roles": {} }), "roles"),
        (json!({ "roles": ["Agent", ""] }), "roles[1]"),
        (json!({ "roles": ["Agent", long] }), "roles[1]"),
        (json!({ "exclude_lists": { "mail": [null] } }), "exclude_lists.mail[0]"),
        (json!({ "hosts": ["https://scim.acme.example"] }), "hosts[0]"),
        (json!({ "hosts": many }), "hosts"),
        (json!({ "name": 7 }), "name"),
    ] {
        let before = server.get(PEOPLE).await.body;
        server.ask("PATCH", PEOPLE, settings.clone()).await.expect_problem(400, Some(field));
        assert_eq!(server.get(PEOPLE).await.body, before, "{settings}");
        let mut new = json!({ "name": "new" });
        new.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        server.ask("POST", "/tenants/acme/directories", new).await.expect_problem(400, Some(field));
    }
    server.ask("PATCH", PEOPLE, json!({ "name": "other" })).await.expect_problem(400, Some("name"));
    server.get("/tenants/acme/directories/new").await.expect_problem(404, None);
    let long: Vec<String> = (0..9_000).map(|at| format!("{at:050}")).collect();
    let detail = server.ask("PATCH", PEOPLE, json!({ "roles": long })).await.expect_problem(413, None);
    assert!(detail.contains("settings"), "{detail}");
}

/// A member of the settings, or one that is not known, with any value.
fn member() -> impl Strategy<Value = (String, Value)> {
    let text = "[a-z]{0,3}".prop_map(Value::from);
    let value = prop_oneof![Just(json!(null)), Just(json!(true)), Just(json!([])), Just(json!({})), text];
    ("[a-z_]{1,12}", value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A patch with a member that is not known changes nothing, whatever stands beside it.
    #[test]
    fn a_patch_with_an_unknown_member_changes_nothing(
        (name, value) in member(), in_policies: bool, first: bool,
    ) {
        let known = if in_policies { &defaults("people")["policies"] } else { &defaults("people") };
        prop_assume!(known.get(&name).is_none());
        let unknown = [(name.clone(), value)];
        let known = if in_policies { ("required", json!(["title"])) } else { ("profile", json!("strict")) };
        let known = [(known.0.to_owned(), known.1)];
        let members: serde_json::Map<String, Value> =
            if first { unknown.into_iter().chain(known).collect() } else { known.into_iter().chain(unknown).collect() };
        let (patch, field) = if in_policies {
            (json!({ "profile": "strict", "policies": members }), format!("policies.{name}"))
        } else {
            (Value::Object(members), name)
        };
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let server = Server::start().await;
            server.ask("PATCH", PEOPLE, patch).await.expect_problem(400, Some(&field));
            let entry = server.store.directory(&people()).await.unwrap().unwrap();
            assert_eq!(entry.settings, Settings::default());
        });
    }
}
