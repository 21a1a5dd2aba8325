//! Nights with the real things: OpenSSH's server, a file that gpg has encrypted, and the whole way to the users.

use super::{FILE, Night, World, expect};
use crate::real;
use crate::sftp::sshd::{SFTP, Sshd, USER};
use adapters::networks::Allowed;
use adapters::pgp::RPgp;
use adapters::sftp::{Keys, Sftp};
use domain::import::configuration::Configuration;
use domain::import::problem::Code;
use domain::import::run::State;
use domain::pgp::PgpAlgorithm;
use domain::pull::puller::{Attended, Puller, Reach};
use domain::remote::SshKeys as _;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// gpg with keys of its own.
struct Gpg(tempfile::TempDir);

impl Gpg {
    fn with_key(armoured: &str) -> Self {
        let gpg = Self(tempfile::tempdir().unwrap());
        fs::set_permissions(gpg.0.path(), fs::Permissions::from_mode(0o700)).unwrap();
        gpg.import(armoured);
        gpg
    }

    fn import(&self, armoured: &str) {
        fs::write(self.0.path().join("key.asc"), armoured).unwrap();
        self.run(&["--import", &text(&self.0.path().join("key.asc"))]);
    }

    /// By the command that the admin API tells.
    fn encrypt(&self, fingerprint: &str, content: &str, to: &Path) {
        fs::write(self.0.path().join("users.csv"), content).unwrap();
        let from = text(&self.0.path().join("users.csv"));
        self.run(&["--trust-model", "always", "-r", fingerprint, "-o", &text(to), "-e", &from]);
    }

    fn run(&self, arguments: &[&str]) {
        let home = text(self.0.path());
        // Later than any key is made: gpg takes none that comes from the future.
        let time = ["--faked-system-time", "1805000000"];
        run("gpg", &[&["--homedir", &home, "--batch", "--yes", "--quiet"], &time[..], arguments].concat());
    }
}

fn puller(night: &Night) -> Puller {
    let reach = Reach {
        remote: Arc::new(Sftp::new(Allowed::parse("127.0.0.0/8").unwrap())),
        keys: Arc::new(Keys),
        pgp: Arc::new(RPgp),
        vault: night.vault().clone(),
        pause: Arc::new(super::AtOnce),
    };
    Puller::new(Arc::clone(&night.world.store), night.world.importer(), reach)
}

/// Attends until something has come of the night.
async fn attended(night: &Night) -> Attended {
    night.until_due().await;
    loop {
        match puller(night).attend(&night.world.id, &night.name).await.unwrap() {
            Attended::LookedFor(_) => night.world.clock.advance(15 * 60),
            came => return came,
        }
    }
}

async fn finished(night: &Night) -> domain::import::run::Run {
    let Attended::Fetched(run) = attended(night).await else {
        panic!("not fetched: {:?}", night.runs().await)
    };
    let run = night.imported(&run).await;
    expect(&run, State::Finished, None);
    run
}

async fn failed(night: &Night, code: Code) {
    let Attended::Failed(run, _) = attended(night).await else { panic!("not failed") };
    expect(&night.imported(&run).await, State::Failed, Some(code));
}

async fn change(night: &Night, change: impl Fn(&mut Configuration) + Send + Sync) {
    let changed = |current: &Configuration| {
        let mut document = current.clone();
        change(&mut document);
        Ok::<_, domain::Error>(document)
    };
    night.world.store.change_configuration(&night.world.id, &night.name, None, changed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_nights() {
    let (private, about) = Keys.generate();
    let Some(mut sshd) = Sshd::start(&about.public_key, SFTP).filter(|_| real::wanted("gpg")) else { return };
    fs::create_dir(sshd.path("out")).unwrap();
    let world = World::embedded().await;
    let night = Night::new(world, json!({ "decryption": "pgp" })).await;
    let (store, id, name) = (&night.world.store, &night.world.id, &night.name);
    let sealed = night.vault().seal(id, "nightly/private_key", private.as_bytes()).await.unwrap();
    let source = json!({
        "kind": "sftp",
        "url": format!("sftp://127.0.0.1:{}{}/users_{{yyyyMMdd}}*.csv.pgp", sshd.port, sshd.text("out")),
        "authentication": { "kind": "private-key", "username": *USER, "private_key": { "sealed": sealed, "about": about } },
        "host_keys": [sshd.host_key("ed25519")],
        "after": "archive",
    });
    let source: domain::import::configuration::Source = serde_json::from_value(source).unwrap();
    change(&night, |document| document.source.clone_from(&source)).await;
    let key = store.create_pgp_key(night.vault(), &RPgp, id, name, PgpAlgorithm::Curve25519).await.unwrap();
    let gpg = Gpg::with_key(&key.public_key);
    // The clock of the test is not that of the file system: names are made as the export of that night would.
    let out = sshd.path("out");
    let put = async |gpg: &Gpg, fingerprint: &str, content: &str| {
        let due = store.pull_state(id, name).await.unwrap().due.unwrap();
        let day =
            due.to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap()).strftime("%Y%m%d").to_string();
        gpg.encrypt(fingerprint, content, &out.join(format!("users_{day}.csv.pgp")));
    };
    // The first night.
    put(&gpg, &key.fingerprint, FILE).await;
    let first = finished(&night).await;
    assert_eq!(first.counts.created, 2);
    let provenance = first.provenance.unwrap();
    assert_eq!(provenance.pgp_key.as_deref(), Some(key.fingerprint.as_str()));
    assert!(provenance.host_key.starts_with("ssh-ed25519 SHA256:"), "{provenance:?}");
    assert!(night.mail().await.is_empty());
    assert_eq!(fs::read_dir(sshd.path("out").join("archive")).unwrap().count(), 1);
    // The second: no file, which is told once; the third: it is back.
    failed(&night, Code::SftpFileMissing).await;
    assert_eq!(night.mail().await, ["missing"]);
    put(&gpg, &key.fingerprint, &FILE.replace("Keller", "Brunner")).await;
    assert_eq!(finished(&night).await.counts.updated, 1);
    assert_eq!(night.mail().await, ["recovered"]);
    // The key of the host has changed: nothing is sent to it, and an administrator trusts the new one.
    put(&gpg, &key.fingerprint, FILE).await;
    sshd.with_new_host_keys();
    failed(&night, Code::SftpHostKeyChanged).await;
    assert_eq!(night.mail().await, ["failed"]);
    let pin = sshd.host_key("ed25519");
    change(&night, |document| {
        if let Some(source) = document.source.sftp_mut() {
            source.host_keys.push(pin.clone());
        }
    })
    .await;
    let again = store.begin_pull(id, name).await.unwrap();
    let came = puller(&night).attend(id, name).await.unwrap();
    assert_eq!(came, Attended::Fetched(again.id.clone()));
    expect(&night.imported(&again.id).await, State::Finished, None);
    assert_eq!(night.mail().await, ["recovered"]);
    // A file that was cut off on its way.
    put(&gpg, &key.fingerprint, FILE).await;
    let newest = fs::read_dir(sshd.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .max()
        .unwrap();
    let whole = fs::read(&newest).unwrap();
    fs::write(&newest, &whole[..whole.len() - 20]).unwrap();
    failed(&night, Code::PgpDamaged).await;
    // The key is rotated: the old one still opens files, until it is retired.
    night.world.clock.advance(1);
    let new = store.create_pgp_key(night.vault(), &RPgp, id, name, PgpAlgorithm::Rsa3072).await.unwrap();
    gpg.import(&new.public_key);
    put(&gpg, &key.fingerprint, FILE).await;
    finished(&night).await;
    store.retire_pgp_key(id, name, &key.fingerprint).await.unwrap();
    put(&gpg, &key.fingerprint, FILE).await;
    failed(&night, Code::PgpForOthers).await;
    put(&gpg, &new.fingerprint, FILE).await;
    finished(&night).await;
    let told = night.mail().await;
    assert_eq!(told, ["failed", "recovered", "failed", "recovered"], "{told:?}");
    assert_eq!(night.runs().await.iter().filter(|run| run.state == State::Finished).count(), 5);
}
