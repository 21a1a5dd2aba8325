//! `muster tenant`, `muster directory` and `muster token`, alone and beside a server on the same data folder.

use crate::muster::{Desk, Ended, Server};
use serde_json::Value;

#[track_caller]
fn done(ended: Ended) -> String {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

#[track_caller]
fn refused(ended: &Ended, expect: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.starts_with("muster: ") && ended.stderr.contains(expect), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

/// Does what an operator does for a new customer.
fn set_up_a_customer(desk: &Desk) -> String {
    let run = |line: &str| desk.run(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(done(run("tenant create globex")), "Created the tenant globex.\n");
    refused(&run("tenant create globex"), "there is a tenant globex already");
    refused(&run("directory create nobody staff"), "nobody: there is no such tenant");
    let made = done(run("directory create globex staff --profile entra"));
    assert_eq!(made, "Created the directory globex/staff, profile entra.\n");
    refused(
        &run("directory create globex staff"),
        "globex: there is a directory staff of this tenant already",
    );
    let set = done(run("directory set globex staff --profile strict"));
    assert_eq!(set, "The directory globex/staff has the profile strict.\n");
    refused(
        &run("directory set globex people --profile strict"),
        "globex/people: there is no such directory",
    );

    let of = "--tenant globex --directory staff";
    assert_eq!(done(run(&format!("token list {of}"))), "The directory globex/staff has no tokens.\n");
    refused(&run(&format!("token create {of} --expires soon")), "as in RFC 3339");
    refused(&run(&format!("token create {of} --user x")), "write the id of a user of this directory");
    let told = done(run(&format!("token create {of} --expires 2099-01-31T12:00:00Z")));
    assert!(told.contains("  muster_") && told.contains("expires 2099-01-31T12:00:00Z"), "{told}");
    let made = done(run(&format!("token create {of} --json")));
    let made: Value = serde_json::from_str(&made).unwrap();
    let secret = made["secret"].as_str().unwrap().to_owned();
    let listed = done(run(&format!("token list {of}")));
    assert_eq!(listed.lines().count(), 2);
    assert!(!listed.contains(&secret) && !listed.contains("muster_"), "{listed}");
    let first = listed.split_whitespace().next().unwrap();
    assert_eq!(done(run(&format!("token revoke {first} {of}"))), format!("Revoked the token {first}.\n"));
    refused(&run(&format!("token revoke {first} {of}")), "globex/staff: this directory has no such token");
    let left: Value = serde_json::from_str(&done(run(&format!("token list {of} --json")))).unwrap();
    assert_eq!(left["items"][0]["id"], made["id"]);
    secret
}

#[track_caller]
fn opens(server: &Server, secret: &str) {
    let path = "/t/globex/staff/scim/v2/Users";
    let answer = server.http("GET", path, &format!("Authorization: Bearer {secret}\r\n"), "");
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn a_customer_is_set_up_without_a_server() {
    let desk = Desk::new();
    let secret = set_up_a_customer(&desk);
    let server = desk.serve(&[]);
    opens(&server, &secret);
    assert!(server.facts.get("scim_token").is_some(), "the first command made the demo");
}

#[test]
fn a_customer_is_set_up_beside_a_server() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    let secret = set_up_a_customer(&desk);
    opens(&server, &secret);
    let told = server.admin("GET", "/tenants/globex/directories/staff", "");
    assert_eq!(told.body["profile"], "strict");
    // The server heard of the revocation: it was its own.
    let made = done(desk.run(&["token", "create", "--tenant", "globex", "--directory", "staff", "--json"]));
    let made: Value = serde_json::from_str(&made).unwrap();
    opens(&server, made["secret"].as_str().unwrap());
    let id = made["id"].as_str().unwrap();
    done(desk.run(&["token", "revoke", id, "--tenant", "globex", "--directory", "staff"]));
    let bearer = format!("Authorization: Bearer {}\r\n", made["secret"].as_str().unwrap());
    assert_eq!(server.http("GET", "/scim/v2/Users", &bearer, "").status, 401);
}

#[test]
fn without_a_demo_there_is_nothing_but_what_is_made() {
    let desk = Desk::new();
    refused(&desk.run(&["token", "list", "--no-demo"]), "acme/people: there is no such directory");
    done(desk.run(&["tenant", "create", "globex", "--no-demo"]));
    let server = desk.serve(&[]);
    assert!(server.facts.get("scim_token").is_none(), "a folder with a tenant gets no demo");
}

#[test]
fn every_command_helps() {
    let desk = Desk::new();
    for command in
        ["tenant create", "directory create", "directory set", "token create", "token list", "token revoke"]
    {
        let line: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = done(desk.run(&line));
        assert!(help.contains("--data") && help.contains("--json"), "{help}");
    }
}
