//! Runs the built command, and talks to what it serves.

use serde_json::Value;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything here takes on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder of the test's own, in which the command works.
pub(crate) struct Desk(TempDir);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) facts: Value,
    stderr: Receiver<String>,
    passed: RefCell<Vec<String>>,
    _stdout: BufReader<ChildStdout>,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// A file of `events/files`.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/files").join(name)
}

/// A file of so many different people.
pub(crate) fn people(rows: usize) -> String {
    let mut text = String::from("status,loginName,mail,firstName,lastName\n");
    for number in 0..rows {
        let _ = writeln!(text, "active,user{number},user{number}@acme.example,First{number},Last{number}");
    }
    text
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path on it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The data folder.
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.path("muster-data").join(name)
    }

    pub(crate) fn inbox(&self, name: &str) -> PathBuf {
        self.data("objects/inbox/acme/people/default").join(name)
    }

    /// Puts a file on it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.args(arguments).current_dir(self.0.path()).env_remove("MUSTER_ADMIN_KEY");
        command
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with_key(arguments, None)
    }

    /// The same with this in `MUSTER_ADMIN_KEY`.
    pub(crate) fn run_with_key(&self, arguments: &[&str], key: Option<&str>) -> Ended {
        let mut command = self.command(arguments);
        command.envs(key.map(|key| ("MUSTER_ADMIN_KEY", key)));
        let output = command.stdin(Stdio::null()).output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Imports a file, with `--json`.
    #[track_caller]
    pub(crate) fn import(&self, file: &Path, more: &[&str]) -> (Ended, Value) {
        let ended = self.run(&[&["import", file.to_str().unwrap(), "--json"], more].concat());
        let last = ended.stdout.lines().last().unwrap_or_else(|| panic!("no line: {ended:?}"));
        let line = serde_json::from_str(last).unwrap();
        (ended, line)
    }

    /// Starts a server on a free port, and waits until it is ready.
    pub(crate) fn serve(&self, more: &[&str]) -> Server {
        self.serve_with(more, &[])
    }

    /// The same with these variables.
    pub(crate) fn serve_with(&self, more: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut child = self
            .command(&[&["serve", "--listen", "127.0.0.1:0", "--json"], more].concat())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, stderr) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut facts = String::new();
        stdout.read_line(&mut facts).unwrap();
        let facts = serde_json::from_str(&facts).unwrap_or_default();
        Server { child, facts, stderr, passed: RefCell::default(), _stdout: stdout }
    }
}

impl Server {
    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.facts))
    }

    /// The next line on stderr that begins like this; those before it are passed over.
    #[track_caller]
    pub(crate) fn line(&self, beginning: &str) -> String {
        self.line_within(beginning, PATIENCE).unwrap_or_else(|| panic!("no line: {beginning}"))
    }

    pub(crate) fn line_within(&self, beginning: &str, time: Duration) -> Option<String> {
        self.find(time, |line| line.starts_with(beginning))
    }

    /// The next line on stderr with this in it, such as a log line.
    #[track_caller]
    pub(crate) fn line_holding(&self, part: &str) -> String {
        self.find(PATIENCE, |line| line.contains(part)).unwrap_or_else(|| panic!("no line: {part}"))
    }

    fn find(&self, time: Duration, wanted: impl Fn(&str) -> bool) -> Option<String> {
        std::iter::from_fn(|| self.stderr.recv_timeout(time).ok())
            .inspect(|line| self.passed.borrow_mut().push(line.clone()))
            .find(|line| wanted(line))
    }

    /// The lines on stderr that were looked at so far.
    pub(crate) fn passed_over(&self) -> Vec<String> {
        self.passed.borrow().clone()
    }

    /// Ends it as a service manager does, and gives back its exit code and the last lines on stderr.
    pub(crate) fn stop(mut self) -> (Option<i32>, Vec<String>) {
        self.signal("TERM");
        let code = self.child.wait().unwrap().code();
        (code, self.stderr.iter().collect())
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// A SCIM request with the demo's token; the path is below the base.
    pub(crate) fn scim(&self, method: &str, path: &str, body: &str) -> Answer {
        let base = format!("http://{}", self.fact("listen"));
        let path = format!("{}{path}", self.fact("scim_base").strip_prefix(&base).unwrap());
        self.http(method, &path, &format!("Authorization: Bearer {}\r\n", self.fact("scim_token")), body)
    }

    /// A request to the admin API.
    pub(crate) fn admin(&self, method: &str, path: &str, body: &str) -> Answer {
        let key = format!("Authorization: Bearer {}\r\n", self.fact("admin_key"));
        self.http(method, &format!("/api/v1{path}"), &key, body)
    }

    /// Any request.
    pub(crate) fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let listen = self.fact("listen");
        let mut stream = TcpStream::connect(listen).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {listen}\r\nConnection: close\r\n{headers}\
             Content-Type: application/scim+json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, body: serde_json::from_str(body).unwrap_or_default() }
    }

    /// Every user, without what differs from one directory to the next, by name.
    pub(crate) fn users(&self) -> Vec<Value> {
        let mut users = Vec::new();
        loop {
            let page = self.scim("GET", &format!("/Users?startIndex={}&count=1000", users.len() + 1), "");
            assert_eq!(page.status, 200, "{page:?}");
            let found = page.body["Resources"].as_array().cloned().unwrap_or_default();
            if found.is_empty() {
                assert_eq!(page.body["totalResults"], users.len());
                break;
            }
            users.extend(found);
        }
        for user in &mut users {
            let version = user["meta"]["version"].take();
            let user = user.as_object_mut().unwrap();
            user.insert("version".to_owned(), version);
            user.shift_remove("id");
            user.shift_remove("meta");
        }
        users.sort_by_key(|user| user["userName"].as_str().unwrap().to_owned());
        users
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
