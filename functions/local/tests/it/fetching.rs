//! Files from a customer's server, as an administrator sets them up: tested, trusted, fetched, and told of. And nowhere a
//! secret.

use crate::muster::{Desk, Server};
use emulator::{SFTP_USER, SftpServer, SftpSetup};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Words that must be found nowhere.
const CANARY: &str = "correct-horse-battery-staple";
const CONFIGURATIONS: &str = "/tenants/acme/directories/people/configurations";

/// The contents of all files in a folder, by their paths.
fn contents(folder: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            contents(&path, into);
        } else if path.is_file() {
            into.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
}

/// A run that has ended.
fn ended(server: &Server, run: &Value) -> Value {
    let id = run["id"].as_str().unwrap();
    let run = server.admin("GET", &format!("/tenants/acme/directories/people/runs/{id}"), "").body;
    assert!(!run["finished_at"].is_null(), "{run}");
    run
}

#[test]
fn a_file_is_fetched_and_no_secret_shows() {
    let files = "status,mail,lastName\nactive,ann@acme.example,Keller\n";
    let remote = SftpServer::start(SftpSetup {
        password: Some(CANARY.to_owned()),
        files: BTreeMap::from([("/out/users.csv".to_owned(), files.as_bytes().to_vec())]),
        ..SftpSetup::default()
    });
    let desk = Desk::new();
    let server = desk.serve_with(&["--log", "debug"], &[("MUSTER_SFTP_ALLOW", "127.0.0.1")]);
    let mut told = Vec::new();
    let mut ask = |method: &str, path: &str, body: Value, status: u16| {
        let answer = server.admin(method, &format!("{CONFIGURATIONS}{path}"), &body.to_string());
        assert_eq!(answer.status, status, "{answer:?}");
        told.push(answer.body.to_string());
        answer.body
    };
    let url = format!("sftp://127.0.0.1:{}/out/users.csv", remote.port());
    let account = json!({ "kind": "password", "username": SFTP_USER, "password": CANARY });
    let source = json!({ "kind": "sftp", "url": url, "authentication": account });
    let notifications = json!({ "recipients": ["it@acme.example"] });
    let document = json!({ "name": "nightly", "source": source, "notifications": notifications });
    ask("POST", "", document, 201);
    // Nothing is sent to a server that nobody has trusted.
    let tested = desk.run(&["test-access", "nightly"]);
    assert_eq!(tested.code, Some(1), "{tested:?}");
    assert!(
        tested.stdout.contains("failed   host-key") && tested.stdout.contains(remote.host_key()),
        "{tested:?}"
    );
    assert_eq!(remote.logins(), 0);
    let run = ask("POST", "/nightly/run", Value::Null, 202);
    server.line_holding("attended=Failed");
    let run = ended(&server, &run);
    assert_eq!(run["problem"]["code"], "sftp-host-key-untrusted", "{run}");
    ask("PATCH", "/nightly", json!({ "source": { "host_keys": [remote.host_key()] } }), 200);
    let tested = desk.run(&["test-access", "nightly"]);
    assert_eq!(tested.code, Some(0), "{tested:?}");
    let run = ask("POST", "/nightly/run", Value::Null, 202);
    server.line("Imported users.csv: 1 created");
    let run = ended(&server, &run);
    assert_eq!((&run["state"], &run["counts"]["created"]), (&json!("finished"), &json!(1)), "{run}");
    ask("POST", "/nightly/ssh-key", Value::Null, 201);
    ask("POST", "/nightly/pgp-keys", json!({ "algorithm": "curve25519" }), 201);
    ask("GET", "/nightly", Value::Null, 200);
    let exported = desk.run(&["export", "--configuration", "nightly"]);
    let passed = server.passed_over();
    let (code, log) = server.stop();
    assert_eq!(code, Some(0));
    let log = [passed, log].concat();
    let mut all = BTreeMap::new();
    contents(&desk.path("."), &mut all);
    assert!(all.keys().filter(|path| path.contains(".eml")).count() >= 1, "{:?}", all.keys());
    for (name, text) in
        [("answers", told.concat()), ("log", log.concat()), ("output", format!("{tested:?}{exported:?}"))]
    {
        all.insert(name.to_owned(), text.into_bytes());
    }
    for secret in [CANARY, "PRIVATE KEY-----"] {
        let holds = |content: &[u8]| content.windows(secret.len()).any(|part| part == secret.as_bytes());
        let shown: Vec<&String> =
            all.iter().filter(|(_, content)| holds(content)).map(|(name, _)| name).collect();
        assert!(shown.is_empty(), "{secret} is in {shown:?}");
    }
}
