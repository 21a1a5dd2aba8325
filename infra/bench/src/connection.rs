//! A connection that is kept alive and has one request in flight; as little work between two requests as can be.

use crate::answer;
use crate::failure::Failure;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Room for a page of 100 users, which then comes with few calls of the system.
const ROOM: usize = 128 * 1024;

/// A server that is measured.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// Where it listens, on this machine.
    pub(crate) address: SocketAddr,
    /// What every head ends with but for the lines on the body, from the space after the path on.
    head: String,
}

impl Server {
    /// A server at this address that asks for this bearer token, if for any.
    pub(crate) fn new(address: SocketAddr, token: Option<&str>) -> Self {
        let mut head = format!(" HTTP/1.1\r\nHost: {address}\r\n");
        if let Some(token) = token {
            head.extend(["Authorization: Bearer ", token, "\r\n"]);
        }
        Self { address, head }
    }

    /// Writes a request over whatever is in `to`. A request without a body has an empty one.
    pub(crate) fn write(&self, to: &mut String, method: &str, path: &str, body: &str) {
        to.clear();
        to.extend([method, " ", path, &self.head]);
        if !body.is_empty() {
            let length = body.len().to_string();
            to.extend(["Content-Type: application/scim+json\r\nContent-Length: ", &length, "\r\n"]);
        }
        to.extend(["\r\n", body]);
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(server: &Server) -> Result<Self, Failure> {
        let failed = |error| Failure::caused(&format!("no connection to {}", server.address), error);
        let stream = TcpStream::connect(server.address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(Self { stream, received: Vec::with_capacity(ROOM) })
    }

    /// Sends this request, whole, and receives the answer. What comes out is the body, until the next request.
    ///
    /// # Errors
    /// If the connection ends, or the answer has no status of success (2xx); it is then in the error.
    pub(crate) async fn ask(&mut self, request: &str) -> Result<&[u8], Failure> {
        self.received.clear();
        self.stream.write_all(request.as_bytes()).await.map_err(lost)?;
        let head = loop {
            self.more().await?;
            if let Some(head) = answer::head(&self.received)? {
                break head;
            }
        };
        let end = head.length + head.body;
        while self.received.len() < end {
            self.more().await?;
        }
        if self.received.len() > end || !(200..300).contains(&head.status) {
            let request = request.lines().next().unwrap_or_default();
            return Err(answer::unexpected(&self.received, &format!("`{request}` failed")));
        }
        Ok(self.received.get(head.length..).unwrap_or_default())
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.received).await.map_err(lost)? {
            0 => Err(answer::unexpected(&self.received, "the server closed the connection")),
            _ => Ok(()),
        }
    }
}

fn lost(error: std::io::Error) -> Failure {
    Failure::caused("the connection to a server was lost", error)
}
