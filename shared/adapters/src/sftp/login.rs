//! Proving to a server who we are: each way at most once, as accounts are locked after a few failures.

use super::handshake::{Trusted, lock, waited};
use super::wire::printable;
use domain::import::problem::Code;
use domain::remote::{Failed, Server, Step};
use russh::client::{AuthResult, KeyboardInteractiveAuthResponse as Reply, Prompt};
use russh::keys::{Algorithm, HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{MethodKind, MethodSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a server may take for all of it; some look into a directory far away, or wait before they refuse.
const AUTHENTICATE: Duration = Duration::from_secs(20);
/// Rounds of keyboard-interactive, of which most ask nothing at all (RFC 4256 §3.4).
const MAX_ROUNDS: usize = 5;

/// How one way of logging in went.
enum Outcome {
    In,
    /// Not, or not yet: the ways that are left, and whether this one was right.
    Not {
        left: MethodSet,
        right: bool,
    },
    /// It asks for something that nobody is there to answer.
    Asks(String),
}

/// Logs in with the key first, and then the password where the server wants that too, or did not take the key. Tells how.
///
/// # Errors
/// At [`Step::Authenticate`].
pub(super) async fn log_in(
    trusted: &mut Trusted,
    server: &Server,
    key: Option<PrivateKey>,
) -> Result<String, Failed> {
    if key.is_none() && server.password.is_none() {
        return Err(failed(
            Code::SftpCredentialsMissing,
            format!("for the account {}", printable(&server.username, 100)),
        ));
    }
    let login = Login {
        trusted,
        server,
        key: key.map(Arc::new),
        offered: None,
        first: Vec::new(),
        passed: Vec::new(),
        tried: Vec::new(),
    };
    timeout(AUTHENTICATE, login.run()).await.unwrap_or_else(|_| {
        Err(failed(Code::SftpTimedOut, waited("the server to let the account in", AUTHENTICATE)))
    })
}

fn failed(code: Code, fact: impl Into<String>) -> Failed {
    Failed::at(Step::Authenticate, code, fact)
}

struct Login<'a> {
    trusted: &'a mut Trusted,
    server: &'a Server,
    key: Option<Arc<PrivateKey>>,
    /// What the server takes, since it said so.
    offered: Option<MethodSet>,
    /// What it took at first: some name nothing more once a way has failed.
    first: Vec<&'static str>,
    passed: Vec<&'static str>,
    tried: Vec<&'static str>,
}

impl Login<'_> {
    async fn run(mut self) -> Result<String, Failed> {
        // `none` is how a client asks what a server takes (RFC 4252 §5.2); servers do not count it as a failure.
        let mut outcome = self.ask().await;
        loop {
            match outcome {
                Err(error) => return Err(self.hung_up(&error)),
                Ok(Outcome::In) => return Ok(self.how()),
                Ok(Outcome::Asks(what)) => return Err(failed(Code::SftpCredentialsRefused, what)),
                Ok(Outcome::Not { left, right }) => {
                    if let (true, Some(last)) = (right, self.tried.last()) {
                        self.passed.push(last);
                    }
                    if self.first.is_empty() {
                        self.first = left.iter().map(Into::into).collect();
                    }
                    self.offered = Some(left);
                }
            }
            outcome = match self.next() {
                Some(MethodKind::PublicKey) => self.public_key().await?,
                Some(MethodKind::Password) => self.password().await,
                Some(_) => self.keyboard().await,
                None => return Err(self.refused()),
            };
        }
    }

    /// The next way that the server takes, for which there is something, and which was not tried.
    fn next(&mut self) -> Option<MethodKind> {
        let takes = |kind: MethodKind| self.offered.as_ref().is_none_or(|offered| offered.contains(&kind));
        let fresh = |name: &str| !self.tried.contains(&name);
        let (next, name) = if self.key.is_some() && takes(MethodKind::PublicKey) && fresh("key") {
            (MethodKind::PublicKey, "key")
        } else if self.server.password.is_none() || !fresh("password") || !fresh("keyboard-interactive") {
            // Sent once more in the other way, a password that was refused would be a second failure.
            return None;
        } else if takes(MethodKind::Password) {
            (MethodKind::Password, "password")
        } else if takes(MethodKind::KeyboardInteractive) {
            (MethodKind::KeyboardInteractive, "keyboard-interactive")
        } else {
            return None;
        };
        self.tried.push(name);
        Some(next)
    }

    async fn ask(&mut self) -> Result<Outcome, russh::Error> {
        self.trusted.ssh.authenticate_none(self.server.username.as_str()).await.map(Outcome::from)
    }

    async fn public_key(&mut self) -> Result<Result<Outcome, russh::Error>, Failed> {
        let Some(key) = self.key.clone() else {
            return Err(self.refused());
        };
        let hash = match key.algorithm() {
            Algorithm::Rsa { .. } => match self.trusted.ssh.best_supported_rsa_hash().await {
                Ok(told) => self.rsa_hash(told.is_some(), told.flatten())?,
                Err(error) => return Ok(Err(error)),
            },
            _ => None,
        };
        let key = PrivateKeyWithHashAlg::new(key, hash);
        Ok(self
            .trusted
            .ssh
            .authenticate_publickey(self.server.username.as_str(), key)
            .await
            .map(Outcome::from))
    }

    /// Which hash an RSA key signs with. A server that does not tell (RFC 8308 §3.1) is old; SHA-256 is what RFC 8332
    /// recommends, and SHA-1 what the oldest know alone.
    fn rsa_hash(&self, tells: bool, best: Option<HashAlg>) -> Result<Option<HashAlg>, Failed> {
        match (best, tells) {
            (Some(hash), _) => Ok(Some(hash)),
            (None, _) if self.server.legacy_algorithms => Ok(None),
            (None, true) => Err(failed(
                Code::SftpNoCommonAlgorithms,
                "signatures of an RSA key: Muster has rsa-sha2-512, rsa-sha2-256; the server has ssh-rsa",
            )),
            (None, false) => Ok(Some(HashAlg::Sha256)),
        }
    }

    async fn password(&mut self) -> Result<Outcome, russh::Error> {
        let password = self.password_text();
        self.trusted
            .ssh
            .authenticate_password(self.server.username.as_str(), password)
            .await
            .map(Outcome::from)
    }

    fn password_text(&self) -> String {
        self.server.password.as_ref().map(|password| password.to_string()).unwrap_or_default()
    }

    /// Keyboard-interactive (RFC 4256), where it is only another way to ask for the password.
    async fn keyboard(&mut self) -> Result<Outcome, russh::Error> {
        let user = self.server.username.as_str();
        let mut reply =
            self.trusted.ssh.authenticate_keyboard_interactive_start(user, None::<String>).await?;
        let mut answered = false;
        for _ in 0..MAX_ROUNDS {
            let prompts = match reply {
                Reply::Success => return Ok(Outcome::In),
                Reply::Failure { remaining_methods: left, partial_success: right } => {
                    return Ok(Outcome::Not { left, right });
                }
                Reply::InfoRequest { prompts, .. } => prompts,
            };
            let answers = match prompts.as_slice() {
                [] => Vec::new(),
                [Prompt { echo: false, .. }] if !answered => {
                    answered = true;
                    vec![self.password_text()]
                }
                _ => return Ok(Outcome::Asks(questions(&prompts))),
            };
            reply = self.trusted.ssh.authenticate_keyboard_interactive_respond(answers).await?;
        }
        Ok(Outcome::Asks("it goes on asking without an end".to_owned()))
    }

    fn how(&self) -> String {
        let mut ways = self.passed.clone();
        ways.extend(self.tried.last().filter(|last| !self.passed.contains(last)));
        let ways = if ways.is_empty() { "nothing".to_owned() } else { ways.join(" and ") };
        format!("{} with {ways}", printable(&self.server.username, 100))
    }

    fn refused(&self) -> Failed {
        let left: Vec<&str> = self.offered.iter().flat_map(|kinds| kinds.iter()).map(Into::into).collect();
        let offered = if left.is_empty() { self.first.join(", ") } else { left.join(", ") };
        if self.tried.is_empty() && offered.is_empty() {
            // `russh` tells a server that hung up from one that takes nothing only by its list, which is empty for both.
            return failed(
                Code::SftpBrokeOff,
                format!("it hung up before anybody could log in{}", self.goodbye()),
            );
        }
        let tried = if self.tried.is_empty() { "nothing".to_owned() } else { self.tried.join(", ") };
        let passed = match self.passed.as_slice() {
            [] => String::new(),
            right => format!(" ({} was right)", right.join(", ")),
        };
        let fact = format!("tried {tried}{passed}; the server takes {offered}{}", self.goodbye());
        failed(Code::SftpCredentialsRefused, fact)
    }

    /// A server that hangs up on a password means the password: to try again would be a second failure.
    fn hung_up(&self, error: &russh::Error) -> Failed {
        match self.tried.last() {
            Some(way) => {
                failed(Code::SftpCredentialsRefused, format!("it hung up after the {way}{}", self.goodbye()))
            }
            None => failed(Code::SftpBrokeOff, format!("it hung up{} ({error})", self.goodbye())),
        }
    }

    fn goodbye(&self) -> String {
        lock(&self.trusted.seen)
            .goodbye
            .as_ref()
            .map(|words| format!(", and says: {words}"))
            .unwrap_or_default()
    }
}

impl From<AuthResult> for Outcome {
    fn from(result: AuthResult) -> Self {
        match result {
            AuthResult::Success => Self::In,
            AuthResult::Failure { remaining_methods: left, partial_success: right } => {
                Self::Not { left, right }
            }
        }
    }
}

fn questions(prompts: &[Prompt]) -> String {
    let shown: Vec<_> =
        prompts.iter().take(3).map(|prompt| format!("“{}”", printable(prompt.prompt.trim(), 60))).collect();
    format!("it asks for more than a password: {}", shown.join(", "))
}
