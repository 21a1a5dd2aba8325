//! What a server says first (RFC 4253 §4.2): looked at, and left for whoever reads it next.

use domain::import::problem::Code;
use domain::remote::{Failed, Step};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How long a server may take for its first line.
const WITHIN: Duration = Duration::from_secs(10);
/// The time between two looks at a line that is not whole yet.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// Bytes that are looked at: lines before the one that counts are allowed.
const LOOKED_AT: usize = 1024;
/// Characters of a line that are told.
const TOLD_CHARS: usize = 80;

/// The line by which the server says that it speaks SSH 2.
pub(super) async fn banner(stream: &TcpStream) -> Result<String, Failed> {
    let mut buffer = vec![0; LOOKED_AT];
    let said = timeout(WITHIN, first_lines(stream, &mut buffer)).await;
    let said = match said {
        Ok(said) => said,
        Err(_) => {
            let fact = "it said nothing for 10 seconds";
            return Err(Failed::at(Step::Banner, Code::SftpNotSsh, fact));
        }
    };
    match said {
        Said::Ssh(line) if line.starts_with("SSH-2.0-") || line.starts_with("SSH-1.99-") => Ok(line),
        Said::Ssh(line) => Err(Failed::at(Step::Banner, Code::SftpNotSsh, format!("an old version: {line}"))),
        Said::Other(text) => Err(Failed::at(Step::Banner, Code::SftpNotSsh, text)),
        Said::Nothing => {
            Err(Failed::at(Step::Banner, Code::SftpBrokeOff, "it closed the connection without a word"))
        }
    }
}

enum Said {
    Ssh(String),
    Other(String),
    Nothing,
}

async fn first_lines(stream: &TcpStream, buffer: &mut [u8]) -> Said {
    let mut before = 0;
    loop {
        let Ok(seen) = stream.peek(buffer).await else { return Said::Nothing };
        let text = buffer.get(..seen).unwrap_or_default();
        if let Some(line) = ssh_line(text) {
            return Said::Ssh(printable(line));
        }
        if seen == 0 || seen == LOOKED_AT || speaks_otherwise(text) {
            return if seen == 0 {
                Said::Nothing
            } else {
                Said::Other(format!("it says {:?}", printable(text)))
            };
        }
        if seen == before {
            sleep(BETWEEN_LOOKS).await;
        }
        before = seen;
    }
}

/// A whole line that begins as that of SSH does.
fn ssh_line(text: &[u8]) -> Option<&[u8]> {
    let (whole, _) = text.split_at(text.iter().rposition(|byte| *byte == b'\n')? + 1);
    whole.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"SSH-"))
}

/// What is known to be none of SSH need not be waited for.
fn speaks_otherwise(text: &[u8]) -> bool {
    [b"HTTP/".as_slice(), b"220".as_slice(), b"+OK".as_slice(), b"* OK".as_slice()]
        .iter()
        .any(|start| text.starts_with(start))
}

/// The first line, shortened, without what steers a terminal.
fn printable(text: &[u8]) -> String {
    let line = text.split(|byte| *byte == b'\n' || *byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line).chars().filter(|c| !c.is_control()).take(TOLD_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_ssh() {
        let line = |text: &str| ssh_line(text.as_bytes()).map(printable);
        assert_eq!(line("SSH-2.0-OpenSSH_9.2\r\n").as_deref(), Some("SSH-2.0-OpenSSH_9.2"));
        assert_eq!(line("Welcome\r\nSSH-2.0-x\r\nrest").as_deref(), Some("SSH-2.0-x"));
        assert_eq!(line("SSH-2.0-half"), None);
        assert_eq!(line("220 ftp.acme.example\r\n"), None);
        assert!(
            speaks_otherwise(b"220 ftp") && speaks_otherwise(b"HTTP/1.1 400") && !speaks_otherwise(b"Hello")
        );
    }
}
