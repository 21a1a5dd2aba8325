//! `muster serve`: the first start, the next ones, and what is in the way of one.

use crate::muster::{Desk, sample};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

#[test]
fn a_first_start_makes_a_demo_and_later_starts_know_it() {
    let desk = Desk::new();
    let first = desk.serve(&[]);
    let names: Vec<_> = first.facts.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["listen", "scim_base", "scim_token", "admin_base", "admin_key", "inbox"]);
    assert_eq!(first.fact("scim_base"), format!("http://{}/scim/v2", first.fact("listen")));
    assert!(Path::new(first.fact("inbox")).is_dir());
    let facts = first.facts.clone();
    assert_eq!(first.stop().0, Some(0));
    let second = desk.serve(&[]);
    for same in ["scim_token", "admin_key", "inbox"] {
        assert_eq!(second.fact(same), facts[same]);
    }
    assert_eq!(second.scim("GET", "/Users", "").status, 200);
}

#[test]
fn users_are_provisioned_over_scim_and_outlive_a_stop() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann@acme.example"}"#;
    let created = server.scim("POST", "/Users", body);
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(server.scim("POST", "/Users", body).status, 409);
    assert_eq!(server.http("GET", "/scim/v2/Users", "", "").status, 401);
    assert_eq!(server.http("GET", "/nothing", "", "").status, 404);
    let health = server.http("GET", "/health", "", "");
    assert_eq!((health.status, health.body["status"].as_str()), (200, Some("ok")));
    server.stop();
    let id = created.body["id"].as_str().unwrap();
    let found = desk.serve(&[]).scim("GET", &format!("/Users/{id}"), "");
    assert_eq!(found.body["userName"], "ann@acme.example");
}

#[test]
fn without_a_demo_there_is_nothing_to_open() {
    let desk = Desk::new();
    let server = desk.serve(&["--no-demo"]);
    assert!(server.facts.get("scim_token").is_none());
    assert!(!desk.data("demo.json").exists());
    server.stop();
    let (ended, line) = desk.import(&sample("people.csv"), &["--no-demo"]);
    assert_eq!((ended.code, line["state"].as_str()), (Some(1), Some("failed")));
    assert!(ended.stderr.contains("there is no directory acme/people"), "{ended:?}");
}

#[test]
fn a_demo_that_was_cut_off_is_made_good() {
    let desk = Desk::new();
    desk.serve(&[]).stop();
    let begun = Desk::new();
    begun.serve(&["--no-demo"]).stop();
    std::fs::copy(desk.data("demo.json"), begun.data("demo.json")).unwrap();
    assert_eq!(begun.serve(&[]).scim("GET", "/Users", "").status, 200);
}

/// That `serve` and `import --json` end at once, and say this on one line.
#[track_caller]
fn check_refused(desk: &Desk, expect: &str) {
    let served = desk.run(&["serve", "--listen", "127.0.0.1:0"]);
    let (imported, line) = desk.import(&sample("people.csv"), &[]);
    assert_eq!(line["state"], "failed");
    for ended in [served, imported] {
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.starts_with("muster: ") && ended.stderr.contains(expect), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
}

#[test]
fn a_table_that_is_lost_or_damaged_is_not_made_anew() {
    let desk = Desk::new();
    desk.serve(&[]).stop();
    let table = desk.data("table.redb");
    let whole = std::fs::read(&table).unwrap();
    std::fs::write(&table, "").unwrap();
    check_refused(&desk, "is missing or empty, though muster-data/demo.json is there; restore it, or remove");
    std::fs::remove_file(&table).unwrap();
    check_refused(&desk, "is missing or empty, though muster-data/demo.json is there");
    assert!(!table.exists());
    std::fs::remove_file(desk.data("demo.json")).unwrap();
    std::fs::create_dir(desk.data("objects/runs")).unwrap();
    check_refused(&desk, "is missing or empty, though muster-data/objects/runs is there");
    for kept in [100, 5000, whole.len() / 2] {
        std::fs::write(&table, &whole[..kept]).unwrap();
        check_refused(&desk, "table.redb cannot be opened");
    }
    std::fs::write(&table, &whole).unwrap();
    desk.serve(&[]).stop();
}

#[test]
fn what_nobody_serves_is_answered_as_a_problem() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    for (method, path, status, title) in [
        ("GET", "/", 404, "Not Found"),
        ("GET", "/nope", 404, "Not Found"),
        ("POST", "/api/v1/x", 404, "Not Found"),
        ("DELETE", "/console", 404, "Not Found"),
        ("POST", "/health", 405, "Method Not Allowed"),
    ] {
        let answer = server.http(method, path, "", "");
        let body = &answer.body;
        assert_eq!((answer.status, &body["type"]), (status, &"about:blank".into()), "{method} {path}");
        assert_eq!((&body["title"], &body["status"]), (&title.into(), &status.into()), "{method} {path}");
        assert!(body["detail"].is_string(), "{body}");
    }
    let scim = server.scim("GET", "/Nope", "");
    assert_eq!((scim.status, &scim.body["status"]), (404, &"404".into()), "SCIM has its own: {scim:?}");
}

#[test]
fn what_is_in_the_way_is_named_with_a_way_out() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    let other = Desk::new();
    let taken = other.run(&["serve", "--listen", server.fact("listen")]);
    assert_eq!(taken.code, Some(1));
    assert!(taken.stderr.contains("in use") && taken.stderr.contains("--listen 127.0.0.1:"), "{taken:?}");
    assert!(!other.data("").exists(), "nothing is made by a start that fails");
    let second = desk.run(&["--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(1));
    assert!(
        second.stderr.contains("another muster process") && second.stderr.contains("--data"),
        "{second:?}"
    );
    other.write("file", "");
    let no_folder = other.run(&["serve", "--listen", "127.0.0.1:0", "--data", "file"]);
    assert_eq!(no_folder.code, Some(1));
    assert!(no_folder.stderr.contains("the data folder file cannot be used"), "{no_folder:?}");
}

#[test]
fn only_the_owner_can_read_the_data() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    for (name, mode) in [
        ("", 0o700),
        ("objects", 0o700),
        ("table.redb", 0o600),
        ("admin.key", 0o600),
        ("demo.json", 0o600),
        ("control.sock", 0o600),
    ] {
        let metadata = std::fs::metadata(desk.data(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
    }
    server.stop();
    assert!(!desk.data("control.sock").exists());
}

#[test]
fn a_socket_of_a_process_that_died_is_replaced() {
    let desk = Desk::new();
    desk.serve(&[]).kill();
    assert!(desk.data("control.sock").exists());
    let alone = desk.import(&sample("people-semicolon.csv"), &[]);
    assert_eq!(alone.0.code, Some(0), "{alone:?}");
    let _server = desk.serve(&[]);
    assert_eq!(desk.import(&sample("people-semicolon.csv"), &[]).0.code, Some(0));
}

#[test]
fn a_folder_too_deep_for_a_socket_still_serves() {
    let desk = Desk::new();
    let deep = format!("{}/data", "deep".repeat(40));
    let server = desk.serve(&["--data", &deep]);
    server.line_holding("such as `muster import`, cannot reach this server");
    let file = sample("people-semicolon.csv");
    let (ended, _) = desk.import(&file, &["--data", &deep]);
    assert_eq!(ended.code, Some(1));
    let inbox = format!("copy the file into {deep}/objects/inbox/acme/people/default");
    assert!(ended.stderr.contains(&inbox), "{ended:?}");
    std::fs::copy(&file, format!("{}/people.csv", server.fact("inbox"))).unwrap();
    server.line("Imported people.csv: 3 created.");
}

#[test]
fn the_log_tells_nothing_of_people() {
    let desk = Desk::new();
    let server = desk.serve(&["--log", "debug"]);
    let body =
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"keller@acme.example"}"#;
    assert_eq!(server.scim("POST", "/Users", body).status, 201);
    assert_eq!(server.scim("POST", "/Users", "{keller").status, 400);
    assert_eq!(server.scim("GET", "/Users?filter=userName%20eq%20%22keller@acme.example%22", "").status, 200);
    assert_eq!(server.scim("GET", "/Users/keller", "").status, 404);
    std::fs::copy(sample("people.csv"), desk.inbox("people.csv")).unwrap();
    let imported = server.line("Imported people.csv");
    let key = server.fact("admin_key").to_owned();
    let tokens = "/tenants/acme/directories/people/tokens";
    let made = server.admin("POST", tokens, r#"{"kind":"scim"}"#);
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.body["secret"].as_str().unwrap().to_lowercase();
    assert_eq!(server.admin("POST", tokens, r#"{"kind":"scim","user":"keller"}"#).status, 400);
    let secret = server.fact("scim_token").to_owned();
    let (_, mut lines) = server.stop();
    lines.push(imported);
    for line in &lines {
        let line = line.to_lowercase();
        for data in
            ["keller", "müller", "acme.example", "aktiv", &secret.to_lowercase(), &key.to_lowercase(), &made]
        {
            assert!(!line.contains(data), "{line}");
        }
    }
}

#[test]
fn the_admin_api_is_on_the_same_origin() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    assert_eq!(server.fact("admin_base"), format!("http://{}/api/v1", server.fact("listen")));
    let listed = server.admin("GET", "/tenants", "");
    assert_eq!((listed.status, &listed.body["items"][0]["name"]), (200, &"acme".into()), "{listed:?}");
    assert_eq!(server.http("GET", "/api/v1/tenants", "", "").status, 401);
    let scim = format!("Authorization: Bearer {}\r\n", server.fact("scim_token"));
    assert_eq!(server.http("GET", "/api/v1/tenants", &scim, "").status, 401);
    let key = format!("Authorization: Bearer {}\r\n", server.fact("admin_key"));
    assert_eq!(server.http("GET", "/scim/v2/Users", &key, "").status, 401);
    let described = server.http("GET", "/api/v1/openapi.json", "", "");
    assert_eq!(described.body["info"]["title"], "Muster admin API");
}

#[test]
fn requests_of_a_tenant_can_be_limited() {
    let desk = Desk::new();
    let server = desk.serve(&["--requests-per-second", "25"]);
    let limited = (0..1000).any(|_| server.scim("GET", "/Users?count=0", "").status == 429);
    assert!(limited, "a thousand requests went through");
}
