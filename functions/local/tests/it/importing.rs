//! `muster import`: what it prints, how it exits, and how it works beside a server.

use crate::muster::{Desk, sample};
use serde_json::{Value, json};
use std::path::Path;

#[track_caller]
fn check(name: &str, content: impl AsRef<[u8]>, code: i32, state: &str, said: &str) {
    let desk = Desk::new();
    let file = desk.write(name, content);
    let (ended, line) = desk.import(&file, &[]);
    assert_eq!((ended.code, line["state"].as_str()), (Some(code), Some(state)), "{name}: {ended:?}");
    let names: Vec<_> = line.as_object().unwrap().keys().collect();
    assert_eq!(names, ["run", "state", "counts", "warnings", "report"]);
    assert!(line["run"].is_string() && Path::new(line["report"].as_str().unwrap()).is_file(), "{line}");
    let report = std::fs::read_to_string(line["report"].as_str().unwrap()).unwrap();
    assert!(report.contains(said), "{report}");
    let left = std::fs::read_dir(desk.inbox("")).unwrap().count();
    let waits = usize::from(state == "held");
    assert_eq!(left, waits, "the file is removed from the inbox once its run has ended");
}

#[test]
fn the_exit_code_says_what_became_of_the_file() {
    let read = |name: &str| std::fs::read(sample(name)).unwrap();
    check("good.csv", read("people-semicolon.csv"), 0, "finished", "_remedy");
    check("windows.csv", read("people-windows-lines.csv"), 0, "finished", "_remedy");
    check("some.csv", read("people.csv"), 2, "finished-with-rejections", "status-invalid");
    check("quote.csv", read("bad-unclosed-quote.csv"), 2, "finished-with-rejections", "quote-unclosed");
    check("column.csv", read("bad-missing-column.csv"), 1, "failed", "column-missing");
    check("binary.csv", read("bad-binary.csv"), 1, "failed", "file-binary");
    check("empty.csv", "", 1, "failed", "file-empty");
    check("header.csv", "status,mail,lastName\n", 3, "held", "_remedy");
    check(".name.tmp", read("people-semicolon.csv"), 0, "finished", "_remedy");
}

#[track_caller]
fn check_refused(desk: &Desk, arguments: &[&str], said: &str) {
    let ended = desk.run(&[&["import"], arguments].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
    assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    let json = desk.run(&[&["import", "--json"], arguments].concat());
    let line: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &line["run"], &line["state"]), (Some(1), &Value::Null, &json!("failed")));
}

#[test]
fn what_cannot_be_imported_is_refused_with_a_way_out() {
    let desk = Desk::new();
    let good = sample("people.csv");
    let good = good.to_str().unwrap();
    let refusals = [
        (vec!["absent.csv"], "there is no file absent.csv"),
        (vec!["."], ". is a folder"),
        (vec!["/dev/null"], "no regular file"),
        (vec![good, "--tenant", "other"], "no directory other/people"),
        (vec![good, "--directory", "other"], "no directory acme/other"),
        (vec![good, "--configuration", "other"], "no import configuration other"),
    ];
    for (arguments, said) in &refusals {
        check_refused(&desk, arguments, said);
    }
    let _server = desk.serve(&[]);
    for (arguments, said) in &refusals {
        check_refused(&desk, arguments, said);
    }
    assert!(!desk.data("objects/runs").exists(), "no run was begun");
}

#[test]
fn a_wrong_command_line_is_not_taken_for_rejected_rows() {
    let desk = Desk::new();
    for arguments in [vec!["import"], vec!["import", "x.csv", "--tenant", "ACME"], vec!["--port", "1"]] {
        let ended = desk.run(&arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(!ended.stderr.is_empty());
    }
    assert_eq!(desk.run(&["import", "--help"]).code, Some(0));
    assert!(!desk.data("").exists());
}

#[test]
fn the_summary_names_rows_and_remedies() {
    let desk = Desk::new();
    let ended = desk.run(&["import", sample("people.csv").to_str().unwrap()]);
    assert_eq!(ended.code, Some(2));
    for said in [
        "Imported people.csv into acme/people: 8 rows",
        "created             6",
        "rejected            2",
        "line 8, status (status-invalid)",
        "Write active or inactive.",
        "Report: muster-data/objects/runs/acme/people/",
    ] {
        assert!(ended.stdout.contains(said), "{said}: {}", ended.stdout);
    }
    assert_eq!(ended.stderr, "", "no progress bar where there is no terminal");
    let again = desk.run(&["import", sample("people.csv").to_str().unwrap()]);
    assert!(again.stdout.contains("unchanged           6"), "{}", again.stdout);
}

#[test]
fn a_dry_run_changes_nothing() {
    let desk = Desk::new();
    let many = desk.write("many.csv", crate::muster::people(60));
    for serving in [false, true] {
        let server = serving.then(|| desk.serve(&[]));
        let (ended, line) = desk.import(&many, &["--dry-run"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(
            (&line["run"], &line["state"], &line["report"]),
            (&Value::Null, &json!("planned"), &Value::Null)
        );
        assert_eq!(line["counts"]["created"], 60);
        let shown = desk.run(&["import", many.to_str().unwrap(), "--dry-run"]).stdout;
        assert!(shown.contains("line 51     create     user49\n  … and 10 more rows\n"), "{shown}");
        let bad = desk.run(&["import", sample("people.csv").to_str().unwrap(), "--dry-run"]);
        assert_eq!(bad.code, Some(2));
        assert!(bad.stdout.contains("status-invalid (status)"), "{}", bad.stdout);
        let broken = desk.run(&["import", sample("bad-empty.csv").to_str().unwrap(), "--dry-run"]);
        assert_eq!(broken.code, Some(1));
        assert!(broken.stdout.contains("file-empty"), "{broken:?}");
        assert!(!desk.data("objects/runs").exists());
        assert_eq!(std::fs::read_dir(desk.inbox("")).unwrap().count(), 0);
        assert_eq!(server.map_or(0, |server| server.users().len()), 0);
    }
}

#[test]
fn a_dry_run_shows_what_would_change() {
    let desk = Desk::new();
    let header = "status,loginName,mail,lastName";
    let first = desk.write("first.csv", format!("{header}\nactive,ann,ann@acme.example,Keller\n"));
    assert_eq!(desk.import(&first, &[]).0.code, Some(0));
    let second = desk.write("second.csv", format!("{header}\ninactive,ann,ann@acme.example,Holm\n"));
    let shown = desk.run(&["import", second.to_str().unwrap(), "--dry-run"]).stdout;
    assert!(
        shown.contains("line 2      deactivate active: true -> false, name.familyName: Keller -> Holm"),
        "{shown}"
    );
}

#[test]
fn an_import_beside_a_server_is_done_by_it() {
    let desk = Desk::new();
    let server = desk.serve(&[]);
    let (ended, line) = desk.import(&sample("people.csv"), &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!((&line["counts"]["created"], &line["counts"]["rejected"]), (&json!(6), &json!(2)));
    assert_eq!(server.users().len(), 6);
    let failed = desk.import(&sample("bad-missing-column.csv"), &[]);
    assert_eq!(failed.0.code, Some(1));
    assert!(failed.0.stderr.contains("A column that is needed is missing"), "{failed:?}");
}
