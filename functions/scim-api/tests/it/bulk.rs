//! Bulk (RFC 7644 §3.7) over HTTP: what refers to what, what fails alone, and what is answered.

use crate::server::{BASE, Server, group, user};
use scim_api::{MAX_BODY_BYTES, MAX_OPERATIONS};
use serde_json::{Value, json};

fn post(bulk_id: &str, path: &str, data: Value) -> Value {
    json!({ "method": "POST", "bulkId": bulk_id, "path": path, "data": data })
}

fn statuses(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().map(|one| one["status"].as_str().expect("a string")).collect()
}

fn id_of(outcome: &Value) -> &str {
    outcome["location"].as_str().and_then(|location| location.rsplit('/').next()).expect("a location")
}

#[tokio::test]
async fn references_forward_and_backward() {
    let server = Server::start().await;
    for (first, second) in [(0, 1), (1, 0)] {
        let name = |text: &str| format!("{text}{first}");
        let operations = [
            post("ada", "/Users", user(&name("ada"))),
            post("staff", "/Groups", group(&name("staff"), &["bulkId:ada"])),
        ];
        let outcomes = server.bulk(vec![operations[first].clone(), operations[second].clone()]).await;
        assert_eq!(statuses(&outcomes), ["201", "201"]);
        let (ada, staff) = (&outcomes[first], &outcomes[second]);
        assert_eq!((&ada["bulkId"], &staff["bulkId"]), (&json!("ada"), &json!("staff")));
        assert_eq!((&ada["method"], &ada["version"]), (&json!("POST"), &json!("W/\"1\"")));
        assert_eq!(ada["location"], format!("{BASE}/Users/{}", id_of(ada)));
        let shown = server.get(&format!("/Groups/{}", id_of(staff))).await.expect_resource(200, "Group");
        assert_eq!(shown.members(), [id_of(ada)]);
        assert_eq!(ada.get("response"), None);
    }
}

#[tokio::test]
async fn references_in_a_circle_and_to_oneself() {
    let server = Server::start().await;
    let outcomes = server
        .bulk(vec![
            post("a", "/Groups", group("a", &["bulkId:b"])),
            post("b", "/Groups", group("b", &["bulkId:c"])),
            post("c", "/Groups", group("c", &["bulkId:a"])),
        ])
        .await;
    assert_eq!(statuses(&outcomes), ["201", "201", "201"]);
    for (one, next) in [(0, 1), (1, 2), (2, 0)] {
        let shown = server.get(&format!("/Groups/{}", id_of(&outcomes[one]))).await.expect(200);
        assert_eq!(shown.members(), [id_of(&outcomes[next])]);
        assert_eq!(shown.headers["etag"].to_str().unwrap(), outcomes[one]["version"]);
    }
    // Somebody may be their own manager, but no group is its own member.
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut boss = user("boss");
    boss[urn] = json!({ "manager": { "value": "bulkId:boss" } });
    let outcomes = server
        .bulk(vec![post("boss", "/Users", boss), post("g", "/Groups", group("g", &["bulkId:g"]))])
        .await;
    assert_eq!(statuses(&outcomes), ["201", "400"]);
    let shown = server.get(&format!("/Users/{}", id_of(&outcomes[0]))).await.expect(200);
    assert_eq!(shown.body[urn]["manager"]["value"], id_of(&outcomes[0]));
    assert_eq!(server.get("/Groups").await.expect_list(3).len(), 3, "what failed is taken back");
}

#[tokio::test]
async fn every_method_on_what_the_request_creates() {
    let server = Server::start().await;
    let old = server.user("old").await;
    let operations = json!([{ "op": "add", "path": "members", "value": [{ "value": "bulkId:u" }] }]);
    let outcomes = server
        .bulk(vec![
            post("u", "/Users", user("new")),
            post("g", "/Groups", group("staff", &[])),
            json!({ "method": "PATCH", "path": "/Groups/bulkId:g", "data": { "Operations": operations } }),
            json!({ "method": "PUT", "path": "/Users/bulkId:u", "data": { "userName": "new", "title": "T" } }),
            post("gone", "/Users", user("gone")),
            json!({ "method": "DELETE", "path": "/Users/bulkId:gone" }),
            json!({ "method": "DELETE", "path": format!("/Users/{old}"), "version": "W/\"1\"" }),
        ])
        .await;
    assert_eq!(statuses(&outcomes), ["201", "201", "200", "200", "201", "204", "204"]);
    let (new, staff) = (id_of(&outcomes[0]), id_of(&outcomes[1]));
    assert_eq!(server.get(&format!("/Groups/{staff}")).await.expect(200).members(), [new]);
    assert_eq!(server.get(&format!("/Users/{new}")).await.expect(200).body["title"], "T");
    assert_eq!(outcomes[3]["version"], server.get(&format!("/Users/{new}")).await.body["meta"]["version"]);
    for outcome in &outcomes[5..] {
        assert!(outcome["location"].as_str().unwrap().starts_with(BASE) && outcome.get("version").is_none());
    }
    server.get("/Users").await.expect_list(1);
}

#[tokio::test]
async fn what_fails_is_told_in_its_place_and_the_rest_is_done() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let nobody = ["00000000-0001-8abc-8abc-0123456789ab", "someone"];
    let outcomes = server
        .bulk(vec![
            post("a", "/Users", user("ADA")),
            post("b", "/Groups", group("staff", &["bulkId:a"])),
            json!({ "method": "DELETE", "path": format!("/Users/{}", nobody[0]) }),
            json!({ "method": "DELETE", "path": format!("/Users/{}", nobody[1]) }),
            json!({ "method": "PUT", "path": format!("/Users/{ada}"), "version": "W/\"9\"", "data": user("eve") }),
            json!({ "method": "PUT", "path": format!("/Users/{ada}") }),
            json!({ "method": "GET", "path": "/Users" }),
            json!({ "method": "DELETE", "path": "/Robots/7" }),
            post("c", "/Users", user("carl")),
        ])
        .await;
    assert_eq!(statuses(&outcomes), ["409", "400", "404", "404", "412", "400", "400", "400", "201"]);
    for outcome in &outcomes[..8] {
        let response = &outcome["response"];
        assert_eq!(response["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{outcome}");
        assert_eq!(response["status"], outcome["status"]);
        assert!(response["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }
    assert_eq!(outcomes[0]["response"]["scimType"], "uniqueness");
    // RFC 7644 §3.7.3: an address always, but for a POST that failed.
    assert_eq!((outcomes[0].get("location"), outcomes[1].get("location")), (None, None));
    for (at, id) in [(2, nobody[0]), (3, nobody[1]), (4, &ada), (5, &ada)] {
        assert_eq!(outcomes[at]["location"], format!("{BASE}/Users/{id}"), "{at}");
    }
    server.get("/Groups").await.expect_list(0);
}

#[tokio::test]
async fn errors_are_counted_where_the_client_asks_for_it() {
    let server = Server::start().await;
    server.user("taken").await;
    let bad = |id: &str| post(id, "/Users", user("taken"));
    for (most, expected) in [
        (json!(1), vec!["201", "409"]),
        (json!(2), vec!["201", "409", "201", "409"]),
        (json!(3), vec!["201", "409", "201", "409", "201"]),
        (json!(null), vec!["201", "409", "201", "409", "201"]),
    ] {
        let good = |id: &str| post(id, "/Users", user(&format!("{id}{most}")));
        let body = json!({ "failOnErrors": most, "Operations": [good("a"), bad("b"), good("c"), bad("d"), good("e")] });
        let answer = server.ask("POST", "/Bulk", body).await.expect(200);
        assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
        assert_eq!(statuses(answer.body["Operations"].as_array().unwrap()), expected);
    }
    for wrong in [json!(0), json!(-1), json!("1"), json!(1.5)] {
        let body = json!({ "failOnErrors": wrong, "Operations": [bad("b")] });
        server.ask("POST", "/Bulk", body).await.expect_error(400, Some("invalidValue"));
    }
}

/// One was begun without its reference when the other failed, and no more was to be tried.
#[tokio::test]
async fn a_circle_that_breaks_leaves_nothing_half_done() {
    let server = Server::start().await;
    server.group("taken", &[]).await;
    for most in [json!(null), json!(1)] {
        let operations = [
            post("a", "/Groups", group("a", &["bulkId:b"])),
            post("b", "/Groups", group("taken", &["bulkId:a"])),
        ];
        let body = json!({ "failOnErrors": most, "Operations": operations });
        let answer = server.ask("POST", "/Bulk", body).await.expect(200);
        assert_eq!(statuses(answer.body["Operations"].as_array().unwrap()), ["400", "409"], "{most}");
        server.get("/Groups").await.expect_list(1);
    }
}

#[tokio::test]
async fn requests_that_are_too_large() {
    let server = Server::start().await;
    let many: Vec<Value> =
        (0..=MAX_OPERATIONS).map(|at| post(&at.to_string(), "/Users", user("x"))).collect();
    let detail = server.ask("POST", "/Bulk", json!({ "Operations": many })).await.expect_error(413, None);
    assert!(detail.contains("1001") && detail.contains("1000"), "{detail}");
    let large = post("a", "/Users", json!({ "userName": "x".repeat(MAX_BODY_BYTES) }));
    server.ask("POST", "/Bulk", json!({ "Operations": [large] })).await.expect_error(413, None);
    server.get("/Users").await.expect_list(0);
    for wrong in [json!({}), json!([]), json!({ "Operations": [] }), json!({ "Operations": 1 })] {
        server.ask("POST", "/Bulk", wrong).await.expect_error(400, Some("invalidSyntax"));
    }
}

#[tokio::test]
async fn a_thousand_operations() {
    let server = Server::start().await;
    let mut operations: Vec<Value> = (0..MAX_OPERATIONS - 1)
        .map(|at| post(&format!("u{at}"), "/Users", user(&format!("user{at}"))))
        .collect();
    let members: Vec<String> = (0..MAX_OPERATIONS - 1).map(|at| format!("bulkId:u{at}")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    operations.insert(0, post("g", "/Groups", group("everybody", &members)));
    let outcomes = server.bulk(operations).await;
    assert!(outcomes.iter().all(|one| one["status"] == "201"));
    let mut ids: Vec<&str> = outcomes[1..].iter().map(id_of).collect();
    ids.sort_unstable();
    let everybody = server.get(&format!("/Groups/{}", id_of(&outcomes[0]))).await.expect(200);
    assert_eq!(everybody.members(), ids);
}
