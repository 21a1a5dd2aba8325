//! OpenSSH's `sshd`, with a configuration of its own, as whoever runs the tests.
//!
//! Logging in with a password needs accounts of the machine, so that it is tried against other servers.

use crate::real;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// The line that makes it a server of files.
pub(crate) const SFTP: &str = "Subsystem sftp internal-sftp";

/// The name of the only account that can be logged in to.
pub(crate) static USER: LazyLock<String> = LazyLock::new(|| {
    String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned()
});

/// A server that ends with the test.
pub(crate) struct Sshd {
    child: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    lines: String,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    /// Starts a server with a key of each kind, which lets in these keys, with some more lines in its configuration; none
    /// where OpenSSH is not installed.
    pub(crate) fn start(authorized: &str, lines: &str) -> Option<Self> {
        if !real::wanted("sshd") || !real::wanted("ssh-keygen") {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("authorized_keys"), authorized).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = serve(folder.path(), port, lines);
        Some(Self { child, port, folder, lines: lines.to_owned() })
    }

    /// Starts it again as a server that was set up anew: with other keys.
    pub(crate) fn with_new_host_keys(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.child = serve(self.folder.path(), self.port, &self.lines);
    }

    /// The public host key of this kind: `ed25519`, `ecdsa` or `rsa`.
    pub(crate) fn host_key(&self, kind: &str) -> String {
        fs::read_to_string(self.path(&format!("host_{kind}.pub"))).unwrap()
    }

    /// Where a file of its folder is, on this machine as on the server.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

/// Makes keys and starts the server, and waits until it says that it listens.
fn serve(folder: &Path, port: u16, lines: &str) -> Child {
    let config = folder.join("sshd_config");
    fs::write(&config, configuration(folder, port, lines)).unwrap();
    // As the super-user, `sshd` wants a folder of its own to be there.
    let _ = fs::create_dir_all("/run/sshd");
    let mut child = Command::new(real::path("sshd").unwrap())
        .args(["-D", "-e", "-f"])
        .arg(&config)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("Server listening") {
        let before = said.len();
        log.read_line(&mut said).unwrap();
        assert!(said.len() > before, "sshd did not start: {said}");
    }
    // What it says later must go somewhere, or it would wait for a reader.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    child
}

fn configuration(folder: &Path, port: u16, lines: &str) -> String {
    let mut text = format!("ListenAddress 127.0.0.1:{port}\nPidFile none\nStrictModes no\n{lines}\n");
    writeln!(text, "AuthorizedKeysFile {}", folder.join("authorized_keys").display()).unwrap();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let file = folder.join(format!("host_{kind}"));
        // Those of before, which would be asked about.
        let _ = fs::remove_file(&file);
        let made =
            Command::new("ssh-keygen").args(["-q", "-N", "", "-t", kind, "-f"]).arg(&file).status().unwrap();
        assert!(made.success());
        writeln!(text, "HostKey {}", file.display()).unwrap();
    }
    text
}
