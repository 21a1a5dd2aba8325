//! The profiles of a directory: what is forgiven by default, and what a strict directory refuses of it.

use crate::server::{Answer, Server, encoded};
use domain::tenant::Profile;
use scim::tolerance::{Quirk, TABLE};
use serde_json::{Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What a client sends about a user who is there already.
enum Sent {
    Post(Value),
    Put(Value),
    /// One operation of a PATCH.
    Operation(Value),
    Patch(Value),
    Filter(&'static str),
    /// A POST with this media type.
    Media(Option<&'static str>),
}

/// What becomes of it in a strict directory.
enum Strict {
    Refused(u16, Option<&'static str>),
    /// It is understood, and this attribute is then another one than by default.
    Otherwise(&'static str),
}

async fn send(server: &Server, sent: &Sent, name: &str) -> Answer {
    let person = json!({ "schemas": [CORE], "userName": name, "title": "T", "name": { "familyName": "F" },
        "emails": [{ "value": "a@x", "type": "work" }, { "value": "b@x", "type": "home" }] });
    let deactivate =
        json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let there = async || {
        let id = server.ask("POST", "/Users", person.clone()).await.expect(201).id();
        let path = format!("/Users/{id}");
        server.ask("PATCH", &path, deactivate.clone()).await.expect(200);
        path
    };
    let user = |more: &Value| {
        let mut body = json!({ "schemas": [CORE], "userName": name });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    match sent {
        Sent::Post(more) => server.ask("POST", "/Users", user(more)).await,
        Sent::Put(more) => server.ask("PUT", &there().await, user(more)).await,
        Sent::Operation(operation) => server.patch(&there().await, json!([operation])).await,
        Sent::Patch(body) => server.ask("PATCH", &there().await, body.clone()).await,
        Sent::Filter(filter) => server.get(&format!("/Users?filter={}", encoded(filter))).await,
        Sent::Media(media) => {
            let bearer = format!("Bearer {}", server.token);
            let media = media.map(|media| ("content-type", media));
            let headers: Vec<_> = [("authorization", bearer.as_str())].into_iter().chain(media).collect();
            server.ask_with(&headers, "POST", "/Users", user(&json!({}))).await
        }
    }
}

fn replace(path: &str, value: Value) -> Sent {
    Sent::Operation(json!({ "op": "replace", "path": path, "value": value }))
}

/// For each quirk what is sent by those whom it is for. A new one does not compile without its case.
fn case(quirk: Quirk) -> Vec<(Sent, Strict)> {
    use Strict::{Otherwise, Refused};
    let title = json!([{ "op": "replace", "path": "title", "value": "x" }]);
    let (syntax, value) = (|| Refused(400, Some("invalidSyntax")), || Refused(400, Some("invalidValue")));
    let no_path = |value: Value| Sent::Operation(json!({ "op": "replace", "value": value }));
    match quirk {
        Quirk::BooleanText => vec![(Sent::Post(json!({ "active": "True" })), value())],
        Quirk::SchemasAbsent => vec![(Sent::Patch(json!({ "Operations": title })), syntax())],
        Quirk::SchemasUnknown => {
            vec![(Sent::Post(json!({ "schemas": [CORE, "urn:scim:schemas:core:1.0"] })), syntax())]
        }
        Quirk::PlainReference => vec![(Sent::Post(json!({ (ENTERPRISE): { "manager": "m" } })), value())],
        Quirk::PrimaryTwice => {
            let mails = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]);
            vec![(Sent::Post(json!({ "emails": mails })), value())]
        }
        Quirk::EmptyText => vec![(replace("title", json!("")), Otherwise("title"))],
        Quirk::FlatExtension => {
            vec![(Sent::Post(json!({ (format!("{ENTERPRISE}:department")): "D" })), syntax())]
        }
        Quirk::ExtensionSchemas => {
            vec![(Sent::Post(json!({ (ENTERPRISE): { "schemas": ["urn:x"], "department": "D" } })), syntax())]
        }
        Quirk::PutWithoutActive => vec![(Sent::Put(json!({})), Otherwise("active"))],
        Quirk::OperationCase => {
            vec![(Sent::Operation(json!({ "op": "Replace", "path": "title", "value": "x" })), syntax())]
        }
        Quirk::PathKeys => vec![(no_path(json!({ "name.givenName": "x" })), syntax())],
        Quirk::RemoveValues => vec![(
            Sent::Operation(json!({ "op": "remove", "path": "emails", "value": [{ "value": "a@x" }] })),
            value(),
        )],
        Quirk::CreateSelected => {
            vec![(replace("ims[type eq \"xmpp\"].value", json!("x")), Refused(400, Some("noTarget")))]
        }
        Quirk::BareLiteral => vec![(Sent::Filter("userName eq bob"), Refused(400, Some("invalidFilter")))],
        Quirk::PathAbsent => vec![(no_path(json!({ "active": true })), syntax())],
        Quirk::SelectedWhole => vec![(
            replace("emails[type eq \"work\"]", json!({ "value": "x", "type": "work" })),
            Refused(400, Some("invalidPath")),
        )],
        Quirk::SelectedMany => {
            vec![(replace("emails[value pr].display", json!("x")), Refused(400, Some("invalidFilter")))]
        }
        Quirk::PartialComplex => vec![(replace("name", json!({ "givenName": "x" })), Otherwise("name"))],
        Quirk::AnyType => {
            vec![(Sent::Post(json!({ "emails": [{ "value": "a", "type": "school" }] })), value())]
        }
        Quirk::MediaType => [None, Some("")].map(|media| (Sent::Media(media), Refused(415, None))).into(),
    }
}

#[tokio::test]
async fn each_quirk_is_forgiven_by_default_and_refused_by_a_strict_directory() {
    let (standard, entra, strict) = (Server::start().await, Server::start().await, Server::start().await);
    entra.set(|settings| settings.profile = Profile::Entra).await;
    strict.set(|settings| settings.profile = Profile::Strict).await;
    for entry in TABLE {
        for (at, (sent, expected)) in case(entry.quirk).into_iter().enumerate() {
            let name = format!("{}-{at}", entry.name);
            let forgiven = send(&standard, &sent, &name).await;
            assert!(forgiven.status.is_success(), "{name}: {forgiven:?}");
            let also = send(&entra, &sent, &name).await;
            assert_eq!(also.status, forgiven.status, "{name}");
            let answer = send(&strict, &sent, &name).await;
            match expected {
                Strict::Refused(status, scim_type) => {
                    assert!(!answer.expect_error(status, scim_type).is_empty(), "{name}");
                }
                Strict::Otherwise(attribute) => {
                    let answer = answer.expect_resource(200, "User");
                    assert_ne!(answer.body.get(attribute), forgiven.body.get(attribute), "{name}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_strict_directory_serves_who_keeps_to_the_protocol() {
    let server = Server::start().await;
    server.set(|settings| settings.profile = Profile::Strict).await;
    let body = json!({ "schemas": [CORE, ENTERPRISE], "userName": "ada", "active": true,
        "emails": [{ "value": "ada@x", "type": "work", "primary": true }], (ENTERPRISE): { "department": "D" } });
    let user = server.ask("POST", "/Users", body.clone()).await.expect_resource(201, "User");
    let path = format!("/Users/{}", user.id());
    server.patch(&path, json!([{ "op": "replace", "path": "active", "value": false }])).await.expect(200);
    server.ask("PUT", &path, body).await.expect_resource(200, "User");
    let group = server.group("staff", &[&user.id()]).await;
    let leave = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", user.id()) }]);
    server.patch(&format!("/Groups/{group}"), leave).await.expect_resource(200, "Group");
    server.get("/Users?filter=userName+eq+%22ada%22").await.expect_list(1);
    server.ask("DELETE", &path, Value::Null).await.expect(204);
}

#[tokio::test]
async fn only_a_strict_directory_says_that_it_conforms_to_the_interoperability_profile() {
    let server = Server::start().await;
    for (profile, expected) in
        [(Profile::Standard, None), (Profile::Entra, None), (Profile::Strict, Some(&json!(true)))]
    {
        server.set(|settings| settings.profile = profile).await;
        let config = server.get("/ServiceProviderConfig").await.expect(200);
        assert_eq!(config.body.get("interopProfileConformant"), expected, "{profile:?}");
        let without_token =
            server.ask_with(&[], "GET", "/ServiceProviderConfig", Value::Null).await.expect(200);
        assert_eq!(without_token.body.get("interopProfileConformant"), None);
    }
}

#[tokio::test]
async fn a_patch_of_a_group_is_answered_as_the_profile_says() {
    let server = Server::start().await;
    let id = server.group("staff", &[]).await;
    let path = format!("/Groups/{id}");
    let rename = |name: &str| json!([{ "op": "replace", "path": "displayName", "value": name }]);
    server.patch(&path, rename("a")).await.expect_resource(200, "Group");
    server.set(|settings| settings.profile = Profile::Entra).await;
    let answer = server.patch(&path, rename("b")).await.expect(204);
    assert_eq!((answer.headers["etag"].to_str().unwrap(), answer.body), ("W/\"3\"", Value::Null));
    // Who asks for attributes gets them; users are answered whole.
    let asked = server.patch(&format!("{path}?attributes=displayName"), rename("c")).await.expect(200);
    assert_eq!(asked.body["displayName"], "c");
    let user = server.user("ada").await;
    let title = json!([{ "op": "replace", "path": "title", "value": "T" }]);
    server.patch(&format!("/Users/{user}"), title).await.expect_resource(200, "User");
}
