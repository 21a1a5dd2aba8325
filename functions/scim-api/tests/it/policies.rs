//! The policies of a directory (O7, O8, O9, S6), held against whatever comes over SCIM.

use crate::server::{Server, user};
use serde_json::{Value, json};

const MUSTER: &str = "urn:ietf:params:scim:schemas:extension:muster:2.0:User";

fn person(name: &str, more: Value) -> Value {
    let mut body = user(name);
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Refused by POST, by PUT and by PATCH, in words that name the attribute and the rule.
async fn check_refused(server: &Server, good: &Value, bad: &Value, operation: Value, words: [&str; 2]) {
    let name = good["userName"].as_str().unwrap();
    let mut stranger = bad.clone();
    if stranger["userName"] == good["userName"] {
        stranger["userName"] = format!("{name}.other").into();
    }
    let path = format!("/Users/{}", server.ask("POST", "/Users", good.clone()).await.expect(201).id());
    let before = server.get(&path).await.expect(200).body;
    for answer in [
        server.ask("POST", "/Users", stranger).await,
        server.ask("PUT", &path, bad.clone()).await,
        server.patch(&path, json!([operation])).await,
    ] {
        let detail = answer.expect_error(400, Some("invalidValue"));
        for word in words {
            assert!(detail.contains(word), "{detail} does not say {word}");
        }
    }
    assert_eq!(server.get(&path).await.expect(200).body, before);
}

/// Whoever violated a policy before there was one can still be changed otherwise, and above all deactivated.
async fn check_deactivated(server: &Server, path: &str) {
    for operation in [
        json!({ "op": "Replace", "path": "active", "value": "False" }),
        json!({ "op": "replace", "value": { "active": true } }),
        json!({ "op": "add", "path": "externalId", "value": "x" }),
        json!({ "op": "replace", "value": { "active": false } }),
    ] {
        server.patch(path, json!([operation])).await.expect_resource(200, "User");
    }
    let mut whole = server.get(path).await.expect(200).body;
    whole["active"] = true.into();
    assert_eq!(server.ask("PUT", path, whole).await.expect_resource(200, "User").body["active"], true);
    server.ask("DELETE", path, Value::Null).await.expect(204);
}

#[tokio::test]
async fn o7_attributes_that_are_required() {
    let server = Server::start().await;
    let before = format!("/Users/{}", server.user("before").await);
    let paths = ["name.givenName", "emails[type eq \"work\"].value"];
    server.set(|settings| settings.policies.required = paths.map(str::to_owned).into()).await;
    let work = json!([{ "value": "ada@x", "type": "work" }]);
    let good = |name: &str| person(name, json!({ "name": { "givenName": "Ada" }, "emails": work }));
    let no_name = person("ada", json!({ "name": { "familyName": "L" }, "emails": work }));
    let remove = |path: &str| json!({ "op": "remove", "path": path });
    check_refused(&server, &good("ada"), &no_name, remove("name.givenName"), [paths[0], "required"]).await;
    let home = json!([{ "value": "ada@x", "type": "home" }]);
    let no_mail = person("alan", json!({ "name": { "givenName": "A" }, "emails": home }));
    check_refused(&server, &good("alan"), &no_mail, remove("emails"), [paths[1], "required"]).await;
    check_deactivated(&server, &before).await;
}

#[tokio::test]
async fn o8_a_user_name_that_is_the_work_address() {
    let server = Server::start().await;
    let before = format!("/Users/{}", server.user("before").await);
    server.set(|settings| settings.policies.user_name_equals_work_email = true).await;
    let mails = |value: &str, kind: &str| json!({ "emails": [{ "value": value, "type": kind }] });
    let words = ["userName", "user_name_equals_work_email"];
    let good = person("ada@x", mails("Ada@X", "work"));
    let other = json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "other@x" });
    check_refused(&server, &good, &person("ada@x", mails("other@x", "work")), other, words).await;
    let good = person("alan@x", mails("alan@x", "work"));
    let rename = json!({ "op": "replace", "path": "userName", "value": "turing@x" });
    check_refused(&server, &good, &person("alan@x", mails("alan@x", "home")), rename, words).await;
    // Both at once is a change that keeps to it.
    let found = server.get("/Users?filter=userName+eq+%22alan%40x%22").await.expect_list(1);
    let path = format!("/Users/{}", found[0]["id"].as_str().unwrap());
    let both = json!([{ "op": "replace", "path": "userName", "value": "turing@x" },
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "turing@x" }]);
    server.patch(&path, both).await.expect_resource(200, "User");
    check_deactivated(&server, &before).await;
}

#[tokio::test]
async fn o9_an_access_level_for_whom_none_is_sent() {
    let server = Server::start().await;
    let level = |body: &Value| body[MUSTER].get("accessLevel").cloned();
    let created = async |name: &str, more: Value| {
        let body = server.ask("POST", "/Users", person(name, more)).await.expect_resource(201, "User").body;
        (format!("/Users/{}", body["id"].as_str().unwrap()), level(&body))
    };
    let (path, given) = created("ada", json!({})).await;
    assert_eq!(given, Some(json!("member")));
    assert_eq!(
        created("alan", json!({ (MUSTER): { "accessLevel": "admin" } })).await.1,
        Some(json!("admin"))
    );
    let by_default = |default: Option<&'static str>| {
        server.set(move |settings| settings.policies.default_access_level = default.map(str::to_owned))
    };
    by_default(Some("guest")).await;
    assert_eq!(created("grace", json!({})).await.1, Some(json!("guest")));
    by_default(None).await;
    assert_eq!(created("edsger", json!({})).await.1, None);
    // A PUT that knows nothing of it takes nothing away.
    let put =
        server.ask("PUT", &path, person("ada", json!({ "title": "T" }))).await.expect_resource(200, "User");
    assert_eq!(level(&put.body), Some(json!("member")));
    let admin = json!([{ "op": "replace", "path": format!("{MUSTER}:accessLevel"), "value": "admin" }]);
    assert_eq!(level(&server.patch(&path, admin).await.expect(200).body), Some(json!("admin")));
}

#[tokio::test]
async fn s6_values_that_nobody_may_have() {
    let server = Server::start().await;
    let with = |first: &str, last: &str, mail: &str| json!({ "name": { "givenName": first, "familyName": last }, "emails": [{ "value": mail, "type": "work" }] });
    let before = person("before", with("Test", "User", "noreply@x"));
    let before = format!("/Users/{}", server.ask("POST", "/Users", before).await.expect(201).id());
    server
        .set(|settings| {
            settings.exclude_lists.mail = vec!["noreply@x".to_owned()];
            settings.exclude_lists.first_name = vec!["Test".to_owned()];
            settings.exclude_lists.last_name = vec!["User".to_owned()];
        })
        .await;
    let replace = |path: &str, value: &str| json!({ "op": "replace", "path": path, "value": value });
    for (name, bad, operation, words) in [
        ("a", with("TEST", "L", "a@x"), replace("name.givenName", "test"), ["name.givenName", "firstName"]),
        ("b", with("A", "user", "b@x"), replace("name.familyName", "USER"), ["name.familyName", "lastName"]),
        (
            "c",
            with("A", "L", "NoReply@x"),
            json!({ "op": "add", "path": "emails", "value": [{ "value": "noreply@X", "type": "home" }] }),
            ["emails.value", "mail"],
        ),
    ] {
        let good = person(name, with("Ada", "Lovelace", &format!("{name}.good@x")));
        check_refused(&server, &good, &person(name, bad), operation, words).await;
    }
    check_deactivated(&server, &before).await;
}

/// In a bulk request each operation is held against them, and the others are done.
#[tokio::test]
async fn policies_hold_within_a_bulk_request() {
    let server = Server::start().await;
    server.set(|settings| settings.policies.required = vec!["title".to_owned()]).await;
    let post = |name: &str, more: Value| json!({ "method": "POST", "bulkId": name, "path": "/Users", "data": person(name, more) });
    let outcomes = server.bulk(vec![post("a", json!({})), post("b", json!({ "title": "T" }))]).await;
    assert_eq!((&outcomes[0]["status"], &outcomes[1]["status"]), (&json!("400"), &json!("201")));
    assert!(outcomes[0]["response"]["detail"].as_str().unwrap().contains("title"));
}
