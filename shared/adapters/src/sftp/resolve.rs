//! From the name of a host to a TCP connection, past the networks that may not be reached.

use crate::networks::Allowed;
use domain::import::problem::Code;
use domain::remote::{Failed, Step};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use super::handshake::waited;
use super::wire::printable;

/// How long a resolver may take, and how long all attempts to connect together.
const LIMIT: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// The addresses of a host that may be connected to, asked for once: what is checked here is what is connected to.
///
/// # Errors
/// At [`Step::Resolve`].
pub(super) async fn resolve(host: &str, port: u16, allowed: &Allowed) -> Result<Vec<SocketAddr>, Failed> {
    let failed = |code: Code, fact: String| Failed::at(Step::Resolve, code, fact);
    let shown = printable(host, 100);
    let found = timeout_at(Instant::now() + LIMIT, lookup_host((host, port)))
        .await
        .map_err(|_| failed(Code::SftpTimedOut, waited("the address of the server", LIMIT)))?
        .map_err(|_| failed(Code::SftpNameUnknown, shown.clone()))?;
    let mut open = Vec::new();
    let mut forbidden = None;
    for mut address in found {
        address.set_ip(address.ip().to_canonical());
        match allowed.check(address.ip()) {
            Ok(()) if !open.contains(&address) => open.push(address),
            Ok(()) => {}
            Err(what) => forbidden = Some(what),
        }
    }
    open.truncate(MAX_ADDRESSES);
    match (open.is_empty(), forbidden) {
        (false, _) => Ok(open),
        // The address itself would tell a customer what names mean inside the operator's network.
        (true, Some(what)) => Err(failed(Code::SftpAddressForbidden, format!("{shown} is {what}"))),
        (true, None) => Err(failed(Code::SftpNameUnknown, shown)),
    }
}

/// Connects to the first of the addresses that answers.
///
/// # Errors
/// At [`Step::Connect`].
pub(super) async fn dial(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Failed> {
    let failed = |fact: String| Failed::at(Step::Connect, Code::SftpUnreachable, fact);
    let end = Instant::now() + LIMIT;
    let mut why = String::new();
    for (at, address) in addresses.iter().enumerate() {
        // An address that does not answer leaves some of the time to those behind it.
        let left = u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        let share = Instant::now() + end.saturating_duration_since(Instant::now()) / left;
        match timeout_at(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Small requests must not wait for one another; where it cannot be set it is only slower.
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Ok(Err(error)) => why = format!("{address}: {}", error.kind()),
            Err(_) => why = format!("{address}: {}", waited("an answer", LIMIT)),
        }
    }
    Err(failed(why))
}
