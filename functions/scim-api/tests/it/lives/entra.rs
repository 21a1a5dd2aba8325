//! Entra ID: both of its dialects, which are always live, under the profile that is made for it and without.

use super::Client;
use crate::server::{Answer, Server};
use domain::tenant::Profile;
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP_URN: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// How it writes a PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Old,
    New,
}

/// Each dialect under each profile, on a server of its own.
async fn settings() -> Vec<(Server, Dialect, Profile)> {
    let mut all = Vec::new();
    for dialect in [Dialect::Old, Dialect::New] {
        for profile in [Profile::Standard, Profile::Entra] {
            let server = Server::start().await;
            server.set(|settings| settings.profile = profile).await;
            all.push((server, dialect, profile));
        }
    }
    all
}

fn entra(server: &Server) -> Client<'_> {
    Client::new(server, &[("content-type", "application/scim+json; charset=utf-8")])
}

fn employee(name: &str, external_id: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": external_id, "userName": name, "active": true, "displayName": "Ada Lovelace",
        "emails": [{ "primary": true, "type": "work", "value": name }],
        "meta": { "resourceType": "User" }, "roles": [],
        "name": { "formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada" },
        (ENTERPRISE): { "employeeNumber": "1", "department": "Engines" },
    })
}

/// What a PATCH of a group answers: the resource, or nothing under the profile that Entra ID prefers.
#[track_caller]
fn expect_patched(answer: Answer, profile: Profile) {
    match profile {
        Profile::Entra => assert_eq!(answer.expect(204).body, Value::Null),
        _ => drop(answer.expect_resource(200, "Group")),
    }
}

#[tokio::test]
async fn the_connection_test_asks_for_nobody() {
    let server = Server::start().await;
    let client = entra(&server);
    let random = "6c1f0e3b-1d58-4f0c-9d5e-90f2b4b1c1aa";
    for query in [
        format!("/Users?filter=userName+eq+%22{random}%22"),
        format!("/Users?filter=userName+eq+{random}"),
        format!("/Users?aadOptscim062020&filter=externalId+eq+%22{random}%22"),
        format!("/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22{random}%40acme.example%22"),
        format!(
            "/Groups?AzureAdScimPatch2017&excludedAttributes=members&filter=displayName+eq+%22{random}%22"
        ),
        format!(
            "/Groups?filter=id+eq+%22{random}%22+and+members+eq+%22{random}%22&excludedAttributes=members"
        ),
    ] {
        assert!(client.get(&query).await.expect_list(0).is_empty());
    }
}

#[tokio::test]
async fn a_user_is_created_and_found_by_each_matching_attribute() {
    let server = Server::start().await;
    let client = entra(&server);
    let user =
        client.ask("POST", "/Users", employee("ada@acme.example", "ada")).await.expect_resource(201, "User");
    assert_eq!(user.body[ENTERPRISE], json!({ "employeeNumber": "1", "department": "Engines" }));
    assert_eq!(user.body.get("roles"), None);
    for filter in [
        "userName eq \"ADA@acme.example\"",
        "externalId eq \"ada\"",
        "emails[type eq \"work\"].value eq \"ada@acme.example\"",
        "userName eq \"ada@acme.example\" and active eq true",
    ] {
        assert_eq!(client.find_one("Users", filter, "").await, user.body, "{filter}");
    }
    let again = client.ask("POST", "/Users", employee("ada@acme.example", "ada")).await;
    again.expect_error(409, Some("uniqueness"));
    let mut role = employee("alan@acme.example", "alan");
    role["roles"] =
        json!([{ "primary": "True", "type": "WindowsAzureActiveDirectoryRole", "value": "admin" }]);
    role["active"] = "True".into();
    let alan = client.ask("POST", "/Users", role).await.expect_resource(201, "User");
    assert_eq!((&alan.body["active"], &alan.body["roles"][0]["primary"]), (&json!(true), &json!(true)));
}

fn change_of_profile(dialect: Dialect, manager: &str) -> Value {
    let urn = format!("{ENTERPRISE}:employeeNumber");
    let boss = format!("{ENTERPRISE}:manager");
    match dialect {
        Dialect::Old => json!([
            { "op": "Replace", "path": "displayName", "value": "A. King" },
            { "op": "Add", "path": "name.givenName", "value": "Augusta" },
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "king@acme.example" },
            { "op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "London" },
            { "op": "Add", "path": "addresses[type eq \"work\"].country", "value": "GB" },
            { "op": "Replace", "path": urn, "value": "7" },
            { "op": "Add", "path": boss, "value": manager },
        ]),
        Dialect::New => json!([
            { "op": "replace", "value": { "displayName": "A. King", "name.givenName": "Augusta", (urn): "7",
                "emails[type eq \"work\"].value": "king@acme.example" } },
            { "op": "add", "value": { "addresses[type eq \"work\"].locality": "London",
                "addresses[type eq \"work\"].country": "GB", (boss): { "value": manager } } },
        ]),
    }
}

#[tokio::test]
async fn a_user_is_changed_in_either_dialect() {
    for (server, dialect, _) in settings().await {
        let client = entra(&server);
        let boss = server.user("boss").await;
        let id = client.ask("POST", "/Users", employee("ada@acme.example", "ada")).await.expect(201).id();
        let path = format!("/Users/{id}");
        let changed =
            client.patch(&path, change_of_profile(dialect, &boss)).await.expect_resource(200, "User");
        let body = &changed.body;
        assert_eq!(
            (&body["displayName"], &body["name"]["givenName"]),
            (&json!("A. King"), &json!("Augusta"))
        );
        assert_eq!(body["name"]["familyName"], "Lovelace", "{dialect:?}");
        assert_eq!(
            body["emails"],
            json!([{ "value": "king@acme.example", "type": "work", "primary": true }])
        );
        let [address] = body["addresses"].as_array().unwrap().as_slice() else { panic!("{body}") };
        assert_eq!((&address["locality"], &address["country"]), (&json!("London"), &json!("GB")));
        let enterprise = &body[ENTERPRISE];
        assert_eq!(
            (&enterprise["employeeNumber"], &enterprise["department"]),
            (&json!("7"), &json!("Engines"))
        );
        assert_eq!(enterprise["manager"]["value"], boss);

        let manager = format!("{ENTERPRISE}:manager");
        let cleared = match dialect {
            Dialect::Old => json!([{ "op": "Replace", "path": manager, "value": "" },
                { "op": "Remove", "path": "displayName" }]),
            Dialect::New => json!([{ "op": "replace", "value": { (manager): { "value": "" } } },
                { "op": "remove", "path": "displayName" }]),
        };
        let cleared = client.patch(&path, cleared).await.expect_resource(200, "User");
        assert_eq!((cleared.body[ENTERPRISE].get("manager"), cleared.body.get("displayName")), (None, None));
        assert_eq!(client.get(&path).await.expect(200).body, cleared.body);
    }
}

#[tokio::test]
async fn a_user_is_disabled_enabled_and_deleted() {
    for (server, dialect, _) in settings().await {
        let client = entra(&server);
        let id = client.ask("POST", "/Users", employee("ada@acme.example", "ada")).await.expect(201).id();
        let path = format!("/Users/{id}");
        for (active, text) in [(false, "False"), (true, "True"), (false, "False")] {
            let operation = match dialect {
                Dialect::Old => json!({ "op": "Replace", "path": "active", "value": text }),
                Dialect::New => json!({ "op": "replace", "path": "active", "value": active }),
            };
            let patched = client.patch(&path, json!([operation])).await.expect_resource(200, "User");
            assert_eq!(patched.body["active"], active);
        }
        assert_eq!(client.find("Users", "userName eq \"ada@acme.example\"", "").await.len(), 1);
        client.ask("DELETE", &path, Value::Null).await.expect(204);
        client.ask("DELETE", &path, Value::Null).await.expect_error(404, None);
        client.get(&path).await.expect_error(404, None);
        assert!(client.find("Users", "externalId eq \"ada\"", "").await.is_empty());
        client.ask("POST", "/Users", employee("ada@acme.example", "ada")).await.expect_resource(201, "User");
    }
}

#[tokio::test]
async fn a_group_lives_in_either_dialect_and_profile() {
    for (server, dialect, profile) in settings().await {
        let client = entra(&server);
        let (ada, alan) = (server.user("ada").await, server.user("alan").await);
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", GROUP_URN],
            "externalId": "g-1", "displayName": "Staff", "meta": { "resourceType": "Group" } });
        let group = client.ask("POST", "/Groups", body.clone()).await.expect_resource(201, "Group");
        assert_eq!(group.body.get("members"), None);
        client.ask("POST", "/Groups", body).await.expect_error(409, Some("uniqueness"));
        let path = format!("/Groups/{}", group.id());
        let has = async |user: &str| {
            let filter = format!("id eq \"{}\" and members eq \"{user}\"", group.id());
            !client.find("Groups", &filter, "&excludedAttributes=members").await.is_empty()
        };
        let (add, remove, rename) = match dialect {
            Dialect::Old => (
                "Add",
                json!({ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": ada }] }),
                json!({ "op": "Replace", "path": "displayName", "value": "All staff" }),
            ),
            Dialect::New => (
                "add",
                json!({ "op": "remove", "path": format!("members[value eq \"{ada}\"]") }),
                json!({ "op": "replace", "value": { "displayName": "All staff" } }),
            ),
        };
        for user in [&ada, &alan] {
            let operation =
                json!({ "op": add, "path": "members", "value": [{ "$ref": null, "value": user }] });
            expect_patched(client.patch(&path, json!([operation])).await, profile);
            assert!(has(user).await);
        }
        expect_patched(client.patch(&path, json!([remove])).await, profile);
        assert!(!has(&ada).await && has(&alan).await, "exactly those that were named");
        // Again: nobody is removed in their place.
        expect_patched(client.patch(&path, json!([remove])).await, profile);
        assert_eq!(client.get(&path).await.expect_resource(200, "Group").members(), [alan.as_str()]);
        expect_patched(client.patch(&path, json!([rename])).await, profile);
        let found =
            client.find("Groups", "displayName eq \"All staff\"", "&excludedAttributes=members").await;
        assert_eq!((found.len(), found[0].get("members")), (1, None));
        let shown =
            client.get(&format!("{path}?excludedAttributes=members")).await.expect_resource(200, "Group");
        assert_eq!(shown.body.get("members"), None);
        client.ask("DELETE", &path, Value::Null).await.expect(204);
        client.ask("DELETE", &path, Value::Null).await.expect_error(404, None);
        client.get(&format!("/Users/{alan}")).await.expect_resource(200, "User");
    }
}
