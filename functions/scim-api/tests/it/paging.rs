//! Pages by cursor (RFC 9865) and by index: nobody who was there all the time is lost or comes twice, whatever is
//! created and deleted between two pages.

use crate::server::{Server, encoded, group, user};
use serde_json::{Value, json};
use std::collections::HashMap;

const USERS: usize = 300;
const COUNT: usize = 7;

/// How a walk asks for its pages.
#[derive(Debug, Clone, Copy)]
enum How {
    Get(&'static str),
    Post(&'static str),
}

fn person(number: usize) -> Value {
    let mut body = user(&format!("user{number:03}"));
    body["title"] = if number.is_multiple_of(2) { "even" } else { "odd" }.into();
    body["externalId"] = "shared".into();
    // A third has none, and so comes last.
    if !number.is_multiple_of(3) {
        body["displayName"] = format!("Name {}", (number * 7919) % 100).into();
    }
    body
}

/// Walks over a directory of 300 users whose every fifth one goes while others come, and gives the ids as they came.
/// `path` and `more` are what is asked of each page.
async fn walk(server: &Server, ids: &[String], how: How, more: Value) -> Vec<String> {
    let mut seen = Vec::new();
    let (mut cursor, mut leaving) = (String::new(), (0..USERS).rev().step_by(5));
    for page_number in 0.. {
        let page = match how {
            How::Get(path) => {
                let parameters = more.as_object().unwrap().iter();
                let parameters =
                    parameters.map(|(name, value)| format!("&{name}={}", encoded(value.as_str().unwrap())));
                let parameters = parameters.collect::<Vec<_>>().concat();
                server.get(&format!("{path}?count={COUNT}&cursor={cursor}{parameters}")).await
            }
            How::Post(path) => {
                let mut body = more.clone();
                (body["count"], body["cursor"]) = (COUNT.into(), cursor.into());
                server.ask("POST", path, body).await
            }
        };
        let page = page.expect(200);
        assert_eq!(page.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert!(page.body.get("startIndex").is_none());
        let resources = page.body["Resources"].as_array().unwrap();
        assert_eq!(page.body["itemsPerPage"], resources.len());
        assert!(resources.len() <= COUNT);
        seen.extend(page.texts("id"));
        let Some(next) = page.body.get("nextCursor") else { break };
        assert_eq!(resources.len(), COUNT, "only the last page is not full");
        cursor = next.as_str().map(str::to_owned).unwrap();
        server.ask("POST", "/Users", person(1_000 + page_number)).await.expect(201);
        if let Some(leaver) = leaving.next() {
            server.ask("DELETE", &format!("/Users/{}", ids[leaver]), Value::Null).await.expect(204);
        }
    }
    seen
}

#[track_caller]
fn check_once_each(seen: &[String], expected: &[&String]) {
    let mut times: HashMap<&String, usize> = HashMap::new();
    for id in seen {
        *times.entry(id).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "somebody came twice");
    for id in expected {
        assert!(times.contains_key(id), "{id} was there all the time and did not come");
    }
}

async fn check(how: How, more: Value, matches: impl Fn(usize) -> bool) {
    let server = Server::start().await;
    let ids = server.populate("Users", (0..USERS).map(person).collect()).await;
    let seen = walk(&server, &ids, how, more).await;
    let stayed = (0..USERS).filter(|at| at % 5 != (USERS - 1) % 5);
    let expected: Vec<&String> = stayed.filter(|at| matches(*at)).map(|at| &ids[at]).collect();
    check_once_each(&seen, &expected);
    let strangers =
        seen.iter().filter(|id| ids.iter().position(|one| one == *id).is_some_and(|at| !matches(at)));
    assert_eq!(strangers.count(), 0);
}

#[tokio::test]
async fn a_walk_over_everybody() {
    check(How::Get("/Users"), json!({}), |_| true).await;
}

#[tokio::test]
async fn a_walk_over_those_that_a_filter_finds_by_looking_at_all() {
    check(How::Get("/Users"), json!({ "filter": "title eq \"odd\"" }), |at| at % 2 == 1).await;
}

#[tokio::test]
async fn a_walk_over_those_that_a_filter_looks_up() {
    let filter = "externalId eq \"shared\" and title eq \"even\"";
    check(How::Get("/Users"), json!({ "filter": filter }), |at| at % 2 == 0).await;
}

#[tokio::test]
async fn a_sorted_walk() {
    check(How::Get("/Users"), json!({ "sortBy": "displayName" }), |_| true).await;
}

#[tokio::test]
async fn a_sorted_walk_downwards_with_a_filter_by_post() {
    let more = json!({ "sortBy": "displayName", "sortOrder": "descending", "filter": "title eq \"even\"" });
    check(How::Post("/Users/.search"), more, |at| at % 2 == 0).await;
}

#[tokio::test]
async fn a_walk_over_all_types_from_the_root() {
    let server = Server::start().await;
    let users = server.populate("Users", (0..USERS).map(person).collect()).await;
    let groups = server.populate("Groups", (0..20).map(|at| group(&format!("g{at}"), &[])).collect()).await;
    let seen = walk(&server, &users, How::Post("/.search"), json!({})).await;
    let stayed = (0..USERS).filter(|at| at % 5 != (USERS - 1) % 5).map(|at| &users[at]);
    check_once_each(&seen, &stayed.chain(&groups).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_first_page_is_asked_for_by_an_empty_cursor_and_the_last_has_none() {
    let server = Server::start().await;
    let empty = server.get("/Users?cursor").await.expect(200);
    assert_eq!((&empty.body["Resources"], empty.body.get("nextCursor")), (&json!([]), None));
    server.populate("Users", (0..14).map(person).collect()).await;
    // Two pages that are full to the brim.
    let first = server.get("/Users?cursor=&count=7&startIndex=5").await.expect(200);
    assert_eq!(first.texts("userName")[0], "user000", "startIndex is of no account beside a cursor");
    assert_eq!(first.body["totalResults"], 14);
    let cursor = first.body["nextCursor"].as_str().unwrap();
    let second = server.get(&format!("/Users?cursor={cursor}&count=7")).await.expect(200);
    assert_eq!((second.texts("userName").len(), second.body.get("nextCursor")), (7, None));
    // A cursor is as good the second time, and with another count.
    let again = server.get(&format!("/Users?cursor={cursor}&count=2")).await.expect(200);
    assert_eq!(again.texts("userName"), ["user007", "user008"]);
    let by_index = server.get("/Users?count=7").await;
    assert_eq!(by_index.body.get("nextCursor"), None);
    by_index.expect_list(14);
}

#[tokio::test]
async fn counts_that_a_cursor_cannot_have() {
    let server = Server::start().await;
    for count in ["0", "-1", "x", "1.5", "-9223372036854775809"] {
        let answer = server.get(&format!("/Users?cursor&count={count}")).await;
        answer.expect_error(400, Some("invalidCount"));
    }
    server.get("/Users?cursor&count=100000").await.expect(200);
}

#[tokio::test]
async fn what_is_said_of_paging_is_so() {
    let server = Server::start().await;
    let config = server.get("/ServiceProviderConfig").await.expect(200);
    let pagination = &config.body["pagination"];
    assert_eq!((&pagination["cursor"], &pagination["index"]), (&json!(true), &json!(true)));
    assert_eq!(pagination["defaultPaginationMethod"], "index");
    assert_eq!(pagination["cursorTimeout"], 3_600);
    let people = scim_api::MAX_PAGE + 5;
    server.populate("Users", (0..people).map(person).collect()).await;
    let shown = async |query: &str| server.get(&format!("/Users{query}")).await.body["itemsPerPage"].clone();
    assert_eq!(shown("").await, pagination["defaultPageSize"]);
    assert_eq!(shown("?cursor").await, pagination["defaultPageSize"]);
    assert_eq!(shown("?count=100000").await, pagination["maxPageSize"]);
    assert_eq!(shown("?cursor&count=100000").await, pagination["maxPageSize"]);
    assert_eq!(config.body["filter"]["maxResults"], pagination["maxPageSize"]);
}
