//! Runs over HTTP: a file is shown, decided about, imported and taken back.

use crate::{PEOPLE, Server, UPLOAD_BYTES};
use axum::body::Body;
use serde_json::{Value, json};
use std::fmt::Write as _;

const RUNS: &str = "/tenants/acme/directories/people/runs";
const FILE: &str = "status,mail,lastName\nactive,ada@acme.example,Lovelace\nactive,bob@acme.example,\n\
    active,cy@acme.example,Young\n";

async fn decide(server: &Server, run: &str, decision: &str) -> crate::Answer {
    server.ask("POST", &format!("{RUNS}/{run}/{decision}"), Value::Null).await
}

async fn shown(server: &Server, run: &str) -> Value {
    server.get(&format!("{RUNS}/{run}")).await.expect(200).body
}

#[tokio::test]
async fn a_file_is_shown_approved_and_taken_back() {
    let server = Server::start().await;
    let path = format!("{PEOPLE}/preview?configuration=default");
    let header = ("content-disposition", "attachment; filename=\"people 1.csv\"");
    let request = axum::http::Request::builder().method("POST").uri(format!("/api/v1{path}"));
    let request =
        request.header("authorization", format!("Bearer {}", crate::KEY)).header(header.0, header.1);
    let begun = server.send(request.header("content-type", "text/csv").body(Body::from(FILE)).unwrap()).await;
    let begun = begun.expect(202);
    let id = begun.body["id"].as_str().unwrap().to_owned();
    assert_eq!(begun.headers["location"], format!("/api/v1{RUNS}/{id}"));
    assert_eq!((&begun.body["state"], &begun.body["purpose"]), (&json!("queued"), &json!("preview")));
    assert_eq!(begun.body["source"]["name"], "people 1.csv");
    assert_eq!(begun.body["source"]["size"], FILE.len());
    server.get(&format!("{RUNS}/{id}/plan")).await.expect_problem(404, None);
    server.get(&format!("{RUNS}/{id}/report.csv")).await.expect_problem(404, None);
    let early = decide(&server, &id, "approve").await.expect_problem(409, None);
    assert!(early.contains("no plan yet"), "{early}");
    server.work().await;

    let planned = shown(&server, &id).await;
    assert_eq!((&planned["state"], &planned["finished_at"]), (&json!("planned"), &json!(null)));
    let counts = json!({
        "created": 2, "updated": 0, "reactivated": 0, "deactivated": 0, "unchanged": 0, "rejected": 1, "ignored": 0,
    });
    assert_eq!(planned["counts"], counts);
    let rows = server.get(&format!("{RUNS}/{id}/plan")).await.items();
    let lines: Vec<_> =
        rows.iter().map(|row| (row["line"].as_u64().unwrap(), row["action"].as_str().unwrap())).collect();
    assert_eq!(lines, [(2, "create"), (3, "reject"), (4, "create")]);
    assert_eq!(rows[0]["changes"]["userName"], json!({ "before": null, "after": "ada@acme.example" }));
    assert_eq!((&rows[0]["user"], &rows[0]["problems"]), (&json!(null), &json!([])));
    assert_eq!(rows[1]["problems"][0]["column"], "lastName");

    assert_eq!(decide(&server, &id, "approve").await.expect(200).body["state"], "approved");
    decide(&server, &id, "discard").await.expect_problem(409, None);
    server.work().await;
    let finished = shown(&server, &id).await;
    assert_eq!((&finished["state"], &finished["counts"]), (&json!("finished-with-rejections"), &counts));
    assert_eq!(finished["encoding"], "utf-8");
    let report = server.get(&format!("{RUNS}/{id}/report.csv")).await.expect(200);
    assert_eq!(report.headers["content-disposition"], format!("attachment; filename=\"report-{id}.csv\""));
    assert!(report.body.as_str().unwrap().contains("bob@acme.example"), "{report:?}");

    let revert = decide(&server, &id, "revert").await.expect(202);
    let of = revert.body["id"].as_str().unwrap().to_owned();
    assert_eq!(revert.headers["location"], format!("/api/v1{RUNS}/{of}"));
    assert_eq!((&revert.body["purpose"], &revert.body["reverts"]), (&json!("revert"), &json!(id)));
    server.work().await;
    assert_eq!(shown(&server, &of).await["counts"]["deleted"], 2);
    let reverted = shown(&server, &id).await;
    assert_eq!((&reverted["state"], &reverted["reverted_by"]), (&json!("reverted"), &json!(of)));
    decide(&server, &id, "revert").await.expect_problem(409, None);
}

#[tokio::test]
async fn a_plan_comes_in_pages() {
    let server = Server::start().await;
    let mut file = "status,mail,lastName\n".to_owned();
    for at in 0..500 {
        let name = if at % 10 == 0 { String::new() } else { "Y".repeat(50) };
        writeln!(file, "active,u{at}@acme.example,{name}").unwrap();
    }
    let id = server.preview(&file).await;
    server.work().await;
    let path = format!("{RUNS}/{id}/plan");
    for (query, wanted) in [
        ("limit=7", 500),
        ("limit=1000", 500),
        ("x", 500),
        ("action=reject&limit=7", 50),
        ("action=delete", 0),
    ] {
        let query = if query == "x" { "" } else { query };
        let (mut lines, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = server.get(&format!("{path}?{query}{cursor}")).await.expect(200).body;
            lines.extend(page["items"].as_array().unwrap().iter().map(|row| row["line"].as_u64().unwrap()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(lines.len(), wanted, "{query}");
        assert!(lines.is_sorted());
    }
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=7", "cursor"),
        ("cursor=99999999", "cursor"),
        ("cursor=-1", "cursor"),
        ("cursor=18446744073709551615", "cursor"),
        ("action=remove", "action"),
        ("acton=create", "acton"),
    ] {
        server.get(&format!("{path}?{query}")).await.expect_problem(400, Some(field));
    }
}

#[tokio::test]
async fn runs_are_listed_latest_first() {
    let server = Server::start().await;
    server.ask("POST", &format!("{PEOPLE}/configurations"), json!({ "name": "other" })).await.expect(201);
    let mut ids = Vec::new();
    for at in 0..5 {
        server.clock.advance(1);
        let configuration = if at == 1 { "other" } else { "default" };
        let path = format!("{PEOPLE}/preview?configuration={configuration}");
        let begun = server.ask_raw("POST", &path, "application/octet-stream", FILE).await.expect(202);
        ids.insert(0, begun.body["id"].as_str().unwrap().to_owned());
    }
    decide(&server, &ids[0], "cancel").await.expect(200);
    server.work().await;
    assert_eq!(shown(&server, &ids[0]).await["state"], "cancelled");
    let of =
        |items: &[Value]| items.iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(of(&server.get(RUNS).await.items()), ids);
    assert_eq!(of(&server.get(&format!("{RUNS}?state=planned")).await.items()), ids[1..]);
    assert_eq!(of(&server.get(&format!("{RUNS}?configuration=other")).await.items()), ids[3..4]);
    assert!(server.get(&format!("{RUNS}?configuration=nothing")).await.items().is_empty());
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("{RUNS}?limit=2{cursor}")).await.expect(200).body;
        found.extend(of(page["items"].as_array().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, ids);
    for (query, field) in [
        ("state=gone", "state"),
        ("limit=201", "limit"),
        ("cursor=%00", "cursor"),
        ("configuration=A", "configuration"),
    ] {
        server.get(&format!("{RUNS}?{query}")).await.expect_problem(400, Some(field));
    }
    assert_eq!(decide(&server, &ids[1], "discard").await.expect(200).body["state"], "discarded");
    decide(&server, &ids[1], "cancel").await.expect_problem(409, None);
    decide(&server, &ids[1], "revert").await.expect_problem(409, None);
}

#[tokio::test]
async fn what_is_no_file_is_not_shown() {
    let server = Server::start().await;
    let path = format!("{PEOPLE}/preview");
    server.ask_raw("POST", &path, "application/json", "{}").await.expect_problem(415, None);
    server.ask_raw("POST", &path, "text/csv", "").await.expect_problem(400, None);
    let large = "x".repeat(usize::try_from(UPLOAD_BYTES).unwrap() + 1);
    let detail = server.ask_raw("POST", &path, "text/csv", large).await.expect_problem(413, None);
    assert!(detail.contains(&UPLOAD_BYTES.to_string()), "{detail}");
    server
        .ask_raw("POST", &format!("{path}?configuration=none"), "text/csv", FILE)
        .await
        .expect_problem(404, None);
    let header = ("content-disposition", "attachment; filename=\"a/b.csv\"");
    server.ask_with("POST", &path, header, json!("x")).await.expect_problem(400, Some("Content-Disposition"));
    assert!(server.get(RUNS).await.items().is_empty());
}
