//! Fault 11: who reaches what. Every method of every route is asked without a token, with a wrong one, and with those
//! of another directory and of another tenant.

use crate::server::{Answer, Server, encoded, group, user};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a token of another directory gets at a route, where it names what is in this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Foreign {
    /// What everybody gets, token or not.
    Public,
    /// An empty list.
    Nothing,
    /// Something new in its own directory.
    Own,
    /// What it gets for an id that never was.
    Absent,
    /// That it stands for no user.
    NoUser,
    /// The same as [`Foreign::Absent`], in the outcome of each operation.
    AbsentWithin,
}

const CASES: [(&str, &str, Foreign); 19] = [
    ("GET", "/ServiceProviderConfig", Foreign::Public),
    ("GET", "/ResourceTypes", Foreign::Public),
    ("GET", "/ResourceTypes/{name}", Foreign::Public),
    ("GET", "/Schemas", Foreign::Public),
    ("GET", "/Schemas/{name}", Foreign::Public),
    ("GET", "/Me", Foreign::NoUser),
    ("PUT", "/Me", Foreign::NoUser),
    ("PATCH", "/Me", Foreign::NoUser),
    ("DELETE", "/Me", Foreign::NoUser),
    ("POST", "/Me", Foreign::NoUser),
    ("POST", "/Bulk", Foreign::AbsentWithin),
    ("POST", "/.search", Foreign::Nothing),
    ("GET", "/{endpoint}", Foreign::Nothing),
    ("POST", "/{endpoint}", Foreign::Own),
    ("POST", "/{endpoint}/.search", Foreign::Nothing),
    ("GET", "/{endpoint}/{id}", Foreign::Absent),
    ("PUT", "/{endpoint}/{id}", Foreign::Absent),
    ("PATCH", "/{endpoint}/{id}", Foreign::Absent),
    ("DELETE", "/{endpoint}/{id}", Foreign::Absent),
];

/// Of each type one resource: its endpoint, its id, and a body for one like it.
async fn resources(server: &Server) -> Vec<(&'static str, String, Value)> {
    vec![
        ("Users", server.user("ada").await, user("ada")),
        ("Groups", server.group("staff", &[]).await, group("staff", &[])),
    ]
}

fn filled(path: &str, endpoint: &str, id: &str) -> String {
    let name =
        if path.starts_with("/Schemas") { "urn:ietf:params:scim:schemas:core:2.0:User" } else { "User" };
    path.replace("{endpoint}", endpoint).replace("{id}", id).replace("{name}", name)
}

fn body_for(method: &str, path: &str, endpoint: &str, id: &str, whole: &Value) -> Value {
    let operations = json!([{ "op": "add", "path": "externalId", "value": "x" }]);
    let at = format!("/{endpoint}/{id}");
    match (method, path) {
        ("GET" | "DELETE", _) => Value::Null,
        ("PATCH", _) => json!({ "Operations": operations }),
        (_, "/Bulk") => json!({ "Operations": [
            { "method": "PUT", "path": at, "data": whole },
            { "method": "PATCH", "path": at, "data": { "Operations": operations } },
            { "method": "DELETE", "path": at },
        ] }),
        (_, path) if path.ends_with(".search") => json!({ "filter": format!("id eq \"{id}\"") }),
        _ => whole.clone(),
    }
}

async fn send(
    server: &Server,
    method: &str,
    path: &str,
    authorization: Option<&str>,
    body: &Value,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "h");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    server.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn every_method_of_every_route_has_a_case() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let mut found = BTreeSet::new();
    for path in scim_api::paths() {
        let options = server.ask("OPTIONS", &filled(path, "Users", &id), Value::Null).await.expect(204);
        let methods =
            options.headers["allow"].to_str().unwrap().split(',').filter(|method| *method != "HEAD");
        found.extend(methods.map(|method| (method.to_owned(), path)));
    }
    let cases = CASES.iter().map(|(method, path, _)| ((*method).to_owned(), *path));
    assert_eq!(found, cases.collect(), "a route without a case, or a case without a route");
}

#[tokio::test]
async fn every_route_wants_a_token() {
    let server = Server::start().await;
    let basic = format!("Basic {}", server.token);
    for (endpoint, id, whole) in resources(&server).await {
        for (method, path, foreign) in CASES {
            let body = body_for(method, path, endpoint, &id, &whole);
            for base in ["/scim/v2", "/t/acme/people/scim/v2"] {
                let address = format!("{base}{}", filled(path, endpoint, &id));
                for wrong in
                    [Some(""), Some("Bearer"), Some("Bearer muster_wrong"), Some(basic.as_str()), None]
                {
                    let answer = send(&server, method, &address, wrong, &body).await;
                    if wrong.is_none() && foreign == Foreign::Public {
                        answer.expect(200);
                        continue;
                    }
                    assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"scim\"");
                    answer.expect_error(401, None);
                }
            }
        }
        assert_eq!(server.get(&format!("/{endpoint}/{id}")).await.expect(200).headers["etag"], "W/\"1\"");
    }
}

#[track_caller]
fn check_foreign(answer: Answer, foreign: Foreign) {
    match foreign {
        Foreign::Public => drop(answer.expect(200)),
        Foreign::Nothing => assert!(answer.expect_list(0).is_empty()),
        Foreign::Own => drop(answer.expect(201)),
        Foreign::Absent => drop(answer.expect_error(404, None)),
        Foreign::NoUser => drop(answer.expect_error(501, None)),
        Foreign::AbsentWithin => {
            let answer = answer.expect(200);
            let outcomes = answer.body["Operations"].as_array().unwrap();
            assert_eq!(outcomes.len(), 3);
            assert!(outcomes.iter().all(|outcome| outcome["status"] == "404"), "{outcomes:?}");
        }
    }
}

#[tokio::test]
async fn a_token_opens_its_own_directory_only() {
    let server = Server::start().await;
    for (endpoint, id, whole) in resources(&server).await {
        let before = server.get(&format!("/{endpoint}/{id}")).await.expect(200).body;
        for (method, path, foreign) in CASES {
            let body = body_for(method, path, endpoint, &id, &whole);
            for token in [&server.other_token, &server.stranger_token] {
                let bearer = format!("bearer {token}");
                let address = filled(path, endpoint, &id);
                // The path names a directory, the token another: the same answer as for one that does not exist.
                let ask = async |base: &str| {
                    send(&server, method, &format!("{base}{address}"), Some(&bearer), &body).await
                };
                let elsewhere = ask("/t/acme/people/scim/v2").await.expect_error(401, None);
                assert_eq!(elsewhere, ask("/t/nobody/nothing/scim/v2").await.expect_error(401, None));
                // In its own directory there is nothing until it creates something, which is the last that it does.
                if foreign != Foreign::Own {
                    check_foreign(ask("/scim/v2").await, foreign);
                }
            }
        }
        for token in [&server.other_token, &server.stranger_token] {
            let own = server.ask_as(token, "POST", &format!("/{endpoint}"), whole.clone()).await;
            let own = own.expect(201).id();
            server.get(&format!("/{endpoint}/{own}")).await.expect_error(404, None);
            server.ask_as(token, "DELETE", &format!("/{endpoint}/{own}"), Value::Null).await.expect(204);
        }
        assert_eq!(server.get(&format!("/{endpoint}/{id}")).await.expect(200).body, before);
    }
}

#[tokio::test]
async fn nobody_is_found_by_a_filter_of_another_directory() {
    let server = Server::start().await;
    let mut body = user("ada");
    body["externalId"] = "secret".into();
    body["emails"] = json!([{ "value": "ada@acme.example", "type": "work" }]);
    let ada = server.ask("POST", "/Users", body).await.expect(201).id();
    let staff = server.group("staff", &[&ada]).await;
    for filter in [
        format!("id eq \"{ada}\""),
        "userName eq \"ada\"".to_owned(),
        "externalId eq \"secret\"".to_owned(),
        "emails.value eq \"ada@acme.example\"".to_owned(),
        format!("groups.value eq \"{staff}\""),
        "userName pr".to_owned(),
        format!("displayName eq \"staff\" or members.value eq \"{ada}\""),
        format!("id eq \"{staff}\""),
    ] {
        for token in [&server.other_token, &server.stranger_token] {
            let body = json!({ "filter": filter });
            server.ask_as(token, "POST", "/.search", body).await.expect_list(0);
            for endpoint in ["Users", "Groups"] {
                let path = format!("/{endpoint}?filter={}", encoded(&filter));
                let answer = server.ask_as(token, "GET", &path, Value::Null).await;
                if answer.status == 400 {
                    // The type does not have the attribute, whoever asks.
                    server.get(&path).await.expect_error(400, Some("invalidFilter"));
                } else {
                    answer.expect_list(0);
                }
            }
        }
        assert_eq!(server.ask("POST", "/.search", json!({ "filter": filter })).await.expect_list(1).len(), 1);
    }
}

#[tokio::test]
async fn nobody_becomes_a_member_of_a_group_of_another_directory() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let staff = server.group("staff", &[&ada]).await;
    let reference = format!("http://scim.acme.example/scim/v2/Users/{ada}");
    for token in [&server.other_token, &server.stranger_token] {
        let eve = server.ask_as(token, "POST", "/Users", user("eve")).await.expect(201).id();
        let own = server.ask_as(token, "POST", "/Groups", group("own", &[])).await.expect(201).id();
        let path = format!("/Groups/{own}");
        for member in [&ada, &staff] {
            let add = json!([{ "op": "add", "path": "members", "value": [{ "value": member }] }]);
            let post =
                json!({ "method": "POST", "bulkId": "g", "path": "/Groups", "data": group("g", &[member]) });
            for (method, path, body) in [
                ("POST", "/Groups", group("new", &[member])),
                ("PUT", path.as_str(), group("own", &[&eve, member])),
                ("PATCH", path.as_str(), json!({ "Operations": add })),
            ] {
                let detail =
                    server.ask_as(token, method, path, body).await.expect_error(400, Some("invalidValue"));
                assert!(detail.contains(member.as_str()), "{detail}");
            }
            let bulk =
                server.ask_as(token, "POST", "/Bulk", json!({ "Operations": [post] })).await.expect(200);
            assert_eq!(bulk.body["Operations"][0]["status"], "400");
        }
        // A reference says nothing beside a value, and is none of its own.
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": eve, "$ref": reference, "display": "ada" }] }]);
        let added = server.ask_as(token, "PATCH", &path, json!({ "Operations": add })).await.expect(200);
        let shown = &added.body["members"][0];
        assert_eq!((&shown["display"], &shown["value"]), (&json!(null), &json!(eve)));
        assert!(shown["$ref"].as_str().unwrap().ends_with(&eve));
        let only = json!([{ "op": "add", "path": "members", "value": [{ "$ref": reference }] }]);
        server
            .ask_as(token, "PATCH", &path, json!({ "Operations": only }))
            .await
            .expect_error(400, Some("invalidValue"));
        // Taking out somebody who is not there is no error, and takes nobody out elsewhere.
        let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{ada}\"]") }]);
        server.ask_as(token, "PATCH", &path, json!({ "Operations": remove })).await.expect(200);
    }
    assert_eq!(server.get(&format!("/Groups/{staff}")).await.expect(200).members(), [ada.as_str()]);
}

#[tokio::test]
async fn a_manager_elsewhere_has_no_name_here() {
    let server = Server::start().await;
    let ada = server.user("ada-with-a-name").await;
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut body = user("eve");
    body[urn] = json!({ "manager": { "value": ada } });
    let eve = server.ask_as(&server.stranger_token, "POST", "/Users", body).await.expect(201);
    assert!(!eve.body.to_string().contains("ada-with-a-name"));
    assert_eq!(eve.body[urn]["manager"]["value"], ada);
}

#[tokio::test]
async fn both_bases_and_trailing_slashes_are_the_same_place() {
    let server = Server::start().await;
    let user = server.ask("POST", "/Users/", json!({ "userName": "ada" })).await.expect(201).id();
    let own = format!("Bearer {}", server.token);
    let path = format!("/t/acme/people/scim/v2/Users/{user}/");
    let answer = send(&server, "GET", &path, Some(&own), &Value::Null).await.expect(200);
    let location = format!("http://h/t/acme/people/scim/v2/Users/{user}");
    assert_eq!(answer.body["meta"]["location"], location);
}
