//! An SFTP server in process, with one account and files in memory, that misbehaves where a test asks for it.

mod files;
mod ssh;

use files::Disk;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{HashAlg, PrivateKey};
use russh::server::{Config, run_stream};
use russh::{MethodKind, MethodSet};
use ssh::Guest;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// What a server does instead of what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quirk {
    /// Says this and nothing more, and leaves the line open.
    Says(&'static [u8]),
    /// Says this and hangs up.
    SaysAndHangsUp(&'static [u8]),
    /// Does not answer when somebody logs in.
    StallsAtLogin,
    /// Hangs up when somebody asks how to log in.
    HangsUpAtLogin,
    /// Hangs up when somebody logs in with a password.
    HangsUpOnPassword,
    /// Does not answer when SFTP is asked for.
    StallsAtSubsystem,
    /// Has no SFTP for the account.
    RefusesSubsystem,
    /// Sends this instead of SFTP.
    SaysInsteadOfSftp(&'static [u8]),
    /// Does not answer when a folder is listed.
    StallsAtList,
    /// Does not answer reads from this offset on.
    StallsAt(u64),
    /// Hangs up at the read of this offset.
    HangsUpAt(u64),
    /// Says that files have another size.
    LiesAboutSize(u64),
    /// Files never end.
    Grows,
    /// Answers reads with this many bytes at most.
    Crumbs(usize),
    /// Answers reads with more than was asked for.
    TooMuch,
    /// Every folder has this many entries.
    Entries(usize),
    /// Lists nothing, and does not say that this was all.
    EmptyLists,
    /// Names that lead out of the folder stand among the others.
    NamesThatLeadAway,
    /// Denies all that changes something.
    ReadOnly,
}

/// The account of a server, and what lies on it.
#[derive(Debug, Clone, Default)]
pub struct SftpSetup {
    /// Its password.
    pub password: Option<String>,
    /// Its public key, as a line of `authorized_keys`.
    pub public_key: Option<String>,
    /// Whether it takes both, the key first.
    pub wants_both: bool,
    /// Questions of keyboard-interactive, and whether their answers may be seen; asked instead of `password`. The answer
    /// to the first is the password.
    pub questions: Vec<(&'static str, bool)>,
    /// What lies where, as absolute paths. Folders are there where something lies in them.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Links, which lead to `/etc/passwd`.
    pub links: Vec<String>,
    /// What it does instead of what it should.
    pub quirk: Option<Quirk>,
    /// Stands for a key of the host: another number is another key.
    pub host_key: u8,
}

/// The name of the account.
pub const SFTP_USER: &str = "muster";

/// A server on the loopback interface, which lets nobody in any more when it is dropped.
#[derive(Debug)]
pub struct SftpServer {
    address: SocketAddr,
    host_key: String,
    disk: Arc<Mutex<Disk>>,
    // Ends the server when it is dropped.
    _stop: oneshot::Sender<()>,
}

impl SftpServer {
    /// Starts one in a thread of its own.
    pub fn start(setup: SftpSetup) -> Self {
        let (ready, started) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let (server, run) = Self::bind(setup).await;
                ready.send(server).expect("whoever starts it waits for it");
                run.await;
            });
        });
        started.recv().expect("a free port of the loopback interface")
    }

    /// Starts one in the runtime of the caller, whose clock may stand still.
    pub async fn start_here(setup: SftpSetup) -> Self {
        let (server, run) = Self::bind(setup).await;
        tokio::spawn(run);
        server
    }

    async fn bind(setup: SftpSetup) -> (Self, impl Future<Output = ()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let key = host_key(setup.host_key);
        let line = key.public_key().to_openssh().expect("a key can be written").trim_end().to_owned();
        let disk = Arc::new(Mutex::new(Disk { files: setup.files.clone(), logins: 0 }));
        let (stop, stopped) = oneshot::channel();
        let at = Arc::clone(&disk);
        let run = async move {
            tokio::select! {
                () = accept(listener, Arc::new(setup), at, key) => {}
                _ = stopped => {}
            }
        };
        (Self { address, host_key: line, disk, _stop: stop }, run)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The key of the host, as a line of `authorized_keys`.
    pub fn host_key(&self) -> &str {
        &self.host_key
    }

    /// What lies on it now.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        lock(&self.disk).files.clone()
    }

    /// Puts a file there, or another one in its place.
    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        lock(&self.disk).files.insert(path.to_owned(), bytes.into());
    }

    /// How often somebody tried a password or a key.
    pub fn logins(&self) -> usize {
        lock(&self.disk).logins
    }
}

fn lock(disk: &Mutex<Disk>) -> MutexGuard<'_, Disk> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

fn host_key(number: u8) -> PrivateKey {
    let pair = Ed25519Keypair::from_seed(&[number; 32]);
    PrivateKey::new(KeypairData::Ed25519(pair), "").expect("a key of Ed25519")
}

/// The fingerprint of the key of a host with this number.
pub fn sftp_fingerprint(number: u8) -> String {
    host_key(number).fingerprint(HashAlg::Sha256).to_string()
}

async fn accept(listener: TcpListener, setup: Arc<SftpSetup>, disk: Arc<Mutex<Disk>>, key: PrivateKey) {
    let config = Arc::new(Config {
        server_id: russh::SshId::Standard(Cow::Borrowed("SSH-2.0-Emulator")),
        methods: methods(&setup),
        auth_rejection_time: Duration::ZERO,
        keys: vec![key],
        inactivity_timeout: None,
        ..Config::default()
    });
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let guest = Guest::new(Arc::clone(&setup), Arc::clone(&disk));
        let (config, setup) = (Arc::clone(&config), Arc::clone(&setup));
        tokio::spawn(async move {
            match &setup.quirk {
                Some(Quirk::Says(words)) => say(stream, words, true).await,
                Some(Quirk::SaysAndHangsUp(words)) => say(stream, words, false).await,
                _ => {
                    if let Ok(session) = run_stream(config, stream, guest).await {
                        // Guests that hang up are none of its business.
                        let _ = session.await;
                    }
                }
            }
        });
    }
}

fn methods(setup: &SftpSetup) -> MethodSet {
    let mut methods = MethodSet::empty();
    if setup.public_key.is_some() {
        methods.push(MethodKind::PublicKey);
    }
    if setup.password.is_some() && !(setup.wants_both && setup.public_key.is_some()) {
        let asks = !setup.questions.is_empty();
        methods.push(if asks { MethodKind::KeyboardInteractive } else { MethodKind::Password });
    }
    methods
}

async fn say(mut stream: TcpStream, words: &[u8], stays: bool) {
    // A guest may be gone before it hears any of it.
    let _ = stream.write_all(words).await;
    let mut heard = [0; 256];
    // What a guest has said must be read, or the line would break instead of ending.
    let _ = stream.read(&mut heard).await;
    if stays {
        std::future::pending::<()>().await;
    }
}
