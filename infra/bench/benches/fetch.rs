//! How fast a file comes from a customer's server: OpenSSH's on this machine, a file that gpg has encrypted, each stage by
//! itself and all of them as a pull does them; and what a server costs that is 20 ms away.
//!
//! `FETCH_MB` sets the size of the file, 100 at first. The last line tells the most memory that this process has had.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure ends the run")]

#[path = "../../../shared/adapters/tests/it/real.rs"]
mod real;
#[allow(dead_code, reason = "the tests of the same helper use more of it")]
#[path = "../../../shared/adapters/tests/it/sftp/sshd.rs"]
mod sshd;

use adapters::embedded::FolderObjects;
use adapters::networks::Allowed;
use adapters::pgp::RPgp;
use adapters::sftp::{Keys, Sftp};
use adapters::system::SystemClock;
use criterion::{Criterion, Throughput};
use domain::import::upload::fingerprint;
use domain::objects::Objects as _;
use domain::pgp::{Pgp as _, PgpAlgorithm, PgpSecret, Signatures};
use domain::ports::Clock as _;
use domain::remote::{PrivateKey, RemoteFiles as _, RemoteSession, Server, SshKeys as _, Step, Steps};
use jiff::SignedDuration;
use sshd::{SFTP, Sshd, USER};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, sleep_until};

/// Half of the round trip to the server that is far away.
const ONE_WAY: Duration = Duration::from_millis(10);
/// Bytes of the file that lies there: with one request under way, each 32 KiB of it wait for a round trip.
const FAR_BYTES: usize = 5_000_000;

struct Unheard;

impl Steps for Unheard {
    fn passed(&mut self, _: Step, _: String) {}
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Writes people as a file has them, so that compression does what it does to those.
fn people(path: &Path, bytes: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut line, mut written) = (b"status;mail;lastName\n".to_vec(), 0);
    for row in 0_u32.. {
        file.write_all(&line).unwrap();
        written += line.len();
        if written >= bytes {
            break;
        }
        line.clear();
        writeln!(line, "active;p{}@acme.example;Jensen", row.wrapping_mul(2_654_435_761)).unwrap();
    }
    file.flush().unwrap();
}

/// Encrypts a file by gpg, as it does when nobody tells it how (packed by zlib), and without packing.
fn encrypt(folder: &Path, public_key: &str, fingerprint: &str) {
    let home = folder.join("gpg");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(home.join("key.asc"), public_key).unwrap();
    let common = ["--homedir", text(&home), "--batch", "--yes", "--quiet", "--trust-model", "always"];
    run("gpg", &[&common[..], &["--import", text(&home.join("key.asc"))]].concat());
    for (name, packing) in [("packed.pgp", "zlib"), ("plain.pgp", "uncompressed")] {
        let (from, to) = (folder.join("users.csv"), folder.join(name));
        let how = ["--compress-algo", packing, "-r", fingerprint, "-o", text(&to), "-e", text(&from)];
        run("gpg", &[&common[..], &how].concat());
    }
}

struct Bench {
    runtime: Runtime,
    sshd: Sshd,
    account: Server,
    secrets: Vec<PgpSecret>,
    objects: FolderObjects,
}

impl Bench {
    fn connect(&self, port: u16) -> Box<dyn RemoteSession> {
        let (host, username) = (self.account.host.clone(), self.account.username.clone());
        let key = self.account.private_key.as_ref().unwrap();
        let private_key = Some(PrivateKey { text: key.text.clone(), passphrase: None });
        let host_keys = self.account.host_keys.clone();
        let server =
            Server { host, username, private_key, host_keys, port, password: None, legacy_algorithms: false };
        let sftp = Sftp::new(Allowed::parse("127.0.0.0/8").unwrap());
        self.runtime.block_on(sftp.connect(&server, &mut Unheard)).unwrap()
    }

    fn read(&self, session: &mut dyn RemoteSession, name: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        let path = self.sshd.text(name);
        self.runtime.block_on(session.read(&path, u64::MAX, &mut file)).unwrap();
        file
    }

    fn decrypt(&self, encrypted: &mut File) -> File {
        let mut plain = tempfile::tempfile().unwrap();
        RPgp.decrypt(encrypted, &self.secrets, Signatures::Ignore, &[], u64::MAX, &mut plain).unwrap();
        plain
    }

    fn stage(&self, file: File) {
        self.runtime.block_on(self.objects.store("runs/acme/people/1/source", file)).unwrap();
    }
}

fn main() {
    let criterion = &mut Criterion::default().configure_from_args().sample_size(10);
    #[expect(clippy::disallowed_methods, reason = "whoever measures says how much")]
    let megabytes = std::env::var("FETCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(100_usize);
    let (private, about) = Keys.generate();
    let sshd = Sshd::start(&about.public_key, SFTP).expect("OpenSSH is needed");
    let now = SystemClock.now();
    let two_years = now + SignedDuration::from_hours(2 * 365 * 24);
    let pair = RPgp.generate(PgpAlgorithm::Curve25519, "Muster", now, two_years).unwrap();
    people(&sshd.path("users.csv"), megabytes * 1_000_000);
    encrypt(&sshd.path(""), &pair.public_key, &pair.fingerprint);
    people(&sshd.path("far.csv"), FAR_BYTES);
    let account = Server {
        host: "127.0.0.1".into(),
        port: sshd.port,
        username: USER.clone(),
        password: None,
        private_key: Some(PrivateKey { text: private, passphrase: None }),
        host_keys: Keys.pins(&sshd.host_key("ed25519")).unwrap(),
        legacy_algorithms: false,
    };
    let bench = Bench {
        runtime: Runtime::new().unwrap(),
        objects: FolderObjects::new(sshd.path("objects")),
        secrets: vec![PgpSecret { fingerprint: pair.fingerprint, private_key: pair.private_key }],
        account,
        sshd,
    };
    near(criterion, &bench);
    far(criterion, &bench);
    criterion.final_summary();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: not told");
    println!("{most}");
}

/// Each stage by itself, and all as a pull does them.
fn near(criterion: &mut Criterion, bench: &Bench) {
    for name in ["packed.pgp", "plain.pgp"] {
        let mut session = bench.connect(bench.account.port);
        let session = session.as_mut();
        let mut group = criterion.benchmark_group(name);
        // Of what comes out, so that stages compare.
        group.throughput(Throughput::Bytes(fs::metadata(bench.sshd.path("users.csv")).unwrap().len()));
        group.bench_function("read", |bencher| bencher.iter(|| bench.read(session, name)));
        let mut encrypted = bench.read(session, name);
        group.bench_function("decrypt", |bencher| bencher.iter(|| bench.decrypt(&mut encrypted)));
        let mut plain = bench.decrypt(&mut encrypted);
        group.bench_function("hash", |bencher| bencher.iter(|| fingerprint(&mut plain, name).unwrap()));
        group.bench_function("stage", |bencher| bencher.iter(|| bench.stage(plain.try_clone().unwrap())));
        group.bench_function("all", |bencher| {
            bencher.iter(|| {
                let mut encrypted = bench.read(session, name);
                fingerprint(&mut encrypted, name).unwrap();
                let mut plain = bench.decrypt(&mut encrypted);
                fingerprint(&mut plain, name).unwrap();
                bench.stage(plain);
            });
        });
        group.finish();
    }
}

/// A server behind a long line, beside OpenSSH's client when it has one request under way.
fn far(criterion: &mut Criterion, bench: &Bench) {
    let port = bench.runtime.block_on(delayed(bench.account.port));
    let mut session = bench.connect(port);
    let mut group = criterion.benchmark_group("20 ms away");
    group.throughput(Throughput::Bytes(FAR_BYTES as u64));
    group.bench_function("read", |bencher| bencher.iter(|| bench.read(session.as_mut(), "far.csv")));
    let key = bench.sshd.path("key");
    fs::write(&key, bench.account.private_key.as_ref().unwrap().text.as_bytes()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let port = port.to_string();
    let from = format!("{}@127.0.0.1:{}", *USER, bench.sshd.text("far.csv"));
    let to = bench.sshd.text("came.csv");
    let common = ["-q", "-P", &port, "-i", text(&key), "-o", "StrictHostKeyChecking=no"];
    let known = ["-o", "UserKnownHostsFile=/dev/null", "-B", "32768"];
    for requests in ["1", "64"] {
        group.bench_function(format!("sftp with requests under way: {requests}"), |bencher| {
            let arguments = [&common[..], &known, &["-R", requests, &from, &to]].concat();
            bencher.iter(|| run("sftp", &arguments));
        });
    }
    group.finish();
}

/// The port of a door to the server through which every byte takes its time, as many as there are.
async fn delayed(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            near.set_nodelay(true).unwrap();
            far.set_nodelay(true).unwrap();
            let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
            tokio::spawn(carry(near_read, far_write));
            tokio::spawn(carry(far_read, near_write));
        }
    });
    door
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let (send, mut receive) = unbounded_channel::<(Instant, Vec<u8>)>();
    let writer = tokio::spawn(async move {
        while let Some((at, bytes)) = receive.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let at = Instant::now() + ONE_WAY;
        if send.send((at, buffer.get(..read).unwrap_or_default().to_vec())).is_err() {
            break;
        }
    }
    drop(send);
    let _ = writer.await;
}
