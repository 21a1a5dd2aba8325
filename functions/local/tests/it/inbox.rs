//! Files that are put into the inbox folder of a server.

use crate::muster::{Desk, people, sample};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

#[test]
fn a_file_is_imported_within_two_seconds() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    // On a machine that does other things as well, one of a few.
    let imported = (1..=5).find_map(|attempt| {
        let ready = desk.write("ready", people(attempt));
        fs::rename(ready, desk.inbox(&format!("people{attempt}.csv"))).unwrap();
        server.line_within("Imported people", Duration::from_secs(2))
    });
    assert!(imported.is_some());
    assert!(!server.users().is_empty());
}

#[test]
fn every_run_is_told_and_its_file_removed() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    fs::copy(sample("people.csv"), desk.inbox("people.csv")).unwrap();
    let line = server.line("Imported people.csv");
    assert!(
        line.starts_with("Imported people.csv: 6 created, 2 rejected. Report: muster-data/objects/runs/"),
        "{line}"
    );
    fs::create_dir(desk.inbox("März")).unwrap();
    fs::copy(sample("bad-missing-column.csv"), desk.inbox("März/bad column.csv")).unwrap();
    let line = server.line("Not imported:");
    assert!(
        line.contains("März/bad column.csv (column-missing): A column that is needed is missing. "),
        "{line}"
    );
    assert!(!desk.inbox("people.csv").exists());
    assert_eq!(server.users().len(), 6);
}

#[test]
fn unfinished_files_and_files_without_a_configuration_stay() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    let nowhere = desk.data("objects/inbox/acme/nobody/default");
    fs::create_dir_all(&nowhere).unwrap();
    fs::copy(sample("people.csv"), nowhere.join("people.csv")).unwrap();
    for name in [".hidden.csv", "a.csv.part", "~$people.csv", "b.tmp"] {
        fs::copy(sample("people.csv"), desk.inbox(name)).unwrap();
    }
    let told = server.line("muster-data/objects/inbox/acme/nobody/default/people.csv is not imported");
    assert!(told.contains("inbox/TENANT/DIRECTORY/CONFIGURATION/"), "{told}");
    // What comes later is imported, so the others have been looked at.
    fs::rename(desk.inbox("a.csv.part"), desk.inbox("a.csv")).unwrap();
    server.line("Imported a.csv: 6 created");
    for name in [".hidden.csv", "~$people.csv", "b.tmp"] {
        assert!(desk.inbox(name).exists(), "{name}");
    }
    assert!(nowhere.join("people.csv").exists());
    let (_, lines) = server.stop();
    assert!(!lines.iter().any(|line| line.contains("nobody")), "told once: {lines:?}");
}

#[test]
fn what_was_put_in_before_the_start_is_imported() {
    let desk = Desk::new();
    desk.serve(&[]).stop();
    fs::write(desk.inbox("early.csv"), people(3)).unwrap();
    let server = desk.serve(&[]);
    server.line("Imported early.csv: 3 created.");
}

#[test]
fn what_can_never_be_imported_is_told_once_and_left() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    symlink(sample("people.csv"), desk.inbox("link.csv")).unwrap();
    assert!(Command::new("mkfifo").arg(desk.inbox("pipe.csv")).status().unwrap().success());
    fs::write(desk.inbox("").join(OsStr::from_bytes(b"m\xE4rz.csv")), people(1)).unwrap();
    // Below the inbox there are three folders to the configuration already.
    fs::create_dir_all(desk.inbox(&"f/".repeat(20))).unwrap();
    let mut told: Vec<String> = (0..4).map(|_| server.line("muster-data/objects/inbox/")).collect();
    told.sort();
    for (line, why) in told.iter().zip(["too many folders deep", "links are", "not UTF-8", "no regular file"])
    {
        assert!(line.contains(" is never imported: ") && line.contains(why), "{told:?}");
    }
    fs::write(desk.inbox("later.csv"), people(1)).unwrap();
    server.line("Imported later.csv");
    let (_, lines) = server.stop();
    assert!(!lines.iter().any(|line| line.contains("never imported")), "told once: {lines:?}");
    assert!(fs::symlink_metadata(desk.inbox("link.csv")).is_ok());
}

#[test]
fn a_name_cannot_forge_a_line_or_steer_the_terminal() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    let name = "a\nImported b: 9 created.\u{1b}[2J.csv";
    let nowhere = desk.data("objects/inbox/acme/nobody/default");
    fs::create_dir_all(&nowhere).unwrap();
    fs::write(nowhere.join(name), people(1)).unwrap();
    let line = server.line("muster-data/objects/inbox/acme/nobody/default/a\u{FFFD}Imported b");
    assert!(line.contains("created.\u{FFFD}[2J.csv is not imported"), "{line}");
    let file = desk.write(name, people(2));
    let shown = desk.run(&["import", file.to_str().unwrap()]);
    assert!(
        shown.stdout.starts_with("Imported a\u{FFFD}Imported b: 9 created.\u{FFFD}[2J.csv into"),
        "{shown:?}"
    );
}
