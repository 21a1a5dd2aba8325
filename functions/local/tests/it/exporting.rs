//! `muster export`, alone and beside a server on the same data folder.

use crate::muster::{Desk, Ended, people, sample};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[track_caller]
fn done(ended: Ended) -> String {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    ended.stdout
}

/// What an export is good for: it comes back unchanged, also after a change of it.
fn export_and_import(desk: &Desk) {
    let text = done(desk.run(&["export"]));
    assert_eq!(text.lines().count(), 301, "a header and everybody");
    assert_eq!(done(desk.run(&["export", "--output", "people.csv"])), "");
    let path = desk.path("people.csv");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let (ended, line) = desk.import(&path, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(line["counts"]["unchanged"], 300, "{line}");
    fs::write(&path, text.replace("First7,", "'=First7,")).unwrap();
    let (_, line) = desk.import(&path, &[]);
    assert_eq!(line["counts"]["updated"], 1, "{line}");
    assert!(done(desk.run(&["export"])).contains("'=First7,"));
    for (arguments, words) in [
        (
            ["export", "--configuration", "nothing"],
            "acme/people: this directory has no configuration nothing",
        ),
        (["export", "--directory", "nobody"], "acme/nobody: there is no such directory"),
        (["export", "--output", "."], ". is a folder"),
        (["export", "--output", "no/such/folder.csv"], "no/such/folder.csv cannot be written"),
    ] {
        let ended = desk.run(&arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
    let left = fs::read_dir(desk.path(""))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".muster-"));
    assert_eq!(left.count(), 0, "a failed export leaves nothing behind");
}

#[test]
fn an_export_without_a_server() {
    let desk = Desk::new();
    let (ended, _) = desk.import(&desk.write("x.csv", people(300)), &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    export_and_import(&desk);
}

#[test]
fn an_export_beside_a_server() {
    let desk = Desk::new();
    let _server = desk.serve(&[]);
    let (ended, _) = desk.import(&desk.write("x.csv", people(300)), &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    export_and_import(&desk);
}

#[test]
fn a_new_configuration_has_an_inbox_and_an_export() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    let document = r#"{"name":"nightly","format":{"delimiter":";"},"mapping":{"Surname":"lastName"}}"#;
    let made = server.admin("POST", "/tenants/acme/directories/people/configurations", document);
    assert_eq!(made.status, 201, "{made:?}");
    let inbox = desk.data("objects/inbox/acme/people/nightly");
    fs::write(desk.path("ready"), "status;mail;Surname\nactive;ada@acme.example;Lovelace\n").unwrap();
    fs::rename(desk.path("ready"), inbox.join("x.csv")).unwrap();
    server.line("Imported x.csv: 1 created");
    let text = done(desk.run(&["export", "--configuration", "nightly"]));
    assert!(text.starts_with("status;loginName;mail;firstName;Surname;"), "{text}");
    assert!(text.contains("\nactive;ada@acme.example;ada@acme.example;;Lovelace;"), "{text}");
    fs::copy(sample("people.csv"), desk.inbox("people.csv")).unwrap();
    server.line("Imported people.csv: 6 created");
}
