//! Customers' SFTP servers, and the keys of SSH.
//!
//! `russh` speaks the protocols. What is here decides whom to speak to, what to believe, and which words a failure gets.

mod algorithms;
mod download;
mod handshake;
mod key_cost;
mod key_text;
mod keys;
mod login;
mod pins;
mod resolve;
mod session;
mod wire;

pub use keys::Keys;

use crate::networks::Allowed;
use async_trait::async_trait;
use domain::import::problem::Code;
use domain::remote::{Failed, RemoteFiles, RemoteSession, Server, Step, Steps};

/// Connects to SFTP servers.
#[derive(Debug, Clone, Default)]
pub struct Sftp {
    allowed: Allowed,
}

impl Sftp {
    /// Reaches servers outside, and those inside that the operator allows.
    pub fn new(allowed: Allowed) -> Self {
        Self { allowed }
    }
}

#[async_trait]
impl RemoteFiles for Sftp {
    async fn connect(
        &self,
        server: &Server,
        steps: &mut dyn Steps,
    ) -> Result<Box<dyn RemoteSession>, Failed> {
        // A key that cannot be used is told before anybody is bothered.
        let key = server.private_key.as_ref().map(keys::open).transpose();
        let key = key.map_err(|words| Failed::at(Step::Authenticate, Code::SftpKeyUnusable, words))?;
        let addresses = resolve::resolve(&server.host, server.port, &self.allowed).await?;
        let listed: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
        steps.passed(Step::Resolve, listed.join(", "));
        let (stream, address) = resolve::dial(&addresses).await?;
        steps.passed(Step::Connect, format!("{}:{}", server.host, server.port));
        let mut trusted = handshake::shake_hands(stream, address, server, steps).await?;
        let how = login::log_in(&mut trusted, server, key).await?;
        steps.passed(Step::Authenticate, how);
        Ok(Box::new(session::Session::open(trusted).await?))
    }
}
