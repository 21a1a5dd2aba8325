//! ProFTPD with `mod_sftp`, held to what an old server has: SHA-1 and CBC. Its accounts are in a file, so that logging in
//! with a password can be tried too.

use super::server::{account, check_failed, connect, contents, password, pins, refused, session};
use crate::real;
use domain::import::problem::Code;
use domain::remote::{Server, Step};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that ends with the test.
struct ProFtpd {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for ProFtpd {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl ProFtpd {
    fn start(lines: &str) -> Option<Self> {
        if !real::wanted("proftpd") || !real::wanted("ssh-keygen") {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.path().join("proftpd.conf");
        std::fs::write(&config, configuration(folder.path(), port, lines)).unwrap();
        let child = Command::new(real::path("proftpd").unwrap())
            .args(["--nodaemon", "--quiet", "--config"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Self { child, port, folder };
        started.wait();
        Some(started)
    }

    /// It does not say when it listens.
    #[expect(
        clippy::disallowed_methods,
        reason = "a program that was started here is waited for, by its own clock"
    )]
    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < end, "proftpd does not listen: {}", self.log());
            std::thread::yield_now();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn account(&self) -> Server {
        let key = std::fs::read_to_string(self.folder.path().join("host_rsa.pub")).unwrap();
        Server { host_keys: pins(&key), password: password("swordfish"), ..account(self.port, "acme") }
    }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn configuration(folder: &Path, port: u16, lines: &str) -> String {
    let key = folder.join("host_rsa");
    let key = key.to_str().unwrap();
    output("ssh-keygen", &["-q", "-N", "", "-t", "rsa", "-b", "2048", "-m", "PEM", "-f", key]);
    let home = folder.join("home");
    std::fs::create_dir_all(home.join("out")).unwrap();
    std::fs::write(home.join("out/users.csv"), vec![b'x'; 1_000_000]).unwrap();
    for open in [folder, &home, &home.join("out")] {
        std::fs::set_permissions(open, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let (user, group) = (output("id", &["-un"]), output("id", &["-gn"]));
    // The hash of `swordfish`.
    let hash =
        "$6$muster$ILm47EXPPkQcVLDYXM7JPiBiptCthx646uGAx5ucRAFJSjjCxWzIsWvKxl0MrOQ5/9kHBXL41sAo8INMZxFEd0";
    let accounts = folder.join("accounts");
    let mut file = std::fs::File::create(&accounts).unwrap();
    writeln!(
        file,
        "acme:{hash}:{}:{}::{}:/bin/sh",
        output("id", &["-u"]),
        output("id", &["-g"]),
        home.display()
    )
    .unwrap();
    std::fs::set_permissions(&accounts, std::fs::Permissions::from_mode(0o600)).unwrap();
    let folder = folder.display();
    format!(
        "LoadModule mod_sftp.c\nServerType standalone\nDefaultAddress 127.0.0.1\nPort {port}\nUser {user}\nGroup {group}\n\
         UseIPv6 off\nUseReverseDNS off\nWtmpLog off\nTransferLog none\nSystemLog {folder}/log\nPidFile {folder}/pid\n\
         ScoreboardFile {folder}/scoreboard\nDelayEngine off\nRootLogin on\nRequireValidShell off\n\
         AuthOrder mod_auth_file.c\nAuthUserFile {}\nSFTPEngine on\nSFTPLog {folder}/log\nSFTPHostKey {key}\n{lines}\n",
        accounts.display()
    )
}

#[tokio::test]
async fn a_password_and_a_file() {
    let Some(server) = ProFtpd::start("") else { return };
    let mut session = session(&server.account()).await;
    let home = server.folder.path().join("home/out");
    let listed =
        session.list("out", 10).await.unwrap_or_else(|failed| panic!("{failed:?}: {}", server.log()));
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].name.as_str(), listed[0].size), ("users.csv", Some(1_000_000)));
    assert_eq!(contents(&mut *session, "out/users.csv", u64::MAX).await.unwrap().len(), 1_000_000);
    session.make_folder("out/archive").await.unwrap();
    session.rename("out/users.csv", "out/archive/users.csv").await.unwrap();
    assert!(home.join("archive/users.csv").is_file());
    session.remove("out/archive/users.csv").await.unwrap();
    session.close().await;
    let (failed, _) = refused(&Server { password: password("sword"), ..server.account() }).await;
    check_failed(
        &failed,
        Step::Authenticate,
        Code::SftpCredentialsRefused,
        "tried password; the server takes",
    );
}

#[tokio::test]
async fn a_server_of_old() {
    let old = "SFTPKeyExchanges diffie-hellman-group14-sha1\nSFTPCiphers aes256-cbc\nSFTPDigests hmac-sha1";
    let Some(server) = ProFtpd::start(old) else { return };
    let (failed, _) = refused(&server.account()).await;
    check_failed(
        &failed,
        Step::Algorithms,
        Code::SftpNoCommonAlgorithms,
        "the server has diffie-hellman-group14-sha1",
    );
    let (session, noted) = connect(&Server { legacy_algorithms: true, ..server.account() }).await;
    let mut session = session.unwrap_or_else(|failed| panic!("{failed:?} after {noted:?}: {}", server.log()));
    let agreed = noted.fact(Step::Algorithms);
    assert!(
        agreed.starts_with("diffie-hellman-group14-sha1, ") && agreed.ends_with(", aes256-cbc, hmac-sha1"),
        "{agreed}"
    );
    assert_eq!(contents(&mut *session, "out/users.csv", u64::MAX).await.unwrap().len(), 1_000_000);
}
