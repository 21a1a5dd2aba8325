//! Faults 1, 2, 3 and 10: answers that get lost, clients that meet, and a store that is overwhelmed.

use crate::server::{Server, encoded, group, user};
use serde_json::{Value, json};

/// Members of which a change takes several transactions.
const MANY: usize = 120;

#[tokio::test]
async fn fault_1_the_answer_to_a_post_is_lost() {
    let server = Server::start().await;
    server.user("alan").await;
    server.table.lose_answer_after(0);
    server.ask("POST", "/Users", user("ada")).await.expect_error(503, None);
    assert!(server.table.calm());
    server.ask("POST", "/Users", user("ada")).await.expect_error(409, Some("uniqueness"));
    let found = server.get("/Users?filter=userName+eq+%22ada%22").await.expect_list(1);
    assert_eq!(server.get("/Users").await.expect_list(2)[1..], found, "once, and to be found");
}

#[tokio::test]
async fn fault_1_the_answer_to_a_change_is_lost() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("ada").await);
    let put = json!({ "userName": "ada", "title": "Countess" });
    let patch = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Lady" }] });
    for (method, body, title) in [("PUT", put, "Countess"), ("PATCH", patch, "Lady")] {
        server.table.lose_answer_after(0);
        server.ask(method, &path, body.clone()).await.expect_error(503, None);
        assert!(server.table.calm());
        let kept = server.get(&path).await.expect_resource(200, "User");
        assert_eq!(kept.body["title"], title);
        let again = server.ask(method, &path, body).await.expect_resource(200, "User");
        assert_eq!(again.body, kept.body, "the repetition changes nothing, not even the version");
    }
    server.table.lose_answer_after(0);
    server.ask("DELETE", &path, Value::Null).await.expect_error(503, None);
    assert!(server.table.calm());
    server.ask("DELETE", &path, Value::Null).await.expect_error(404, None);
    server.ask("POST", "/Users", user("ada")).await.expect(201);
}

/// Everybody who can be a member, and their ids in order.
async fn people(server: &Server) -> Vec<String> {
    let mut ids = server.populate("Users", (0..MANY).map(|at| user(&format!("user{at}"))).collect()).await;
    ids.sort_unstable();
    ids
}

/// Cut at every write until one attempt goes through; after each, the same request is sent again.
#[tokio::test]
async fn fault_1_a_large_group_is_created_and_the_connection_cut_at_any_write() {
    let server = Server::start().await;
    let ids = people(&server).await;
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    for cut in 0.. {
        let name = format!("group {cut}");
        server.table.lose_answer_after(cut);
        let first = server.ask("POST", "/Groups", group(&name, &members)).await;
        let was_cut = server.table.calm();
        assert_eq!(first.status.as_u16(), if was_cut { 503 } else { 201 });
        let again = server.ask("POST", "/Groups", group(&name, &members)).await;
        assert!([201, 409].contains(&again.status.as_u16()), "{again:?}");
        let found =
            server.get(&format!("/Groups?filter={}", encoded(&format!("displayName eq \"{name}\"")))).await;
        let id = found.expect_list(1)[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(server.get(&format!("/Groups/{id}")).await.expect(200).members(), members, "cut at {cut}");
        if !was_cut {
            assert!(cut > 2, "a group of {MANY} takes several transactions");
            break;
        }
    }
}

#[tokio::test]
async fn fault_1_members_are_changed_and_the_connection_cut_at_any_write() {
    let server = Server::start().await;
    let ids = people(&server).await;
    let half: Vec<&str> = ids.iter().take(MANY / 2).map(String::as_str).collect();
    for cut in 0.. {
        let path = format!("/Groups/{}", server.group(&format!("group {cut}"), &half).await);
        let all: Vec<Value> = ids.iter().skip(10).map(|id| json!({ "value": id })).collect();
        let change = json!({ "Operations": [{ "op": "replace", "path": "members", "value": all }] });
        server.table.lose_answer_after(cut);
        server.ask("PATCH", &path, change.clone()).await;
        let was_cut = server.table.calm();
        server.ask("PATCH", &path, change).await.expect(204);
        assert_eq!(server.get(&path).await.expect(200).members(), ids[10..], "cut at {cut}");
        server.table.lose_answer_after(cut);
        server.ask("DELETE", &path, Value::Null).await;
        let delete_was_cut = server.table.calm();
        let again = server.ask("DELETE", &path, Value::Null).await;
        assert!([204, 404].contains(&again.status.as_u16()), "{again:?}");
        let former = server.get(&format!("/Users/{}", ids[50])).await.expect_resource(200, "User");
        assert_eq!(former.body.get("groups"), None, "cut at {cut}");
        if !was_cut && !delete_was_cut {
            break;
        }
    }
}

#[tokio::test]
async fn fault_2_one_user_name_in_two_spellings_at_once() {
    let server = Server::start().await;
    for round in 0..20 {
        let (one, two) =
            (user(&format!("ada{round}@acme.example")), user(&format!("ADA{round}@Acme.Example")));
        let answers = tokio::join!(server.ask("POST", "/Users", one), server.ask("POST", "/Users", two));
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
    server.get("/Users").await.expect_list(20);
}

#[tokio::test]
async fn fault_3_two_changes_of_one_version_at_once() {
    let server = Server::start().await;
    let path = format!("/scim/v2/Users/{}", server.user("ada").await);
    for version in 1..20 {
        let change = |title: &str| {
            let body = json!({ "Operations": [{ "op": "replace", "path": "title", "value": format!("{title}{version}") }] });
            let request = server.request("PATCH", &path).header("if-match", format!("W/\"{version}\""));
            server.send(request.body(axum::body::Body::from(body.to_string())).unwrap())
        };
        let answers = tokio::join!(change("a"), change("b"));
        let (won, lost) = if answers.0.status == 200 { answers } else { (answers.1, answers.0) };
        let won = won.expect_resource(200, "User");
        lost.expect_error(412, None);
        let id = won.id();
        assert_eq!(server.get(&format!("/Users/{id}")).await.expect(200).body, won.body);
    }
}

#[tokio::test]
async fn fault_10_a_store_that_is_overwhelmed() {
    let server = Server::start().await;
    let (ada, staff) = (server.user("ada").await, server.group("staff", &[]).await);
    let patch = json!({ "Operations": [{ "op": "add", "path": "externalId", "value": "x" }] });
    let requests = [
        ("GET", "/Users".to_owned(), Value::Null),
        ("POST", "/Users".to_owned(), user("alan")),
        ("GET", format!("/Users/{ada}"), Value::Null),
        ("PUT", format!("/Users/{ada}"), json!({ "userName": "ada", "title": "T" })),
        ("PATCH", format!("/Users/{ada}"), patch.clone()),
        ("DELETE", format!("/Users/{ada}"), Value::Null),
        ("GET", "/Groups?filter=displayName+eq+%22staff%22".to_owned(), Value::Null),
        ("POST", "/Groups".to_owned(), group("more", &[&ada])),
        ("PATCH", format!("/Groups/{staff}"), patch),
        ("POST", "/.search".to_owned(), json!({})),
    ];
    // With the token known from before, and with nothing known.
    for minutes in 0..2 {
        server.clock.advance(minutes * 61);
        server.table.storm();
        for (method, path, body) in &requests {
            let answer = server.ask(method, path, body.clone()).await;
            assert_eq!(answer.headers["retry-after"], "1", "{method} {path}");
            answer.expect_error(503, None);
        }
        assert!(server.table.calm());
    }
    server.get("/Users").await.expect_list(1);
    assert_eq!(server.get(&format!("/Users/{ada}")).await.expect(200).headers["etag"], "W/\"1\"");
}

#[tokio::test]
async fn fault_10_a_bulk_request_in_a_storm_tells_what_was_done() {
    let server = Server::start().await;
    let post = |name: &str| json!({ "method": "POST", "bulkId": name, "path": "/Users", "data": user(name) });
    server.user("first").await;
    server.table.lose_answer_after(1);
    let outcomes = server.bulk(vec![post("ada"), post("alan"), post("grace")]).await;
    assert!(server.table.calm());
    let statuses: Vec<&str> = outcomes.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "503"], "the rest is not tried");
    let again = server.bulk(vec![post("ada"), post("alan"), post("grace")]).await;
    let statuses: Vec<&str> = again.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["409", "409", "201"]);
    server.get("/Users").await.expect_list(4);
}

/// Entra ID sends 25 requests a second and expects all of them to be served.
#[tokio::test]
async fn fault_10_a_tenant_gets_its_25_requests_a_second_and_is_told_when_to_come_back() {
    // A lower limit is none.
    for rate in [Some(1), Some(25)] {
        let server = Server::limited(rate).await;
        for _ in 0..4 {
            for _ in 0..scim_api::LEAST_REQUESTS_PER_SECOND {
                server.get("/Users?count=1").await.expect_list(0);
            }
            for token in [&server.token, &server.other_token] {
                let answer = server.ask_as(token, "GET", "/Users?count=1", Value::Null).await;
                assert_eq!(answer.headers["retry-after"], "1");
                answer.expect_error(429, None);
            }
            server.ask_as(&server.stranger_token, "GET", "/Users", Value::Null).await.expect_list(0);
            server.clock.advance(1);
        }
    }
    let server = Server::limited(None).await;
    for _ in 0..200 {
        server.get("/Users?count=1").await.expect_list(0);
    }
}
