//! Import configurations over HTTP.

use crate::{PEOPLE, Server, people};
use domain::store::Name;
use serde_json::{Value, json};

const ALL: &str = "/tenants/acme/directories/people/configurations";
const ONE: &str = "/tenants/acme/directories/people/configurations/default";

/// A document without what is shown only.
fn settable(document: &Value) -> Value {
    let mut document = document.clone();
    for member in ["version", "created_at", "modified_at", "next_runs", "warnings", "paused"] {
        document.as_object_mut().unwrap().shift_remove(member).expect(member);
    }
    document
}

fn defaults(name: &str) -> Value {
    json!({
        "name": name,
        "source": { "kind": "upload" },
        "decryption": "none",
        "pgp": null,
        "format": {
            "delimiter": "auto", "encoding": "auto", "columns": "by-name", "skip_lines": 0, "empty_cells": "leave",
        },
        "mapping": {},
        "match_on": ["externalId", "userName", "mail"],
        "mode": "upsert",
        "limits": { "removals_percent": 10, "removals_count": 50, "rejected_percent": 100 },
        "access_level": null,
        "application": null,
        "schedule": null,
        "notifications": null,
        "test_mode": false,
    })
}

#[tokio::test]
async fn a_configuration_lives() {
    let server = Server::start().await;
    let sent =
        json!({ "name": "nightly", "mapping": { "E-Mail": "mail" }, "limits": { "removals_count": null } });
    let created = server.ask("POST", ALL, sent).await.expect(201);
    assert_eq!(created.headers["location"], format!("/api/v1{ALL}/nightly"));
    assert_eq!(created.headers["etag"], "\"1\"");
    let mut expected = defaults("nightly");
    expected["mapping"] = json!({ "E-Mail": "mail" });
    expected["limits"]["removals_count"] = Value::Null;
    assert_eq!(settable(&created.body), expected);
    assert_eq!(created.body["version"], 1);
    assert_eq!((&created.body["next_runs"], &created.body["paused"]), (&json!([]), &json!(false)));
    let path = format!("{ALL}/nightly");
    let shown = server.get(&path).await.expect(200);
    assert_eq!((&shown.body, &shown.headers["etag"]), (&created.body, &created.headers["etag"]));
    let names: Vec<_> = server.get(ALL).await.items().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["default", "nightly"]);
    // What was read may be sent back as it is.
    let same = server.ask("PUT", &path, shown.body.clone()).await.expect(200);
    assert_eq!(same.body, shown.body);
    let replaced = server.ask("PUT", &path, json!({ "mode": "full" })).await.expect(200);
    expected = defaults("nightly");
    expected["mode"] = json!("full");
    assert_eq!(settable(&replaced.body), expected);
    assert_eq!(replaced.headers["etag"], "\"2\"");
    let name = Name::new("nightly").unwrap();
    assert_eq!(server.store.former_configurations(&people(), &name).await.unwrap().len(), 1);
    server.ask("DELETE", &path, Value::Null).await.expect(204);
    server.get(&path).await.expect_problem(404, None);
    server.ask("DELETE", &path, Value::Null).await.expect_problem(404, None);
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let server = Server::start().await;
    let mut expected = defaults("default");
    for (patch, path, value) in [
        (json!({ "access_level": "guest" }), "/access_level", json!("guest")),
        (json!({ "mapping": { "A": "mail", "B": "uid" } }), "/mapping", json!({ "A": "mail", "B": "uid" })),
        (json!({ "mapping": { "A": null } }), "/mapping", json!({ "B": "uid" })),
        (json!({ "limits": { "removals_count": null } }), "/limits/removals_count", json!(null)),
        (json!({ "limits": { "removals_percent": 5 } }), "/limits/removals_percent", json!(5)),
        (
            json!({ "limits": null }),
            "/limits",
            json!({ "removals_percent": 10, "removals_count": 50, "rejected_percent": 100 }),
        ),
        (json!({ "format": { "delimiter": ";" } }), "/format/delimiter", json!(";")),
        (json!({ "format": { "delimiter": null } }), "/format/delimiter", json!("auto")),
        (json!({ "match_on": ["mail"] }), "/match_on", json!(["mail"])),
        (json!({ "test_mode": true, "name": "default" }), "/test_mode", json!(true)),
    ] {
        let changed = server.ask("PATCH", ONE, patch).await.expect(200);
        *expected.pointer_mut(path).unwrap() = value;
        assert_eq!(settable(&changed.body), expected);
    }
    assert_eq!(server.get(ONE).await.expect(200).body["version"], 11);
}

#[tokio::test]
async fn changes_are_for_a_version() {
    let server = Server::start().await;
    let body = || json!({ "test_mode": true });
    for (method, tag) in
        [("PUT", "\"2\""), ("PATCH", "\"0\", \"7\""), ("DELETE", "W/\"9\""), ("PATCH", "1"), ("PUT", "")]
    {
        let answer = server.ask_with(method, ONE, ("if-match", tag), body()).await;
        assert!(answer.expect_problem(412, None).contains("ETag"));
    }
    for (tag, etag) in [("\"1\"", "\"2\""), ("*", "\"2\""), ("\"x\", W/\"2\"", "\"2\"")] {
        let answer = server.ask_with("PATCH", ONE, ("if-match", tag), body()).await.expect(200);
        assert_eq!(answer.headers["etag"], etag);
    }
    server.ask_with("DELETE", ONE, ("if-match", "\"2\""), Value::Null).await.expect(204);
    server.ask_with("PUT", ONE, ("if-match", "*"), body()).await.expect_problem(404, None);
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused() {
    let server = Server::start().await;
    let many: serde_json::Map<String, Value> =
        (0..1001).map(|at| (format!("c{at}"), json!("mail"))).collect();
    for (body, field) in [
        (json!({ "mod": "full" }), "mod"),
        (json!({ "mod": null }), "mod"),
        (json!({ "mode": "replace" }), "mode"),
        (json!({ "format": { "delimiter": "::" } }), "format.delimiter"),
        (json!({ "limits": { "removals_percent": 101 } }), "limits.removals_percent"),
        (json!({ "mapping": { "A": "nothing" } }), "mapping.A"),
        (json!({ "mapping": { "A": "mail", "B": "mail" } }), "mapping.B"),
        (json!({ "mapping": many }), "mapping.c1"),
        (json!({ "match_on": [] }), "match_on"),
        (json!({ "source": { "kind": "sftp", "url": "sftp://x" } }), "source.url"),
        (json!({ "decryption": "pgp" }), "decryption"),
        (json!({ "schedule": {} }), "schedule"),
        (json!({ "application": "portal" }), "application"),
        (json!({ "notifications": { "recipients": ["nobody"] } }), "notifications.recipients[0]"),
        (json!({ "access_level": "" }), "access_level"),
    ] {
        for method in ["PUT", "PATCH"] {
            server.ask(method, ONE, body.clone()).await.expect_problem(400, Some(field));
        }
        let mut named = body;
        named["name"] = json!("other");
        server.ask("POST", ALL, named).await.expect_problem(400, Some(field));
    }
    server.ask("PATCH", ONE, json!({ "name": "other" })).await.expect_problem(400, Some("name"));
    server.ask("POST", ALL, json!({ "name": "default" })).await.expect_problem(409, Some("name"));
    assert_eq!(settable(&server.get(ONE).await.expect(200).body), defaults("default"));
    assert_eq!(server.get(ALL).await.items().len(), 1);
}

#[tokio::test]
async fn the_template_is_that_of_the_configuration() {
    let server = Server::start().await;
    let path = format!("{PEOPLE}/template.csv");
    let plain = server.get(&path).await.expect(200);
    assert_eq!(plain.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(plain.headers["content-disposition"], "attachment; filename=\"template.csv\"");
    assert!(plain.body.as_str().unwrap().starts_with("status,loginName,mail,firstName,lastName,language,"));
    let body = json!({ "name": "nightly", "format": { "delimiter": ";" }, "mapping": { "E-Mail": "mail" } });
    server.ask("POST", ALL, body).await.expect(201);
    let named = server.get(&format!("{path}?configuration=nightly")).await.expect(200);
    assert!(named.body.as_str().unwrap().starts_with("status;loginName;E-Mail;firstName;"), "{named:?}");
    server.get(&format!("{path}?configuration=none")).await.expect_problem(404, None);
    server.get(&format!("{path}?configuration=A")).await.expect_problem(400, Some("configuration"));
    server.get(&format!("{path}?config=default")).await.expect_problem(400, Some("config"));
    let twice = format!("{path}?configuration=default&configuration=nightly");
    server.get(&twice).await.expect_problem(400, Some("configuration"));
}
