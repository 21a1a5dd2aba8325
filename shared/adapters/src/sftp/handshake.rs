//! Algorithms and the key of the host (RFC 4253 §7 and §8). The key is checked before anything secret is sent.

use super::algorithms::preferred;
use super::keys::{fingerprint, line};
use domain::import::problem::Code;
use domain::remote::{Failed, Server, Step, Steps};
use russh::client::{self, Config, Handle, connect_stream};
use russh::keys::{PublicKey, PublicKeyOrCertificate};
use russh::{Error, SshId};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long agreeing may take: some servers compute long for a key exchange.
const WITHIN: Duration = Duration::from_secs(20);
/// How long a session may be silent; requests have a limit of their own.
const SILENT: Duration = Duration::from_secs(120);
/// What this client calls itself.
const CLIENT: &str = "SSH-2.0-Muster";
/// Bytes that may be under way to us.
const WINDOW: u32 = 4 * 1024 * 1024;

/// A server that is the right one.
pub(super) struct Connection {
    pub(super) handle: Handle<Client>,
    /// Type and fingerprint.
    pub(super) host_key: String,
}

/// What was seen while hands were shaken.
#[derive(Default)]
struct Seen {
    algorithms: Option<String>,
    host_key: Option<PublicKey>,
    is_right: bool,
}

/// Our side of the protocol: it checks the key of the host, and lets nothing in that it did not ask for.
pub(super) struct Client {
    pins: Vec<String>,
    seen: Arc<Mutex<Seen>>,
}

impl client::Handler for Client {
    type Error = Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (line, fingerprint) = (line(key), fingerprint(key));
        seen.is_right = self.pins.iter().any(|pin| *pin == line || *pin == fingerprint);
        seen.host_key = Some(key.clone());
        Ok(seen.is_right)
    }

    async fn kex_done(
        &mut self,
        _: Option<&[u8]>,
        names: &russh::Names,
        _: &mut client::Session,
    ) -> Result<(), Error> {
        let parts: [&str; 4] =
            [names.kex.as_ref(), names.key.as_str(), names.cipher.as_ref(), names.server_mac.as_ref()];
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.algorithms.get_or_insert(parts.join(", "));
        Ok(())
    }
}

/// Agrees with the server, and sees that it is the one that is trusted.
pub(super) async fn shake_hands(
    stream: TcpStream,
    server: &Server,
    steps: &mut dyn Steps,
) -> Result<Connection, Failed> {
    let config = Config {
        client_id: SshId::Standard(Cow::Borrowed(CLIENT)),
        preferred: preferred(&server.host_keys, server.legacy_algorithms),
        inactivity_timeout: Some(SILENT),
        window_size: WINDOW,
        nodelay: true,
        ..Config::default()
    };
    let seen = Arc::new(Mutex::new(Seen::default()));
    let client = Client { pins: server.host_keys.clone(), seen: Arc::clone(&seen) };
    let shaken = timeout(WITHIN, connect_stream(Arc::new(config), stream, client)).await;
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    let Some(key) = seen.host_key else {
        return Err(match shaken {
            Ok(Err(error)) => without_key(&error),
            _ => Failed::at(Step::Algorithms, Code::SftpTimedOut, "20 seconds"),
        });
    };
    steps.passed(Step::Algorithms, seen.algorithms.unwrap_or_else(|| key.algorithm().to_string()));
    let host_key = format!("{} {}", key.algorithm(), fingerprint(&key));
    if !seen.is_right {
        return Err(not_right(server, &key, &host_key));
    }
    let failed = |code, fact: String| Failed::at(Step::Authenticate, code, fact);
    let handle = match shaken {
        Ok(shaken) => shaken.map_err(|error| failed(Code::SftpBrokeOff, error.to_string()))?,
        Err(_) => return Err(failed(Code::SftpTimedOut, "20 seconds".to_owned())),
    };
    steps.passed(Step::HostKey, host_key.clone());
    Ok(Connection { handle, host_key })
}

fn not_right(server: &Server, key: &PublicKey, shown: &str) -> Failed {
    if server.host_keys.is_empty() {
        let fact = format!("the server shows {shown}; its line is {}", line(key));
        return Failed::at(Step::HostKey, Code::SftpHostKeyUntrusted, fact);
    }
    let trusted: Vec<String> = server.host_keys.iter().map(|pin| pin_told(pin)).collect();
    let fact = format!("the server shows {shown}, and trusted is {}", trusted.join(" or "));
    Failed::at(Step::HostKey, Code::SftpHostKeyChanged, fact)
}

/// A pin as type and fingerprint.
fn pin_told(pin: &str) -> String {
    match PublicKey::from_openssh(pin) {
        Ok(key) => format!("{} {}", key.algorithm(), fingerprint(&key)),
        Err(_) => pin.to_owned(),
    }
}

/// Why there was not even a key.
fn without_key(error: &Error) -> Failed {
    let failed = |code, fact: String| Failed::at(Step::Algorithms, code, fact);
    match error {
        Error::NoCommonAlgo { kind, ours, theirs } => {
            let fact =
                format!("{kind:?}: ours are {}; the server's are {}", ours.join(", "), theirs.join(", "));
            failed(Code::SftpNoCommonAlgorithms, fact)
        }
        Error::Version => Failed::at(Step::Banner, Code::SftpNotSsh, "no SSH version that is known"),
        Error::WrongServerSig => Failed::at(
            Step::HostKey,
            Code::SftpHostKeyChanged,
            "the server cannot prove that the key is its own",
        ),
        error => failed(Code::SftpBrokeOff, error.to_string()),
    }
}
