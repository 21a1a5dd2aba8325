//! Processes that are ended with whoever started them.

use crate::failure::Failure;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A server that has not told its address by then will not.
const START: Duration = Duration::from_mins(1);
/// An import of the largest directory takes a few minutes.
const COMMAND: Duration = Duration::from_mins(20);
/// Bytes of the line that a server prints when it is ready.
const LONGEST_LINE: u64 = 64 * 1024;

/// A server in a process of its own. Dropping it kills the process; what it stored was for the measurement only.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    /// Starts a server and waits for the line in which it says where it listens.
    pub(crate) async fn start(mut command: Command) -> Result<(Self, String), Failure> {
        let what = format!("{} cannot be started", command.as_std().get_program().display());
        // The input stays open while this process lives.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| Failure::caused(&what, error))?;
        let stdout = child.stdout.take();
        let running = Self(child);
        let mut line = String::new();
        if let Some(stdout) = stdout {
            let mut first = BufReader::new(stdout.take(LONGEST_LINE));
            let read = timeout(START, first.read_line(&mut line)).await;
            read.map_err(|error| Failure::caused(&what, error))?
                .map_err(|error| Failure::caused(&what, error))?;
        }
        if line.ends_with('\n') {
            Ok((running, line))
        } else {
            Err(Failure::new(format!("{what}: it ended")))
        }
    }

    /// Bytes of memory that the process has in use, where the system tells it as Linux does.
    pub(crate) fn resident(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()?)).ok()?;
        resident(&status)
    }

    /// Ends the process and waits until it is gone, so that it disturbs nothing that is measured next.
    pub(crate) async fn end(mut self) -> Result<(), Failure> {
        self.0.kill().await.map_err(|error| Failure::caused("a server cannot be ended", error))
    }
}

/// Runs a command to its end and gives the output.
///
/// # Errors
/// If it does not end with success; what it printed is in the error.
pub(crate) async fn output(mut command: Command) -> Result<String, Failure> {
    let what = format!("{} failed", command.as_std().get_program().display());
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(COMMAND, command.output())
        .await
        .map_err(|error| Failure::caused(&what, error))?
        .map_err(|error| Failure::caused(&what, error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("{what} with {}:\n{text}{said}", output.status)))
}

/// The bytes in the line `VmRSS` of `proc_pid_status(5)`, which counts in units of 1,024.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_its_line() {
        for (status, bytes) in [
            ("Name:\tx\nVmHWM:\t   9 kB\nVmRSS:\t   12345 kB\nThreads:\t1\n", Some(12_641_280)),
            ("VmRSS:\t0 kB", Some(0)),
            ("VmRSS:\t1 MB", None),
            ("VmRSS:\t99999999999999999999 kB", None),
            ("VmRSS:\t18446744073709551615 kB", None),
            ("Name:\tx\n", None),
            ("", None),
        ] {
            assert_eq!(resident(status), bytes, "{status:?}");
        }
    }

    #[tokio::test]
    async fn a_command_that_fails_is_told_with_what_it_printed() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let text = output(command).await.unwrap_err().to_string();
        assert!(text.contains("out\n") && text.contains("err\n") && text.contains('3'), "{text}");
    }

    #[tokio::test]
    async fn a_server_that_ends_early_is_told() {
        let mut command = Command::new("sh");
        command.args(["-c", "exec >&-"]);
        assert!(Running::start(command).await.unwrap_err().to_string().contains("it ended"));
        let absent = Running::start(Command::new("/absent/muster")).await.unwrap_err().to_string();
        assert!(absent.starts_with("/absent/muster cannot be started: "), "{absent}");
    }

    #[tokio::test]
    async fn a_server_is_ended() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo here; exec sleep 600"]);
        let (running, line) = Running::start(command).await.unwrap();
        assert_eq!(line, "here\n");
        running.end().await.unwrap();
    }
}
