//! Pulls over the admin API: secrets go in and never come out, keys, fetching by hand.

use crate::{PEOPLE, Server, people};
use domain::import::configuration::SecretMember;
use domain::store::Name;
use serde_json::{Value, json};

const PATH: &str = "/tenants/acme/directories/people/configurations";
/// Words that must be found nowhere.
const CANARY: &str = "correct horse battery staple";

fn nightly() -> Value {
    json!({
        "name": "nightly",
        "source": {
            "kind": "sftp",
            "url": "sftp://files.acme.example/out/users_{yyyyMMdd}.csv",
            "authentication": { "kind": "password", "username": "acme", "password": CANARY },
        },
        "schedule": { "days": ["mon"], "time": "02:30", "timezone": "Europe/Berlin" },
    })
}

async fn secret(server: &Server, member: SecretMember) -> Option<String> {
    let name = Name::new("nightly").unwrap();
    let document = server.store.configuration(&people(), &name).await.unwrap().unwrap();
    let account = document.source.sftp().unwrap().authentication.clone();
    let sealed = match member {
        SecretMember::Password => account.password,
        SecretMember::PrivateKey => account.private_key.map(|key| key.sealed),
        SecretMember::Passphrase => account.passphrase,
    };
    let opened = server.vault.open_text(&people(), &member.purpose(&name), &sealed?).await.unwrap();
    opened.map(|text| text.to_string())
}

#[tokio::test]
async fn secrets_go_in_and_never_come_out() {
    let server = Server::start().await;
    let path = format!("{PATH}/nightly");
    let made = server.ask("POST", PATH, nightly()).await.expect(201).body;
    let account = &made["source"]["authentication"];
    assert_eq!((&account["password"], &account["password_set"]), (&Value::Null, &json!(true)));
    assert_eq!(made["next_runs"].as_array().unwrap().len(), 5);
    assert!(made["next_runs"][0].as_str().unwrap().contains("T02:30:00+0"), "{made}");
    assert!(made["warnings"].to_string().contains("host_keys"), "{made}");
    assert_eq!(server.asked.take(), ["set nightly cron(30 2 ? * MON *)"]);
    // What was read can be sent back, and the secret stays.
    let shown = server.get(&path).await.expect(200).body;
    server.ask("PUT", &path, shown.clone()).await.expect(200);
    server.ask("PATCH", &path, json!({ "source": { "after": "archive" } })).await.expect(200);
    assert_eq!(secret(&server, SecretMember::Password).await.as_deref(), Some(CANARY));
    // But not for another server, or another account: its owner would get to know it.
    for (member, value) in
        [("url", json!("sftp://evil.example/a.csv")), ("authentication", json!({ "username": "eve" }))]
    {
        let change = json!({ "source": { member: value } });
        let field = Some("source.authentication.password");
        server.ask("PATCH", &path, change).await.expect_problem(400, field);
        let mut whole = shown.clone();
        match member {
            "url" => whole["source"]["url"] = value,
            _ => whole["source"]["authentication"]["username"] = json!("eve"),
        }
        server.ask("PUT", &path, whole).await.expect_problem(400, field);
    }
    let elsewhere =
        json!({ "source": { "url": "sftp://b.example/a.csv", "authentication": { "password": "other" } } });
    server.ask("PATCH", &path, elsewhere).await.expect(200);
    assert_eq!(secret(&server, SecretMember::Password).await.as_deref(), Some("other"));
    for answer in [server.get(&path).await.body, server.get(PATH).await.body, made, shown] {
        let text = answer.to_string();
        assert!(!text.contains(CANARY) && !text.contains("v1.") && !text.contains("sealed"), "{text}");
    }
    server.ask("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(server.asked.take().last().unwrap(), "remove nightly");
}

#[tokio::test]
async fn what_is_no_secret_is_refused_without_being_quoted() {
    let server = Server::start().await;
    let send = async |account: Value, field: &str| {
        let mut document = nightly();
        document["source"]["authentication"] = account;
        let detail = server.ask("POST", PATH, document).await.expect_problem(400, Some(field));
        assert!(!detail.contains("horse"), "{detail}");
        detail
    };
    let account = |more: Value| {
        let mut account = json!({ "kind": "private-key", "username": "acme" });
        account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        account
    };
    let field = |member: &str| format!("source.authentication.{member}");
    send(account(json!({ "kind": "password" })), &field("password")).await;
    send(account(json!({ "password": { "sealed": "x" } })), &field("password")).await;
    send(account(json!({ "password": "" })), &field("password")).await;
    send(account(json!({ "private_key": CANARY })), &field("private_key")).await;
    send(account(json!({ "passphrase": CANARY })), &field("passphrase")).await;
    let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFSmgVTYbPPEhI0p9tK2a8lZH28vstKmzv0Z2SorgQZF x";
    let detail = send(account(json!({ "private_key": public })), &field("private_key")).await;
    assert!(detail.contains("public"), "{detail}");
    for (change, field) in [
        (json!({ "source": { "host_keys": ["MD5:00:11"] } }), "source.host_keys[0]"),
        (
            json!({ "decryption": "pgp", "pgp": { "signatures": "require", "signers": ["x"] } }),
            "pgp.signers[0]",
        ),
        (json!({ "source": { "url": "ftp://x/y" } }), "source.url"),
    ] {
        server.ask("POST", PATH, nightly()).await;
        server.ask("PATCH", &format!("{PATH}/nightly"), change).await.expect_problem(400, Some(field));
    }
}

#[tokio::test]
async fn a_key_of_ssh_is_made_here_and_only_its_public_half_is_shown() {
    let server = Server::start().await;
    let path = format!("{PATH}/nightly/ssh-key");
    server.ask("POST", &path, Value::Null).await.expect_problem(404, None);
    server.ask("POST", &format!("{PATH}/default/ssh-key"), Value::Null).await.expect_problem(409, None);
    server.ask("POST", PATH, nightly()).await.expect(201);
    server.get(&path).await.expect_problem(404, None);
    let made = server.ask("POST", &path, Value::Null).await.expect(201).body;
    assert_eq!(server.get(&path).await.expect(200).body, made);
    assert!(made["public_key"].as_str().unwrap().starts_with("ssh-ed25519 AAAA"), "{made}");
    let private = secret(&server, SecretMember::PrivateKey).await.unwrap();
    assert!(private.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
    let shown = server.get(&format!("{PATH}/nightly")).await.expect(200).body;
    assert_eq!(shown["source"]["authentication"]["kind"], "private-key");
    assert!(
        made["public_key"]
            .as_str()
            .unwrap()
            .starts_with(shown["source"]["authentication"]["public_key"].as_str().unwrap())
    );
    assert!(!shown.to_string().contains("PRIVATE"));
    // The key can be sent as well, and is looked at.
    let change = json!({ "source": { "authentication": { "private_key": private.replace('\n', "\\n") } } });
    server.ask("PATCH", &format!("{PATH}/nightly"), change).await.expect(200);
}

#[tokio::test]
async fn keys_of_pgp_are_made_shown_and_retired() {
    let server = Server::start().await;
    server.ask("POST", PATH, nightly()).await.expect(201);
    let path = format!("{PATH}/nightly/pgp-keys");
    server.ask("POST", &path, json!({ "algorithm": "dsa" })).await.expect_problem(400, Some("algorithm"));
    let made = server.ask("POST", &path, json!({ "algorithm": "curve25519" })).await.expect(201);
    let key = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.headers["location"], format!("/api/v1{path}/{key}"));
    assert_eq!(made.body["state"], "active");
    assert!(made.body["commands"][1].as_str().unwrap().contains(&key));
    let public = server.get(&format!("{path}/{key}/public-key")).await.expect(200);
    assert!(public.body.as_str().unwrap().starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    assert_eq!(public.headers["content-type"], "application/pgp-keys");
    let retired = server.ask("POST", &format!("{path}/{key}/retire"), Value::Null).await.expect(200);
    assert_eq!(retired.body["state"], "retired");
    assert_eq!(server.get(&path).await.items(), [retired.body]);
    for absent in ["AB/public-key", "../public-key"] {
        server.get(&format!("{path}/{absent}")).await.expect_problem(404, None);
    }
    server.get(&format!("{PATH}/none/pgp-keys")).await.expect_problem(404, None);
}

#[tokio::test]
async fn a_file_is_fetched_by_hand() {
    let server = Server::start().await;
    server.ask("POST", PATH, nightly()).await.expect(201);
    server.asked.take();
    let path = format!("{PATH}/nightly/run");
    let begun = server.ask("POST", &path, Value::Null).await.expect(202);
    assert_eq!(begun.body["state"], "queued");
    assert_eq!(server.asked.take(), ["attend nightly"]);
    let id = begun.body["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("{PEOPLE}/runs/{id}")).await.expect(200).body["configuration"], "nightly");
    let detail = server.ask("POST", &path, Value::Null).await.expect_problem(409, None);
    assert!(detail.contains(id), "{detail}");
    server.ask("POST", &format!("{PATH}/default/run"), Value::Null).await.expect_problem(409, None);
    server.ask("POST", &format!("{PATH}/none/run"), Value::Null).await.expect_problem(404, None);
    let path = format!("{PATH}/nightly/test-access");
    let told = server.ask("POST", &path, Value::Null).await.expect(200).body;
    assert_eq!(
        told,
        json!({ "ok": true, "steps": [{ "name": "resolve", "status": "ok", "fact": "192.0.2.7" }] })
    );
    server.ask("POST", &format!("{PATH}/default/test-access"), Value::Null).await.expect_problem(409, None);
}
