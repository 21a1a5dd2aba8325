//! Killed in the middle and started again, an import ends as if it had not been killed.

use crate::muster::{Desk, people};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Some parts of a plan, so that there are checkpoints in between.
const ROWS: usize = 10_000;

/// Has the server import a file; hands over the rest of what it says as soon as the import is so far.
#[track_caller]
fn import_until(desk: &Desk, file: &Path, far: impl Fn(&Value) -> bool) -> impl Iterator<Item = Value> {
    let mut control = UnixStream::connect(desk.data("control.sock")).unwrap();
    let job = json!({
        "file": file, "tenant": "acme", "directory": "people", "configuration": "default", "dry_run": false,
    });
    writeln!(control, "{job}").unwrap();
    let lines = BufReader::new(control).lines().map_while(Result::ok);
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let reached = lines.find(|line| line.get("progress").is_none_or(&far));
    assert!(reached.is_some_and(|line| line.get("progress").is_some()), "it ended too early");
    lines
}

fn has_applied(progress: &Value) -> bool {
    progress["state"] == "applying" && progress["done"].as_u64() < Some(ROWS as u64)
}

fn has_read(progress: &Value) -> bool {
    progress["state"] == "reading"
}

#[test]
fn a_killed_import_ends_like_one_that_was_not() {
    let (whole, killed) = (Desk::new(), Desk::new());
    let content = people(ROWS).replace("active,user7777,", "aktiv,user7777,");
    let (_, expected) = whole.import(&whole.write("many.csv", &content), &[]);
    let file = killed.write("many.csv", &content);
    let server = killed.serve(&[]);
    drop(import_until(&killed, &file, has_applied));
    server.kill();
    assert!(killed.inbox("many.csv").exists());
    let (ended, resumed) = killed.import(&file, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!((&resumed["counts"], &resumed["state"]), (&expected["counts"], &expected["state"]));
    assert_eq!(resumed["counts"]["created"], ROWS - 1);
    let runs = std::fs::read_dir(killed.data("objects/runs/acme/people")).unwrap().count();
    assert_eq!(runs, 1, "the same run went on");
    let read = |line: &Value| std::fs::read_to_string(line["report"].as_str().unwrap()).unwrap();
    assert_eq!(read(&resumed), read(&expected));
    assert_eq!(killed.serve(&[]).users(), whole.serve(&[]).users());
}

#[test]
fn the_next_server_takes_up_what_the_last_left() {
    let desk = Desk::new();
    let file = desk.write("many.csv", people(2000));
    let server = desk.serve(&[]);
    drop(import_until(&desk, &file, has_read));
    server.kill();
    let server = desk.serve(&[]);
    server.line("Imported many.csv: 2000 created.");
    assert!(!desk.inbox("many.csv").exists());
    assert_eq!(server.users().len(), 2000);
}

#[test]
fn a_server_that_is_told_to_stop_finishes_its_import_first() {
    let desk = Desk::new();
    let file = desk.write("many.csv", people(1000));
    let server = desk.serve(&[]);
    let rest = import_until(&desk, &file, has_read);
    let (code, lines) = server.stop();
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(rest.last().unwrap()["ended"]["state"], "finished");
    assert_eq!(desk.serve(&[]).users().len(), 1000);
}

#[test]
fn a_command_that_goes_away_does_not_stop_its_import() {
    let desk = Desk::new();
    let file = desk.write("many.csv", people(1000));
    let server = desk.serve(&[]);
    drop(import_until(&desk, &file, has_read));
    let (_, line) = desk.import(&desk.write("other.csv", people(1000)), &[]);
    assert_eq!(line["counts"]["unchanged"], 1000, "one import after the other: {line}");
    assert_eq!(server.users().len(), 1000);
}
