//! Faults 4 to 7: bodies, filters and patches that are made to keep the server busy. Each gets its answer quickly, and
//! changes nothing or everything.

use crate::server::{Server, encoded, user};
use axum::body::Body;
use scim_api::MAX_BODY_BYTES;
use serde_json::{Value, json};

#[tokio::test]
async fn fault_4_bodies_that_are_larger_than_is_read_at_every_route() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    for (method, path) in [
        ("POST", "/Users".to_owned()),
        ("PUT", format!("/Users/{id}")),
        ("PATCH", format!("/Users/{id}")),
        ("POST", "/Bulk".to_owned()),
        ("POST", "/.search".to_owned()),
        ("POST", "/Users/.search".to_owned()),
    ] {
        let request = server.request(method, &format!("/scim/v2{path}"));
        let answer = server.send(request.body(Body::from(vec![b' '; MAX_BODY_BYTES + 1])).unwrap()).await;
        assert!(answer.expect_error(413, None).contains(&MAX_BODY_BYTES.to_string()), "{method} {path}");
    }
    assert_eq!(server.get(&format!("/Users/{id}")).await.expect(200).headers["etag"], "W/\"1\"");
}

#[tokio::test]
async fn fault_4_bodies_that_break_off() {
    let server = Server::start().await;
    let whole = user("ada").to_string().into_bytes();
    for length in 0..whole.len() {
        let request = server.request("POST", "/scim/v2/Users").header("content-length", whole.len());
        let answer = server.send(request.body(Body::from(whole[..length].to_vec())).unwrap()).await;
        answer.expect_error(400, Some("invalidSyntax"));
    }
    server.get("/Users").await.expect_list(0);
}

#[tokio::test]
async fn fault_5_json_bombs_at_every_route_that_takes_json() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let inside = |name: &str| format!("{{\"{name}\":{nested}}}");
    for (method, path) in [
        ("POST", "/Users".to_owned()),
        ("PUT", format!("/Users/{id}")),
        ("PATCH", format!("/Users/{id}")),
        ("POST", "/Bulk".to_owned()),
        ("POST", "/.search".to_owned()),
    ] {
        let bombs =
            [nested.clone(), inside("userName"), inside("Operations"), "{\"a\":\"\\udc00\"}".to_owned()];
        for bomb in
            bombs.into_iter().chain(["{\"userName\":1e999}", "{\"userName\":\"a\0\"}"].map(str::to_owned))
        {
            let request = server.request(method, &format!("/scim/v2{path}"));
            let answer = server.send(request.body(Body::from(bomb)).unwrap()).await;
            answer.expect_error(400, Some("invalidSyntax"));
        }
    }
}

#[tokio::test]
async fn fault_6_filter_bombs() {
    let server = Server::start().await;
    server.user("ada").await;
    let deep = format!("{}userName pr{}", "(".repeat(10_000), ")".repeat(10_000));
    let nots = format!("{}userName pr{}", "not (".repeat(2_000), ")".repeat(2_000));
    let long_name = format!("{} eq \"x\"", "a".repeat(64 * 1024));
    let long_value = format!("userName eq \"{}\"", "x".repeat(64 * 1024));
    let many = vec!["userName eq \"x\""; 1_000].join(" or ");
    let brackets = "emails[".repeat(5_000);
    for filter in [&deep, &nots, &long_name, &long_value, &many, &brackets] {
        for endpoint in ["/Users/.search", "/.search"] {
            let body = json!({ "filter": filter });
            let detail = server.ask("POST", endpoint, body).await.expect_error(400, Some("invalidFilter"));
            assert!(detail.len() < 1_000, "{} bytes of detail", detail.len());
        }
        // What fits into an address is refused there as well.
        if encoded(filter).len() < 60_000 {
            server
                .get(&format!("/Users?filter={}", encoded(filter)))
                .await
                .expect_error(400, Some("invalidFilter"));
        }
    }
    let sort = json!({ "sortBy": "a".repeat(64 * 1024) });
    assert!(
        server.ask("POST", "/Users/.search", sort).await.expect_error(400, Some("invalidValue")).len()
            < 1_000
    );
    let names = json!({ "attributes": vec!["a".repeat(1_000); 1_000] });
    server.ask("POST", "/Users/.search", names).await.expect_list(1);
}

#[tokio::test]
async fn fault_7_a_thousand_operations_on_a_user() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("ada").await);
    let mail = |at: usize| json!({ "op": "add", "path": format!("addresses[type eq \"t{at}\"].locality"), "value": "L" });
    let title = |at: usize| json!({ "op": "replace", "path": "title", "value": format!("title {at}") });
    let mut operations: Vec<Value> =
        (0..1_000).map(|at| if at < 500 { mail(at) } else { title(at) }).collect();
    let done = server.patch(&path, operations.clone().into()).await.expect_resource(200, "User");
    assert_eq!(
        (&done.body["title"], done.headers["etag"].to_str().unwrap()),
        (&json!("title 999"), "W/\"2\"")
    );
    assert_eq!(done.body["addresses"].as_array().unwrap().len(), 500);
    for at in [0, 500, 999] {
        let good = std::mem::replace(
            &mut operations[at],
            json!({ "op": "replace", "path": "active", "value": "perhaps" }),
        );
        server.patch(&path, operations.clone().into()).await.expect_error(400, Some("invalidValue"));
        operations[at] = good;
    }
    operations.push(
        json!({ "op": "replace", "path": "emails[type eq \"none\" or type eq \"no\"].value", "value": "x" }),
    );
    server.patch(&path, operations.into()).await.expect_error(400, Some("noTarget"));
    assert_eq!(server.get(&path).await.expect(200).body, done.body);
}

#[tokio::test]
async fn fault_7_a_thousand_operations_on_a_group() {
    let server = Server::start().await;
    let mut ids = server.populate("Users", (0..1_000).map(|at| user(&format!("user{at}"))).collect()).await;
    let path = format!("/Groups/{}", server.group("staff", &[]).await);
    let add = |id: &String| json!({ "op": "add", "path": "members", "value": [{ "value": id }] });
    let mut operations: Vec<Value> = ids.iter().map(add).collect();
    let nobody = "00000000-0001-8abc-8abc-0123456789ab".to_owned();
    for at in [0, 499, 999] {
        let good = std::mem::replace(&mut operations[at], add(&nobody));
        let detail =
            server.patch(&path, operations.clone().into()).await.expect_error(400, Some("invalidValue"));
        assert!(detail.contains(&nobody), "{detail}");
        operations[at] = good;
    }
    let before = server.get(&path).await.expect_resource(200, "Group");
    assert!(before.members().is_empty(), "one that is wrong takes all of them with it");
    server.patch(&path, operations.into()).await.expect(204);
    ids.sort_unstable();
    assert_eq!(server.get(&path).await.expect(200).members(), ids);
    let remove = |id: &String| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") });
    server.patch(&path, ids.iter().map(remove).collect()).await.expect(200);
    assert!(server.get(&path).await.expect(200).members().is_empty());
}

#[tokio::test]
async fn fault_7_paths_over_ten_thousand_values() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("ada").await);
    let numbers: Vec<Value> = (0..10_000).map(|at| json!({ "value": format!("{at}") })).collect();
    server.patch(&path, json!([{ "op": "add", "path": "phoneNumbers", "value": numbers }])).await.expect(200);
    let select = |at: usize| {
        let path = format!("phoneNumbers[value eq \"{at}\"].display");
        json!({ "op": "replace", "path": path, "value": "mine" })
    };
    let some: Vec<Value> = (0..50).map(select).collect();
    let changed = server.patch(&path, some.into()).await.expect_resource(200, "User");
    let shown = changed.body["phoneNumbers"].as_array().unwrap();
    assert_eq!(shown.iter().filter(|one| one["display"] == "mine").count(), 50);
    assert_eq!(shown.len(), 10_000);
    let wrong =
        json!({ "op": "replace", "path": "phoneNumbers[value eq \"7\"].primary", "value": "perhaps" });
    let mut rest: Vec<Value> = (50..60).map(select).collect();
    rest.push(wrong);
    server.patch(&path, rest.into()).await.expect_error(400, Some("invalidValue"));
    assert_eq!(server.get(&path).await.expect(200).headers["etag"], changed.headers["etag"]);
}
