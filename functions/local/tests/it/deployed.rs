//! `muster import --url`: by a server that is somewhere else, as far as the command knows.

use crate::muster::{Desk, Ended, Server, people, sample};
use serde_json::Value;

/// Two desks: that of the server, and that of the person who has a file.
struct Apart {
    server: Server,
    here: Desk,
    _there: Desk,
}

impl Apart {
    fn new() -> Self {
        let there = Desk::new();
        Self { server: there.serve(&[]), here: Desk::new(), _there: there }
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.fact("listen"))
    }

    fn import(&self, arguments: &[&str]) -> Ended {
        let url = self.url();
        let all = [&["import", "--url", &url], arguments].concat();
        self.here.run_with_key(&all, Some(self.server.fact("admin_key")))
    }
}

fn last_line(ended: &Ended) -> Value {
    serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap_or_else(|_| panic!("{ended:?}"))
}

#[test]
fn a_deployment_imports_a_file() {
    let apart = Apart::new();
    let file = sample("people.csv");
    let file = file.to_str().unwrap();
    let dry = apart.import(&[file, "--dry-run"]);
    assert_eq!(dry.code, Some(2), "{dry:?}");
    assert!(
        dry.stdout.contains("a dry run: nothing was changed") && dry.stdout.contains("reject"),
        "{dry:?}"
    );
    assert!(apart.server.users().is_empty());
    let done = apart.import(&[file, "--json"]);
    let line = last_line(&done);
    assert_eq!((done.code, line["state"].as_str()), (Some(2), Some("finished-with-rejections")), "{done:?}");
    assert_eq!(line["counts"]["created"], apart.server.users().len());
    let report = line["report"].as_str().unwrap();
    assert!(report.starts_with(&apart.url()) && report.ends_with("/report.csv"), "{report}");
    let again = apart.import(&[file]);
    assert!(again.stdout.contains("Report: http://") && again.stdout.contains("status-invalid"), "{again:?}");
    assert!(!apart.here.path("muster-data").exists(), "nothing is made on this side");
}

#[test]
fn a_held_plan_is_approved_over_there() {
    let apart = Apart::new();
    let many = apart.here.write("many.csv", people(40));
    assert_eq!(apart.import(&[many.to_str().unwrap()]).code, Some(0));
    let off = people(40).replace("active,", "inactive,");
    let off = apart.here.write("off.csv", off);
    let held = apart.import(&[off.to_str().unwrap()]);
    assert_eq!(held.code, Some(3), "{held:?}");
    let done = apart.import(&[off.to_str().unwrap(), "--approve"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(apart.server.users().iter().all(|user| user["active"] == false));
}

#[test]
fn what_a_deployment_refuses_is_said() {
    let apart = Apart::new();
    let file = apart.here.write("x.csv", people(1));
    let file = file.to_str().unwrap();
    for (arguments, words) in [
        (vec![file, "--directory", "other"], "404: there is no such directory"),
        (vec![file, "--configuration", "other"], "no such configuration"),
        (vec![file, "--data", "somewhere"], "cannot be used with"),
    ] {
        let ended = apart.import(&arguments);
        assert!(ended.code != Some(0) && ended.stderr.contains(words), "{ended:?}");
    }
    let bad = apart.here.write("bad.csv", "mail,firstName\n");
    let failed = apart.import(&[bad.to_str().unwrap(), "--json"]);
    assert_eq!((failed.code, last_line(&failed)["state"].as_str()), (Some(1), Some("failed")), "{failed:?}");
    let url = apart.url();
    let without = apart.here.run(&["import", file, "--url", &url]);
    assert!(without.stderr.contains("set MUSTER_ADMIN_KEY"), "{without:?}");
    let wrong = apart
        .here
        .run_with_key(&["import", file, "--url", &url], Some("not-this-key-not-this-key-not-this-key"));
    assert!(wrong.stderr.contains("refuses the key"), "{wrong:?}");
    let clear = apart
        .here
        .run_with_key(&["import", file, "--url", "http://muster.example.com"], Some("k".repeat(40).as_str()));
    assert!(clear.stderr.contains("https addresses only"), "{clear:?}");
    let nobody = apart
        .here
        .run_with_key(&["import", file, "--url", "http://127.0.0.1:9"], Some("k".repeat(40).as_str()));
    assert!(nobody.stderr.contains("cannot be reached"), "{nobody:?}");
}
