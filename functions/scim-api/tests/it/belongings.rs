//! The groups of a user (RFC 7643 §4.1.2), through groups in groups and in circles; and the names that groups show.

use crate::server::{BASE, Server, encoded, group};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The groups of a user, as `name type`.
async fn groups(server: &Server, id: &str) -> BTreeSet<String> {
    let user = server.get(&format!("/Users/{id}")).await.expect_resource(200, "User");
    let groups = user.body["groups"].as_array().cloned().unwrap_or_default();
    let shown = groups.iter().map(|one| {
        let id = one["value"].as_str().unwrap();
        assert_eq!(one["$ref"], format!("{BASE}/Groups/{id}"));
        format!("{} {}", one["display"].as_str().unwrap(), one["type"].as_str().unwrap())
    });
    let set: BTreeSet<String> = shown.collect();
    assert_eq!(set.len(), groups.len(), "each once");
    set
}

#[track_caller]
fn check(groups: &BTreeSet<String>, expected: &[&str]) {
    assert_eq!(groups.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

async fn found(server: &Server, filter: &str) -> BTreeSet<String> {
    server
        .get(&format!("/Users?filter={}", encoded(filter)))
        .await
        .expect(200)
        .texts("userName")
        .into_iter()
        .collect()
}

/// `engines` in `staff` in `all`.
async fn nested(server: &Server) -> (String, [String; 3]) {
    let ada = server.user("ada").await;
    let engines = server.group("engines", &[&ada]).await;
    let staff = server.group("staff", &[&engines]).await;
    let all = server.group("all", &[&staff]).await;
    (ada, [engines, staff, all])
}

#[tokio::test]
async fn direct_and_indirect_groups() {
    let server = Server::start().await;
    let (ada, [engines, staff, all]) = nested(&server).await;
    check(&groups(&server, &ada).await, &["all indirect", "engines direct", "staff indirect"]);
    // Both at once is direct, and once.
    let join = json!([{ "op": "add", "path": "members", "value": [{ "value": ada }] }]);
    server.patch(&format!("/Groups/{all}"), join).await.expect(200);
    check(&groups(&server, &ada).await, &["all direct", "engines direct", "staff indirect"]);
    let listed = server.get("/Users").await.expect_list(1);
    assert_eq!(listed[0]["groups"].as_array().unwrap().len(), 3);
    let cut = server.get(&format!("/Users/{ada}?attributes=groups.display")).await.expect(200);
    assert_eq!(cut.body["groups"].as_array().unwrap().len(), 3);
    assert_eq!(cut.body["groups"][0].get("value"), None);
    server.ask("DELETE", &format!("/Groups/{staff}"), Value::Null).await.expect(204);
    check(&groups(&server, &ada).await, &["all direct", "engines direct"]);
    server.ask("DELETE", &format!("/Groups/{engines}"), Value::Null).await.expect(204);
    server.ask("DELETE", &format!("/Groups/{all}"), Value::Null).await.expect(204);
    check(&groups(&server, &ada).await, &[]);
}

#[tokio::test]
async fn groups_in_a_circle() {
    let server = Server::start().await;
    let (ada, [engines, _, all]) = nested(&server).await;
    let alan = server.user("alan").await;
    let close = json!([{ "op": "add", "path": "members", "value": [{ "value": all }, { "value": alan }] }]);
    server.patch(&format!("/Groups/{engines}"), close).await.expect(200);
    check(&groups(&server, &ada).await, &["all indirect", "engines direct", "staff indirect"]);
    for id in [&engines, &all] {
        let filter = format!("groups.value eq \"{id}\"");
        assert_eq!(found(&server, &filter).await, ["ada", "alan"].map(str::to_owned).into());
    }
}

#[tokio::test]
async fn users_are_found_by_their_groups() {
    let server = Server::start().await;
    let (ada, [engines, staff, all]) = nested(&server).await;
    let grace = server.user("grace").await;
    server.user("edsger").await;
    let join = json!([{ "op": "add", "path": "members", "value": [{ "value": grace }] }]);
    server.patch(&format!("/Groups/{all}"), join).await.expect(200);
    let nobody = "00000000-0001-8abc-8abc-0123456789ab";
    for (filter, expected) in [
        (format!("groups.value eq \"{engines}\""), vec!["ada"]),
        (format!("groups eq \"{staff}\""), vec!["ada"]),
        (format!("groups.value eq \"{all}\""), vec!["ada", "grace"]),
        (format!("groups[value eq \"{all}\" and type eq \"direct\"]"), vec!["grace"]),
        (format!("groups.value eq \"{all}\" and not (groups.value eq \"{staff}\")"), vec!["grace"]),
        (format!("groups.value eq \"{engines}\" or userName eq \"edsger\""), vec!["ada", "edsger"]),
        ("groups.display eq \"ALL\"".to_owned(), vec!["ada", "grace"]),
        ("groups pr".to_owned(), vec!["ada", "grace"]),
        ("not (groups pr)".to_owned(), vec!["edsger"]),
        (format!("groups.value eq \"{nobody}\" or groups.value eq \"x\""), vec![]),
    ] {
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(found(&server, &filter).await, expected, "{filter}");
    }
    server.ask("DELETE", &format!("/Users/{ada}"), Value::Null).await.expect(204);
    assert!(found(&server, &format!("groups.value eq \"{engines}\"")).await.is_empty());
}

#[tokio::test]
async fn groups_show_the_new_name_of_a_member() {
    let server = Server::start().await;
    let (ada, [engines, staff, _]) = nested(&server).await;
    let display = async |group: &str| {
        let shown = server.get(&format!("/Groups/{group}")).await.expect_resource(200, "Group").body;
        shown["members"][0]["display"].clone()
    };
    // A userName is not everybody's business: without a displayName a member has no display.
    assert_eq!((display(&engines).await, display(&staff).await), (json!(null), json!("engines")));
    let rename = |path: &str, name: &str| json!([{ "op": "replace", "path": path, "value": name }]);
    server.patch(&format!("/Users/{ada}"), rename("displayName", "Countess")).await.expect(200);
    assert_eq!(display(&engines).await, "Countess");
    server.patch(&format!("/Users/{ada}"), rename("userName", "lovelace")).await.expect(200);
    assert_eq!(display(&engines).await, "Countess");
    server.ask("PUT", &format!("/Users/{ada}"), json!({ "userName": "lovelace" })).await.expect(200);
    assert_eq!(display(&engines).await, json!(null));
    server.patch(&format!("/Users/{ada}"), rename("displayName", "Lady L.")).await.expect(200);
    assert_eq!(display(&engines).await, "Lady L.");
    server.ask("PUT", &format!("/Groups/{engines}"), group("turbines", &[&ada])).await.expect(200);
    assert_eq!(display(&staff).await, "turbines");
    check(&groups(&server, &ada).await, &["all indirect", "staff indirect", "turbines direct"]);
    let by_name = server.get("/Groups?filter=members.display+eq+%22LADY+L.%22").await;
    assert_eq!(by_name.texts("displayName"), ["turbines"]);
}
