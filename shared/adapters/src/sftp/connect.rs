//! From a host's name to a session: resolved once, held against the networks that may be reached, connected, logged in.

use super::banner::banner;
use super::handshake::{Connection, shake_hands};
use super::keys;
use super::login::log_in;
use super::session::Session;
use crate::networks::Allowed;
use async_trait::async_trait;
use domain::import::problem::Code;
use domain::remote::{Failed, RemoteFiles, RemoteSession, Server, Step, Steps};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// How long a name may take.
const RESOLVE_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 4;

/// Connects to SFTP servers, also to those inside these networks.
#[derive(Debug, Clone, Default)]
pub struct Sftp {
    allowed: Allowed,
}

impl Sftp {
    /// With the inside networks that the operator allows.
    pub fn new(allowed: Allowed) -> Self {
        Self { allowed }
    }

    /// The addresses of a server that may be reached.
    async fn resolve(&self, server: &Server) -> Result<Vec<SocketAddr>, Failed> {
        let failed = |code, fact: String| Failed::at(Step::Resolve, code, fact);
        let looked_up = timeout(RESOLVE_WITHIN, lookup_host((server.host.as_str(), server.port))).await;
        let addresses: Vec<SocketAddr> = match looked_up {
            Ok(Ok(addresses)) => addresses.collect(),
            Ok(Err(_)) => return Err(failed(Code::SftpNameUnknown, server.host.clone())),
            Err(_) => return Err(failed(Code::SftpTimedOut, format!("the address of {}", server.host))),
        };
        let (mut reachable, mut forbidden) = (Vec::new(), None);
        for address in addresses {
            match self.allowed.check(address.ip()) {
                Ok(()) => reachable.push(address),
                Err(what) => forbidden = Some(format!("{}, {what}", address.ip())),
            }
        }
        reachable.truncate(MAX_ADDRESSES);
        match forbidden {
            Some(fact) if reachable.is_empty() => Err(failed(Code::SftpAddressForbidden, fact)),
            None if reachable.is_empty() => Err(failed(Code::SftpNameUnknown, server.host.clone())),
            _ => Ok(reachable),
        }
    }
}

/// A connection to one of the addresses, which stays the one for the whole session.
async fn connect(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Failed> {
    let mut last = String::new();
    for address in addresses {
        match timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Requests are small, and each is waited for.
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Ok(Err(error)) => last = format!("{address}: {}", error.kind()),
            Err(_) => last = format!("{address}: no answer within 10 seconds"),
        }
    }
    Err(Failed::at(Step::Connect, Code::SftpUnreachable, last))
}

#[async_trait]
impl RemoteFiles for Sftp {
    async fn connect(
        &self,
        server: &Server,
        steps: &mut dyn Steps,
    ) -> Result<Box<dyn RemoteSession>, Failed> {
        // A key that cannot be used would only show after the server was asked.
        let key = server.private_key.as_ref().map(keys::open).transpose();
        let key = key.map_err(|words| Failed::at(Step::Authenticate, Code::SftpKeyUnusable, words))?;
        let addresses = self.resolve(server).await?;
        let told: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
        steps.passed(Step::Resolve, told.join(", "));
        let (stream, address) = connect(&addresses).await?;
        steps.passed(Step::Connect, address.to_string());
        steps.passed(Step::Banner, banner(&stream).await?);
        let Connection { mut handle, host_key } = shake_hands(stream, server, steps).await?;
        let how = log_in(&mut handle, server, key).await?;
        steps.passed(Step::Authenticate, how);
        Ok(Box::new(Session::open(handle, host_key).await?))
    }
}
