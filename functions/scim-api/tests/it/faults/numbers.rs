//! Fault 8: numbers beyond all measure, and cursors that were not given out, or not for this.

use crate::server::{Server, user};
use serde_json::{Value, json};

#[tokio::test]
async fn fault_8_numbers_beyond_all_measure() {
    let server = Server::start().await;
    for name in ["ada", "alan", "grace"] {
        server.user(name).await;
    }
    for (query, shown) in [
        ("count=9223372036854775808", 3),
        ("count=18446744073709551616", 3),
        ("count=-9223372036854775809", 0),
        ("startIndex=-1&count=2", 2),
        ("startIndex=0", 3),
        ("startIndex=9223372036854775808", 0),
        ("startIndex=2&count=99999999999999999999999", 2),
        ("startIndex=-99999999999999999999999&count=1", 1),
    ] {
        for filter in ["", "&filter=active+eq+true", "&filter=userName+pr&sortBy=userName"] {
            let answer = server.get(&format!("/Users?{query}{filter}")).await;
            let sorted_beyond = filter.contains("sortBy") && query == "startIndex=9223372036854775808";
            if sorted_beyond {
                answer.expect_error(400, Some("tooMany"));
            } else {
                assert_eq!(answer.expect_list(3).len(), shown, "{query}{filter}");
            }
        }
    }
    for body in [json!({ "count": 9_223_372_036_854_775_808_u64, "startIndex": -1 }), json!({ "count": "2" })]
    {
        server.ask("POST", "/Users/.search", body).await.expect_list(3);
    }
    for body in [json!({ "count": 1.5 }), json!({ "count": 1e300 }), json!({ "startIndex": {} })] {
        server.ask("POST", "/Users/.search", body).await.expect_error(400, Some("invalidValue"));
    }
}

/// A server with ten users in each directory, and the cursor behind the second page of the first.
async fn paged() -> (Server, String) {
    let server = Server::start().await;
    for at in 0..10 {
        for token in [&server.token, &server.other_token, &server.stranger_token] {
            server.ask_as(token, "POST", "/Users", user(&format!("user{at}"))).await.expect(201);
        }
    }
    let first = server.get("/Users?cursor&count=3").await.expect(200);
    let cursor = first.body["nextCursor"].as_str().expect("a cursor");
    let second = server.get(&format!("/Users?cursor={cursor}&count=3")).await.expect(200);
    let cursor = second.body["nextCursor"].as_str().expect("a cursor").to_owned();
    (server, cursor)
}

#[tokio::test]
async fn fault_8_cursors_that_nobody_was_given() {
    let (server, cursor) = paged().await;
    let mut forged = Vec::new();
    for at in (0..cursor.len()).step_by(7) {
        let mut bytes = cursor.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).unwrap());
        forged.push(cursor.chars().take(at).collect());
    }
    forged.retain(|cursor| !cursor.is_empty());
    forged.extend(["null", "0", "====", "%00", "x".repeat(20_000).as_str()].map(str::to_owned));
    forged.push(format!("{cursor}A"));
    forged.push("A".repeat(cursor.len()));
    for forged in forged {
        let answer = server.get(&format!("/Users?count=3&cursor={forged}")).await;
        answer.expect_error(400, Some("invalidCursor"));
    }
    assert_eq!(
        server.get(&format!("/Users?count=3&cursor={cursor}")).await.expect(200).texts("userName")[0],
        "user6"
    );
}

#[tokio::test]
async fn fault_8_cursors_of_somebody_or_something_else() {
    let (server, cursor) = paged().await;
    let second_token = server.store.create_token(&server.people).await.unwrap().secret;
    for token in [&server.other_token, &server.stranger_token, &second_token] {
        let path = format!("/Users?count=3&cursor={cursor}");
        server.ask_as(token, "GET", &path, Value::Null).await.expect_error(400, Some("invalidCursor"));
    }
    for other in [
        "/Groups?x",
        "/Users?filter=userName+pr",
        "/Users?filter=active+eq+true",
        "/Users?sortBy=userName",
        "/Users?sortBy=userName&sortOrder=descending",
    ] {
        server.get(&format!("{other}&cursor={cursor}")).await.expect_error(400, Some("invalidCursor"));
    }
    server
        .ask("POST", "/.search", json!({ "cursor": cursor }))
        .await
        .expect_error(400, Some("invalidCursor"));
    // The same question in another form.
    let body = json!({ "cursor": cursor, "count": 3, "attributes": ["userName"] });
    let page = server.ask("POST", "/Users/.search", body).await.expect(200);
    assert_eq!(page.texts("userName"), ["user6", "user7", "user8"]);
}

#[tokio::test]
async fn fault_8_cursors_that_are_too_old() {
    let (server, cursor) = paged().await;
    let path = format!("/Users?count=3&cursor={cursor}");
    server.clock.advance(3_600);
    server.get(&path).await.expect(200);
    server.clock.advance(1);
    server.get(&path).await.expect_error(400, Some("expiredCursor"));
}
