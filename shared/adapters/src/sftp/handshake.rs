//! From a TCP connection to an encrypted one whose host key is trusted: the steps banner, algorithms and host key.
//! Nothing that is secret has been sent when it ends.

use super::algorithms::{has_fingerprints, host_keys, kind, offered};
use super::keys::{fingerprint, line};
use super::resolve::dial;
use super::wire::{Heard, Hook, printable, wire};
use domain::import::problem::Code;
use domain::remote::{Failed, Server, Step, Steps};
use russh::client::{self, DisconnectReason, Handle, Session};
use russh::keys::{Algorithm, PublicKey, PublicKeyOrCertificate};
use russh::{AlgorithmKind, Names, SshId, mac};
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a server may take for its banner and the key exchange.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// Bytes that the server may send before we have taken them in: what is under way at once.
const WINDOW: u32 = 4 * 1024 * 1024;
/// Bytes of a packet of SSH; the largest that `russh` allows.
const PACKET: u32 = 65_535;

/// An encrypted connection to a host that is trusted.
pub(super) struct Trusted {
    /// Speaks SSH.
    pub(super) ssh: Handle<Believer>,
    /// Ends the connection when it is dropped.
    pub(super) hook: Hook,
    /// `ssh-ed25519 SHA256:…`.
    pub(super) host_key: String,
    /// What the server said when it hung up, where it did.
    pub(super) seen: Arc<Mutex<Seen>>,
}

/// What was learned of a server during the key exchange.
#[derive(Default)]
pub(super) struct Seen {
    key: Option<PublicKey>,
    trusted: bool,
    algorithms: Option<String>,
    /// Its words for hanging up.
    pub(super) goodbye: Option<String>,
}

/// Decides whether the key of a host is one that is trusted.
pub(super) struct Believer {
    pins: Vec<String>,
    seen: Arc<Mutex<Seen>>,
}

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The key of the host is not trusted.
    Untrusted,
    /// Anything else.
    Ssh(russh::Error),
}

impl From<russh::Error> for Ended {
    fn from(error: russh::Error) -> Self {
        Self::Ssh(error)
    }
}

impl client::Handler for Believer {
    type Error = Ended;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Ended> {
        // No certificates are offered, so that none can have been agreed on.
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else {
            return Ok(false);
        };
        let (fingerprint, line) = (fingerprint(key), line(key));
        let mut seen = lock(&self.seen);
        seen.trusted = self.pins.iter().any(|pin| *pin == line || *pin == fingerprint);
        seen.key = Some(key.clone());
        // Which algorithms were agreed on is told next, and an administrator wants to see them for a host that is not
        // trusted too: `kex_done` refuses it then, before anything else is sent.
        Ok(true)
    }

    async fn kex_done(&mut self, _: Option<&[u8]>, names: &Names, _: &mut Session) -> Result<(), Ended> {
        let mut seen = lock(&self.seen);
        seen.algorithms.get_or_insert_with(|| phrase(names));
        if seen.trusted { Ok(()) } else { Err(Ended::Untrusted) }
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Ended>) -> Result<(), Ended> {
        match reason {
            DisconnectReason::ReceivedDisconnect(words) => {
                lock(&self.seen).goodbye = Some(printable(&words.message, 100));
                Err(Ended::Ssh(russh::Error::Disconnect))
            }
            DisconnectReason::Error(error) => Err(error),
        }
    }
}

/// What was learned. A poisoned lock means that a thread died between two assignments, of which each is whole.
pub(super) fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn phrase(names: &Names) -> String {
    let mut phrase = format!("{}, {}, {}", names.kex.as_ref(), names.key.as_str(), names.cipher.as_ref());
    if names.client_mac != mac::NONE {
        phrase.push_str(", ");
        phrase.push_str(names.client_mac.as_ref());
    }
    phrase
}

/// How an attempt went, before words are found for it.
struct Attempt {
    result: Result<Handle<Believer>, Ended>,
    /// Whether the server was too slow.
    late: bool,
    heard: Heard,
    seen: Arc<Mutex<Seen>>,
    hook: Hook,
}

impl Attempt {
    /// Whether the server has no key of a kind that was asked for.
    fn found_no_key(&self) -> bool {
        matches!(self.result, Err(Ended::Ssh(russh::Error::NoCommonAlgo { kind: AlgorithmKind::Key, .. })))
    }

    /// The key that the server has shown, if it is not one that is trusted.
    fn untrusted_key(&self) -> Option<PublicKey> {
        let seen = lock(&self.seen);
        seen.key.clone().filter(|_| !seen.trusted)
    }
}

/// Agrees on algorithms and checks the key of the host. `address` is connected to once more where a server has no key of
/// a kind that is pinned, to find out which one it has; and where a pin is a fingerprint, to find out whether it fits a
/// key that the server does not show first.
///
/// # Errors
/// At [`Step::Banner`], [`Step::Algorithms`] or [`Step::HostKey`].
pub(super) async fn shake_hands(
    stream: TcpStream,
    address: SocketAddr,
    server: &Server,
    steps: &mut dyn Steps,
) -> Result<Trusted, Failed> {
    let (pins, legacy) = (&server.host_keys, server.legacy_algorithms);
    let (mut wanted, all) = (host_keys(pins, legacy), host_keys(&[], legacy));
    let mut first = attempt(stream, server, &wanted).await;
    if first.found_no_key() && wanted.len() < all.len() {
        drop(first.hook);
        first = attempt(again(address).await?, server, &all).await;
    }
    let mut shown = first.untrusted_key().filter(|_| has_fingerprints(pins));
    while let Some(key) = shown {
        wanted.retain(|algorithm| kind(algorithm) != kind(&key.algorithm()));
        if wanted.is_empty() {
            break;
        }
        let next = attempt(again(address).await?, server, &wanted).await;
        shown = next.untrusted_key();
        // Otherwise it is the key that was shown first that is told of.
        if shown.is_none() && next.result.is_ok() {
            first = next;
        }
    }
    judge(first, server, steps)
}

/// A further connection to the same server.
async fn again(address: SocketAddr) -> Result<TcpStream, Failed> {
    dial(&[address]).await.map(|(stream, _)| stream)
}

/// `kinds` are those of host keys that are offered; which key is trusted is decided by all pins.
async fn attempt(stream: TcpStream, server: &Server, kinds: &[Algorithm]) -> Attempt {
    let config = client::Config {
        client_id: SshId::Standard(Cow::Borrowed("SSH-2.0-Muster")),
        preferred: offered(kinds, server.legacy_algorithms),
        window_size: WINDOW,
        maximum_packet_size: PACKET,
        ..client::Config::default()
    };
    let seen = Arc::new(Mutex::new(Seen::default()));
    let believer = Believer { pins: server.host_keys.clone(), seen: Arc::clone(&seen) };
    let (wire, hook) = wire(stream);
    let connected = timeout(HANDSHAKE, client::connect_stream(Arc::new(config), wire, believer)).await;
    let late = connected.is_err();
    let result = connected.unwrap_or(Err(Ended::Ssh(russh::Error::ConnectionTimeout)));
    Attempt { result, late, heard: hook.heard(), seen, hook }
}

fn judge(attempt: Attempt, server: &Server, steps: &mut dyn Steps) -> Result<Trusted, Failed> {
    let Attempt { result, late, heard, seen, hook } = attempt;
    let Some(banner) = heard.banner() else {
        return Err(without_banner(&heard, late));
    };
    steps.passed(Step::Banner, banner);
    let (algorithms, key, trusted) = {
        let seen = lock(&seen);
        (seen.algorithms.clone(), seen.key.clone(), seen.trusted)
    };
    let (Some(algorithms), Some(key)) = (algorithms, key) else {
        return Err(without_algorithms(result.err(), late, lock(&seen).goodbye.as_deref()));
    };
    steps.passed(Step::Algorithms, algorithms);
    if !trusted {
        return Err(untrusted(&key, &server.host_keys));
    }
    let host_key = shown(&key);
    let ssh = result.map_err(|error| broken(Step::HostKey, &error, late))?;
    steps.passed(Step::HostKey, host_key.clone());
    Ok(Trusted { ssh, hook, host_key, seen })
}

fn shown(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm().as_str(), fingerprint(key))
}

fn without_banner(heard: &Heard, late: bool) -> Failed {
    match heard.other_words() {
        Some(words) => Failed::at(Step::Banner, Code::SftpNotSsh, format!("it says: {words}")),
        None if late => Failed::at(Step::Banner, Code::SftpTimedOut, waited("its banner", HANDSHAKE)),
        None => Failed::at(Step::Banner, Code::SftpBrokeOff, "it hung up without a word"),
    }
}

fn without_algorithms(error: Option<Ended>, late: bool, goodbye: Option<&str>) -> Failed {
    match (error, goodbye) {
        (Some(Ended::Ssh(russh::Error::NoCommonAlgo { kind, ours, theirs })), _) => {
            let fact =
                format!("{}: Muster has {}; the server has {}", purpose(&kind), list(&ours), list(&theirs));
            Failed::at(Step::Algorithms, Code::SftpNoCommonAlgorithms, fact)
        }
        (_, Some(words)) => {
            Failed::at(Step::Algorithms, Code::SftpBrokeOff, format!("it hung up and says: {words}"))
        }
        (Some(error), None) => broken(Step::Algorithms, &error, late),
        (None, None) => {
            Failed::at(Step::Algorithms, Code::SftpBrokeOff, "it hung up during the key exchange")
        }
    }
}

fn purpose(kind: &AlgorithmKind) -> &'static str {
    match kind {
        AlgorithmKind::Kex => "key exchange",
        AlgorithmKind::Key => "host key",
        AlgorithmKind::Cipher => "encryption",
        AlgorithmKind::Compression => "compression",
        AlgorithmKind::Mac => "integrity",
    }
}

/// The names in a list, without those that only announce an extension.
fn list(names: &[String]) -> String {
    let names: Vec<_> = names
        .iter()
        .filter(|name| !name.starts_with("ext-info-") && !name.starts_with("kex-strict-"))
        .collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    let joined = names.iter().take(40).map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    printable(&joined, 800)
}

fn untrusted(key: &PublicKey, pins: &[String]) -> Failed {
    if pins.is_empty() {
        let fact = format!("{}: {}", shown(key), line(key));
        return Failed::at(Step::HostKey, Code::SftpHostKeyUntrusted, fact);
    }
    let trusted: Vec<_> = pins.iter().map(|pin| pinned(pin)).collect();
    let fact = format!("trusted is {}; the server has {}", trusted.join(", or "), shown(key));
    Failed::at(Step::HostKey, Code::SftpHostKeyChanged, fact)
}

/// A pin as it is compared by people: by its fingerprint.
fn pinned(pin: &str) -> String {
    let key = pin.split(' ').nth(1).and_then(|letters| russh::keys::parse_public_key_base64(letters).ok());
    key.map_or_else(|| printable(pin, 100), |key| shown(&key))
}

/// Words for an error of `russh`, which never holds anything secret.
fn broken(step: Step, error: &Ended, late: bool) -> Failed {
    let fact = match error {
        _ if late => return Failed::at(step, Code::SftpTimedOut, waited("the key exchange", HANDSHAKE)),
        Ended::Untrusted => "the key of the host is not trusted".to_owned(),
        Ended::Ssh(russh::Error::WrongServerSig | russh::Error::Signature(_)) => {
            "the server could not prove that it has the key of the host".to_owned()
        }
        Ended::Ssh(russh::Error::Disconnect | russh::Error::HUP | russh::Error::IO(_)) => {
            "it hung up".to_owned()
        }
        Ended::Ssh(error) => printable(&error.to_string(), 200),
    };
    Failed::at(step, Code::SftpBrokeOff, fact)
}

/// For how long something was waited for.
pub(super) fn waited(what: &str, limit: Duration) -> String {
    format!("{} seconds were waited for {what}", limit.as_secs())
}
